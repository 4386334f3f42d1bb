"""When a call of the control API is decided: at one instant, however often it looks at the clock, until it has waited
for others. So it can be done again as it was."""

from collections.abc import Awaitable, Callable
from contextvars import Context, ContextVar, copy_context

Wait = Callable[[int, Callable[[], Awaitable[object]]], Awaitable[object]]
"""Waits for something in the call with this number, as it is recorded."""


async def wait_really(number: int, work: Callable[[], Awaitable[object]]) -> None:
    """The way to wait of all but those who do again what was done."""
    await work()


class Moment:
    """The instant of one call, by real time."""

    def __init__(self, begin: Callable[[int], int], go_on: Callable[[int], None], wait: Wait) -> None:
        """`begin` is told when the call first looks at the clock, and gives its number; `go_on` when it has waited."""
        self._begin = begin
        self._go_on = go_on
        self._wait = wait
        self._real_ms: int | None = None
        self._number = 0
        self.waits = False
        """Whether it waits for others just now."""

    def read(self, real_ms: Callable[[], int]) -> int:
        """The instant."""
        if self._real_ms is None:
            self._real_ms = real_ms()
            self._number = self._begin(self._real_ms)
        return self._real_ms

    async def wait(self, work: Callable[[], Awaitable[object]], real_ms: Callable[[], int]) -> None:
        """Waits; the instant is another one then."""
        self.read(real_ms)
        self.waits = True
        await self._wait(self._number, work)
        self.waits = False
        self._real_ms = real_ms()
        self._go_on(self._real_ms)


MOMENT: ContextVar[Moment | None] = ContextVar("moment", default=None)
"""Of the call that is being answered; None: what is done just now belongs to none."""


def outside() -> Context:
    """Where tasks run that a call begins and that do not belong to it."""
    context = copy_context()
    context.run(MOMENT.set, None)
    return context
