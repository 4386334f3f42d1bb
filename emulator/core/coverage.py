"""What a sandbox's client has met of each provider: sets of small tuples, no larger than the tables they come from.

This is a record for people and tests, not state: a snapshot does not contain it, and a reset does not clear it.
"""

from collections.abc import Callable, Mapping
from typing import Any

from emulator.contract.delivery import Delivery
from emulator.contract.reply import Reply
from emulator.core.call import Answered, Call
from emulator.core.faults import unknown_status
from emulator.core.faults.fault import AnswerFault
from emulator.core.sandbox import CREATED, Note

OK = "ok"
"""The outcome of a call that was answered normally."""
ACKNOWLEDGED = "acknowledged"
REFUSED = "refused"
SHARED = (
    "several emulators share the store, and each counts only the calls that it answered itself: save what each of them "
    "says, and merge the files"
)
FROM_A_STORE = "what happened before the sandbox was loaded from the store is not counted"
MAX_INJECTED = 1000
"""How many orders and calls with a fault are remembered until their client continues; older ones are forgotten."""
_TIMER = "timer"

Subject = tuple[str, str]
"""Provider, and the id of an order or the name of an endpoint."""


class Coverage:
    """What was met in one sandbox, or in several together. The first item of each tuple is the provider's name."""

    def __init__(self, why_not: str = "") -> None:
        self.why_not = why_not
        """Why something may have happened that is not counted here; empty: everything is."""
        self.calls: set[tuple[str, str, str]] = set()
        """Endpoint, and outcome: `ok`, or the name of an error."""
        self.statuses: set[tuple[str, str]] = set()
        """Statuses that the client has read in an answer, or in a webhook that it acknowledged."""
        self.transitions: set[tuple[str, str, str, str]] = set()
        """Status, event, and the new status."""
        self.deadlines: set[tuple[str, str]] = set()
        """Events that were fired by a timer."""
        self.webhooks: set[tuple[str, str, str]] = set()
        """Event, and the receiver's response: `acknowledged` or `refused`."""
        self.faults: set[tuple[str, str]] = set()
        """Faults after which the client continued."""
        self._injected: dict[Subject, dict[str, str]] = {}
        """Faults after which the client has not continued yet, each with the webhook that it was injected into."""

    def add(self, other: "Coverage") -> None:
        """Adds what was met in another sandbox."""
        self.why_not = self.why_not or other.why_not
        self.calls |= other.calls
        self.statuses |= other.statuses
        self.transitions |= other.transitions
        self.deadlines |= other.deadlines
        self.webhooks |= other.webhooks
        self.faults |= other.faults

    # -- requests

    def add_request(self, call: Call, answered: Answered, reply: Reply) -> None:
        """Adds an answered call."""
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
            self._see(call, reply)
        if self._injected and outcome == OK:
            for subject in (endpoint, *answered.orders):
                self._go_on((provider, subject))
        if injected is not None:
            for subject in (endpoint, *answered.orders):
                self._inject((provider, subject), fault_name(injected.fault, injected.when), "")

    def _see(self, call: Call, reply: Reply) -> None:
        """Adds the statuses that an answer shows: those of the orders in it, and a new order's if it is named there."""
        provider = call.provider.name
        for status in call.statuses:
            self.statuses.add((provider, status))
        for note in call.tx.notes:
            order = call.tx.order(note.order_id) if note.kind == CREATED else None
            if order is None or (provider, order.status) in self.statuses:
                continue
            if f'"{order.status}"'.encode() in reply.body:
                self.statuses.add((provider, order.status))

    # -- orders and webhooks

    def add_note(self, note: Note, webhook: Delivery | None) -> None:
        """Adds what happened to an order or to a webhook; `webhook`: the one that the note is about."""
        details = note.details
        if note.kind == "transition":
            self._add_transition(note.provider, details)
        elif note.kind == "delivery" and "fault" in details:
            self._inject((note.provider, note.order_id), details["fault"], details["webhook"])
        elif note.kind == "delivery" and details["answered"] is not None:
            response = ACKNOWLEDGED if details["outcome"] == "delivered" else REFUSED
            self.webhooks.add((note.provider, details["event"], response))
            if response == ACKNOWLEDGED:
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
        """Marks that the client has continued, and so survived the faults before; except that of `first`, the webhook
        whose first attempt it has just acknowledged."""
        waiting = self._injected.pop(subject, None)
        if waiting is None:
            return
        self.faults |= {(subject[0], fault) for fault, webhook in waiting.items() if webhook != first}
        kept = {fault: webhook for fault, webhook in waiting.items() if webhook == first}
        if kept:
            self._injected[subject] = kept


def fault_name(fault: AnswerFault, when: str) -> str:
    """The name of a fault of an answer, and, if it matters, whether it came before or after the call was handled."""
    return fault.name if fault.handles else f"{fault.name} {when}"


class Coverages:
    """The coverage of each sandbox, and of all together, including removed ones."""

    def __init__(self) -> None:
        self._by_name: dict[str, Coverage] = {}
        self.find: Callable[[str], Coverage | None] = self._by_name.get
        """The coverage of a sandbox, or None."""
        self._removed = Coverage()

    def begin(self, name: str, why_not: str) -> None:
        """A sandbox with this name was created or replaced; `why_not`: why not all that happens in it is known."""
        self._by_name.setdefault(name, Coverage(why_not))

    def remove(self, name: str) -> None:
        """A sandbox was removed; what was met there still counts in `merged`."""
        removed = self._by_name.pop(name, None)
        if removed is not None:
            self._removed.add(removed)

    def merged(self) -> Coverage:
        """The coverage of all sandboxes that ever existed, merged."""
        merged = Coverage()
        for each in (self._removed, *self._by_name.values()):
            merged.add(each)
        return merged
