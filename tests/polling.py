"""Waits for something that another thread or process does: asks again and again, up to a deadline, and never sleeps."""

from collections.abc import Callable
from threading import Event
from typing import TypeVar

from emulator.engine import real_time

T = TypeVar("T")


def eventually(question: Callable[[], T], within_s: float = 10) -> T:
    """The first answer that is true; fails if there is none within so many seconds of real time."""
    until_ms = real_time.stopwatch_ms() + within_s * 1000
    between = Event()
    while not (answer := question()):
        assert real_time.stopwatch_ms() < until_ms, f"not so within {within_s} s"
        between.wait(0.005)
    return answer
