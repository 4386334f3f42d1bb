# Made by scripts/generate_docs.py from emulator/engine/real_time.py: edit that, and run it again.
"""The real clock, real waiting, and real randomness. No other module may read the wall clock, sleep or draw lots.

Tests like to freeze time, or to travel in it. Some tools replace the functions of the module `time`, and every copy
that they find; others change what the real functions do; and many tests mock `asyncio.sleep`. None of this has an
effect here: ticks come from our own instance of the module `time`, the time of day from the operating system, event
loops wait in real time, and functions that wait are taken from where asyncio itself has them.
"""

from __future__ import annotations

import asyncio
import sys
from asyncio import tasks
from collections.abc import Callable, Collection, Coroutine
from importlib.machinery import BuiltinImporter, ModuleSpec
from importlib.util import module_from_spec
from secrets import token_urlsafe
from typing import Any, cast


def _own_time() -> Any:
    """Another instance of the built-in module `time`, which nobody else knows about, and so nobody patches."""
    module = module_from_spec(cast(ModuleSpec, BuiltinImporter.find_spec("time")))
    BuiltinImporter.exec_module(module)
    return module


_time = _own_time()
_ticks_ns: Callable[[], int] = _time.perf_counter_ns
"""Not `monotonic_ns`: some versions of time-machine change what it does in every instance of the module."""
_LOOK_AGAIN_NS = 100_000_000
"""How long the time of day is derived from ticks before it is read again, because somebody may have set it."""
_offset_ns = 0
"""What to add to ticks to get the time of day."""
_look_ns = 0
"""The tick at which to read the time of day again."""


def _system_clock() -> Callable[[], int]:
    """A function that reads the time of day, ns since 1970, directly from the operating system; slower than ticks."""
    try:
        import ctypes
    except ImportError:  # some builds of Python come without it
        return cast(Callable[[], int], _time.time_ns)
    if sys.platform == "win32":
        filetime = ctypes.c_uint64()
        ask_windows = ctypes.windll.kernel32.GetSystemTimePreciseAsFileTime
        ask_windows.argtypes, ask_windows.restype = [ctypes.c_void_p], None

        def read_windows() -> int:
            ask_windows(ctypes.byref(filetime))
            return (filetime.value - 116_444_736_000_000_000) * 100

        return read_windows

    class Timespec(ctypes.Structure):
        _fields_ = (("seconds", ctypes.c_long), ("ns", ctypes.c_long))

    ask = ctypes.PyDLL(None).clock_gettime
    ask.argtypes = [ctypes.c_int, ctypes.c_void_p]
    realtime = _time.CLOCK_REALTIME

    def read() -> int:
        timespec = Timespec()
        ask(realtime, ctypes.byref(timespec))
        return timespec.seconds * 1_000_000_000 + timespec.ns  # type: ignore[no-any-return]

    return read


_day_ns = _system_clock()


def now_ms() -> int:
    """Real time, ms since 1970."""
    global _offset_ns, _look_ns
    ticks_ns = _ticks_ns()
    if ticks_ns >= _look_ns:
        _offset_ns = _day_ns() - ticks_ns
        _look_ns = ticks_ns + _LOOK_AGAIN_NS
    return (ticks_ns + _offset_ns) // 1_000_000


def stopwatch_ms() -> int:
    """A count of real milliseconds that never jumps; only differences mean anything."""
    return _ticks_ns() // 1_000_000


class _PlainLoop(asyncio.ProactorEventLoop if sys.platform == "win32" else asyncio.SelectorEventLoop):  # type: ignore[misc]
    """Python's own event loop, on our ticks."""

    def time(self) -> float:
        return cast(float, _time.perf_counter())


def new_event_loop() -> asyncio.AbstractEventLoop:
    """The fastest event loop available; its time is real, whatever a test does to Python's."""
    try:
        import uvloop
    except ImportError:  # there is none for Windows
        return _PlainLoop()
    return uvloop.new_event_loop()


def nonce() -> str:
    """A text that nobody can predict, for a single answer."""
    return token_urlsafe(16)


async def wait(event: asyncio.Event, timeout_ms: int | None) -> None:
    """Returns when the event is set, or after `timeout_ms` (None: only when it is set)."""
    # Not wait_for: before Python 3.12 it loses a cancellation that comes just as the event is set.
    waiting = asyncio.ensure_future(event.wait())
    try:
        await tasks.wait((waiting,), timeout=None if timeout_ms is None else timeout_ms / 1000)
    finally:
        waiting.cancel()


async def wait_for_all(waited: Collection["asyncio.Task[Any]"], timeout_ms: int | None = None) -> bool:
    """Waits until all tasks have ended, however they end, or for `timeout_ms`. Returns whether all have ended."""
    _, open_tasks = await tasks.wait(waited, timeout=None if timeout_ms is None else timeout_ms / 1000)
    return not open_tasks


async def pause(duration_ms: int) -> None:
    """Returns after `duration_ms`."""
    await tasks.sleep(duration_ms / 1000)


async def give_way() -> None:
    """Lets other tasks run."""
    await tasks.sleep(0)
