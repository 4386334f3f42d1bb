"""Scenarios, as far as a provider asks: what happens to an order over time, and how a create call is refused."""

from collections.abc import Mapping
from typing import Any, Protocol

from msgspec import Struct, field


class Outcome(Struct, frozen=True):
    """What a step does: go to a status (`to`), or make an event happen (`do`, with `arguments`), or nothing."""

    to: str | None = None
    do: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    force: bool = False
    weight: int = 1


class Step(Struct, frozen=True):
    """One line of a timeline: when (exactly one of `after`, `on`, `reads`), and one or several weighted outcomes."""

    outcomes: tuple[Outcome, ...]
    after: str | None = None
    """So long after the step before; with outcomes that do nothing it is a `wait`."""
    fixed_delay_ms: int | None = None
    """What `after` means, unless it has a place for something."""
    on: str | None = None
    reads: int | None = None


class ScriptedAnswer(Struct, frozen=True):
    """The create call is refused with this error of the provider's catalogue."""

    error: str
    details: Mapping[str, Any]


class Scenario(Protocol):
    """A scenario."""

    @property
    def name(self) -> str:
        """Its file's name without `.yaml`."""

    @property
    def answer(self) -> ScriptedAnswer | None:
        """How it refuses the create call."""

    @property
    def initial(self) -> str | None:
        """The status in which a new order begins, if its kind may begin in it; None: the provider's usual one."""

    @property
    def terms(self) -> Mapping[str, Any]:
        """What an order that follows it is made with instead of what it would be, by the provider's names."""

    def timeline(self, kind: str) -> tuple[Step, ...]:
        """The steps for an order of this kind."""

    def captured(self, subject: Mapping[str, Any]) -> dict[str, str]:
        """What the patterns of its match have captured from the request."""
