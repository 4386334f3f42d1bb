"""Snapshots from outside: read, and refused before they can do harm. Never changes a sandbox."""

import re
from typing import Any

import msgspec
from msgspec.structs import replace

from emulator.core import faults, limits, wire
from emulator.core.clock import parse_rate
from emulator.core.delivery import thaw as thaw_delivery
from emulator.core.durations import LAST_INSTANT_MS
from emulator.core.library import Library
from emulator.core.order import thaw as thaw_order
from emulator.core.sandbox import (
    DEFAULT_SCENARIOS,
    DELIVERIES,
    ORDERS,
    SCENARIOS,
    SETTINGS,
    SNAPSHOT_VERSION,
    Snapshot,
)
from emulator.settings import parse_settings
from emulator.world import ORIGIN, Origin

_decoder = wire.decoder_of(Snapshot)
_origin_decoder = wire.decoder_of(Origin)


def read_snapshot(library: Library, name: str, document: bytes) -> Snapshot:
    """The snapshot in a JSON document, for the sandbox `name`. Raises ValueError that says what is wrong with it.

    Rows of the core's tables are checked; of a provider's own tables only that they are JSON. Of a sandbox with another
    name, the ids that end with that name get the new one.
    """
    try:
        snapshot = _decoder.decode(document)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise ValueError(str(error)) from error
    if snapshot.version != SNAPSHOT_VERSION:
        raise ValueError(f"snapshot version {snapshot.version} is not {SNAPSHOT_VERSION}")
    if not 0 <= snapshot.clock.anchor_ms <= LAST_INSTANT_MS or snapshot.sequence < 0:
        raise ValueError("clock.anchor_ms or sequence is out of range")
    parse_rate(snapshot.clock.rate)
    for table, rows in snapshot.tables.items():
        for key, row in rows.items():
            try:
                _check_row(library, snapshot, table, key, bytes(row))
            except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
                raise ValueError(f"tables.{table}.{key}: {error}") from error
    return snapshot if snapshot.name == name else _renamed(library, snapshot, name)


def _renamed(library: Library, snapshot: Snapshot, name: str) -> Snapshot:
    beginnings = [re.escape(each) for card in library.providers.values() for each in card.named_ids]
    named = re.compile(rf"(?<![0-9A-Za-z_-])({'|'.join(beginnings)}){re.escape(snapshot.name)}(?![0-9A-Za-z_-])")

    def with_name(text: str) -> str:
        return named.sub(rf"\g<1>{name}", text)

    tables = {
        table: {with_name(key): msgspec.Raw(with_name(bytes(row).decode()).encode()) for key, row in rows.items()}
        for table, rows in snapshot.tables.items()
    }
    return replace(snapshot, name=name, tables=tables)


def _check_row(library: Library, snapshot: Snapshot, table: str, key: str, row: bytes) -> None:
    value: Any = wire.decode(row)
    if table == ORDERS:
        order = thaw_order(row)
        library.providers[order.provider].lifecycle.rows(order.kind, order.status)
        if order.id != key:
            raise ValueError(f"the id of the order is {order.id!r}")
    elif table == DELIVERIES:
        delivery = thaw_delivery(row)
        if library.providers[delivery.provider].webhooks is None:
            raise ValueError(f"{delivery.provider} sends no webhooks")
    elif table == SETTINGS:
        parse_settings(library, {key: value})
    elif table == SCENARIOS:
        provider, _, name = key.partition("/")
        library.parse(library.providers[provider].name, name, value)
    elif table == DEFAULT_SCENARIOS:
        added = snapshot.tables.get(SCENARIOS, {})
        if value["name"] not in library.shipped[key].by_name and f"{key}/{value['name']}" not in added:
            raise ValueError("it must be the name of a scenario of this provider")
    elif table == faults.TABLE:
        faults.check_rule(value, library.providers)
    elif table in (faults.USED, faults.DRAWN):
        _require_count(value)
    elif table == limits.TABLE:
        _require_count(value["ends_ms"])
        _require_count(value["used"])
    elif table == ORIGIN:
        _origin_decoder.decode(row)


def _require_count(value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("it must be a whole number")
