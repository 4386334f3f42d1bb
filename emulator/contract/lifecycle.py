"""Lifecycles: which event takes an order from which status to which. One table per provider, read by everything."""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cached_property
from typing import Any

from msgspec import Struct

from emulator.contract.order import Order
from emulator.contract.transaction import Transaction

Arguments = Mapping[str, Any]
Guard = Callable[[Transaction, Order, Arguments], bool]
Effect = Callable[[Transaction, Order, Arguments], None]


class IllegalEvent(Exception):
    """The order's status does not allow this; nothing has changed. `legal`: the events that are allowed."""

    def __init__(self, message: str, legal: Iterable[str]) -> None:
        super().__init__(message)
        self.legal = tuple(legal)


class Status(Struct, frozen=True):
    """One of the provider's statuses, what it means, and whether it is final."""

    name: str
    about: str
    final: bool = False
    mark: str = "documented"
    entered: Effect | None = None
    """What happens to an order that arrives from another status, by whichever row; before that row's own effect."""
    known_from: str = ""
    """The source that the user's file of known facts gives for it; empty: the file does not mention it."""


class Event(Struct, frozen=True):
    """Something that can happen to an order from outside: a payment, a back-office action, a timer."""

    name: str
    about: str
    arguments: Mapping[str, Any] | None = None
    """JSON Schemas of its arguments, by name."""
    takes_over: bool = True
    """Whether a person who triggers it takes over the order."""


class Transition(Struct, frozen=True):
    """A row of the table: in `source`, `event` leads to `target`, for orders of `kinds` (empty: all kinds).

    Of several rows for one status and event, the first whose guard `when` allows it is taken; if none does, the event
    is refused. `to: STATUS` takes the first row that leads there and whose guard allows it. `then` acts after the
    status has changed, and never refuses.
    """

    source: str
    event: str
    target: str
    kinds: frozenset[str] = frozenset()
    when: Guard | None = None
    then: Effect | None = None
    mark: str = "assumed"
    at_will: bool = False
    """Whether `to: STATUS` takes the row whatever its guard says, which asks for a setting or for what `then` does."""
    by_itself: bool = False
    """Whether it follows from what came before, as a settlement does: a timeline step that takes this row remains even
    if a person has taken over the order."""
    known_from: str = ""
    """The source that the user's file of known facts gives for it; empty: the file does not mention it."""

    @property
    def condition(self) -> str:
        """What the guard asks for, in words, such as `no payment was seen yet`; empty without a guard."""
        return (self.when.__doc__ or "").strip().removeprefix("Whether ").rstrip(".") if self.when is not None else ""


class Lifecycle:
    """The table of one provider, and what can be asked about it."""

    def __init__(
        self,
        statuses: Iterable[Status],
        events: Iterable[Event],
        transitions: Iterable[Transition],
        initial: Mapping[str, tuple[str, ...]],
        automatic: frozenset[str] = frozenset(),
        follows: Mapping[str, frozenset[str]] | None = None,
        passing: Mapping[str, str] | None = None,
    ) -> None:
        """`initial`: for each kind of order, the statuses in which it may be created. `automatic`: events that timers
        fire; those in `follows` only after one of the events listed there. `passing`: statuses that an order leaves at
        once, each with the event that takes it on. Raises ValueError for unknown statuses and events."""
        self.statuses = {status.name: status for status in statuses}
        self.events = {event.name: event for event in events}
        self.transitions = tuple(transitions)
        self.initial = dict(initial)
        self.automatic = automatic
        self.follows = dict(follows or {})
        self.passing = dict(passing or {})
        used = {name for row in self.transitions for name in (row.source, row.target)}
        used |= {name for names in self.initial.values() for name in names}
        if not used <= self.statuses.keys():
            raise ValueError(f"these statuses are used but not described: {sorted(used - self.statuses.keys())}")
        unknown = {row.event for row in self.transitions} - self.events.keys()
        if unknown:
            raise ValueError(f"these events are used but not described: {sorted(unknown)}")

    @cached_property
    def _rows(self) -> dict[tuple[str, str], tuple[Transition, ...]]:
        kinds, statuses = self.initial.keys(), self.statuses.keys()
        return {
            (kind, status): tuple(
                row for row in self.transitions if row.source == status and (not row.kinds or kind in row.kinds)
            )
            for kind in kinds
            for status in statuses
        }

    def rows(self, kind: str, status: str) -> tuple[Transition, ...]:
        """The rows that start from `status`, in table order."""
        return self._rows[kind, status]

    def rows_from(self, kind: str, starts: Iterable[str]) -> tuple[Transition, ...]:
        """The rows that an order of this kind may still take from one of these statuses on, near ones first."""
        found: list[Transition] = []
        waiting = list(dict.fromkeys(starts))
        for status in waiting:
            rows = self.rows(kind, status)
            found += rows
            waiting += [target for target in dict.fromkeys(row.target for row in rows) if target not in waiting]
        return tuple(found)

    def legal_events(self, kind: str, status: str) -> tuple[str, ...]:
        """Names of the events that the table allows, in table order, each once."""
        return tuple(dict.fromkeys(row.event for row in self.rows(kind, status)))

    def rows_towards(self, kind: str, status: str, target: str) -> tuple[Transition, ...]:
        """The rows that lead from `status` to another status `target`, in table order."""
        return tuple(row for row in self.rows(kind, status) if row.target == target != status)

    def automatic_after(self, happened: Collection[str]) -> frozenset[str]:
        """The events that timers may fire once all in `happened` have happened."""
        return frozenset(
            event for event in self.automatic if event not in self.follows or self.follows[event].intersection(happened)
        )

    def is_final(self, status: str) -> bool:
        """Whether the status is final."""
        return self.statuses[status].final
