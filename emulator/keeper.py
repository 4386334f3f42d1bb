"""The store as commands see it: one command at a time for each sandbox, each decided on the outcome of the last."""

import asyncio
from collections.abc import AsyncIterator, Awaitable

from emulator.core.sandbox import Changes, Snapshot
from emulator.stores import Store


class Keeper:
    """Gives everything to the store, and knows what is under way there."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[asyncio.Future[None]] = []
        self.busy: set[str] = set()
        """The sandboxes of which something is being kept."""

    def load(self) -> AsyncIterator[Snapshot]:
        """The sandboxes that were kept."""
        return self._store.load()

    async def turn(self, sandbox: str) -> None:
        """Waits until the last command on the sandbox is kept. The next one must not wait for anything else first."""
        while sandbox in self.busy:
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            await turn

    def begin(self, snapshot: Snapshot) -> Awaitable[None]:
        """Keeps a whole sandbox."""
        return self._keep(snapshot.name, self._store.begin(snapshot))

    def append(self, sandbox: str, changes: Changes) -> Awaitable[None] | None:
        """Keeps the outcome of a command. None: it is kept already."""
        keeping = self._store.append(sandbox, changes)
        return None if keeping is None else self._keep(sandbox, keeping)

    def forget(self, sandbox: str) -> Awaitable[None]:
        """Keeps a sandbox no more."""
        return self._keep(sandbox, self._store.forget(sandbox))

    async def _keep(self, sandbox: str, keeping: Awaitable[None]) -> None:
        self.busy.add(sandbox)
        try:
            await keeping
        finally:
            self.busy.discard(sandbox)
            while self._waiting:
                turn = self._waiting.pop(0)
                if not turn.done():
                    turn.set_result(None)
