"""Whether the content of a snapshot is possible: everything has its type, and can be shown as calls would show it."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from emulator.contract.card import Provider, Shown
from emulator.contract.delivery import Delivery
from emulator.contract.order import Order
from emulator.contract.request import Request
from emulator.contract.schemas import ValuePath, pointer_to
from emulator.core import json_text
from emulator.core.call import Call
from emulator.core.durations import LAST_INSTANT_MS
from emulator.core.journal import Journal
from emulator.core.library import Library
from emulator.core.sandbox import DELIVERIES, ORDERS, Sandbox
from emulator.core.transaction import Transaction
from emulator.views.story import delivery_as_json, with_story

_LARGEST_EXPONENT = 1000
_UNFINISHED = ("pending", "sending", "held")


class BadSnapshot(ValueError):
    """Something in a snapshot is impossible: where (keys from the top), and why."""

    def __init__(self, path: Iterable[str | int], reason: str) -> None:
        self.path = tuple(map(str, path))
        self.reason = reason
        super().__init__(f"{'.'.join(self.path)}: {reason}" if self.path else reason)

    @property
    def pointer(self) -> str:
        """The place as a JSON pointer."""
        return pointer_to(self.path)


def explain(error: Exception) -> str:
    """Why a row is impossible, in words."""
    if isinstance(error, KeyError):
        return f"{error} is missing or unknown"
    return str(error) or type(error).__name__


def require_showable(library: Library, sandbox: Sandbox, now_ms: int) -> None:
    """Raises BadSnapshot if calls could not show what is in the sandbox. Its rows must have the types of the core."""
    tx = Transaction(sandbox, library, now_ms, now_ms)
    for each in (each for provider in library.providers.values() for each in provider.tables):
        for key in each.always(sandbox.name):
            if sandbox.document(each.name, key) is None:
                raise BadSnapshot(("tables", each.name, key), "it is missing, and every sandbox has it")
    for table, rows in sandbox.tables.items():
        for key, row in rows.items():
            path = ("tables", table, key)
            try:
                _require_row(tx, table, key, row, path)
            except BadSnapshot:
                raise
            except msgspec.ValidationError as error:
                reason, _, place = str(error).partition(" - at `$")
                raise BadSnapshot((*path, *_parts(place)), reason) from error
            except Exception as error:  # whatever it is, a call would fail because of it
                raise BadSnapshot(path, explain(error)) from error


def _parts(place: str) -> list[str]:
    """The keys in the path of a type error, such as `.a[0].b`."""
    return [part for part in place.rstrip("`").replace("[", ".").replace("]", "").split(".") if part]


def _require_row(tx: Transaction, table: str, key: str, row: bytes, path: tuple[str, ...]) -> None:
    if table == ORDERS:
        order = tx.order(key)
        if order is not None:
            _require_order(tx, order, path)
        return
    if table == DELIVERIES:
        delivery = tx.delivery(key)
        if delivery is not None:
            _require_delivery(tx, delivery, path)
        return
    name = table.partition("/")[0]
    provider = tx.library.providers.get(name.partition(".")[0])
    if provider is None:
        return
    known = next((each for each in provider.tables if each.name == name), None)
    if known is None:
        raise BadSnapshot(path[:2], f"{provider.name} has no such table")
    document = json_text.decode(row)
    _require_good_numbers(document, path)
    msgspec.convert(document, known.kind)
    _require_shown(provider, known.show(_call(provider, tx), key, document), path)


def _require_order(tx: Transaction, order: Order, path: tuple[str, ...]) -> None:
    provider = tx.library.providers[order.provider]
    foreign = next((each for each in order.keys if not each.startswith(f"{order.provider}/")), None)
    if foreign is not None:
        raise BadSnapshot((*path, "keys"), f"{foreign!r} is not a key of {order.provider}")
    _require_good_numbers(order.fields, (*path, "fields"))
    for name, timer in order.timers.items():
        _require_instant(timer.due_ms, (*path, "timers", name))
    _convert(order.fields, provider.orders.kind, (*path, "fields"))
    with_story(tx, order, Journal())
    _require_shown(provider, provider.orders.show(_call(provider, tx), order.id, order), path)


def _require_delivery(tx: Transaction, delivery: Delivery, path: tuple[str, ...]) -> None:
    provider = tx.library.providers[delivery.provider]
    if delivery.body is None:
        _convert(delivery.fields, provider.deliveries, (*path, "fields"))
    _require_good_numbers(delivery.fields, (*path, "fields"))
    delivery_as_json(delivery)
    if provider.webhooks is not None and delivery.state in _UNFINISHED:
        if delivery.body is None:
            provider.webhooks.compose(tx, delivery)
        else:
            provider.webhooks.sign(tx, delivery, delivery.body)


def _convert(fields: Mapping[str, Any], kind: Any, path: tuple[str, ...]) -> None:
    try:
        msgspec.convert(fields, kind)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `$")
        raise BadSnapshot((*path, *_parts(place)), reason) from error


def _require_shown(provider: Provider, shown: Iterable[Shown], path: tuple[str, ...]) -> None:
    for schema, value in shown:
        if not schema:
            continue
        seen = json_text.decode(json_text.encode(value))
        if not provider.schemas[schema].accepts(seen):
            first = provider.schemas[schema].violations(seen)[0]
            raise BadSnapshot((*path, *first.path), f"as calls show it, it breaks the schema {schema}: {first.message}")


def _require_good_numbers(value: Any, path: ValuePath) -> None:
    """Refuses numbers that are too large to be written out, and instants that are out of range."""
    open_ends: list[tuple[ValuePath, Any]] = [(path, value)]
    while open_ends:
        here, each = open_ends.pop()
        if isinstance(each, Mapping):
            open_ends += [((*here, name), member) for name, member in each.items()]
        elif isinstance(each, list):
            open_ends += [((*here, place), member) for place, member in enumerate(each)]
        elif isinstance(each, Decimal) and abs(each.adjusted()) > _LARGEST_EXPONENT:
            raise BadSnapshot(here, "the number is out of range")
        elif isinstance(each, int) and str(here[-1]).endswith("_ms"):
            _require_instant(each, here)


def _require_instant(at_ms: int, path: ValuePath) -> None:
    if not 0 <= at_ms <= LAST_INSTANT_MS:
        raise BadSnapshot(path, f"an instant is milliseconds since 1970, from 0 to {LAST_INSTANT_MS}")


def _call(provider: Provider, tx: Transaction) -> Call:
    return Call(provider, Request("GET", "/", "/", "", {}, b""), tx)
