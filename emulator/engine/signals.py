"""Waking up everyone who waits for the next time that something happens."""

import asyncio

from emulator.engine import real_time


class Signal:
    """Something that happens again and again; whoever waits is woken when it next happens."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def give(self) -> None:
        """It happens: wakes everyone who is waiting now."""
        self._next.set()
        self._next = asyncio.Event()

    async def wait(self, timeout_ms: int | None = None) -> None:
        """Returns when it next happens, or after `timeout_ms` of real time."""
        await real_time.wait(self._next, timeout_ms)
