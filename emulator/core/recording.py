"""What was done in a sandbox, in order, so that it can be repeated: requests, calls of the control API, and what
receivers and the store answered.

All of it or nothing: without its beginning it is useless. This is a record for people and tests, not state.
"""

from collections.abc import Callable

from msgspec import Struct

from emulator.contract.delivery import Response
from emulator.contract.reply import Reply
from emulator.contract.request import Request
from emulator.core.clock import Clock

MAX_STEPS = 5000
MAX_BYTES = 8 * 1024 * 1024
MAX_TOTAL_BYTES = 64 * 1024 * 1024
"""How much memory the recordings of all sandboxes may take together."""
_STEP_BYTES = 400

TOO_LONG = f"there were more than {MAX_STEPS} steps, or {MAX_BYTES // 1024 // 1024} MiB"
TOO_MUCH = "there was no more room for the recordings of all sandboxes together"
NOT_FROM_THE_BEGINNING = "the sandbox was restored, or loaded from a store, and how it came about is not known here"
SHARED = (
    "several emulators share the sandbox, and each knows only the requests that it answered itself: record with an "
    "emulator that shares its store with no other"
)
TAKEN_BACK = "the store did not keep something, which was taken back"


class Asked(Struct, gc=False):
    """A request to a provider, and its answer; the fields are those of `Request` and `Reply`."""

    real_ms: int
    """Real time at which it was decided."""
    provider: str
    method: str
    target: str
    header_lines: bytes
    body: bytes
    origin: str
    mount: str
    prefix: str
    public_url: str
    peer: str
    status: int = 0
    answer: bytes | None = None
    """None: it has not been answered yet."""
    ending: str = ""
    error: str = ""
    """Name of the error; empty: it was not refused."""


class Called(Struct, gc=False):
    """The beginning of a call of the control API."""

    real_ms: int
    """Real time at which it first read the clock."""
    number: int
    method: str
    path: str
    """Relative to the sandbox's path."""
    body: bytes
    stopped_after: int | None = None
    """After how many things its advance of the clock had used up its budget; None: it had not."""


class WentOn(Struct, gc=False):
    """A call of the control API continues after it has waited."""

    real_ms: int
    number: int


class Ended(Struct, gc=False):
    """The end of a call of the control API."""

    real_ms: int
    number: int
    status: int
    """HTTP status of the answer; 0: nobody was waiting for it any more."""


class Settled(Struct, gc=False):
    """The next `count` things that had fallen due happened, one after the other."""

    real_ms: int
    count: int


class Stored(Struct, gc=False):
    """The store has kept the changes of `count` commands, the oldest that it had not; who waits for that goes on."""

    real_ms: int
    count: int


class Responded(Struct, gc=False):
    """A receiver's answer to an attempt to send it a webhook."""

    real_ms: int
    webhook: str
    url: str
    response: Response


Step = Asked | Called | WentOn | Ended | Settled | Stored | Responded


