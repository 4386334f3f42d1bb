"""Wakes when something falls due, and lets it happen; on a manual clock that is only what is due at once."""

import asyncio
import logging

from emulator import wall
from emulator.world import World

_LEAST_WAIT_MS = 5
"""Under load something is always due soon; waking for each thing alone would cost more than the things themselves. Who
asks meanwhile misses nothing, as each request first lets happen what is due."""

log = logging.getLogger("emulator")


class Driver:
    """One per process; `woken` is for the world, `run` is a task."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._event = asyncio.Event()
        self._planned_ms: int | None = None
        world.woken = self.woken

    def woken(self, real_ms: int | None) -> None:
        """Something falls due at the real time `real_ms`; None: look again."""
        if real_ms is None or self._planned_ms is None or real_ms < self._planned_ms:
            self._event.set()

    async def run(self) -> None:
        """Never returns; ends when it is cancelled."""
        while True:
            self._event.clear()
            for sandbox in list(self._world.sandboxes.values()):
                try:
                    await self._world.settle(sandbox)
                except Exception:
                    log.exception("what fell due in %s failed", sandbox.name)
            self._planned_ms = self._world.next_wake_ms()
            ahead_ms = None if self._planned_ms is None else max(_LEAST_WAIT_MS, self._planned_ms - wall.now_ms())
            await wall.wait(self._event, ahead_ms)
