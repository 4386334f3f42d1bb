"""A sandbox: one independent world. Its state is tables of JSON documents, which only `apply` changes.

A command is decided in a `Transaction`, which results in `Changes`; the engine stores them and applies them here.
Orders, settings, users and quotes are all documents, so that one way of storing, copying and restoring fits all.
"""

import heapq
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any

import msgspec
from msgspec import Struct, field

from emulator.contract.card import Provider
from emulator.contract.delivery import Delivery
from emulator.contract.order import Order, Timer
from emulator.contract.outline import Outline
from emulator.core.clock import Clock
from emulator.core.documents import RECURRING, decode_delivery, decode_order, decode_recurrence
from emulator.core.library import Library
from emulator.core.plan import BEHAVIOUR, Plan, Plans

ORDERS = "orders"
DELIVERIES = "deliveries"
MAX_SCENARIOS = 200
"""How many scenarios may be added to a sandbox."""
SNAPSHOT_VERSION = 2
"""Version of the documents that providers keep; raised when their form changes."""
OLDEST_SNAPSHOT = 1
"""The oldest version of which at least some snapshots can still be read."""


class Due(Struct, frozen=True, order=True, array_like=True, gc=False):
    """Something that falls due: the timer `name` of order `key`, an attempt of delivery `key`, or recurrence `key`."""

    due_ms: int
    number: int
    table: str
    key: str
    name: str = ""


CREATED = "created"
"""The kind of the note of a new order."""


class Note(Struct, frozen=True, array_like=True):
    """What happened to an order, for the journal and for the answer of the control API."""

    at_ms: int
    kind: str
    provider: str
    order_id: str
    details: dict[str, Any]

    @property
    def has_entry(self) -> bool:
        """Whether it has a journal entry of its own; that of a new order is covered by the entry of the request."""
        return self.kind != CREATED


class Changes(Struct):
    """The outcome of one command: all that a store has to keep, and all that `apply` needs."""

    sequence: int
    """The sandbox's counter after the command."""
    documents: dict[tuple[str, str], bytes | None] = field(default_factory=dict)
    """New content by (table, key); None removes the document."""
    keys: list[tuple[str, str]] = field(default_factory=list)
    """(index key, order id) of the orders that were created."""
    timers: list[Due] = field(default_factory=list)
    """Timers that were started."""
    clock: Clock | None = None
    notes: list[Note] = field(default_factory=list)

    def delivery(self, delivery_id: str) -> Delivery | None:
        """A delivery after the command, if the command has changed it."""
        document = self.documents.get((DELIVERIES, delivery_id))
        return decode_delivery(document) if document is not None else None


class Undo(Struct):
    """The state before changes that may have to be taken back."""

    sequence: int
    clock: Clock
    documents: dict[tuple[str, str], bytes | None]
    tables: dict[str, dict[str, bytes]]
    """Whole tables that something was removed from: a row that comes back belongs at its old place."""


class Snapshot(Struct):
    """A whole sandbox as one JSON document."""

    version: int
    name: str
    seed: str
    sequence: int
    clock: Clock
    tables: dict[str, dict[str, msgspec.Raw]]


