"""Where one command is decided. A transaction reads the sandbox and collects changes; it never changes the sandbox."""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from emulator.contract import transaction as contract
from emulator.contract.card import Provider
from emulator.contract.chance import Chance
from emulator.contract.delivery import Delivery
from emulator.contract.order import Order, Timer
from emulator.core import json_text
from emulator.core.clock import Clock
from emulator.core.delivery_states import Event, enter
from emulator.core.documents import RECURRING, Recurrence, decode_delivery
from emulator.core.library import Library
from emulator.core.plan import SETTINGS, Plan
from emulator.core.sandbox import DELIVERIES, ORDERS, Changes, Due, Note, Sandbox
from emulator.core.scenario import Scenario, ScenarioSet

_LOOKED_AT = 4
"""How many of a table's oldest documents are looked at when one is added: more than one, so that the table shrinks."""


class StaleTransaction(RuntimeError):
    """The sandbox has changed since the command began: something was awaited before it was committed."""


class Transaction:
    """One command on one sandbox, at one instant: what the contract says of it, and what only the core may do."""

    __slots__ = (
        "_begun",
        "_changes",
        "_lasting",
        "_orders",
        "_plan",
        "_sandbox",
        "_touched",
        "chance",
        "concerned",
        "library",
        "now_ms",
        "real_ms",
        "sandbox_name",
        "seed",
    )

    def __init__(self, sandbox: Sandbox, library: Library, now_ms: int, real_ms: int) -> None:
        self._sandbox = sandbox
        self._begun = (sandbox.life, sandbox.revision)
        self.sandbox_name = sandbox.name
        self.seed = sandbox.seed
        self._changes = Changes(sandbox.sequence)
        self._lasting: dict[tuple[str, str], bytes | None] = {}
        self._orders: dict[str, Order] = {}
        self._touched: dict[str, None] = {}
        self._plan: Plan | None = None
        """The plan of the provider that was asked about last."""
        self.concerned: dict[str, None] = {}
        """Ids of the orders that something has happened to, in order, each once."""
        self.library = library
        self.now_ms = now_ms
        self.real_ms = real_ms
        self.chance = Chance(sandbox.seed, sandbox.sequence)

    # -- documents

    def get(self, table: str, key: str) -> Any:
        if (table, key) in self._changes.documents:
            document = self._changes.documents[table, key]
        else:
            document = self._sandbox.document(table, key)
        return json_text.decode(document) if document is not None else None

    def put(self, table: str, key: str, value: Any, *, even_if_refused: bool = False) -> None:
        document = json_text.encode(value)
        self._changes.documents[table, key] = document
        if even_if_refused:
            self._lasting[table, key] = document

    def forget(self, table: str, key: str) -> None:
        self._changes.documents[table, key] = None

    def make_room(self, table: str, most: int) -> None:
        rows = self._sandbox.tables.get(table, {})
        for key in islice(rows, max(0, len(rows) - most)):
            self.forget(table, key)

    def size(self, table: str) -> int:
        """How many documents the table held when the command began."""
        return len(self._sandbox.tables.get(table, ()))

    def put_passing(self, table: str, key: str, value: Any, most: int, is_over: Callable[[Any], bool]) -> None:
        for old_key in list(islice(self._sandbox.tables.get(table, ()), _LOOKED_AT)):
            old = self.get(table, old_key)
            if old is not None and is_over(old):
                self.forget(table, old_key)
        self.make_room(table, most - 1)
        self.put(table, key, value)

    def has(self, table: str) -> bool:
        return bool(self._sandbox.tables.get(table))

    def scan(self, table: str) -> Iterator[tuple[str, Any]]:
        for key in list(self._sandbox.tables.get(table, ())):
            value = self.get(table, key)
            if value is not None:
                yield key, value
        kept = self._sandbox.tables.get(table, {})
        for (each, key), document in list(self._changes.documents.items()):
            if each == table and key not in kept and document is not None:
                yield key, json_text.decode(document)

    def plan(self, provider: Provider) -> Plan:
        """How this sandbox treats requests to the provider."""
        plan = self._plan
        if plan is None or plan.provider is not provider:
            plan = self._plan = self._sandbox.plan(provider, self.library)
        return plan

    def provider(self, name: str) -> Provider:
        """The provider with this name."""
        plan = self._plan
        return plan.provider if plan is not None and plan.provider.name == name else self.library.providers[name]

    def settings(self, provider: str) -> Mapping[str, Any]:
        """The value of each of a provider's settings, by each of its spellings."""
        plan = self._plan
        if plan is not None and plan.provider.name == provider:
            return plan.settings
        return self._sandbox.settings(self.library.outlines[provider])

    def scenarios(self, provider: str) -> ScenarioSet:
        """A provider's scenarios, including the sandbox's own."""
        return self.plan(self.provider(provider)).scenarios

    def scenario(self, provider: str, name: str) -> Scenario | None:
        """The scenario with this name."""
        return self.scenarios(provider).by_name.get(name)

    def change_settings(self, provider: str, changed: Mapping[str, Any]) -> None:
        kept: dict[str, Any] = self.get(SETTINGS, provider) or {}
        self.put(SETTINGS, provider, {**kept, **changed})
        self.plan_recurring(provider, changed)

    def plan_recurring(self, provider: str, settings: Mapping[str, Any]) -> None:
        """Plans when each recurrence whose interval is in `settings` is due next, in whole intervals from its start."""
        for each in self.library.outlines[provider].recurring:
            if each.setting not in settings:
                continue
            key, every_s = f"{provider}/{each.name}", settings[each.setting]
            kept = self.get(RECURRING, key)
            recurrence = Recurrence(self.now_ms if kept is None else kept["begun_ms"])
            if every_s is not None:
                every_ms, passed_ms = every_s * 1000, self.now_ms - recurrence.begun_ms
                due_ms = recurrence.begun_ms + (passed_ms // every_ms + 1) * every_ms
                recurrence.due = Timer(due_ms, self.chance.number())
                self._changes.timers.append(Due(due_ms, recurrence.due.number, RECURRING, key))
            self.put(RECURRING, key, recurrence)

    # -- orders

    def order(self, order_id: str) -> Order | None:
        order = self._orders.get(order_id)
        if order is None:
            order = self._sandbox.order(order_id)
            if order is not None:
                self._orders[order_id] = order
        return order

    def order_ids(self, provider: str, key: str) -> list[str]:
        added = [order_id for each, order_id in self._changes.keys if each == f"{provider}/{key}"]
        return [*self._sandbox.order_ids(f"{provider}/{key}"), *added]

    def count_orders(self, provider: str, key: str) -> int:
        return self._sandbox.count_orders(f"{provider}/{key}")

    def touch(self, order: Order) -> None:
        self._touched[order.id] = None

    def add_order(self, order: Order) -> None:
        """Stores a new order and makes it findable by its keys and its owner."""
        provider, order_id, added = order.provider, order.id, self._changes.keys
        keys = []
        for key in (f"owner:{order.owner}", *order.keys):
            keys.append(f"{provider}/{key}")
            added.append((keys[-1], order_id))
        order.keys = tuple(keys)
        self._orders[order_id] = order
        self._touched[order_id] = None

    def start_timer(self, order: Order, name: str, due_ms: int) -> None:
        chance = self.chance
        chance.count = number = chance.count + 1
        order.timers[name] = Timer(due_ms, number)
        self._changes.timers.append(Due(due_ms, number, ORDERS, order.id, name))
        self._touched[order.id] = None

    def stop_timer(self, order: Order, name: str) -> None:
        if order.timers.pop(name, None) is not None:
            self.touch(order)

    # -- deliveries

    def deliver(
        self,
        provider: str,
        event: str,
        url: str,
        order_id: str = "",
        fields: dict[str, Any] | None = None,
        *,
        delivery_id: str | None = None,
        about: str = "",
        after_ms: int = 0,
        retries: bool = True,
        body: bytes | None = None,
    ) -> Delivery:
        delivery = Delivery(
            id=delivery_id or self.chance.uuid(),
            provider=provider,
            order_id=order_id,
            about=about,
            event=event,
            url=url,
            created_ms=self.now_ms,
            fields=fields or {},
            retries=retries,
            body=body,
        )
        order = self.order(order_id) if order_id and body is None else None
        if order is not None:
            delivery.told = order.status
        self._schedule(delivery, self.now_ms + after_ms)
        return delivery

    def delivery(self, delivery_id: str) -> Delivery | None:
        """A fresh copy of a delivery, or None; `keep_delivery` or `schedule_attempt` stores changes to it."""
        document = self._changes.documents.get((DELIVERIES, delivery_id)) or self._sandbox.document(
            DELIVERIES, delivery_id
        )
        return decode_delivery(document) if document is not None else None

    def deliveries(self) -> Iterator[Delivery]:
        kept = self._sandbox.tables.get(DELIVERIES, {})
        added = [key for table, key in self._changes.documents if table == DELIVERIES and key not in kept]
        for delivery_id in [*kept, *added]:
            delivery = self.delivery(delivery_id)
            if delivery is not None:
                yield delivery

    def release(self, delivery: Delivery) -> None:
        self.schedule_attempt(delivery, self.now_ms, "release")

    def give_up(self, delivery: Delivery) -> None:
        enter(delivery, "give_up")
        self.keep_delivery(delivery)

    def schedule_attempt(self, delivery: Delivery, due_ms: int, event: Event) -> None:
        """Plans the next attempt for `due_ms`, because of an event that leads to `pending`."""
        enter(delivery, event)
        self._schedule(delivery, due_ms)

    def _schedule(self, delivery: Delivery, due_ms: int) -> None:
        delivery.due = Timer(due_ms, self.chance.number())
        self._changes.timers.append(Due(due_ms, delivery.due.number, DELIVERIES, delivery.id))
        self.keep_delivery(delivery)

    def keep_delivery(self, delivery: Delivery) -> None:
        """Stores a delivery as it is now."""
        self._changes.documents[DELIVERIES, delivery.id] = json_text.encode(delivery)

    # -- outcome

    @property
    def notes(self) -> list[Note]:
        """What has happened so far."""
        return self._changes.notes

    @property
    def clock(self) -> Clock | None:
        """The clock that is to replace the sandbox's, if any."""
        return self._changes.clock

    @clock.setter
    def clock(self, clock: Clock | None) -> None:
        """Replaces the sandbox's clock when the command is committed."""
        self._changes.clock = clock

    def note(self, kind: str, order: Order, **details: Any) -> None:
        self.concerned[order.id] = None
        self._changes.notes.append(Note(self.now_ms, kind, order.provider, order.id, details))

    def note_delivery(self, delivery: Delivery, **details: Any) -> None:
        """Adds an attempt to the story of the delivery's order."""
        self.concerned[delivery.order_id] = None
        self._changes.notes.append(Note(self.now_ms, "delivery", delivery.provider, delivery.order_id, details))

    def changes(self) -> Changes:
        """Everything that was decided. Raises StaleTransaction if the sandbox has changed since the command began."""
        if (self._sandbox.life, self._sandbox.revision) != self._begun:
            raise StaleTransaction(f"the sandbox {self.sandbox_name} has changed since the command began")
        for order_id in self._touched:
            self._changes.documents[ORDERS, order_id] = json_text.encode(self._orders[order_id])
        self._changes.sequence = self.chance.count
        return self._changes

    def lasting_changes(self) -> Changes:
        """What a refused command leaves behind."""
        return Changes(self._sandbox.sequence, self._lasting)


def own(tx: contract.Transaction) -> Transaction:
    """The transaction as the core knows it. Providers see only part of it, and hand back what they were given."""
    if not isinstance(tx, Transaction):
        raise TypeError(f"{type(tx).__name__} is not a transaction of the core")
    return tx
