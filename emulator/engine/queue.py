"""Between deciding and storing: changes are applied at once, stored in batches, and answered when stored.

Each sandbox has a line of its own. What the store does not keep is taken back, with everything decided on top of it.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Container
from contextlib import asynccontextmanager

from msgspec import Struct

from emulator.core.journal import Entry, Journal
from emulator.core.kept_journal import KeptJournal
from emulator.core.sandbox import Changes, Sandbox, Snapshot, Undo
from emulator.engine.control_call import outside_call
from emulator.engine.signals import Signal
from emulator.stores import Appended, Conflict, Kept, SharedStore, Store

RETRY_MS = 1000
"""How long to wait before trying again what has failed, or what the store did not keep."""
_BATCH = 500
"""How many commands of a sandbox are stored in one call at most."""


class Conflicted(Exception):
    """Another process has changed the sandbox in the meantime; decide again."""


class Receipt:
    """Tells when the changes of a command are stored. With this one, they already are."""

    kept = True

    async def wait(self) -> None:
        """Returns when they are stored. Raises Conflicted, or what the store raised: then nothing was done."""

    def when_kept(self, tell: Callable[[], None]) -> None:
        """Calls `tell` in the very moment in which they are stored."""
        tell()


KEPT = Receipt()


async def is_kept(receipt: Receipt) -> bool:
    """Whether the changes of a receipt were stored; if not, decide again. Raises what the store raised."""
    try:
        await receipt.wait()
    except Conflicted:
        return False
    return True


class _Open(Receipt):
    kept = False

    def __init__(self) -> None:
        self.future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._tell: Callable[[], None] = lambda: None

    async def wait(self) -> None:
        await asyncio.shield(self.future)

    def when_kept(self, tell: Callable[[], None]) -> None:
        self._tell = tell

    def keep(self) -> None:
        """They are stored now."""
        self._tell()
        self.future.set_result(None)


class _Entry(Struct):
    changes: Changes
    undo: Undo
    receipt: _Open


class _Line:
    """What is under way for one sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.entries: deque[_Entry] = deque()
        self.task: asyncio.Task[None] | None = None
        self.asks = False
        """Whether the store was asked and has not answered yet."""
        self.answered = Signal()
        """Given whenever the store has answered."""

    @property
    def kept(self) -> int:
        """The revision up to which the sandbox is known to be stored."""
        return self.sandbox.revision - len(self.entries)


