"""Lifecycles: which event takes an order from which status to which. One table per provider, read by all else."""

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
    """The order's status does not allow this; nothing has changed. `legal` names the events that are allowed."""

    def __init__(self, message: str, legal: Iterable[str]) -> None:
        super().__init__(message)
        self.legal = tuple(legal)


class Status(Struct, frozen=True):
    """A status word of the provider, what it means, and whether it is final."""

    name: str
    about: str
    final: bool = False
    mark: str = "documented"
    entered: Effect | None = None
    """What happens to an order that comes here from another status, by whatever way; before the row's own effect."""
    known_from: str = ""
    """Where a file of the user's own has it from; empty: no such file says anything of it."""


class Event(Struct, frozen=True):
    """Something that can happen to an order from outside: a payment, a back-office action, a timer."""

    name: str
    about: str
    arguments: Mapping[str, Any] | None = None
    """JSON Schema properties of what may be given with it."""
    takes_over: bool = True
    """Whether a person who makes it happen takes over the order."""


class Transition(Struct, frozen=True):
    """A row of the table: in `source`, `event` leads to `target`, for orders of `kinds` (none given: all kinds).

    Of several rows for one status and event, the first whose guard `when` agrees is taken; if none does, the event is
    refused. `to: STATUS` takes the first row that leads there and whose guard agrees. `then` acts after the status has
    changed, and never refuses.
    """

    source: str
    event: str
    target: str
    kinds: frozenset[str] = frozenset()
    when: Guard | None = None
    then: Effect | None = None
    mark: str = "assumed"
    at_will: bool = False
    """`to: STATUS` takes the row whatever its guard says, for that asks for a setting, or for what `then` makes up."""
    by_itself: bool = False
    """The provider's own consequence of what came before, as a settlement is: a step that takes this row stays although
    a person has taken over the order."""
    known_from: str = ""
    """Where a file of the user's own has it from; empty: no such file says anything of it."""

    @property
    def condition(self) -> str:
        """What the guard asks for, in words, as `no payment was seen yet`; empty without a guard."""
        return (self.when.__doc__ or "").strip().removeprefix("Whether ").rstrip(".") if self.when is not None else ""


class Lifecycle:
    """The table of one provider, with the questions that can be put to it."""

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
        """`initial`: for each kind the statuses it may be created in. `automatic`: events that timers fire; those in
        `follows` only once one of the events there has happened. `passing`: statuses that an order leaves at once, each
        with the event of the row by which it does."""
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
            raise ValueError(f"describe these statuses too: {sorted(used - self.statuses.keys())}")
        unknown = {row.event for row in self.transitions} - self.events.keys()
        if unknown:
            raise ValueError(f"describe these events too: {sorted(unknown)}")

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
        """The rows that leave `status`, in table order."""
        return self._rows[kind, status]

    def legal_events(self, kind: str, status: str) -> tuple[str, ...]:
        """Names of the events that the table allows, in table order, once each."""
        return tuple(dict.fromkeys(row.event for row in self.rows(kind, status)))

    def rows_towards(self, kind: str, status: str, target: str) -> tuple[Transition, ...]:
        """The rows that lead from `status` to `target`, in table order; an order does not become what it is."""
        return tuple(row for row in self.rows(kind, status) if row.target == target != status)

    def automatic_after(self, happened: Collection[str]) -> frozenset[str]:
        """The events that timers may fire once those in `happened` have happened."""
        return frozenset(
            event for event in self.automatic if event not in self.follows or self.follows[event].intersection(happened)
        )

    def is_final(self, status: str) -> bool:
        """Whether orders end in this status."""
        return self.statuses[status].final
