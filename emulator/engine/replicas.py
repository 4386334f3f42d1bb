"""Several processes with one store: following what the others do, and leases.

Before anything is decided, everything that others have acknowledged until then is applied here (`current`). The
process that holds a sandbox's lease sends its webhooks; timers run in whichever process they fall due first, because
the store refuses to keep them twice.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Protocol

from emulator.core.origin import DEFAULT
from emulator.core.sandbox import Changes, Sandbox
from emulator.engine import real_time
from emulator.engine.advances import Advance, Advances, AdvanceUnderWay
from emulator.engine.control_call import outside_call
from emulator.engine.dispatcher import Dispatcher
from emulator.engine.queue import StoreQueue
from emulator.engine.records import Records
from emulator.engine.sandboxes import NameTaken, Sandboxes
from emulator.engine.signals import Signal
from emulator.stores import Appended, Confirmed, Journaled, Lease, News, Replaced, SharedStore, StoreError, Wanted

_RENEW_MS = 1000
_ASK_AGAIN_MS = 250
_AWAY_MS = 500
"""How long to wait before a store that cannot be reached is asked again."""
_GATHER_MS = 20
"""How long a process that only follows waits, so that it reads several changes at once."""

log = logging.getLogger("emulator")


class Commands(Protocol):
    """What the engine does for this module."""

    def follow(self, sandbox: Sandbox, changes: Changes) -> None:
        """Reports changes that another process has stored, and that have been applied here."""

    async def resume(self, sandbox: Sandbox) -> None:
        """Sends again what another process was sending, and everything that is due."""


class Replicas:
    """This process as one of several that share a store."""

    def __init__(
        self,
        store: SharedStore,
        commands: Commands,
        records: Records,
        queue: StoreQueue,
        sandboxes: Sandboxes,
        advances: Advances,
        dispatcher: Dispatcher,
    ) -> None:
        self._store = store
        self._commands = commands
        self._records = records
        self._queue = queue
        self._sandboxes = sandboxes
        self._advances = advances
        self._dispatcher = dispatcher
        self._running: asyncio.Task[None] | None = None
        self._next: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._resuming: dict[str, asyncio.Task[Any]] = {}
        self._leases = Signal()
        """Given whenever a lease changes."""
        self._busy: set[str] = set()
        """Sandboxes whose leases other processes refused to give up."""
        self._away = False
        self._runs = False

    # -- following

    async def current(self) -> None:
        """Returns when everything that was acknowledged anywhere before the call is applied here. Raises StoreError."""
        if self._next is None:
            self._next = asyncio.create_task(self._follow_after(self._running), context=outside_call())
            self._next.add_done_callback(_log_failure)
        await asyncio.shield(self._next)

    async def _follow_after(self, running: "asyncio.Task[None] | None") -> None:
        """Everyone who asks while a look at the store is under way shares the next one."""
        if running is not None:
            await asyncio.wait([running])
        self._running, self._next = self._next, None
        if not self._runs:
            await self._renew_once()
        while True:
            await self._apply_all(await self._store.news())
            if DEFAULT in self._sandboxes:
                return
            with contextlib.suppress(NameTaken):
                await self._sandboxes.create(DEFAULT, self._sandboxes.first)

    async def _apply_all(self, news: Sequence[News]) -> None:
        for number, each in enumerate(news):
            try:
                await self._apply(each)
            except BaseException:
                for missed in news[number:]:
                    self._store.doubt(missed.sandbox)
                raise

    async def _apply(self, news: News) -> None:
        name = news.sandbox
        if isinstance(news, Wanted):
            self._start(self._answer(name, news.by))
            return
        if isinstance(news, Lease):
            self._take_lease(news)
            return
        await self._queue.turn(name)
        sandbox = self._sandboxes.get(name)
        if isinstance(news, Journaled):
            self._records.follow(news)
        elif isinstance(news, Replaced):
            journal = await self._queue.read_journal(name)
            await self._queue.answered(name)
            if not self._store.catch_up(name):
                return
            sandbox = self._sandboxes.get(name)
            if sandbox is not None:
                self._queue.give_up(sandbox)
            self._sandboxes.adopt(name, news.snapshot, news.revision, journal)
            if name in self._store.held and name in self._sandboxes:
                self._resume(name)
            self._dispatcher.wake()
        elif sandbox is None:
            if isinstance(news, Appended):
                await self._sandboxes.bring_back(name)
        elif isinstance(news, Confirmed):
            await self._queue.confirm(sandbox, news.revision)
        elif news.revision <= self._queue.kept(sandbox):
            return  # the sandbox has been read as a whole since
        elif self._queue.follow(sandbox, news):
            self._commands.follow(sandbox, news.changes)
        else:
            log.warning("the changes of other processes to %s do not follow its state here: it is read again", name)
            self._store.doubt(name)

    async def run(self) -> None:
        """Follows the others and renews leases, which is otherwise done only when a request arrives.

        Runs until it is cancelled."""
        self._runs = True
        await asyncio.gather(self._follow(), self._renew())

    async def _follow(self) -> None:
        while await self._attempt(self._store.wait_for_news):
            if await self._attempt(self.current):
                self._tell_away(None)
            await real_time.pause(_GATHER_MS)

    async def _attempt(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Repeats something until it works."""
        while True:
            try:
                await work()
            except StoreError as error:
                self._tell_away(error)
                await real_time.pause(_AWAY_MS)
            except Exception:
                log.exception("the changes of other processes cannot be followed")
                await real_time.pause(_AWAY_MS)
            else:
                return True

    def _tell_away(self, error: StoreError | None) -> None:
        if error is not None and not self._away:
            log.error("%s", error)
        elif error is None and self._away:
            log.info("the store is reachable again")
        self._away = error is not None

    # -- leases

    async def _renew(self) -> None:
        while True:
            with contextlib.suppress(StoreError):
                await self._renew_once()
            await real_time.pause(_RENEW_MS)

    async def _renew_once(self) -> None:
        for lease in await self._store.renew(list(self._sandboxes)):
            self._take_lease(lease)

    def _take_lease(self, lease: Lease) -> None:
        sandbox = self._sandboxes.get(lease.sandbox)
        if lease.busy:
            self._busy.add(lease.sandbox)
        elif sandbox is not None:
            sandbox.send_here(lease.held)
            if lease.held:
                self._resume(lease.sandbox)
        self._leases.give()

    def _resume(self, name: str) -> None:
        self._resuming[name] = self._start(self._commands.resume(self._sandboxes[name]))

    async def _answer(self, name: str, by: str) -> None:
        """Hands a lease to the process that asks for it, unless something is under way that would have to end first."""
        sandbox, advance = self._sandboxes.get(name), self._advances.find(name)
        if sandbox is None or (advance is not None and not advance.waits):
            return
        if advance is None and self._dispatcher.has_under_way(sandbox):
            return
        if advance is None:
            sandbox.send_here(False)
        await self._store.hand_over(name, by, busy=advance is not None)

    async def take(self, sandbox: Sandbox, advance: Advance) -> bool:
        """Gets a sandbox's lease for an advance, from whichever process has it. Returns False if the budget ran out.

        Raises AdvanceUnderWay if an advance in the other process is waiting for a receiver."""
        name = sandbox.name
        self._busy.discard(name)
        while name not in self._store.held and not await self._store.ask_for(name):
            if name in self._busy:
                raise AdvanceUnderWay
            if not advance.left_ms():
                return False
            await self._leases.wait(min(_ASK_AGAIN_MS, advance.left_ms()))
            await self.current()
        await self.current()
        sandbox.send_here(True)
        if name in self._resuming:
            await asyncio.wait([self._resuming[name]])
        return True

    def _start(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(work, context=outside_call())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(_log_failure)
        return task

    async def close(self) -> None:
        """Cancels what is under way."""
        for task in [*self._tasks]:
            task.cancel()


def _log_failure(task: "asyncio.Task[Any]") -> None:
    """Logs the failure of a task; a StoreError is left to whoever awaits the task."""
    if not task.cancelled() and task.exception() is not None and not isinstance(task.exception(), StoreError):
        log.error("following the other processes failed", exc_info=task.exception())
