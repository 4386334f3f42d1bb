"""Stores for tests: one that keeps exactly what it is given, and one that takes its time."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from copy import deepcopy

from msgspec.structs import replace

from emulator.core import json_text
from emulator.core.clock import Clock
from emulator.core.journal import Entry
from emulator.core.kept_journal import KeptJournal, note_entries
from emulator.core.origin import Origin
from emulator.core.sandbox import Changes, Sandbox, Snapshot
from emulator.engine import real_time
from emulator.stores import Conflict, Kept, StoreError
from tests.core.toy import Bench

SNAPSHOTS = json_text.typed_decoder(Snapshot)


class Shelf:
    """A store that keeps exactly what it is given, and gives it back."""

    name = "shelf"
    keeps = True

    def __init__(self, *, keeps_journals: bool = False) -> None:
        self.keeps_journals = keeps_journals
        self.journals: dict[str, KeptJournal] = {}
        self.kept: dict[str, tuple[bytes, list[Changes]]] = {}
        self.broken = False
        self.batches: list[int] = []
        """How many commands were kept in each go."""

    async def load(self) -> AsyncIterator[tuple[Snapshot, int]]:
        """Each sandbox as the changes make it."""
        for name in [*self.kept]:
            found = await self.read(name)
            assert found is not None
            yield found

    async def read(self, sandbox: str) -> tuple[Snapshot, int] | None:
        """One of them."""
        if sandbox not in self.kept:
            return None
        document, changes = self.kept[sandbox]
        made = Sandbox(sandbox, "", Clock())
        made.restore(SNAPSHOTS.decode(document))
        for change in changes:
            made.apply(change)
        return SNAPSHOTS.decode(json_text.encode(made.snapshot())), len(changes)

    async def begin(self, snapshot: Snapshot, *, new: bool = False, begun_ms: int = 0, whole: bool = False) -> bool:
        """Keeps it."""
        if new and snapshot.name in self.kept:
            return False
        self.journals[snapshot.name] = KeptJournal(begun_ms, whole)
        self.kept[snapshot.name] = (json_text.encode(snapshot), [])
        return True

    async def append(self, sandbox: str, base: int, changes: Sequence[Changes]) -> Kept | Conflict:
        """Keeps them, unless the disk is full, or somebody was faster."""
        if self.broken:
            raise OSError("the disk is full")
        kept = self.kept[sandbox][1]
        if base != len(kept):
            return Conflict(tuple(kept[base:]))
        kept.extend(changes)
        for entry in note_entries(changes if self.keeps_journals else ()):
            await self.append_entry(sandbox, self.journals[sandbox].begun_ms, entry)
        self.batches.append(len(changes))
        return Kept()

    async def append_entry(self, sandbox: str, begun_ms: int, entry: Entry) -> int:
        """Keeps it, as another one."""
        if self.broken:
            raise StoreError("the disk is full")
        kept = self.journals[sandbox]
        entry = replace(entry)
        self.journals[sandbox] = replace(kept, newest=kept.newest + 1, entries=(*kept.entries, entry))
        return kept.newest + 1

    async def read_journal(self, sandbox: str) -> KeptJournal:
        """All of it."""
        return self.journals[sandbox]

    async def close(self) -> None:
        """It holds nothing."""

    async def forget(self, sandbox: str) -> None:
        """Keeps it no more."""
        del self.kept[sandbox]


class SlowShelf(Shelf):
    """A store that lets everybody else go first before it keeps anything."""

    async def begin(self, snapshot: Snapshot, *, new: bool = False, begun_ms: int = 0, whole: bool = False) -> bool:
        """Keeps it, later."""
        await self._dawdle()
        return await super().begin(snapshot, new=new, begun_ms=begun_ms, whole=whole)

    async def append(self, sandbox: str, base: int, changes: Sequence[Changes]) -> Kept | Conflict:
        """Keeps them, later."""
        await self._dawdle()
        return await super().append(sandbox, base, changes)

    async def _dawdle(self) -> None:
        for _ in range(20):
            await real_time.give_way()


class HeldShelf(Shelf):
    """A store that keeps nothing while it is held, and then says whether it can."""

    def __init__(self) -> None:
        super().__init__()
        self.conflicts = 0
        """How often another process is faster."""
        self.asked, self.free = asyncio.Event(), asyncio.Event()
        self.free.set()

    def hold(self) -> None:
        """Makes it keep nothing for the time being."""
        self.asked.clear()
        self.free.clear()

    async def append(self, sandbox: str, base: int, changes: Sequence[Changes]) -> Kept | Conflict:
        """Keeps them once it is free."""
        self.asked.set()
        await self.free.wait()
        if self.conflicts:
            self.conflicts -= 1
            return Conflict(())
        if self.broken:
            raise StoreError("the disk is full")
        return await super().append(sandbox, base, changes)


def again(shelf: Shelf) -> Bench:
    """What another process finds that starts with what the store has kept."""
    return Bench(store=deepcopy(shelf), origin=Origin("something else"))
