"""What a row of the table is: what is aimed at, what was found, and what is shown of both."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import ge, le, lt

_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {">=": ge, "<=": le, "<": lt}


class Skipped(Exception):
    """It could not be measured; the text says why."""


@dataclass(frozen=True)
class Amounts:
    """How much is measured: few rounds and little in each make a short run, and figures that vary more."""

    rounds: int = 3
    """How often each pair is measured."""
    requests: int = 6000
    """In a round, to the emulator."""
    orders: int = 200_000
    """For what an order takes of memory."""
    tests: int = 200
    """Whole tests, over HTTP and in process."""
    lives: int = 200
    """Lives that are drawn and played in process."""
    timers: int = 5000
    """That fall due in one advance."""
    deliveries: int = 1000
    """Webhooks in a round."""
    kept_orders: int = 100_000
    """In a file with which the emulator starts."""
    kept_sandboxes: int = 10_000
    """The same."""
    listed: int = 10_000
    """Orders that the console lists."""


@dataclass(frozen=True)
class Found:
    """The figure that decides, and what else is worth knowing."""

    value: float
    details: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)
    """What the details tell, as numbers; a name ends in its unit."""


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    measured: str
    target: str
    reached: bool
    details: str = ""
    value: float | None = None
    """The figure that decides; None: skipped."""
    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Aim:
    """A row before it is measured."""

    name: str
    limit: float | None
    """None: for information."""
    sign: str = ">="
    shown: str = "{:.2f}"
    """How a figure is written, with its unit."""

    @property
    def target(self) -> str:
        """The aim as the table shows it."""
        return "" if self.limit is None else f"{self.sign} {self.shown.format(self.limit)}"

    def judge(self, found: Found) -> Row:
        """The row, with what was found."""
        reached = self.limit is None or _COMPARISONS[self.sign](found.value, self.limit)
        shown = self.shown.format(found.value)
        return Row(self.name, shown, self.target, reached, found.details, found.value, found.figures)

    def skip(self, why: Skipped) -> Row:
        """The row of what could not be measured, which reaches nothing."""
        return Row(self.name, "skipped", self.target, False, str(why))


@dataclass(frozen=True)
class Plan:
    """Rows that are measured together."""

    part: str
    """What they are asked for by."""
    aims: tuple[Aim, ...]
    measure: Callable[[Amounts], tuple[Found, ...]]
    """Gives what was found, in the order of the aims. Raises Skipped."""

    def rows(self, amounts: Amounts) -> list[Row]:
        """Measures."""
        try:
            found = self.measure(amounts)
        except Skipped as why:
            return [aim.skip(why) for aim in self.aims]
        return [aim.judge(each) for aim, each in zip(self.aims, found, strict=True)]
