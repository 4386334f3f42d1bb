"""The sandboxes of one process by name: create, reset, restore, remove, unload."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping

from msgspec.structs import replace

from emulator.core import deliveries
from emulator.core.clock import clock_at
from emulator.core.journal import Journal
from emulator.core.kept_journal import KeptJournal
from emulator.core.library import Library
from emulator.core.origin import DEFAULT, ORIGIN, Origin, decode_origin
from emulator.core.plan import SETTINGS
from emulator.core.sandbox import Changes, Sandbox, Snapshot
from emulator.core.transaction import Transaction
from emulator.core.wording import counted
from emulator.engine.holders import Holders
from emulator.engine.queue import StoreQueue
from emulator.engine.records import Records

MAX_SANDBOXES = 1000


class NameTaken(ValueError):
    """A sandbox with this name already exists."""


class TooManySandboxes(ValueError):
    """There are as many sandboxes as allowed; the message says what to do."""


class Sandboxes(Mapping[str, Sandbox]):
    """The sandboxes in memory, by name."""

    def __init__(
        self,
        library: Library,
        queue: StoreQueue,
        records: Records,
        first: Origin,
        real_ms: Callable[[], int],
        changed: Callable[[Sandbox], None],
        most: int = MAX_SANDBOXES,
    ) -> None:
        """`first`: what sandboxes are created with by default. `changed` is called with a sandbox that is new, about to
        be replaced, replaced, or removed. `most`: how many there may be."""
        self.library = library
        self.first = first
        self._queue = queue
        self._records = records
        self._real_ms = real_ms
        self._changed = changed
        self.names: dict[str, None] = {}
        """Names of all sandboxes, oldest first, including those that are not in memory."""
        self.unloaded: set[str] = set()
        """Names of the sandboxes that are only in the store."""
        self._by_name: dict[str, Sandbox] = {}
        self.find: Callable[[str], Sandbox | None] = self._by_name.get
        """As `get`, but faster: it is called for each request."""
        self.holders = Holders(library.outlines.values())
        """Which sandbox a key belongs to."""
        self._most = most
        self._being_made = 0

    def __getitem__(self, name: str) -> Sandbox:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    async def load(self) -> AsyncIterator[Sandbox]:
        """Loads the stored sandboxes, one after the other."""
        async for snapshot, revision in self._queue.load():
            self.adopt(snapshot.name, snapshot, revision, await self._queue.read_journal(snapshot.name))
            yield self[snapshot.name]

    def unload(self, sandbox: Sandbox) -> None:
        """Removes a sandbox in which nothing is under way from memory. It can still be found by its keys."""
        self.unloaded.add(sandbox.name)
        del self._by_name[sandbox.name]
        self._records.remove(sandbox.name)

    async def bring_back(self, name: str) -> None:
        """Loads an unloaded sandbox into memory again, if it is still stored. Raises StoreError."""
        async with self._queue.alone(name):
            if name in self.unloaded:
                snapshot, revision = await self._queue.read(name) or (None, 0)
                self.adopt(name, snapshot, revision, await self._queue.read_journal(name))

    async def peek(self, name: str) -> Sandbox | None:
        """A sandbox for reading only, without bringing it back into memory; None if there is none."""
        sandbox = self.get(name)
        if sandbox is not None or name not in self.unloaded:
            return sandbox
        found = await self._queue.read(name)
        return None if found is None else _restored(*found)

    def adopt(self, name: str, snapshot: Snapshot | None, revision: int, kept: KeptJournal | None = None) -> None:
        """Replaces a sandbox by its stored state; without a `snapshot` it is removed. `kept`: its stored journal."""
        journal = self._records.make_journal(name, self._real_ms()) if kept is None else _reopened(kept)
        sandbox = self.get(name)
        if snapshot is None:
            if name in self.names:
                self._remove(name)
        elif sandbox is None:
            self._add(_restored(snapshot, revision), journal, new=False)
        else:
            self._replace(sandbox, snapshot, journal, new=False)
            sandbox.revision = revision

    async def create(self, name: str, origin: Origin) -> Sandbox:
        """Creates a sandbox in its first state. Raises NameTaken and TooManySandboxes."""
        async with self._queue.alone(name):
            if name in self.names:
                raise NameTaken(f"the sandbox {name!r} already exists")
            if len(self.names) + self._being_made >= self._most:
                raise TooManySandboxes(
                    f"there may be no more than {counted(self._most, 'sandbox', 'es')}: DELETE one that nobody needs, "
                    "or start with a higher --max-sandboxes"
                )
            self._being_made += 1
            try:
                sandbox = self.build(name, origin)
                journal = self._records.make_journal(name, self._real_ms(), whole=True)
                if not await self._queue.begin(sandbox.snapshot(), journal, new=True):
                    raise NameTaken(f"the sandbox {name!r} already exists: another process has just created it")
            finally:
                self._being_made -= 1
            self._add(sandbox, journal, new=True)
        return sandbox

    async def reset(self, sandbox: Sandbox) -> None:
        """Returns a sandbox to its first state, in place."""
        document = sandbox.document(ORIGIN, ORIGIN)
        origin = decode_origin(document) if document else self.first
        await self.restore(sandbox, self.build(sandbox.name, origin).snapshot(), new=True)

    async def restore(self, sandbox: Sandbox, snapshot: Snapshot, *, new: bool = False) -> None:
        """Replaces a sandbox's state by that of a snapshot, and cancels what is under way.

        Its journal starts again, and counts as incomplete unless the snapshot is that of a `new` sandbox."""
        fresh = Sandbox(sandbox.name, snapshot.seed, snapshot.clock)
        fresh.restore(snapshot)
        real_ms = self._real_ms()
        tx = Transaction(fresh, self.library, fresh.clock.now_ms(real_ms), real_ms)
        deliveries.resume(tx)
        fresh.apply(tx.changes())
        whole = fresh.snapshot()
        async with self._queue.alone(sandbox.name):
            self._changed(sandbox)
            journal = self._records.make_journal(sandbox.name, real_ms, whole=new)
            await self._queue.begin(whole, journal)
            self._replace(sandbox, whole, journal, new=new)

    async def forget(self, sandbox: Sandbox) -> None:
        """Removes a sandbox."""
        async with self._queue.alone(sandbox.name):
            if self.get(sandbox.name) is not sandbox:
                return
            await self._queue.forget(sandbox.name)
            self._remove(sandbox.name)

    def _replace(self, sandbox: Sandbox, snapshot: Snapshot, journal: Journal, *, new: bool) -> None:
        self._changed(sandbox)
        sandbox.restore(snapshot)
        self._records.begin(sandbox, journal, self._real_ms(), new=new)
        self.holders.release(sandbox.name)
        self.holders.hold(sandbox.name, self._list_open_keys(sandbox))
        self._identify(sandbox)
        self._changed(sandbox)

    def _remove(self, name: str) -> None:
        del self.names[name]
        self.unloaded.discard(name)
        self.holders.forget(name)
        sandbox = self._by_name.pop(name, None)
        if sandbox is not None:
            self._records.remove(name)
            self._changed(sandbox)

    def hold(self, name: str, changes: Changes) -> None:
        """Records by which keys the orders and documents in changes can be found."""
        open_keys, open_tables = self.holders.open_keys, self.holders.open_tables
        for key, _ in changes.keys:
            if key.startswith(open_keys):
                self.holders.hold(name, (key,))
        for table, key in changes.documents:
            if table in open_tables:
                self.holders.hold(name, (f"{table}/{key}",))
            elif table == SETTINGS:
                self._identify(self._by_name[name])

    def _identify(self, sandbox: Sandbox) -> None:
        """Records what identifies the sandbox now, and what would after a reset."""
        now = {name: sandbox.settings(outline) for name, outline in self.library.outlines.items()}
        document = sandbox.document(ORIGIN, ORIGIN)
        self.holders.identify(sandbox.name, now, decode_origin(document).settings if document else {})

    def _list_open_keys(self, sandbox: Sandbox) -> Iterator[str]:
        yield from (key for key in sandbox.index_keys() if key.startswith(self.holders.open_keys))
        for table in self.holders.open_tables:
            yield from (f"{table}/{key}" for key in sandbox.tables.get(table, ()))

    def usual_origin(self, name: str) -> Origin:
        """What a sandbox with this name is created with by default; the seed is its name."""
        settings = self.first.settings if name == DEFAULT else self.holders.without_identity(self.first.settings)
        return replace(self.first, seed=name, settings=settings)

    def _add(self, sandbox: Sandbox, journal: Journal, *, new: bool) -> None:
        self._by_name[sandbox.name] = sandbox
        self.unloaded.discard(sandbox.name)
        self._records.begin(sandbox, journal, self._real_ms(), new=new)
        if sandbox.name in self.names:
            self.holders.release(sandbox.name)
        else:
            self.names[sandbox.name] = None
            self.holders.add(sandbox.name)
        self.holders.hold(sandbox.name, self._list_open_keys(sandbox))
        self._identify(sandbox)
        self._changed(sandbox)

    def build(self, name: str, origin: Origin) -> Sandbox:
        """A sandbox in its first state, not registered or stored anywhere."""
        return build_sandbox(self.library, name, origin, self._real_ms())


def _restored(snapshot: Snapshot, revision: int) -> Sandbox:
    sandbox = Sandbox(snapshot.name, snapshot.seed, snapshot.clock)
    sandbox.restore(snapshot)
    sandbox.revision = revision
    return sandbox


def _reopened(kept: KeptJournal) -> Journal:
    journal = Journal(whole=kept.whole, begun_ms=kept.begun_ms)
    journal.follow(kept.newest, kept.entries)
    return journal


def build_sandbox(library: Library, name: str, origin: Origin, real_ms: int) -> Sandbox:
    """A sandbox in its first state, not registered or stored anywhere."""
    now_ms = real_ms if origin.now_ms is None else origin.now_ms
    sandbox = Sandbox(name, origin.seed, clock_at(origin.mode, origin.rate, now_ms, real_ms))
    tx = Transaction(sandbox, library, now_ms, real_ms)
    tx.put(ORIGIN, ORIGIN, origin)
    for provider, changed in origin.settings.items():
        tx.put(SETTINGS, provider, changed)
    sandbox.apply(tx.changes())
    tx = Transaction(sandbox, library, now_ms, real_ms)
    for outline in library.outlines.values():
        outline.seed(tx, name)
        tx.plan_recurring(outline.name, sandbox.settings(outline))
        if origin.webhook_url is not None:
            webhooks = library.providers[outline.name].webhooks
            if webhooks is not None:
                webhooks.subscribe(tx, origin.webhook_url)
    sandbox.apply(tx.changes())
    sandbox.revision = 0
    return sandbox
