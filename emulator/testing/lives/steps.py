"""How an order begins, and the steps that its life is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.core import json_text

Rule = Mapping[str, Any]
"""A fault rule, as the control API has it."""


@dataclass(frozen=True, slots=True)
class Fire:
    """An event happens to the order."""

    event: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    by_hand: bool = False
    """Whether no timeline of a scenario can bring it: that of the order only begins afterwards, for example once it is
    approved."""

    def __str__(self) -> str:
        return " ".join([f"fire {self.event}", *_written(self.arguments)])


@dataclass(frozen=True, slots=True)
class Wait:
    """Time goes by."""

    by_ms: int
    deadline: str = ""
    """The timer of the order that this is about, by the event that it fires; empty: none."""
    offset_ms: int = 0
    """How long after the deadline the wait ends; below 0: before it."""

    def __str__(self) -> str:
        told = f"wait {write_duration(self.by_ms)}"
        return f"{told}, until {self.until}" if self.deadline else told

    @property
    def until(self) -> str:
        """When it ends, seen from the deadline: `expire`, `1ms before expire`."""
        if not self.offset_ms:
            return self.deadline
        side = "before" if self.offset_ms < 0 else "after"
        return f"{write_duration(abs(self.offset_ms))} {side} {self.deadline}"


@dataclass(frozen=True, slots=True)
class Read:
    """The client reads the order; `clients`: how many do so at once."""

    clients: int = 1

    def __str__(self) -> str:
        return "read" if self.clients == 1 else f"read, {self.clients} at once"


@dataclass(frozen=True, slots=True)
class Inject:
    """A fault is injected once into what comes next: the next call of the client, or the next webhook about the
    order."""

    rule: Rule
    skip: int = 0
    """How many webhooks about the order come before it without a fault; a scenario has to know."""

    def __str__(self) -> str:
        return f"inject {write_rule(self.rule)}"


@dataclass(frozen=True, slots=True)
class Run:
    """Something happens at the provider outside the order, such as a test webhook that is sent."""

    command: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return " ".join([f"run {self.command}", *_written(self.arguments)])


Step = Fire | Wait | Read | Inject | Run


@dataclass(frozen=True, slots=True)
class Beginning:
    """What there is before the order, and what becomes of the call that makes it."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    """Settings of the provider that are not as usual."""
    initial: str | None = None
    """The status in which the order begins; None: the usual one."""
    body: Mapping[str, Any] = field(default_factory=dict)
    """Members of the create call that differ from the usual ones, such as the amount."""
    faults: tuple[Rule, ...] = ()
    """Fault rules for the create call."""
    refused: str | None = None
    """Name of the error with which every create call is refused; None: it is not."""


def write_duration(ms: int) -> str:
    """As scenarios have it: `1h30m`, `250ms`, `0s`."""
    parts = []
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)):
        count, ms = divmod(ms, size)
        parts += [f"{count}{unit}"] if count else []
    return "".join(parts) or "0s"


def write_rule(rule: Rule) -> str:
    """A fault rule in short: `reset when=after`."""
    return " ".join([str(rule["fault"]), *_written({name: rule[name] for name in rule if name not in _PLAIN})])


_PLAIN = ("fault", "times", "provider", "endpoint")
"""Members of a rule that do not say what happens."""


def _written(arguments: Mapping[str, Any]) -> list[str]:
    return [f"{name}={json_text.encode(value).decode()}" for name, value in arguments.items()]
