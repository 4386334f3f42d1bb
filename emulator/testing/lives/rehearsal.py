"""A sandbox in which an order lives while its life is drawn, so that only what can happen is.

The core alone decides: nothing listens, nothing is sent, and every webhook is taken at once.
"""

import math
from collections.abc import Mapping
from functools import cache
from typing import Any

from emulator import providers
from emulator.contract.card import Provider
from emulator.contract.command import CommandRefused
from emulator.contract.delivery import Response
from emulator.contract.lifecycle import Arguments, Transition
from emulator.contract.order import STEP, Order
from emulator.contract.order_request import OrderRequest
from emulator.contract.request import Request
from emulator.core import deliveries, events
from emulator.core.call import Answered, Call, answer
from emulator.core.durations import LAST_INSTANT_MS
from emulator.core.library import Library
from emulator.core.order_request import write_order_request
from emulator.core.origin import Origin
from emulator.core.plan import DEFAULT_SCENARIOS, FAULT_RULES, SCENARIOS
from emulator.core.sandbox import DELIVERIES, ORDERS
from emulator.core.timeline import find_row
from emulator.core.transaction import Transaction
from emulator.engine.sandboxes import build_sandbox
from emulator.engine.timers import run_timer
from emulator.files import shipped
from emulator.testing.lives.amounts import tries_of
from emulator.testing.lives.writing import ABOUT

NAME = "life"
"""What the sandbox and the scenario of a life are called."""
_START_MS = 1_767_614_400_000
_RECEIVER = "http://receiver.example/webhooks"
_TAKEN = Response(200)
_TOWARDS_THE_GOAL = 10


class Refused(Exception):
    """The create call was refused; the text says why."""


@cache
def library_of(provider: str) -> Library:
    """The provider alone, without scenarios."""
    return Library({provider: providers.load(provider)}, shipped.scenario_schema([provider]))


def scenario_document(provider: str, initial: str | None) -> dict[str, Any]:
    """A scenario in which nothing happens by itself."""
    document: dict[str, Any] = {"version": 1, "provider": provider, "about": ABOUT, "timeline": []}
    return document if initial is None else {**document, "initial": initial}


