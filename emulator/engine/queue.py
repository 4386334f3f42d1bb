"""Between deciding and storing: changes are applied at once, stored in batches, and answered when stored.

Each sandbox has a queue of its own. What the store does not keep is taken back, with everything decided on top of it.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Container
from contextlib import asynccontextmanager
from itertools import islice

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


class _Command(Struct):
    """A command that is applied, and not stored yet."""

    changes: Changes
    undo: Undo
    receipt: _Open


class _Queue:
    """What of one sandbox is not stored yet."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.commands: deque[_Command] = deque()
        self.task: asyncio.Task[None] | None = None
        self.asks = False
        """Whether the store was asked and has not answered yet."""
        self.answered = Signal()
        """Given whenever the store has answered."""

    @property
    def kept(self) -> int:
        """The revision up to which the sandbox is known to be stored."""
        return self.sandbox.revision - len(self.commands)


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
        self._queues: dict[str, _Queue] = {}
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
        command = _Command(changes, sandbox.undo(changes), _Open())
        sandbox.apply(changes)
        queue = self._queues.get(sandbox.name)
        if queue is None:
            queue = self._queues[sandbox.name] = _Queue(sandbox)
        queue.commands.append(command)
        if queue.task is None:
            queue.task = asyncio.create_task(self._keep(queue), context=outside_call())
        return command.receipt

    def so_far(self, sandbox: Sandbox) -> Receipt:
        """Says when all is stored that a sandbox shows now: nobody is told of it before."""
        queue = self._queues.get(sandbox.name)
        return queue.commands[-1].receipt if queue is not None and queue.commands else KEPT

    async def has_kept(self, sandbox: str | None) -> bool:
        """Whether all that a sandbox shows now (None: all of them) was stored, once that is known. Raises what the
        store raised."""
        queues = [queue for name, queue in self._queues.items() if queue.commands and sandbox in (name, None)]
        receipts = [queue.commands[-1].receipt for queue in queues]
        return all([await is_kept(receipt) for receipt in receipts])

    async def _keep(self, queue: _Queue) -> None:
        sandbox = queue.sandbox
        while queue.commands:
            batch = list(islice(queue.commands, self.batch_size))
            queue.asks = True
            outcome = await self._append(queue, batch)
            queue.asks = False
            if queue.commands and queue.commands[0] is batch[0]:  # and it has not been taken back in the meantime
                if isinstance(outcome, Exception):
                    self._take_back(queue, outcome)
                elif isinstance(outcome, Conflict):
                    self._take_back(queue, Conflicted(sandbox.name))
                    for changes in outcome.kept:
                        sandbox.apply(changes)
                else:
                    self._when_stored(sandbox, len(batch))
                    for command in batch:
                        queue.commands.popleft()
                        self._when_kept(sandbox, command.changes)
                        command.receipt.keep()
            queue.answered.give()
        del self._queues[sandbox.name]

    async def _append(self, queue: _Queue, batch: list[_Command]) -> Kept | Conflict | Exception:
        try:
            return await self._store.append(queue.sandbox.name, queue.kept, [command.changes for command in batch])
        except Exception as failure:
            return failure

    def _take_back(self, queue: _Queue, reason: Exception) -> None:
        """Undoes everything that is not stored, because each command was decided on top of the previous one."""
        commands = [*queue.commands]
        self.taken_back += 1
        queue.commands.clear()
        queue.sandbox.revert(command.undo for command in reversed(commands))
        for command in commands:
            command.receipt.future.set_exception(reason)
            command.receipt.future.exception()  # retrieved, because not every receipt is awaited
        self._when_taken_back(queue.sandbox, reason)

    # -- what others have kept

    async def confirm(self, sandbox: Sandbox, revision: int) -> None:
        """Waits until `append` has confirmed a revision that the store is known to hold."""
        while (queue := self._queues.get(sandbox.name)) is not None and queue.commands and queue.kept < revision:
            await queue.answered.wait()

    async def answered(self, sandbox: str) -> None:
        """Returns when the store has answered the call that is under way, if there is one."""
        while (queue := self._queues.get(sandbox)) is not None and queue.asks:
            await queue.answered.wait()

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
        queue = self._queues.get(sandbox.name)
        if queue is not None and queue.commands:
            self._take_back(queue, Conflicted(sandbox.name))

    async def drained(self, sandbox: str) -> None:
        """Returns when everything that was decided so far is stored or taken back."""
        queue = self._queues.get(sandbox)
        if queue is not None and queue.task is not None:
            await asyncio.wait([queue.task])

    # -- whole sandboxes

    def load(self) -> AsyncIterator[tuple[Snapshot, int]]:
        """The stored sandboxes, each with its revision."""
        return self._store.load()

    def read(self, sandbox: str) -> Awaitable[tuple[Snapshot, int] | None]:
        """A stored sandbox with its revision; None if there is none of this name."""
        return self._store.read(sandbox)

    def has_under_way(self, sandbox: str) -> bool:
        """Whether part of a sandbox is not stored yet, or it is being replaced or removed."""
        return sandbox in self._queues or sandbox in self._alone

    def kept(self, sandbox: Sandbox) -> int:
        """The revision up to which a sandbox is known to be stored."""
        queue = self._queues.get(sandbox.name)
        return sandbox.revision if queue is None else queue.kept

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
