"""The real clock, and waiting by it. The only module that may look at the wall clock or sleep."""

import asyncio
import time
from collections.abc import Collection
from typing import Any


def now_ms() -> int:
    """Real time, ms since 1970."""
    return time.time_ns() // 1_000_000


def stopwatch_ms() -> int:
    """A count of real milliseconds that never jumps; only differences mean anything."""
    return time.monotonic_ns() // 1_000_000


async def wait(event: asyncio.Event, timeout_ms: int | None) -> None:
    """Returns when the event is set, or after `timeout_ms` (None: only when it is set)."""
    try:
        await asyncio.wait_for(event.wait(), None if timeout_ms is None else timeout_ms / 1000)
    except TimeoutError:
        return


async def wait_for_all(tasks: Collection["asyncio.Task[Any]"], timeout_ms: int) -> bool:
    """Returns when all have ended, whatever came of them, or after `timeout_ms`; whether they have."""
    _, open_tasks = await asyncio.wait(tasks, timeout=timeout_ms / 1000)
    return not open_tasks


async def pause(duration_ms: int) -> None:
    """Returns after `duration_ms`."""
    await asyncio.sleep(duration_ms / 1000)


async def give_way() -> None:
    """Lets other tasks run."""
    await asyncio.sleep(0)
