"""What all stores are given in tests, and what they return."""

from typing import Any

from hypothesis import strategies as st

from emulator.core import json_text
from emulator.core.clock import Clock
from emulator.core.sandbox import SNAPSHOT_VERSION, Changes, Snapshot
from emulator.stores import Store

TABLES, KEYS = st.sampled_from(["orders", "a.b"]), st.sampled_from(["1", "2", "3"])
DOCUMENTS = st.none() | st.integers(0, 9).map(lambda number: json_text.encode({"n": number}))
CHANGES = st.builds(
    Changes,
    sequence=st.integers(0, 99),
    documents=st.dictionaries(st.tuples(TABLES, KEYS), DOCUMENTS, min_size=1, max_size=4),
    clock=st.none() | st.builds(Clock, anchor_ms=st.integers(0, 10**12)),
)
COMMANDS = st.lists(st.tuples(st.sampled_from(["one", "two"]), st.lists(CHANGES, min_size=1, max_size=3)), max_size=8)


def beginning(name: str) -> Snapshot:
    """A sandbox in its first state."""
    return Snapshot(SNAPSHOT_VERSION, name, "seed", 0, Clock(), {"orders": {}})


async def kept(store: Store) -> dict[str, tuple[Any, ...]]:
    """What a store gives back, tables without rows left out; the order of everything counts."""
    found: dict[str, tuple[Any, ...]] = {}
    async for snapshot, revision in store.load():
        tables = [(kind, list(rows.items())) for kind, rows in snapshot.tables.items() if rows]
        found[snapshot.name] = (revision, snapshot.sequence, snapshot.clock, sorted(tables))
    return found
