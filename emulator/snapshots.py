"""Snapshots from outside: read, and refused before they can do harm. Never changes a sandbox."""

from typing import Any

import msgspec

from emulator.core import faults, wire
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


def read_snapshot(library: Library, document: bytes) -> Snapshot:
    """The snapshot in a JSON document. Raises ValueError that says what is wrong with it."""
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
                _check_row(library, table, key, bytes(row))
            except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
                raise ValueError(f"tables.{table}.{key}: {error}") from error
    return snapshot


def _check_row(library: Library, table: str, key: str, row: bytes) -> None:
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
        if not isinstance(value["name"], str) or key not in library.providers:
            raise ValueError("it must be the name of a scenario of this provider")
    elif table == faults.TABLE:
        faults.check_rule(value, library.providers)
    elif table == ORIGIN:
        _origin_decoder.decode(row)