class Rehearsal:
    """One order of one provider, of one kind."""

    order_id = ""
    amount = ""
    """What the order asks for, as it was sent."""
    goal: Transition | None = None
    """The row of the life cycle that the life heads for; None: it goes anywhere."""
    endpoint = ""
    """Name of the call that has made it."""

    def __init__(self, provider: str, settings: Mapping[str, Any], kind: str) -> None:
        self.kind = kind
        self.library = library_of(provider)
        self.card: Provider = self.library.providers[provider]
        self.now_ms = _START_MS
        origin = Origin(NAME, "manual", now_ms=_START_MS, settings={provider: dict(settings)}, webhook_url=_RECEIVER)
        self.sandbox = build_sandbox(self.library, NAME, origin, _START_MS)
        self.taken: list[Transition] = []
        """The rows of the life cycle that the order has taken, in order."""

        if kind in self._order_request.before:
            self.run(*self._order_request.before[kind])

    # -- the beginning

    def usual_body(self) -> dict[str, Any]:
        """The members of the usual create call; none if no call makes the order. Raises CommandRefused."""
        body = self._order_request.bodies.get(self.kind)
        return {} if body is None else dict(body(self._begun()))

    def create(self, body: Mapping[str, Any], initial: str | None) -> None:
        """Makes the order. Raises Refused."""
        tx = self._begun()
        document = scenario_document(self.card.name, initial)
        tx.put(SCENARIOS, f"{self.card.name}/{NAME}", document)
        tx.put(DEFAULT_SCENARIOS, self.card.name, {"name": NAME})
        self.sandbox.apply(tx.changes())
        if self.kind in self._order_request.made_by:
            self.run(*self._order_request.made_by[self.kind])
        else:
            self._request(body)
        self.order_id = list(self.sandbox.tables[ORDERS])[-1]
        self.amount = self.card.amount(self.order)[0]
        self.advance(0)

    def _request(self, body: Mapping[str, Any]) -> None:
        written = write_order_request(self._begun(), self.card, self.kind, body, "http://127.0.0.1")
        path, _, query = written.path.partition("?")
        headers = {**written.headers, "host": "127.0.0.1"}
        answered = self._ask(Request(written.method, written.path, path, query, headers, written.body))
        if answered.refused:
            raise Refused(answered.reason)

    def _ask(self, request: Request) -> Answered:
        tx = self._begun()
        call = Call(self.card, request, tx)
        answered = answer(call)
        self.endpoint = call.endpoint.name if call.endpoint is not None else ""
        self.sandbox.apply(tx.lasting_changes() if answered.refused else tx.changes())
        return answered

    @property
    def _order_request(self) -> OrderRequest:
        if self.card.order_request is None:
            raise LookupError(f"it is not known how to make an order of {self.card.name}")
        return self.card.order_request

    # -- how it stands

    @property
    def order(self) -> Order:
        """The order, as it is now."""
        order = self.sandbox.order(self.order_id)
        if order is None:
            raise LookupError("there is no order yet")
        return order

    def row(self, event: str, arguments: Arguments) -> Transition | None:
        """The row of the life cycle that an event would take now; None: it cannot happen."""
        tx = self._begun()
        order = tx.order(self.order_id)
        return None if order is None else find_row(tx, order, event, arguments)

    def ways(self) -> list[tuple[str, Mapping[str, Any]]]:
        """The events that can happen now, with arguments: one for each row of the life cycle that they can take, as
        often as it is to be likely."""
        tx, order, lifecycle = self._begun(), self.order, self.card.lifecycle
        found: dict[int, tuple[Transition, str, Mapping[str, Any]]] = {}
        for event in lifecycle.legal_events(self.kind, order.status):
            for arguments in tries_of(self.card.name, event, self.amount):
                row = find_row(tx, order, event, arguments)
                if row is not None:
                    found.setdefault(id(row), (row, event, arguments))
        return [(event, arguments) for row, event, arguments in found.values() for _ in range(self._weight(row))]

    def _weight(self, row: Transition) -> int:
        """How likely a row is: most if it is the goal or comes nearer to it, then if the life goes on."""
        if self.goal is not None:
            left = _distances(self.card.name, self.kind, self.goal.source)
            if row is self.goal or left.get(row.target, math.inf) < left.get(row.source, math.inf):
                return _TOWARDS_THE_GOAL
        return 2 if row.source == row.target or self.card.lifecycle.is_final(row.target) else 4

    def is_possible(self, event: str, arguments: Arguments) -> bool:
        """Whether an event can happen now."""
        return self.row(event, arguments) is not None

    def waits_for_somebody(self) -> bool:
        """Whether the timeline of the order stands still until the provider starts it, or there is none."""
        return self.order.waiting or not self.order.scenario

    def deadlines(self) -> list[tuple[str, int]]:
        """What falls due for the order by itself, and in how many ms, the next one first."""
        due = sorted((timer, name) for name, timer in self.order.timers.items() if name != STEP)
        return [(name, timer.due_ms - self.now_ms) for timer, name in due]

    def count_webhooks(self) -> int:
        """How many webhooks about the order have been sent without a fault."""
        known = self._begun().deliveries()
        return sum(each.fault_decided and not each.fault and each.order_id == self.order_id for each in known)

    # -- what happens

    def fire(self, event: str, arguments: Arguments) -> None:
        """Makes an event happen, which `row` says is possible."""
        tx = self._begun()
        order = tx.order(self.order_id)
        if order is not None:
            self._note_row(tx, order, event, arguments)
            events.fire(tx, order, event, arguments, cause="control", by_hand=True)
        self.sandbox.apply(tx.changes())
        self.advance(0)

    def run(self, command: str, arguments: Mapping[str, Any]) -> bool:
        """Runs a command of the provider; whether it could be done."""
        tx = self._begun()
        try:
            self.card.commands[command].run(tx, arguments)
        except CommandRefused:
            return False
        self.sandbox.apply(tx.changes())
        self.advance(0)
        return True

    def inject(self, rule: Mapping[str, Any]) -> None:
        """Adds a fault rule about the order."""
        tx = self._begun()
        tx.put(FAULT_RULES, f"flt_{tx.chance.hexadecimal(12)}", {**rule, "order": self.order_id})
        self.sandbox.apply(tx.changes())

    def advance(self, by_ms: int) -> None:
        """Lets time pass, and runs everything that falls due."""
        until_ms = min(self.now_ms + by_ms, LAST_INSTANT_MS)
        while (due := self.sandbox.next_due(until_ms)) is not None:
            self.sandbox.take_due(due)
            self.now_ms = max(self.now_ms, due.due_ms)
            if due.table == DELIVERIES:
                self._deliver(due.key)
                continue
            tx = self._begun()
            order = tx.order(due.key) if due.table == ORDERS else None
            if order is not None and order.id == self.order_id:
                self._note_row(tx, order, due.name, {})
            self.sandbox.apply(run_timer(tx, self.sandbox, due).changes())
        self.now_ms = until_ms

    def _deliver(self, delivery_id: str) -> None:
        tx = self._begun()
        message = deliveries.begin_attempt(tx, delivery_id)
        self.sandbox.apply(tx.changes())
        if message is not None:
            tx = self._begun()
            deliveries.end_attempt(tx, delivery_id, message, _TAKEN, self.now_ms)
            self.sandbox.apply(tx.changes())

    def _note_row(self, tx: Transaction, order: Order, event: str, arguments: Arguments) -> None:
        row = find_row(tx, order, event, arguments)
        if row is not None:
            self.taken.append(row)

    def _begun(self) -> Transaction:
        return Transaction(self.sandbox, self.library, self.now_ms, self.now_ms)


@cache
def _distances(provider: str, kind: str, target: str) -> Mapping[str, int]:
    """How many rows lead from each status to another one, at least; those from which none do are left out."""
    rows = [row for row in providers.load(provider).lifecycle.transitions if not row.kinds or kind in row.kinds]
    found, reached = {target: 0}, [target]
    for status in reached:
        for row in rows:
            if row.target == status and row.source not in found:
                found[row.source] = found[status] + 1
                reached.append(row.source)
    return found
