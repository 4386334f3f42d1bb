"""Reads snapshots from outside, and refuses them before they can do harm. Never changes a sandbox."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from emulator.core import json_text, rate_limits
from emulator.core.clock import read_clock_rate
from emulator.core.documents import RECURRING, decode_delivery, decode_order, decode_recurrence
from emulator.core.durations import LAST_INSTANT_MS
from emulator.core.faults import injection
from emulator.core.faults.rules import check_rule
from emulator.core.library import Library
from emulator.core.origin import ORIGIN, decode_origin
from emulator.core.plan import DEFAULT_SCENARIOS, FAULT_RULES, SCENARIOS, SETTINGS
from emulator.core.sandbox import (
    DELIVERIES,
    MAX_SCENARIOS,
    OLDEST_SNAPSHOT,
    ORDERS,
    SNAPSHOT_VERSION,
    Sandbox,
    Snapshot,
)
from emulator.core.settings import read_settings
from emulator.engine.engine import Engine
from emulator.engine.snapshot_rows import BadSnapshot, explain, require_showable

_decoder = json_text.typed_decoder(Snapshot)
_LARGEST_SEQUENCE = 2**53
_MOST_ROWS = {SCENARIOS: MAX_SCENARIOS, FAULT_RULES: injection.MAX_RULES}


def read_snapshot(engine: Engine, name: str, document: bytes) -> Snapshot:
    """The snapshot in a JSON document, for the sandbox `name`. Raises BadSnapshot, which says what is wrong and where.

    Everything that the providers' calls could not show is refused. If tables of providers are missing, as in a snapshot
    of an older version, they become those of a new sandbox. In a snapshot of a sandbox with another name, ids that end
    with that name get the new one.
    """
    try:
        snapshot = _decoder.decode(document)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise BadSnapshot((), str(error)) from error
    _require_frame(snapshot)
    try:
        return _read(engine, name, snapshot)
    except BadSnapshot as error:
        if snapshot.version == SNAPSHOT_VERSION:
            raise
        why = f"it has version {snapshot.version}, and this emulator writes {SNAPSHOT_VERSION}, which requires more"
        raise BadSnapshot(error.path, f"{error.reason} ({why}: take a new snapshot)") from error


def _read(engine: Engine, name: str, snapshot: Snapshot) -> Snapshot:
    library = engine.library
    tables = dict(snapshot.tables)
    for table, rows in snapshot.tables.items():
        check = _CHECKS.get(table)
        for key, row in rows.items():
            try:
                checked = _Row(library, snapshot, key, bytes(row), json_text.decode(bytes(row)))
                if check is not None:
                    check(checked)
            except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
                raise BadSnapshot(("tables", table, key), explain(error)) from error
    for table, most in _MOST_ROWS.items():
        if len(tables.get(table, ())) > most:
            raise BadSnapshot(("tables", table), f"a sandbox has at most {most} of them")
    if SETTINGS in tables:
        tables[SETTINGS] = {key: _settings(library, key, row) for key, row in tables[SETTINGS].items()}
    if ORIGIN in tables:
        tables[ORIGIN] = {key: _origin(library, row) for key, row in tables[ORIGIN].items()}
    snapshot = replace(snapshot, tables=tables)
    _require_own_identity(engine, name, tables)
    if snapshot.name != name:
        snapshot = _renamed(library, snapshot, name)
    snapshot = _with_missing_tables(engine, snapshot)
    scratch = Sandbox(name, snapshot.seed, snapshot.clock)
    scratch.restore(snapshot)
    require_showable(library, scratch, snapshot.clock.now_ms(engine.real_ms()))
    return snapshot


def _require_frame(snapshot: Snapshot) -> None:
    clock = snapshot.clock
    if not OLDEST_SNAPSHOT <= snapshot.version <= SNAPSHOT_VERSION:
        readable = f"{OLDEST_SNAPSHOT} to {SNAPSHOT_VERSION}"
        raise BadSnapshot(("version",), f"it is {snapshot.version}, and this emulator reads {readable}")
    for field, instant_ms in (("anchor_ms", clock.anchor_ms), ("real_anchor_ms", clock.real_anchor_ms)):
        if not 0 <= instant_ms <= LAST_INSTANT_MS:
            raise BadSnapshot(("clock", field), f"it is out of range: 0 to {LAST_INSTANT_MS}")
    if not 0 <= snapshot.sequence <= _LARGEST_SEQUENCE:
        raise BadSnapshot(("sequence",), f"it is out of range: 0 to {_LARGEST_SEQUENCE}")
    try:
        read_clock_rate(clock.rate)
    except ValueError as error:
        raise BadSnapshot(("clock", "rate"), str(error)) from error


def _require_own_identity(engine: Engine, name: str, tables: Mapping[str, Mapping[str, msgspec.Raw]]) -> None:
    """Refuses settings with identifying values that another sandbox has."""
    now = {provider: json_text.decode(bytes(row)) for provider, row in tables.get(SETTINGS, {}).items()}
    origins = [decode_origin(row).settings for row in tables.get(ORIGIN, {}).values()]
    for table, settings in ((SETTINGS, now), *((ORIGIN, each) for each in origins)):
        try:
            engine.sandboxes.holders.require_free(name, settings)
        except ValueError as error:
            raise BadSnapshot(("tables", table), str(error)) from error


def _settings(library: Library, provider: str, row: msgspec.Raw) -> msgspec.Raw:
    """Checked settings, under their own names."""
    return msgspec.Raw(json_text.encode(read_settings(library, {provider: json_text.decode(bytes(row))})[provider]))


def _origin(library: Library, row: msgspec.Raw) -> msgspec.Raw:
    """An origin with checked settings, under their own names."""
    origin = decode_origin(row)
    return msgspec.Raw(json_text.encode(replace(origin, settings=read_settings(library, origin.settings))))


def _with_missing_tables(engine: Engine, snapshot: Snapshot) -> Snapshot:
    own = {table.name for card in engine.library.providers.values() for table in card.tables}
    if own <= snapshot.tables.keys():
        return snapshot
    row = snapshot.tables.get(ORIGIN, {}).get(ORIGIN)
    origin = engine.sandboxes.usual_origin(snapshot.name) if row is None else decode_origin(row)
    fresh = engine.sandboxes.build(snapshot.name, origin).snapshot().tables
    missing = {table: rows for table, rows in fresh.items() if table in own - snapshot.tables.keys()}
    return replace(snapshot, tables=snapshot.tables | missing)


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


class _Row(Struct, frozen=True):
    """A row of a snapshot to be checked."""

    library: Library
    snapshot: Snapshot
    key: str
    document: bytes
    value: Any
    """The value of the document."""


def _check_order(row: _Row) -> None:
    order = decode_order(row.document)
    try:
        row.library.providers[order.provider].lifecycle.rows(order.kind, order.status)
    except KeyError:
        what = f"{order.kind!r} order" if order.kind else "order"
        raise ValueError(f"no {what} of {order.provider} has the status {order.status!r}") from None
    if order.id != row.key:
        raise ValueError(f"the id of the order is {order.id!r}")


def _check_delivery(row: _Row) -> None:
    delivery = decode_delivery(row.document)
    if row.library.providers[delivery.provider].webhooks is None:
        raise ValueError(f"{delivery.provider} sends no webhooks")


def _check_scenario(row: _Row) -> None:
    provider, _, name = row.key.partition("/")
    row.library.read_scenario(row.library.providers[provider].name, name, row.value)


def _check_default_scenario(row: _Row) -> None:
    name, own = row.value["name"], row.snapshot.tables.get(SCENARIOS, {})
    if name not in row.library.shipped[row.key].by_name and f"{row.key}/{name}" not in own:
        raise ValueError("it must be the name of a scenario of this provider")


def _check_window(row: _Row) -> None:
    _require_count(row.value["ends_ms"])
    _require_count(row.value["used"])


def _check_recurrence(row: _Row) -> None:
    recurrence = decode_recurrence(row.document)
    provider, _, name = row.key.partition("/")
    if name not in [each.name for each in row.library.providers[provider].recurring]:
        raise ValueError(f"{provider} has nothing recurring by the name {name!r}")
    instants = [recurrence.begun_ms] if recurrence.due is None else [recurrence.begun_ms, recurrence.due.due_ms]
    if not all(0 <= each <= LAST_INSTANT_MS for each in instants):
        raise ValueError("an instant is out of range")


def _check_origin(row: _Row) -> None:
    origin = decode_origin(row.document)
    read_clock_rate(origin.rate)
    read_settings(row.library, origin.settings)
    if origin.now_ms is not None and not 0 <= origin.now_ms <= LAST_INSTANT_MS:
        raise ValueError("now_ms is out of range")


def _require_count(value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("it must be a whole number")


_CHECKS: Mapping[str, Callable[[_Row], object]] = {
    ORDERS: _check_order,
    DELIVERIES: _check_delivery,
    SETTINGS: lambda row: read_settings(row.library, {row.key: row.value}),
    SCENARIOS: _check_scenario,
    DEFAULT_SCENARIOS: _check_default_scenario,
    FAULT_RULES: lambda row: check_rule(row.value, row.library.providers),
    injection.USED: lambda row: _require_count(row.value),
    injection.DRAWN: lambda row: _require_count(row.value),
    rate_limits.TABLE: _check_window,
    RECURRING: _check_recurrence,
    ORIGIN: _check_origin,
}
"""How the rows of the core's tables are checked; `require_showable` checks those of the providers' tables."""
