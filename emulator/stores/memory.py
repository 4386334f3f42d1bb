"""The default store, which keeps nothing: the sandboxes in memory are all there is."""

from collections.abc import AsyncIterator, Sequence

from emulator.core.journal import Entry
from emulator.core.kept_journal import KeptJournal
from emulator.core.sandbox import Changes, Snapshot
from emulator.stores import Conflict, Kept


class MemoryStore:
    """Keeps nothing, and costs nothing."""

    name = "memory"
    keeps = False
    keeps_journals = False

    async def load(self) -> AsyncIterator[tuple[Snapshot, int]]:
        """Nothing is stored."""
        nothing: tuple[tuple[Snapshot, int], ...] = ()
        for each in nothing:
            yield each

    async def read(self, sandbox: str) -> tuple[Snapshot, int] | None:
        """Nothing is stored."""
        return None

    async def begin(self, snapshot: Snapshot, *, new: bool = False, begun_ms: int = 0, whole: bool = False) -> bool:
        """Nothing to do: the sandbox is in memory."""
        return True

    async def append(self, sandbox: str, base: int, changes: Sequence[Changes]) -> Kept | Conflict:
        """Nothing to do: the sandbox is in memory."""
        return Kept()

    async def append_entry(self, sandbox: str, begun_ms: int, entry: Entry) -> int:
        """Nothing to do: the journal is in memory."""
        return 0

    async def read_journal(self, sandbox: str) -> KeptJournal:
        """Nothing is stored."""
        return KeptJournal()

    async def close(self) -> None:
        """Nothing to do."""

    async def forget(self, sandbox: str) -> None:
        """Nothing is stored."""
