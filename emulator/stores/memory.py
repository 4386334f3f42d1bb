"""The default store: the sandboxes in memory are all there is, so there is nothing to keep."""

from collections.abc import AsyncIterator

from emulator.core.sandbox import Changes, Snapshot


class MemoryStore:
    """Forgets everything when the process ends; costs nothing."""

    async def load(self) -> AsyncIterator[Snapshot]:
        """Nothing was kept."""
        nothing: tuple[Snapshot, ...] = ()
        for snapshot in nothing:
            yield snapshot

    async def begin(self, snapshot: Snapshot) -> None:
        """The sandbox itself is the copy."""

    def append(self, sandbox: str, changes: Changes) -> None:
        """The sandbox itself is the copy."""

    async def forget(self, sandbox: str) -> None:
        """Nothing was kept."""