class Sandbox:
    """The state, and the questions that can be put to it."""

    def __init__(self, name: str, seed: str, clock: Clock) -> None:
        self.name = name
        self.seed = seed
        self.clock = clock
        self.sequence = 0
        self.revision = 0
        """How many commands have changed the state since it was last replaced as a whole."""
        self.life = 0
        """How often the state was replaced as a whole; nothing begun in an earlier life may act on a later one."""
        self.used_ms = 0
        """Real time at which it was last used."""
        self.tables: dict[str, dict[str, bytes]] = {ORDERS: {}}
        self._index: dict[str, str | list[str]] = {}
        self.sends_elsewhere = False
        """Whether another process sends its webhooks, so that attempts do not fall due here."""
        self._agenda: list[Due] = []
        self._aside: list[Due] = []
        """Attempts that have fallen due while another process sends."""
        self._plans = Plans()

    # -- changing

    def apply(self, changes: Changes) -> None:
        """Makes the changes that were decided; the only way in which a sandbox changes."""
        self.revision += 1
        self.sequence = changes.sequence
        for (table, key), document in changes.documents.items():
            rows = self.tables.get(table)
            if rows is None:
                rows = self.tables[table] = {}
            if document is None:
                rows.pop(key, None)
            else:
                rows[key] = document
            if table in BEHAVIOUR:
                self._plans.forget()
        self._add_keys(changes.keys)
        for due in changes.timers:
            heapq.heappush(self._agenda, due)
        if changes.clock is not None:
            self.clock = changes.clock

    def undo(self, changes: Changes) -> Undo:
        """What it takes to revert `changes`, which are about to be applied."""
        removed = {table for (table, _), document in changes.documents.items() if document is None}
        return Undo(
            self.sequence,
            self.clock,
            {(table, key): self.document(table, key) for table, key in changes.documents if table not in removed},
            {table: dict(self.tables.get(table, ())) for table in removed},
        )

    def revert(self, undos: Iterable[Undo]) -> None:
        """Takes changes back; `undos` begin with the latest."""
        for undo in undos:
            self.revision -= 1
            self.sequence, self.clock = undo.sequence, undo.clock
            self.tables.update(undo.tables)
            for (table, key), document in undo.documents.items():
                if document is None:
                    self.tables[table].pop(key, None)
                else:
                    self.tables[table][key] = document
        self._derive()

    def _add_keys(self, keys: Iterable[tuple[str, str]]) -> None:
        index = self._index
        for key, order_id in keys:
            held = index.setdefault(key, order_id)
            if isinstance(held, list):
                held.append(order_id)
            elif held is not order_id:
                index[key] = [held, order_id]

    # -- reading

    def document(self, table: str, key: str) -> bytes | None:
        """The bytes of a document; None if there is none."""
        rows = self.tables.get(table)
        return rows.get(key) if rows is not None else None

    def order(self, order_id: str) -> Order | None:
        """A fresh copy of an order; None if there is none."""
        document = self.tables[ORDERS].get(order_id)
        return decode_order(document) if document is not None else None

    def delivery(self, delivery_id: str) -> Delivery | None:
        """A fresh copy of a delivery; None if there is none."""
        document = self.document(DELIVERIES, delivery_id)
        return decode_delivery(document) if document is not None else None

    def order_ids(self, key: str) -> list[str]:
        """Ids of the orders with this index key, oldest first."""
        held = self._index.get(key)
        if held is None:
            return []
        return [held] if isinstance(held, str) else held

    def index_keys(self) -> Iterable[str]:
        """All keys in the index of orders."""
        return self._index

    def count_orders(self, key: str) -> int:
        """How many orders have this index key."""
        held = self._index.get(key)
        return 0 if held is None else 1 if isinstance(held, str) else len(held)

    def next_due(self, until_ms: int | None = None) -> Due | None:
        """What falls due first, no later than `until_ms`; drops timers that were stopped or restarted."""
        while self._agenda and (until_ms is None or self._agenda[0].due_ms <= until_ms):
            due = self._agenda[0]
            if self._is_live(due):
                if not (self.sends_elsewhere and due.table == DELIVERIES):
                    return due
                self._aside.append(due)
            heapq.heappop(self._agenda)
        return None

    def send_here(self, here: bool) -> None:
        """Sets whether this process sends the webhooks, or another."""
        self.sends_elsewhere = not here
        if here and self._aside:
            self._agenda += self._aside
            self._aside = []
            heapq.heapify(self._agenda)

    def count_due(self, until_ms: int) -> int:
        """How many things are due by `until_ms` and have not happened yet."""
        return sum(due.due_ms <= until_ms and self._is_live(due) for due in chain(self._agenda, self._aside))

    def count_scheduled(self, most: int) -> int:
        """How many things are still to fall due, at whatever time; counts no further than `most`."""
        live = (due for due in chain(self._agenda, self._aside) if self._is_live(due))
        return sum(1 for _ in islice(live, most))

    def take_due(self, due: Due) -> None:
        """Removes what `next_due` returned, because it happens now; if it is no longer first, it is dropped later."""
        if self._agenda and self._agenda[0] is due:
            heapq.heappop(self._agenda)

    def _is_live(self, due: Due) -> bool:
        timer = Timer(due.due_ms, due.number)
        if due.table == DELIVERIES:
            delivery = self.delivery(due.key)
            return delivery is not None and delivery.due == timer
        if due.table == RECURRING:
            document = self.document(RECURRING, due.key)
            return document is not None and decode_recurrence(document).due == timer
        order = self.order(due.key)
        return order is not None and order.timers.get(due.name) == timer

    def is_sending(self) -> bool:
        """Whether a webhook is being sent, by this process or another."""
        return any(decode_delivery(each).state == "sending" for each in self.tables.get(DELIVERIES, {}).values())

    def is_idle(self) -> bool:
        """Whether nothing is still to fall due but what recurs forever."""
        return not any(due.table != RECURRING and self._is_live(due) for due in chain(self._agenda, self._aside))

    def plan(self, provider: Provider, library: Library) -> Plan:
        """How this sandbox treats requests to the provider."""
        name = provider.name
        plan = self._plans.made.get(name)
        if plan is None or plan.shipped is not library.shipped[name]:
            plan = self._plans.make(provider, library, self.tables)
        return plan

    def settings(self, outline: Outline) -> Mapping[str, Any]:
        """The value of each of a provider's settings here, by each of its spellings."""
        return self._plans.settings(outline, self.tables)

    # -- the whole

    def snapshot(self) -> Snapshot:
        """Everything that `restore` needs."""
        tables = {
            table: {key: msgspec.Raw(document) for key, document in rows.items()} for table, rows in self.tables.items()
        }
        return Snapshot(SNAPSHOT_VERSION, self.name, self.seed, self.sequence, self.clock, tables)

    def restore(self, snapshot: Snapshot) -> None:
        """Takes on the state of a snapshot, which may come from a sandbox with another name."""
        tables: dict[str, dict[str, bytes]] = {ORDERS: {}}
        for table, rows in snapshot.tables.items():
            tables[table] = {key: bytes(document) for key, document in rows.items()}
        self.life += 1
        self.revision = 0
        self.seed, self.sequence, self.clock, self.tables = snapshot.seed, snapshot.sequence, snapshot.clock, tables
        self._derive()

    def _derive(self) -> None:
        """Rebuilds everything that follows from the documents."""
        orders = [decode_order(document) for document in self.tables[ORDERS].values()]
        deliveries = [decode_delivery(document) for document in self.tables.get(DELIVERIES, {}).values()]
        self._index, self._plans = {}, Plans()
        self._add_keys((key, order.id) for order in orders for key in order.keys)
        self._agenda = [*_order_timers(orders), *_delivery_timers(deliveries), *self._recurrences()]
        self._aside = []
        heapq.heapify(self._agenda)

    def _recurrences(self) -> Iterator[Due]:
        for key, document in self.tables.get(RECURRING, {}).items():
            due = decode_recurrence(document).due
            if due is not None:
                yield Due(due.due_ms, due.number, RECURRING, key)


def _order_timers(orders: list[Order]) -> Iterator[Due]:
    for order in orders:
        for name, timer in order.timers.items():
            yield Due(timer.due_ms, timer.number, ORDERS, order.id, name)


def _delivery_timers(deliveries: list[Delivery]) -> Iterator[Due]:
    for delivery in deliveries:
        if delivery.due is not None:
            yield Due(delivery.due.due_ms, delivery.due.number, DELIVERIES, delivery.id)
