"""Scenarios as providers see them: what happens to an order over time, and how a create call is refused."""

from collections.abc import Mapping
from typing import Any, Protocol

from msgspec import Struct, field


class Outcome(Struct, frozen=True):
    """What a step does: takes the order to a status (`to`), triggers an event (`do`, with `arguments`), or nothing."""

    to: str | None = None
    do: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    force: bool = False
    weight: int = 1


class Step(Struct, frozen=True):
    """A step of a timeline: when (exactly one of `after`, `on`, `reads`), and one or more weighted outcomes."""

    outcomes: tuple[Outcome, ...]
    after: str | None = None
    """How long after the previous step, as a duration; with outcomes that do nothing it is a `wait`."""
    fixed_delay_ms: int | None = None
    """`after` in ms; None if it has a placeholder."""
    on: str | None = None
    reads: int | None = None


class ScriptedAnswer(Struct, frozen=True):
    """The error in the provider's catalogue with which the create call is refused."""

    error: str
    details: Mapping[str, Any]


class Scenario(Protocol):
    """A scenario."""

    @property
    def name(self) -> str:
        """The name of its file without `.yaml`."""

    @property
    def answer(self) -> ScriptedAnswer | None:
        """How it refuses the create call; None: it does not."""

    @property
    def initial(self) -> str | None:
        """The status in which a new order starts, if its kind may start there; None: the provider's usual one."""

    @property
    def terms(self) -> Mapping[str, Any]:
        """What to create its orders with instead of the usual values, by the provider's names."""

    def timeline(self, kind: str) -> tuple[Step, ...]:
        """The steps for an order of this kind."""

    def captured(self, subject: Mapping[str, Any]) -> dict[str, str]:
        """What the named groups of its `match` capture from the request."""
