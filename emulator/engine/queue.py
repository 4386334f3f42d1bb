"""Between what is decided and what is kept: changes are applied at once, kept in batches, and answered when kept.

One line for each sandbox. What the store refuses to keep is taken back, with everything that was decided on it.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Container
from contextlib import asynccontextmanager

from msgspec import Struct

from emulator.core.journal import Entry, Journal
from emulator.core.kept_journal import KeptJournal
from emulator.core.sandbox import Changes, Sandbox, Snapshot, Undo
from emulator.stores import Appended, Conflict, Kept, SharedStore, Store

_BATCH = 500
"""How many commands of a sandbox are kept in one go at most."""


class Conflicted(Exception):
    """Another process has changed the sandbox meanwhile; decide again."""


class Receipt:
    """Says when the changes of a command are kept. This one: they are."""

    kept = True

    async def wait(self) -> None:
        """Returns when they are kept. Raises Conflicted, or what the store has raised: nothing was done then."""


KEPT = Receipt()


async def is_kept(receipt: Receipt) -> bool:
    """Whether what a receipt is for was kept; if not, it has to be decided again. Raises what the store has raised."""
    try:
        await receipt.wait()
    except Conflicted:
        return False
    return True


class _Open(Receipt):
    kept = False

    def __init__(self) -> None:
        self.future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def wait(self) -> None:
        await asyncio.shield(self.future)


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
        """Whether the store has not yet answered."""
        self.news = asyncio.Event()
        """Set, and replaced, whenever the store has said something."""

    @property
    def kept(self) -> int:
        """The revision up to which it is known to be kept."""
        return self.sandbox.revision - len(self.entries)


class StoreQueue:
    """Applies changes, and gives them to the store."""

    def __init__(
        self,
        store: Store,
        when_kept: Callable[[Sandbox, Changes], None],
        when_taken_back: Callable[[Sandbox, Exception], None],
    ) -> None:
        """`when_kept` is called with each command's changes once they are kept, `when_taken_back` with the reason when
        commands were undone."""
        self.store = store.name
        """What kind of store it is."""
        self.keeps = store.keeps
        self.keeps_journals = store.keeps_journals
        self.shared = store if isinstance(store, SharedStore) else None
        """The store, if other processes use it as well."""
        self._store = store
        self._when_kept = when_kept
        self._when_taken_back = when_taken_back
        self._lines: dict[str, _Line] = {}
        self._alone: dict[str, asyncio.Future[None]] = {}
        self.taken: Container[str] = self._alone
        """The sandboxes that are being replaced or removed, so that nothing can be decided in them."""

    # -- changes

    def put(self, sandbox: Sandbox, changes: Changes) -> Receipt:
        """Applies changes, and has them kept."""
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
            line.task = asyncio.create_task(self._keep(line))
        return entry.receipt

    async def _keep(self, line: _Line) -> None:
        sandbox = line.sandbox
        while line.entries:
            batch = [entry for _, entry in zip(range(_BATCH), line.entries, strict=False)]
            line.asks = True
            outcome = await self._append(line, batch)
            line.asks = False
            if line.entries and line.entries[0] is batch[0]:  # and has not been taken back meanwhile
                if isinstance(outcome, Exception):
                    self._take_back(line, outcome)
                elif isinstance(outcome, Conflict):
                    self._take_back(line, Conflicted(sandbox.name))
                    for changes in outcome.kept:
                        sandbox.apply(changes)
                else:
                    for entry in batch:
                        line.entries.popleft()
                        self._when_kept(sandbox, entry.changes)
                        entry.receipt.future.set_result(None)
            line.news.set()
            line.news = asyncio.Event()
        del self._lines[sandbox.name]

    async def _append(self, line: _Line, batch: list[_Entry]) -> Kept | Conflict | Exception:
        try:
            return await self._store.append(line.sandbox.name, line.kept, [entry.changes for entry in batch])
        except Exception as failure:
            return failure

    def _take_back(self, line: _Line, reason: Exception) -> None:
        """Undoes all that is not kept: what came after was decided on it."""
        entries = [*line.entries]
        line.entries.clear()
        line.sandbox.revert(entry.undo for entry in reversed(entries))
        for entry in entries:
            entry.receipt.future.set_exception(reason)
            entry.receipt.future.exception()  # not all of them are waited for
        self._when_taken_back(line.sandbox, reason)

    # -- what others have kept

    async def confirm(self, sandbox: Sandbox, revision: int) -> None:
        """Waits for the store's word on what it is known to have kept."""
        while (line := self._lines.get(sandbox.name)) is not None and line.entries and line.kept < revision:
            await line.news.wait()

    async def answered(self, sandbox: str) -> None:
        """Returns when the store has said what has become of what it was given."""
        while (line := self._lines.get(sandbox)) is not None and line.asks:
            await line.news.wait()

    def take_over(self, sandbox: Sandbox, news: Appended) -> bool:
        """Applies what another process has kept; what was decided here and is not kept, is decided again. False: it
        does not follow on what is here."""
        if news.revision != self.kept(sandbox) + 1:
            return False
        self.give_up(sandbox)
        sandbox.apply(news.changes)
        return True

    def give_up(self, sandbox: Sandbox) -> None:
        """Takes back what is not kept, as another process was faster."""
        line = self._lines.get(sandbox.name)
        if line is not None and line.entries:
            self._take_back(line, Conflicted(sandbox.name))

    async def drained(self, sandbox: str) -> None:
        """Returns when everything that was decided so far is kept, or taken back."""
        line = self._lines.get(sandbox)
        if line is not None and line.task is not None:
            await asyncio.wait([line.task])

    # -- whole sandboxes

    def load(self) -> AsyncIterator[tuple[Snapshot, int]]:
        """The sandboxes that were kept, each with its revision."""
        return self._store.load()

    def read(self, sandbox: str) -> Awaitable[tuple[Snapshot, int] | None]:
        """One of them; None: there is none by this name."""
        return self._store.read(sandbox)

    def has_under_way(self, sandbox: str) -> bool:
        """Whether something of a sandbox is not kept yet, or it is being replaced or removed."""
        return sandbox in self._lines or sandbox in self._alone

    def kept(self, sandbox: Sandbox) -> int:
        """The revision up to which a sandbox is known to be kept."""
        line = self._lines.get(sandbox.name)
        return sandbox.revision if line is None else line.kept

    async def turn(self, sandbox: str) -> None:
        """Waits until something can be decided in a sandbox. What is decided then must not wait for anything first."""
        while sandbox in self._alone:
            await asyncio.wait([self._alone[sandbox]])

    @asynccontextmanager
    async def alone(self, sandbox: str) -> AsyncIterator[None]:
        """Holds a sandbox for what replaces or removes it as a whole."""
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
        """Keeps a whole sandbox, in place of what was kept under its name; a `new` one only if that is free. `journal`
        begins with it."""
        return self._store.begin(snapshot, new=new, begun_ms=journal.begun_ms, whole=journal.complete)

    def append_entry(self, sandbox: str, journal: Journal, entry: Entry) -> Awaitable[int]:
        """Keeps an entry of a journal."""
        return self._store.append_entry(sandbox, journal.begun_ms, entry)

    async def read_journal(self, sandbox: str) -> KeptJournal | None:
        """What is kept of a journal; None: journals are not kept."""
        return await self._store.read_journal(sandbox) if self.keeps_journals else None

    def forget(self, sandbox: str) -> Awaitable[None]:
        """Keeps a sandbox no more."""
        return self._store.forget(sandbox)