class Recording:
    """The steps in one sandbox."""

    def __init__(
        self,
        begun_real_ms: int,
        clock: Clock,
        why_not: str = "",
        grown: Callable[[int], bool] = lambda size: True,
    ) -> None:
        """`begun_real_ms`: when the sandbox began. `clock`: the sandbox's at that time. `why_not`: why nothing can be
        recorded; empty: it can. `grown` is called with the size of each step, and says whether there is room for it."""
        self.begun_real_ms = begun_real_ms if clock.mode == "manual" else clock.real_anchor_ms
        self.begun_ms = clock.anchor_ms
        """What the sandbox's clock showed then."""
        self.why_not = why_not
        """Why it is not complete; empty: it is."""
        self.steps: list[Step] = []
        self.size_bytes = 0
        """Roughly how much memory it takes."""
        self._grown = grown
        self._number = 0

    def add_request(
        self, real_ms: int, provider: str, request: Request, reply: Reply | None = None, error: str = ""
    ) -> Asked | None:
        """Adds a request that has been decided, with its answer if that is there; if not, `add_answer` adds it."""
        if self.why_not:
            return None
        step = Asked(
            real_ms, provider, request.method, request.target, request.header_lines, request.body, request.origin,
            request.mount, request.prefix, request.public_url, request.peer,
        )  # fmt: skip
        size_bytes = len(request.header_lines) + len(request.body) + len(request.target)
        if reply is not None:
            size_bytes += _answer(step, reply, error)
        self._add(step, size_bytes)
        return step

    def add_answer(self, step: Asked, reply: Reply, error: str) -> None:
        """Adds the answer to a request."""
        if not self.why_not:
            self._grow(_answer(step, reply, error))

    def begin_call(self, real_ms: int, method: str, path: str, body: bytes) -> Called:
        """Adds a call of the control API."""
        self._number += 1
        step = Called(real_ms, self._number, method, path, body)
        if not self.why_not:
            self._add(step, len(path) + len(body))
        return step

    def go_on(self, real_ms: int, call: Called) -> None:
        """Adds that a call of the control API continues."""
        if not self.why_not:
            self._add(WentOn(real_ms, call.number), 0)

    def end_call(self, real_ms: int, call: Called, status: int) -> None:
        """Adds the end of a call."""
        if not self.why_not:
            self._add(Ended(real_ms, call.number, status), 0)

    def settle(self, real_ms: int, count: int) -> None:
        """Adds that things that had fallen due happened."""
        if not self.why_not:
            self._add(Settled(real_ms, count), 0)

    def keep(self, real_ms: int, count: int) -> None:
        """Adds that the store has kept changes."""
        if not self.why_not:
            self._add(Stored(real_ms, count), 0)

    def add_response(self, real_ms: int, webhook: str, url: str, response: Response) -> None:
        """Adds the answer of the receiver at a URL."""
        if not self.why_not:
            self._add(Responded(real_ms, webhook, url, response), len(url) + len(response.body))

    def give_up(self, why: str) -> None:
        """Drops everything, because it can no longer be complete."""
        if not self.why_not:
            self.why_not = why
            self._grown(-self.size_bytes)
            self.steps, self.size_bytes = [], 0

    def _add(self, step: Step, size_bytes: int) -> None:
        self.steps.append(step)
        self._grow(size_bytes + _STEP_BYTES)

    def _grow(self, size_bytes: int) -> None:
        self.size_bytes += size_bytes
        room = self._grown(size_bytes)
        if len(self.steps) > MAX_STEPS or self.size_bytes > MAX_BYTES:
            self.give_up(TOO_LONG)
        elif not room:
            self.give_up(TOO_MUCH)


def _answer(step: Asked, reply: Reply, error: str) -> int:
    """Completes a request; returns by how many bytes it grows."""
    step.status, step.answer, step.error = reply.status, reply.body, error
    step.ending = reply.ending.name if reply.ending else ""
    return len(reply.body)


class Recordings:
    """The recordings by sandbox, with a bound on their memory together."""

    def __init__(self, max_bytes: int = MAX_TOTAL_BYTES) -> None:
        self._by_name: dict[str, Recording] = {}
        self._max_bytes = max_bytes
        self.size_bytes = 0
        """Roughly how much memory they take."""

    def begin(self, name: str, begun_real_ms: int, clock: Clock, why_not: str) -> None:
        """A sandbox begins, or begins again, with this clock; `why_not`: why it cannot be recorded."""
        self.remove(name)
        self._by_name[name] = Recording(begun_real_ms, clock, why_not, self._grow)

    def remove(self, name: str) -> None:
        """A sandbox was removed."""
        gone = self._by_name.pop(name, None)
        if gone is not None:
            gone.give_up(NOT_FROM_THE_BEGINNING)

    def find(self, name: str) -> Recording:
        """The recording of a sandbox; for an unknown one, a recording that keeps nothing."""
        return self._by_name.get(name) or Recording(0, Clock(), NOT_FROM_THE_BEGINNING)

    def _grow(self, size_bytes: int) -> bool:
        self.size_bytes += size_bytes
        return self.size_bytes <= self._max_bytes
