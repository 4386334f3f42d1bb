"""Signals: everyone who waits is woken, and only by what happens after the wait began."""

import asyncio

from emulator.engine import real_time
from emulator.engine.signals import Signal


def test_a_signal_wakes_everyone_who_waits() -> None:
    async def work() -> None:
        signal = Signal()
        waiting = [asyncio.create_task(signal.wait()) for _ in range(3)]
        await real_time.give_way()
        assert not any(task.done() for task in waiting)
        signal.give()
        assert await real_time.wait_for_all(waiting, 5000)

    real_time.run(work())


def test_a_signal_that_was_given_before_wakes_nobody() -> None:
    async def work() -> None:
        signal = Signal()
        signal.give()
        late = asyncio.create_task(signal.wait(60_000))
        for _ in range(3):
            await real_time.give_way()
        assert not late.done()
        signal.give()
        assert await real_time.wait_for_all([late], 5000)

    real_time.run(work())


def test_waiting_for_a_signal_ends_with_its_time() -> None:
    async def work() -> None:
        began_ms = real_time.stopwatch_ms()
        await Signal().wait(1)
        assert real_time.stopwatch_ms() - began_ms < 5000

    real_time.run(work())
