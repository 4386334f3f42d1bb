"""Commands on the sandboxes of one process: decided in transactions, applied, stored, and reported to observers."""

import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from emulator.core.clock import Clock
from emulator.core.library import Library
from emulator.core.origin import DEFAULT, Origin
from emulator.core.recording import TAKEN_BACK
from emulator.core.sandbox import DELIVERIES, Changes, Sandbox
from emulator.core.transaction import Transaction
from emulator.engine.control_call import CONTROL_CALL, Pacing, Work
from emulator.engine.dispatcher import Dispatcher
from emulator.engine.queue import KEPT, RETRY_MS, Conflicted, Receipt, StoreQueue
from emulator.engine.records import Records
from emulator.engine.replicas import Replicas
from emulator.engine.sandboxes import Sandboxes
from emulator.engine.schedule import Schedule
from emulator.engine.sender import Sender
from emulator.stores import SharedStore, Store, StoreError

MAX_DECISIONS = 1000
"""How often one command is decided if other processes are faster each time."""

T = TypeVar("T")


class TooContended(StoreError):
    """Other processes were faster each time that a command was decided."""

    def __init__(self) -> None:
        super().__init__(
            f"other processes changed the sandbox each of the {MAX_DECISIONS} times that this was tried: ask again"
        )


class Commands:
    """The sandboxes, and how they are changed."""

    def __init__(
        self,
        library: Library,
        store: Store,
        first: Origin,
        sender: Sender,
        real_ms: Callable[[], int],
        woken: Callable[[int], None],
        *,
        self_check: bool,
        max_sandboxes: int,
    ) -> None:
        self.library = library
        self.woken = woken
        self.records = Records(
            shared=isinstance(store, SharedStore), keeps_journals=store.keeps_journals, self_check=self_check
        )
        self.queue = StoreQueue(store, self.records.add_changes, self._on_taken_back, self._on_stored)
        self.schedule = Schedule()
        """When which sandbox needs a look, because something falls due there."""
        self.sandboxes = Sandboxes(
            library, self.queue, self.records, first, self.real_ms, self._on_changed, max_sandboxes
        )
        self.dispatcher = Dispatcher(self, self.records, sender, self_check=self_check)
        self.replicas: Replicas | None = None
        """The other processes that share the store; None: there can be none."""
        self._read_real_ms = real_ms
        self._latest_real_ms = 0
        self.pacing = Pacing()
        """How calls of the control API wait."""
        self._uses: Counter[str] = Counter()
        """How many users each sandbox has at the moment, by name."""

    def real_ms(self) -> int:
        """Real time, ms since 1970; in a call of the control API, the instant at which the call is decided."""
        call = CONTROL_CALL.get()
        return self._look_at_clock() if call is None else call.real_ms(self._look_at_clock)

    async def wait(self, work: Work) -> None:
        """Waits for something, or lets others go first. What a call of the control API does next has a later
        instant."""
        call = CONTROL_CALL.get()
        if call is None:
            await work()
        else:
            await call.wait(work, self._look_at_clock)

    def is_over(self, count: int, no_time: bool) -> bool:
        """Whether an advance ends half-way, after `count` things; `no_time`: its budget is used up."""
        call = CONTROL_CALL.get()
        return no_time if call is None else call.is_over(count, no_time, self._look_at_clock)

    def _look_at_clock(self) -> int:
        """Real time. It stands still while the machine's clock is set back, so no sandbox goes back."""
        real_ms = self._read_real_ms()
        if real_ms > self._latest_real_ms:
            self._latest_real_ms = real_ms
        return self._latest_real_ms

    async def current(self) -> None:
        """Returns once everything that other processes have acknowledged is known here. Raises StoreError."""
        if self.replicas is not None:
            await self.replicas.current()

    async def turn(self, sandbox: str) -> None:
        """As `current`, and then waits until a command can be decided in a sandbox."""
        if self.replicas is not None:
            await self.replicas.current()
        await self.queue.turn(sandbox)

    # -- in memory or not

    async def load(self, name: str) -> Sandbox | None:
        """The sandbox of this name, brought back into memory if need be; None if there is none. Raises StoreError."""
        if name in self.sandboxes.unloaded:
            await self.sandboxes.bring_back(name)
        return self.sandboxes.find(name)

    @contextlib.asynccontextmanager
    async def using(self, name: str) -> AsyncIterator[None]:
        """Keeps the sandbox of this name, if there is one, in memory until the end. Raises StoreError."""
        self._uses[name] += 1
        try:
            await self.load(name)
            yield
        finally:
            self._uses[name] -= 1
            if not self._uses[name]:
                del self._uses[name]
            sandbox = self.sandboxes.find(name)
            if sandbox is not None:
                sandbox.used_ms = self.real_ms()

    def unload_unused(self, sandbox: Sandbox, unused_ms: int) -> None:
        """Unloads a sandbox that was not used for `unused_ms`, if nothing is under way in it, and plans when it is next
        due. The default sandbox stays."""
        real_ms, name = self.real_ms(), sandbox.name
        if real_ms - sandbox.used_ms < unused_ms or name == DEFAULT or name in self._uses:
            return
        under_way = self.queue.has_under_way(name) or self.dispatcher.has_under_way(sandbox) or sandbox.is_sending()
        if under_way or sandbox.count_due(sandbox.clock.now_ms(real_ms)):
            return
        due = sandbox.next_due() if sandbox.clock.mode != "manual" else None
        self.sandboxes.unload(sandbox)
        self.schedule.forget(name)
        if self.queue.shared is not None:
            self.queue.shared.held.discard(name)
        due_ms = sandbox.clock.real_ms(due.due_ms) if due is not None else None
        if due_ms is not None:
            self._wake(sandbox, due_ms)

    # -- changes

    def _on_changed(self, sandbox: Sandbox) -> None:
        self.dispatcher.forget(sandbox)
        sandbox.used_ms = self.real_ms()
        if sandbox.name in self.sandboxes:
            if self.queue.shared is not None:
                sandbox.send_here(sandbox.name in self.queue.shared.held)
            self._wake(sandbox, 0)
        else:
            self.schedule.forget(sandbox.name)

    def _on_taken_back(self, sandbox: Sandbox, reason: Exception) -> None:
        """What had fallen due falls due again: at once if another process was faster, soon if the store failed."""
        self.records.recordings.find(sandbox.name).give_up(TAKEN_BACK)
        self._wake(sandbox, 0 if isinstance(reason, Conflicted) else self.real_ms() + RETRY_MS)

    def _on_stored(self, sandbox: Sandbox, count: int) -> None:
        self.records.recordings.find(sandbox.name).keep(self._look_at_clock(), count)

    def follow(self, sandbox: Sandbox, changes: Changes) -> None:
        """Reports changes that another process has stored, and that have been applied here."""
        self.sandboxes.hold(sandbox.name, changes)
        self._plan(sandbox, changes, self.now_ms(sandbox))
        self.records.add_changes(sandbox, changes, own=False)
        if any(table == DELIVERIES for table, _ in changes.documents):
            self.dispatcher.wake()

    def _wake(self, sandbox: Sandbox, real_ms: int) -> None:
        if self.schedule.plan(sandbox.name, real_ms):
            self.woken(real_ms)

    def transaction(self, sandbox: Sandbox, real_ms: int | None = None) -> Transaction:
        """A transaction at the present instant (`real_ms`, if that was read just now), for reading, or for `commit`
        without awaiting anything first."""
        if real_ms is None:
            real_ms = self.real_ms()
        sandbox.used_ms = real_ms
        return Transaction(sandbox, self.library, sandbox.clock.now_ms(real_ms), real_ms)

    async def set_clock(self, sandbox: Sandbox, clock: Clock) -> None:
        """Replaces a sandbox's clock."""

        def decide(tx: Transaction) -> None:
            tx.clock = clock

        await self.command(sandbox, decide)

    async def command(self, sandbox: Sandbox, decide: Callable[[Transaction], T]) -> T:
        """The result of `decide`, once its outcome is stored, or what it raises, once that is known to rest on what is
        stored. `decide` is called again if another process was faster.

        Raises TooContended if that keeps happening."""
        for _ in range(MAX_DECISIONS):
            await self.turn(sandbox.name)
            tx = self.transaction(sandbox)
            try:
                result = decide(tx)
            except Exception:
                if await self.queue.has_kept(sandbox.name):
                    raise
                continue
            with contextlib.suppress(Conflicted):
                await self.commit(sandbox, tx).wait()
                return result
        raise TooContended

    async def read(self, look: Callable[[], Awaitable[T]], sandbox: str | None) -> T:
        """What `look` sees in a sandbox (None: in all of them), or what it raises, once all of it is stored: nobody is
        told of what the store may still refuse. `look` is called again if another process was faster.

        Raises what the store raises, and TooContended."""
        if not self.queue.keeps:
            return await look()
        for _ in range(MAX_DECISIONS):
            with contextlib.suppress(Exception):  # what is not kept is taken back before anybody looks
                await self.queue.has_kept(sandbox)
            taken_back = self.queue.taken_back
            try:
                seen = await look()
            except Exception:
                if await self._rests_on_what_is_kept(sandbox, taken_back):
                    raise
            else:
                if await self._rests_on_what_is_kept(sandbox, taken_back):
                    return seen
        raise TooContended

    async def _rests_on_what_is_kept(self, sandbox: str | None, taken_back: int) -> bool:
        return await self.queue.has_kept(sandbox) and self.queue.taken_back == taken_back

    def commit(self, sandbox: Sandbox, tx: Transaction, *, refused: bool = False) -> Receipt:
        """Applies and stores what a transaction has decided; if it was refused, only what a refused command leaves."""
        changes = tx.lasting_changes() if refused else tx.changes()
        has_drawn = changes.sequence != sandbox.sequence  # what a client has seen must not be drawn again
        if self.sandboxes.find(sandbox.name) is not sandbox:
            return KEPT
        if not (has_drawn or changes.documents or changes.clock):
            return self.queue.so_far(sandbox)
        receipt = self.queue.put(sandbox, changes)
        self.sandboxes.hold(sandbox.name, changes)
        if changes.timers or changes.clock is not None:
            self._plan(sandbox, changes, tx.now_ms)
        return receipt

    def _plan(self, sandbox: Sandbox, changes: Changes, now_ms: int) -> None:
        """Plans a look at the sandbox for when the changes make something fall due."""
        if changes.clock is not None:
            self._wake(sandbox, 0)
        elif changes.timers:
            due_ms = min(changes.timers).due_ms
            real_ms = 0 if due_ms <= now_ms else sandbox.clock.real_ms(due_ms)
            if real_ms is not None:
                self._wake(sandbox, real_ms)

    def now_ms(self, sandbox: Sandbox) -> int:
        """The sandbox's present time."""
        return sandbox.clock.now_ms(self.real_ms())
