"""The default store: the sandboxes in memory are all there is, so there is nothing to keep."""

from collections.abc import AsyncIterator, Sequence

from emulator.core.journal import Entry
from emulator.core.kept_journal import KeptJournal
from emulator.core.sandbox import Changes, Snapshot
from emulator.stores import Conflict, Kept


class MemoryStore:
    """Forgets everything when the process ends; costs nothing."""

    name = "memory"
    keeps = False
    keeps_journals = False

    async def load(self) -> AsyncIterator[tuple[Snapshot, int]]:
        """Nothing was kept."""
        nothing: tuple[tuple[Snapshot, int], ...] = ()
        for each in nothing:
            yield each

    async def read(self, sandbox: str) -> tuple[Snapshot, int] | None:
        """Nothing was kept."""
        return None

    async def begin(self, snapshot: Snapshot, *, new: bool = False, begun_ms: int = 0, whole: bool = False) -> bool:
        """The sandbox itself is the copy."""
        return True

    async def append(self, sandbox: str, base: int, changes: Sequence[Changes]) -> Kept | Conflict:
        """The sandbox itself is the copy."""
        return Kept()

    async def append_entry(self, sandbox: str, begun_ms: int, entry: Entry) -> int:
        """The journal itself is the copy."""
        return 0

    async def read_journal(self, sandbox: str) -> KeptJournal:
        """Nothing was kept."""
        return KeptJournal()

    async def close(self) -> None:
        """It holds nothing."""

    async def forget(self, sandbox: str) -> None:
        """Nothing was kept."""