class StoreQueue:
    """Applies changes, and hands them to the store."""

    def __init__(
        self,
        store: Store,
        when_kept: Callable[[Sandbox, Changes], None],
        when_taken_back: Callable[[Sandbox, Exception], None],
        when_stored: Callable[[Sandbox, int], None],
    ) -> None:
        """`when_kept` is called with each command's changes once they are stored, `when_taken_back` with the reason
        when commands were undone, `when_stored` with the number of commands that were just stored."""
        self.store = store.name
        """The kind of store, such as `memory`."""
        self.keeps = store.keeps
        self.keeps_journals = store.keeps_journals
        self.shared = store if isinstance(store, SharedStore) else None
        """The store, if other processes can use it as well."""
        self.batch_size = _BATCH
        """How many commands of a sandbox are stored at once, at most."""
        self._store = store
        self._when_kept = when_kept
        self._when_taken_back = when_taken_back
        self._when_stored = when_stored
        self._lines: dict[str, _Line] = {}
        self.taken_back = 0
        """How often changes were taken back, in any sandbox."""
        self._alone: dict[str, asyncio.Future[None]] = {}
        self.taken: Container[str] = self._alone
        """Sandboxes that are being replaced or removed, so that nothing can be decided in them."""

    # -- changes

    def put(self, sandbox: Sandbox, changes: Changes) -> Receipt:
        """Applies changes, and has them stored."""
        if not self._store.keeps:
            sandbox.apply(changes)
            self._when_kept(sandbox, changes)
            return KEPT
        entry = _Entry(changes, sandbox.undo(changes), _Open())
        sandbox.apply(changes)
        line = self._lines.get(sandbox.name)
        if line is None:
            line = self._lines[sandbox.name] = _Line(sandbox)
        line.entries.append(entry)
        if line.task is None:
            line.task = asyncio.create_task(self._keep(line), context=outside_call())
        return entry.receipt

    def so_far(self, sandbox: Sandbox) -> Receipt:
        """Says when all is stored that a sandbox shows now: nobody is told of it before."""
        line = self._lines.get(sandbox.name)
        return line.entries[-1].receipt if line is not None and line.entries else KEPT

    async def has_kept(self, sandbox: str | None) -> bool:
        """Whether all that a sandbox shows now (None: all of them) was stored, once that is known. Raises what the
        store raised."""
        lines = [line for name, line in self._lines.items() if line.entries and sandbox in (name, None)]
        receipts = [line.entries[-1].receipt for line in lines]
        return all([await is_kept(receipt) for receipt in receipts])

    async def _keep(self, line: _Line) -> None:
        sandbox = line.sandbox
        while line.entries:
            batch = [entry for _, entry in zip(range(self.batch_size), line.entries, strict=False)]
            line.asks = True
            outcome = await self._append(line, batch)
            line.asks = False
            if line.entries and line.entries[0] is batch[0]:  # and it has not been taken back in the meantime
                if isinstance(outcome, Exception):
                    self._take_back(line, outcome)
                elif isinstance(outcome, Conflict):
                    self._take_back(line, Conflicted(sandbox.name))
                    for changes in outcome.kept:
                        sandbox.apply(changes)
                else:
                    self._when_stored(sandbox, len(batch))
                    for entry in batch:
                        line.entries.popleft()
                        self._when_kept(sandbox, entry.changes)
                        entry.receipt.keep()
            line.answered.give()
        del self._lines[sandbox.name]

    async def _append(self, line: _Line, batch: list[_Entry]) -> Kept | Conflict | Exception:
        try:
            return await self._store.append(line.sandbox.name, line.kept, [entry.changes for entry in batch])
        except Exception as failure:
            return failure

    def _take_back(self, line: _Line, reason: Exception) -> None:
        """Undoes everything that is not stored, because each command was decided on top of the previous one."""
        entries = [*line.entries]
        self.taken_back += 1
        line.entries.clear()
        line.sandbox.revert(entry.undo for entry in reversed(entries))
        for entry in entries:
            entry.receipt.future.set_exception(reason)
            entry.receipt.future.exception()  # retrieved, because not every receipt is awaited
        self._when_taken_back(line.sandbox, reason)

    # -- what others have kept

    async def confirm(self, sandbox: Sandbox, revision: int) -> None:
        """Waits until `append` has confirmed a revision that the store is known to hold."""
        while (line := self._lines.get(sandbox.name)) is not None and line.entries and line.kept < revision:
            await line.answered.wait()

    async def answered(self, sandbox: str) -> None:
        """Returns when the store has answered the call that is under way, if there is one."""
        while (line := self._lines.get(sandbox)) is not None and line.asks:
            await line.answered.wait()

    def follow(self, sandbox: Sandbox, news: Appended) -> bool:
        """Applies what another process has stored; what was decided here and is not stored is decided again. Returns
        False if it does not follow the state here."""
        if news.revision != self.kept(sandbox) + 1:
            return False
        self.give_up(sandbox)
        sandbox.apply(news.changes)
        return True

    def give_up(self, sandbox: Sandbox) -> None:
        """Takes back what is not stored, because another process was faster."""
        line = self._lines.get(sandbox.name)
        if line is not None and line.entries:
            self._take_back(line, Conflicted(sandbox.name))

    async def drained(self, sandbox: str) -> None:
        """Returns when everything that was decided so far is stored or taken back."""
        line = self._lines.get(sandbox)
        if line is not None and line.task is not None:
            await asyncio.wait([line.task])

    # -- whole sandboxes

    def load(self) -> AsyncIterator[tuple[Snapshot, int]]:
        """The stored sandboxes, each with its revision."""
        return self._store.load()

    def read(self, sandbox: str) -> Awaitable[tuple[Snapshot, int] | None]:
        """A stored sandbox with its revision; None if there is none of this name."""
        return self._store.read(sandbox)

    def has_under_way(self, sandbox: str) -> bool:
        """Whether part of a sandbox is not stored yet, or it is being replaced or removed."""
        return sandbox in self._lines or sandbox in self._alone

    def kept(self, sandbox: Sandbox) -> int:
        """The revision up to which a sandbox is known to be stored."""
        line = self._lines.get(sandbox.name)
        return sandbox.revision if line is None else line.kept

    async def turn(self, sandbox: str) -> None:
        """Waits until a command can be decided in a sandbox, which must then happen without awaiting anything else."""
        while sandbox in self._alone:
            await asyncio.wait([self._alone[sandbox]])

    @asynccontextmanager
    async def alone(self, sandbox: str) -> AsyncIterator[None]:
        """Holds a sandbox while it is replaced or removed as a whole."""
        await self.turn(sandbox)
        if not self._store.keeps:
            yield
            return
        done = self._alone[sandbox] = asyncio.get_running_loop().create_future()
        try:
            await self.drained(sandbox)
            yield
        finally:
            del self._alone[sandbox]
            done.set_result(None)

    def begin(self, snapshot: Snapshot, journal: Journal, *, new: bool = False) -> Awaitable[bool]:
        """Stores a whole sandbox, replacing any of its name; a `new` one only if the name is free. Its journal is
        `journal`, which is empty. Returns whether it is stored."""
        return self._store.begin(snapshot, new=new, begun_ms=journal.begun_ms, whole=journal.complete)

    def append_entry(self, sandbox: str, journal: Journal, entry: Entry) -> Awaitable[int]:
        """Stores an entry of a journal; returns its number."""
        return self._store.append_entry(sandbox, journal.begun_ms, entry)

    async def read_journal(self, sandbox: str) -> KeptJournal | None:
        """A stored journal; None if journals are not kept."""
        return await self._store.read_journal(sandbox) if self.keeps_journals else None

    def forget(self, sandbox: str) -> Awaitable[None]:
        """Removes a sandbox from the store."""
        return self._store.forget(sandbox)
