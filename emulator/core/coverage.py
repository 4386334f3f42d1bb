"""What the client of a sandbox has met of each provider: sets of small tuples, as large as the tables they come from.

It is a record for people and tests, not state: a snapshot does not contain it, and a reset does not take it back.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.contract.delivery import Delivery
from emulator.contract.order import Order
from emulator.contract.reply import Reply
from emulator.core.call import Answered, Call
from emulator.core.events import CREATED
from emulator.core.faults import unknown_status
from emulator.core.faults.fault import AnswerFault
from emulator.core.sandbox import Note

OK = "ok"
"""The outcome of a call that was answered as it should be."""
ACKNOWLEDGED = "acknowledged"
REFUSED = "refused"
MAX_INJECTED = 1000
"""So many orders and calls with a fault are remembered until their client has gone on; older ones are forgotten."""
_TIMER = "timer"

Subject = tuple[str, str]
"""Provider, and an order or an endpoint."""


class Coverage:
    """What was met in one sandbox, or in several. The first member of each tuple is the provider's name."""

    def __init__(self, *, complete: bool = True) -> None:
        self.complete = complete
        """Whether nothing has happened that is not known here."""
        self.calls: set[tuple[str, str, str]] = set()
        """Endpoint, and its outcome: `ok`, or the name of an error."""
        self.statuses: set[tuple[str, str]] = set()
        """Statuses that the client has read in an answer, or was told by a webhook that it has acknowledged."""
        self.transitions: set[tuple[str, str, str, str]] = set()
        """Status, event, and the status that it led to."""
        self.deadlines: set[tuple[str, str]] = set()
        """Events that a timer has made happen."""
        self.webhooks: set[tuple[str, str, str]] = set()
        """Event, and what the receiver has said to it: `acknowledged` or `refused`."""
        self.faults: set[tuple[str, str]] = set()
        """Faults after which the client has gone on."""
        self._injected: dict[Subject, dict[str, str]] = {}
        """Faults after which it has not gone on so far, each with the webhook into which it was injected."""

    def add(self, other: "Coverage") -> None:
        """Adds what was met elsewhere."""
        self.complete = self.complete and other.complete
        self.calls |= other.calls
        self.statuses |= other.statuses
        self.transitions |= other.transitions
        self.deadlines |= other.deadlines
        self.webhooks |= other.webhooks
        self.faults |= other.faults

    # -- requests

    def add_request(self, call: Call, answered: Answered, reply: Reply, orders: tuple[str, ...]) -> None:
        """Adds a call that was answered; `orders`: those that it is about."""
        if call.endpoint is None:
            if answered.error:
                self.calls.add((call.provider.name, "", answered.error))
            return
        provider, endpoint, injected = call.provider.name, call.endpoint.name, call.fault
        outcome = answered.error or OK
        if injected is not None and not injected.fault.handles:
            refusal = injected.fault.refusal(injected.rule, call.provider)
            outcome = "" if refusal is None else refusal.error
        if outcome:
            self.calls.add((provider, endpoint, outcome))
        if outcome == OK:
            for status in call.statuses:
                self.statuses.add((provider, status))
            for order in _new_orders(call):
                seen = (provider, order.status)
                if seen not in self.statuses and f'"{order.status}"'.encode() in reply.body:
                    self.statuses.add(seen)
        if self._injected and outcome == OK:
            for subject in (endpoint, *orders):
                self._go_on((provider, subject))
        if injected is not None:
            for subject in (endpoint, *orders):
                self._inject((provider, subject), name_of(injected.fault, injected.when), "")

    # -- orders and webhooks

    def add_note(self, note: Note, webhook: Delivery | None) -> None:
        """Adds what has happened to an order or to a webhook; `webhook`: the one that the note is about."""
        details = note.details
        if note.kind == "transition":
            self._add_transition(note.provider, details)
        elif note.kind == "delivery" and "fault" in details:
            self._inject((note.provider, note.order_id), details["fault"], details["webhook"])
        elif note.kind == "delivery" and details["answered"] is not None:
            told = ACKNOWLEDGED if details["outcome"] == "delivered" else REFUSED
            self.webhooks.add((note.provider, details["event"], told))
            if told == ACKNOWLEDGED:
                first = details["webhook"] if details["attempt"] == 1 else None
                self._go_on((note.provider, note.order_id), first)
                if webhook is not None and webhook.told and not (first and webhook.fault == unknown_status.FAULT.name):
                    self.statuses.add((note.provider, webhook.told))

    def _add_transition(self, provider: str, details: Mapping[str, Any]) -> None:
        self.transitions.add((provider, details["source"], details["event"], details["status"]))
        cause, _, event = details["cause"].partition(": ")
        if cause == _TIMER:
            self.deadlines.add((provider, event or details["event"]))

    # -- faults

    def _inject(self, subject: Subject, fault: str, webhook: str) -> None:
        self._injected.setdefault(subject, {})[fault] = webhook
        if len(self._injected) > MAX_INJECTED:
            del self._injected[next(iter(self._injected))]

    def _go_on(self, subject: Subject, first: str | None = None) -> None:
        """The client has gone on, and so has survived the faults before; that of the webhook whose first attempt it
        has just acknowledged, `first`, is none of them."""
        waiting = self._injected.pop(subject, None)
        if waiting is None:
            return
        self.faults |= {(subject[0], fault) for fault, webhook in waiting.items() if webhook != first}
        kept = {fault: webhook for fault, webhook in waiting.items() if webhook == first}
        if kept:
            self._injected[subject] = kept


def name_of(fault: AnswerFault, when: str) -> str:
    """The name of a fault of an answer: where it matters, with whether the call was handled before it."""
    return fault.name if fault.handles else f"{fault.name} {when}"


def _new_orders(call: Call) -> Iterator[Order]:
    for note in call.tx.notes:
        if note.kind == CREATED and (order := call.tx.order(note.order_id)) is not None:
            yield order


class Coverages:
    """The coverage of each sandbox, and of all together, those included that are no more."""

    def __init__(self) -> None:
        self._by_name: dict[str, Coverage] = {}
        self._removed = Coverage()

    def begin(self, name: str, *, complete: bool) -> None:
        """There is a sandbox with this name, or another in its place; `complete`: it is new, and nobody else knows
        anything of it."""
        self._by_name.setdefault(name, Coverage(complete=complete))

    def remove(self, name: str) -> None:
        """The sandbox is no more; what was met there counts on among all."""
        removed = self._by_name.pop(name, None)
        if removed is not None:
            self._removed.add(removed)

    def find(self, name: str) -> Coverage | None:
        """That of a sandbox."""
        return self._by_name.get(name)

    def of_all(self) -> Coverage:
        """That of all sandboxes that there were."""
        merged = Coverage()
        for each in (self._removed, *self._by_name.values()):
            merged.add(each)
        return merged
