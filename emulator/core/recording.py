"""What was done in a sandbox, in order, so that it can be repeated: requests, commands, and receivers' answers.

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
BROKEN_OFF = "a call of the control API was cancelled before it ended"
BY_HAND = "somebody steered the sandbox in the console"


class Asked(Struct, gc=False):
    """A request to a provider, and its answer; the fields are those of `Request` and `Reply`."""

    real_ms: int
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
    status: int
    answer: bytes
    ending: str
    error: str
    """Name of the error; empty: it was not refused."""


class Commanded(Struct, gc=False):
    """The beginning of a call of the control API."""

    real_ms: int
    number: int
    method: str
    path: str
    """Relative to the sandbox's path."""
    body: bytes

    @property
    def is_about_clock(self) -> bool:
        """Whether it moves or changes the clock."""
        return self.path.startswith("clock")


class Ended(Struct, gc=False):
    """The end of a call of the control API."""

    real_ms: int
    number: int
    status: int
    clock: Clock | None
    """The sandbox's, if the call was about that: when a running clock was moved is known only afterwards."""


class Begun(Struct, gc=False):
    """The beginning of an attempt to send a webhook that had fallen due."""

    real_ms: int
    webhook: str


class Responded(Struct, gc=False):
    """A receiver's answer to an attempt to send it a webhook."""

    real_ms: int
    webhook: str
    url: str
    response: Response


Step = Asked | Commanded | Ended | Begun | Responded


class Recording:
    """The steps in one sandbox."""

    def __init__(self, begun_real_ms: int, why_not: str = "", grown: Callable[[int], bool] = lambda size: True) -> None:
        """`begun_real_ms`: when the sandbox began. `why_not`: why nothing can be recorded; empty: it can. `grown` is
        called with the size of each step, and says whether there is room for it."""
        self.begun_real_ms = begun_real_ms
        self.why_not = why_not
        """Why it is not complete; empty: it is."""
        self.steps: list[Step] = []
        self.size_bytes = 0
        """Roughly how much memory it takes."""
        self._grown = grown
        self._number = 0

    def add_request(self, real_ms: int, provider: str, request: Request, reply: Reply, error: str) -> None:
        """Adds an answered request."""
        if self.why_not:
            return
        size = len(request.header_lines) + len(request.body) + len(reply.body) + len(request.target)
        step = Asked(
            real_ms, provider, request.method, request.target, request.header_lines, request.body, request.origin,
            request.mount, request.prefix, request.public_url, request.peer, reply.status, reply.body,
            reply.ending, error,
        )  # fmt: skip
        self._add(step, size)

    def begin_command(self, real_ms: int, method: str, path: str) -> Commanded:
        """Adds the beginning of a call of the control API; its body can be filled in until it ends."""
        self._number += 1
        step = Commanded(real_ms, self._number, method, path, b"")
        if not self.why_not:
            self._add(step, len(path))
        return step

    def end_command(self, real_ms: int, command: Commanded, status: int, clock: Clock) -> None:
        """Adds the end of a call of the control API; `clock`: the sandbox's."""
        if not self.why_not:
            shown = clock if command.is_about_clock else None
            self._add(Ended(real_ms, command.number, status, shown), len(command.body))

    def begin_attempt(self, real_ms: int, webhook: str) -> None:
        """Adds the beginning of an attempt to send a webhook."""
        if not self.why_not:
            self._add(Begun(real_ms, webhook), 0)

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
        size_bytes += _STEP_BYTES
        self.steps.append(step)
        self.size_bytes += size_bytes
        room = self._grown(size_bytes)
        if len(self.steps) > MAX_STEPS or self.size_bytes > MAX_BYTES:
            self.give_up(TOO_LONG)
        elif not room:
            self.give_up(TOO_MUCH)


class Recordings:
    """The recordings by sandbox, with a bound on their memory together."""

    def __init__(self, max_bytes: int = MAX_TOTAL_BYTES) -> None:
        self._by_name: dict[str, Recording] = {}
        self._max_bytes = max_bytes
        self.size_bytes = 0
        """Roughly how much memory they take."""

    def begin(self, name: str, begun_real_ms: int, why_not: str) -> None:
        """A sandbox begins, or begins again; `why_not`: why it cannot be recorded."""
        self.remove(name)
        self._by_name[name] = Recording(begun_real_ms, why_not, self._grow)

    def remove(self, name: str) -> None:
        """A sandbox was removed."""
        gone = self._by_name.pop(name, None)
        if gone is not None:
            gone.give_up(NOT_FROM_THE_BEGINNING)

    def find(self, name: str) -> Recording:
        """The recording of a sandbox; for an unknown one, a recording that keeps nothing."""
        return self._by_name.get(name) or Recording(0, NOT_FROM_THE_BEGINNING)

    def _grow(self, size_bytes: int) -> bool:
        self.size_bytes += size_bytes
        return self.size_bytes <= self._max_bytes
