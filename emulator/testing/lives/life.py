"""A life: how an order begins, and what happens to it then, step by step. A plain value, which can be compared and
printed, and written as a scenario file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emulator.core import json_text
from emulator.testing.lives.steps import Beginning, Step
from emulator.testing.lives.writing import write_scenario


@dataclass(frozen=True, slots=True)
class Life:
    """A course that an order of a provider can take."""

    provider: str
    kind: str
    """Empty where all orders are alike."""
    beginning: Beginning
    steps: tuple[Step, ...]
    body: Mapping[str, Any]
    """The whole create call, members by name."""
    amount: str
    """What the order asks for, as it is sent."""

    @property
    def content(self) -> bytes:
        """The create call as JSON, numbers as they are."""
        return json_text.encode(self.body)

    def __str__(self) -> str:
        return self.scenario()

    def scenario(self) -> str:
        """The text of a scenario file with the same course."""
        return write_scenario(self.provider, self.kind, self.beginning, self.steps)
