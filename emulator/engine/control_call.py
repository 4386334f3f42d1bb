"""A call of the control API that is being answered. It is recorded, and decided at one instant, however often it reads
the clock, until it has waited for something. This makes it repeatable."""

from collections.abc import Awaitable, Callable
from contextvars import Context, ContextVar, copy_context

from emulator.core.recording import Called, Recording

Clock = Callable[[], int]
"""Reads real time, ms since 1970."""
Work = Callable[[], Awaitable[object]]


class Pacing:
    """How calls wait: really, as everything does except a replay."""

    async def wait(self, number: int, work: Work) -> None:
        """Waits for something, in the recorded call with this number."""
        await work()

    def is_over(self, number: int, count: int, no_time: bool) -> bool:
        """Whether the advance in the recorded call with this number ends half-way, after `count` things. `no_time`: it
        has used up its budget."""
        return no_time


class ControlCall:
    """One call: the instant at which it is decided, in real time, and its recording."""

    def __init__(
        self, recording: Recording, method: str, path: str, read_body: Callable[[], bytes], pacing: Pacing
    ) -> None:
        self._recording = recording
        self._method, self._path, self._read_body = method, path, read_body
        self._pacing = pacing
        self._real_ms = 0
        self._step: Called | None = None

    def real_ms(self, clock: Clock) -> int:
        """The present instant of the call, ms since 1970."""
        self._begin(clock)
        return self._real_ms

    async def wait(self, work: Work, clock: Clock) -> None:
        """Waits for `work`; the call has a new instant afterwards."""
        step = self._begin(clock)
        await self._pacing.wait(step.number, work)
        self._real_ms = clock()
        self._recording.go_on(self._real_ms, step)

    def is_over(self, count: int, no_time: bool, clock: Clock) -> bool:
        """Whether the call's advance ends half-way, after `count` things."""
        step = self._begin(clock)
        over = self._pacing.is_over(step.number, count, no_time)
        if over:
            step.stopped_after = count
        return over

    def end(self, real_ms: int, status: int) -> None:
        """The call was answered."""
        if self._step is not None:
            self._recording.end_call(real_ms, self._step, status)

    def _begin(self, clock: Clock) -> Called:
        if self._step is None:
            self._real_ms = clock()
            self._step = self._recording.begin_call(self._real_ms, self._method, self._path, self._read_body())
        return self._step


CONTROL_CALL: ContextVar[ControlCall | None] = ContextVar("control_call", default=None)
"""The call that is being answered; None outside any call."""


def outside_call() -> Context:
    """The context for tasks that a call starts, but that do not belong to it."""
    context = copy_context()
    context.run(CONTROL_CALL.set, None)
    return context
