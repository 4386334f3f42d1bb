"""Stores for tests, which keep exactly what they are given."""

from collections.abc import AsyncIterator

from emulator import wall
from emulator.core import wire
from emulator.core.clock import Clock
from emulator.core.sandbox import Changes, Sandbox, Snapshot
from emulator.world import Origin
from tests.core.toy import Bench

SNAPSHOTS = wire.decoder_of(Snapshot)


class Shelf:
    """A store that keeps exactly what it is given, and gives it back."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[bytes, list[Changes]]] = {}
        self.broken = False

    async def load(self) -> AsyncIterator[Snapshot]:
        """Each sandbox as the changes make it."""
        for name, (document, changes) in self.kept.items():
            sandbox = Sandbox(name, "", Clock())
            sandbox.restore(SNAPSHOTS.decode(document))
            for change in changes:
                sandbox.apply(change)
            yield SNAPSHOTS.decode(wire.encode(sandbox.snapshot()))

    async def begin(self, snapshot: Snapshot) -> None:
        """Keeps it."""
        self.kept[snapshot.name] = (wire.encode(snapshot), [])

    async def append(self, sandbox: str, changes: Changes) -> None:
        """Keeps them, unless the disk is full."""
        if self.broken:
            raise OSError("the disk is full")
        self.kept[sandbox][1].append(changes)

    async def forget(self, sandbox: str) -> None:
        """Keeps it no more."""
        del self.kept[sandbox]


class SlowShelf(Shelf):
    """A store that lets everybody else go first before it keeps anything."""

    async def begin(self, snapshot: Snapshot) -> None:
        """Keeps it, later."""
        await self._dawdle()
        await super().begin(snapshot)

    async def append(self, sandbox: str, changes: Changes) -> None:
        """Keeps them, later."""
        await self._dawdle()
        await super().append(sandbox, changes)

    async def _dawdle(self) -> None:
        for _ in range(20):
            await wall.give_way()


def again(shelf: Shelf) -> Bench:
    """What another process finds that starts with the same store."""
    return Bench(store=shelf, origin=Origin("something else"))
