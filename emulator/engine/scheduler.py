"""What a process does by itself: it runs what falls due, and unloads unused sandboxes."""

import asyncio
import logging

from emulator.engine import real_time
from emulator.engine.engine import Engine
from emulator.engine.queue import RETRY_MS
from emulator.stores import StoreError

_LEAST_WAIT_MS = 5
"""Under load something is always due soon, and waking up for each thing would cost more than the thing itself. No
request misses anything, because each one first runs what is due."""
_MOST_BETWEEN_MS = 60_000
_LEAST_BETWEEN_MS = 50

log = logging.getLogger("emulator")


class Scheduler:
    """Wakes up when something falls due, and makes it happen; on a manual clock, only what is due at once. One per
    process; `woken` is for the engine, `run` is a task."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._event = asyncio.Event()
        self._planned_ms: int | None = None
        engine.woken = self.woken

    def woken(self, real_ms: int) -> None:
        """Tells the scheduler that something falls due at the real time `real_ms`."""
        if self._planned_ms is None or real_ms < self._planned_ms:
            self._event.set()

    async def run(self) -> None:
        """Runs until it is cancelled."""
        while True:
            self._event.clear()
            await self.look()
            self._planned_ms = self._engine.schedule.next_ms()
            ahead_ms = None if self._planned_ms is None else max(_LEAST_WAIT_MS, self._planned_ms - real_time.now_ms())
            await real_time.wait(self._event, ahead_ms)

    async def look(self) -> None:
        """Runs what has fallen due, and plans the next look, only in sandboxes where something has fallen due."""
        engine = self._engine
        for name in engine.schedule.take(engine.real_ms()):
            try:
                sandbox = await engine.load(name)
                if sandbox is None:
                    continue
                await engine.settle_in_turns(sandbox)
            except Exception as failure:
                if isinstance(failure, StoreError):
                    log.error("what fell due in %s has to wait: %s", name, failure)
                else:
                    log.exception("what fell due in %s failed", name)
                engine.schedule.plan(name, engine.real_ms() + RETRY_MS)
                continue
            due = sandbox.next_due() if sandbox.clock.mode != "manual" else None
            real_ms = sandbox.clock.real_ms(due.due_ms) if due else None
            if real_ms is not None and engine.sandboxes.get(name) is sandbox:
                engine.schedule.plan(name, real_ms)


async def unload_unused(engine: Engine) -> None:
    """Unloads, again and again, the sandboxes that are unused by then. Runs until it is cancelled."""
    between_ms = min(_MOST_BETWEEN_MS, max(_LEAST_BETWEEN_MS, engine.unload_after_ms // 4))
    while True:
        await real_time.pause(between_ms)
        for sandbox in list(engine.sandboxes.values()):
            engine.unload_unused(sandbox, engine.unload_after_ms)
