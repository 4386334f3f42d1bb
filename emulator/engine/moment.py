"""The instant at which a call of the control API is decided: always the same one, however often the call reads the
clock, until it has waited for something. This makes the call repeatable."""

from collections.abc import Awaitable, Callable
from contextvars import Context, ContextVar, copy_context

Wait = Callable[[int, Callable[[], Awaitable[object]]], Awaitable[object]]
"""Waits for something, in the recorded call with this number."""


async def wait_really(number: int, work: Callable[[], Awaitable[object]]) -> None:
    """Really waits, as everything does except a replay."""
    await work()


class Moment:
    """The instant of one call, in real time."""

    def __init__(self, begin: Callable[[int], int], go_on: Callable[[int], None], wait: Wait) -> None:
        """`begin` is called when the call first reads the clock, and returns its number; `go_on` when it has waited."""
        self._begin = begin
        self._go_on = go_on
        self._wait = wait
        self._real_ms: int | None = None
        self._number = 0

    def read(self, real_ms: Callable[[], int]) -> int:
        """The present instant of the call, ms since 1970."""
        if self._real_ms is None:
            self._real_ms = real_ms()
            self._number = self._begin(self._real_ms)
        return self._real_ms

    async def wait(self, work: Callable[[], Awaitable[object]], real_ms: Callable[[], int]) -> None:
        """Waits for `work`; the call has a new instant afterwards."""
        self.read(real_ms)
        await self._wait(self._number, work)
        self._real_ms = real_ms()
        self._go_on(self._real_ms)


MOMENT: ContextVar[Moment | None] = ContextVar("moment", default=None)
"""The moment of the call that is being answered; None outside any call."""


def outside() -> Context:
    """The context for tasks that a call starts, but that do not belong to it."""
    context = copy_context()
    context.run(MOMENT.set, None)
    return context
