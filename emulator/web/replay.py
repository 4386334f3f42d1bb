"""Replays a reproduction in an emulator of its own, without a socket, where time, requests, commands and receivers are
as they were; and shows where an answer differs."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import quote

from msgspec import Struct

from emulator.contract.command import CommandRefused
from emulator.contract.delivery import Message, Response
from emulator.contract.order_request import WrittenRequest
from emulator.contract.reply import Reply
from emulator.contract.request import Request
from emulator.core.durations import format_duration
from emulator.core.recording import Asked, Called, Ended, Responded, Settled, Step, Stored, WentOn
from emulator.core.redaction import REDACTED
from emulator.core.sandbox import Changes, Sandbox, Snapshot
from emulator.engine import real_time
from emulator.engine.control_call import Pacing, Work
from emulator.engine.engine import Engine
from emulator.engine.sender import Sender
from emulator.stores import Conflict, Kept
from emulator.stores.memory import MemoryStore
from emulator.views.reproduction import Reproduction, is_redacted, list_requests
from emulator.web.control.app import Control
from emulator.web.guard import CONTROL_PREFIX
from emulator.web.intake import read_request
from emulator.web.library import load_library
from emulator.web.without_socket import ask

_TURNS = 200
"""How many times other tasks go first, until it is certain that nothing more happens by itself."""
_LIMIT_MS = 10_000
"""Real time that a step may take."""


class Difference(Struct, frozen=True):
    """Where the result differs."""

    step: int
    """Number of the step, from 1."""
    what: str
    then: bytes
    now: bytes

    @property
    def place(self) -> int:
        """The position of the first byte that differs."""
        pairs = enumerate(zip(self.then, self.now, strict=False))
        return next((place for place, (a, b) in pairs if a != b), min(len(self.then), len(self.now)))


class Played(Struct, frozen=True):
    """The result of a replay."""

    requests: int
    """How many answers were compared."""
    difference: Difference | None
    """The first one; nothing was played after it."""
    snapshot: Snapshot
    """The sandbox at the end."""


class _Clock:
    """Real time, as it was."""

    def __init__(self, real_ms: int) -> None:
        self.real_ms = real_ms

    def read(self) -> int:
        return self.real_ms


class _Pacing(Pacing):
    """The calls of the control API that wait for others, until they go on as they went on then."""

    def __init__(self) -> None:
        self._going_on: dict[int, asyncio.Event] = {}
        self.stops: dict[int, int | None] = {}
        """After how many things the advances ended half-way then."""

    async def wait(self, number: int, work: Work) -> None:
        """In place of what was waited for."""
        event = self._going_on[number] = asyncio.Event()
        try:
            await event.wait()
        finally:
            del self._going_on[number]

    def is_over(self, number: int, count: int, no_time: bool) -> bool:
        """Whether an advance ended there half-way."""
        return self.stops.get(number) == count

    def is_waiting(self, number: int) -> bool:
        """Whether a call waits."""
        return number in self._going_on

    def go_on(self, number: int) -> None:
        """Lets a call go on that waits."""
        self._going_on[number].set()


class _Keeping(MemoryStore):
    """Keeps what a sandbox has decided when it was kept then, so that those wait for it who waited then."""

    keeps = True

    def __init__(self, sandbox: str) -> None:
        self._sandbox = sandbox
        self._count = 0
        self._changed = asyncio.Event()

    async def append(self, sandbox: str, base: int, changes: Sequence[Changes]) -> Kept | Conflict:
        """Returns when so many changes may be kept."""
        while sandbox == self._sandbox and self._count < len(changes):
            await self._changed.wait()
        self._count -= len(changes) if sandbox == self._sandbox else 0
        return Kept()

    def keep(self, count: int) -> None:
        """Lets so many changes be kept."""
        self._count += count
        self._changed.set()
        self._changed = asyncio.Event()


class _Receivers(Sender):
    """Stands in for what sends webhooks: each attempt waits for what the receiver answered then."""

    def __init__(self) -> None:
        super().__init__()
        self.find_delivery: Callable[[], str] = lambda: ""
        self._waiting: dict[str, asyncio.Future[Response]] = {}
        self._said: dict[str, deque[Response]] = defaultdict(deque)

    async def send(self, message: Message, timeout_ms: int, begins: Callable[[], None] = lambda: None) -> Response:
        begins()
        webhook = self.find_delivery()
        if self._said[webhook]:
            return self._said[webhook].popleft()
        waiting: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self._waiting[webhook] = waiting
        return await waiting

    def is_waiting(self, webhook: str) -> bool:
        """Whether an attempt is under way."""
        return webhook in self._waiting

    def respond(self, webhook: str, response: Response) -> None:
        """Lets the receiver answer the attempt that is under way, or the next one."""
        waiting = self._waiting.pop(webhook, None)
        if waiting is None or waiting.done():
            self._said[webhook].append(response)
        else:
            waiting.set_result(response)


class _Stage:
    """An emulator with the one sandbox."""

    def __init__(self, reproduction: Reproduction, scenarios: Path | None) -> None:
        library, _ = load_library(scenarios)
        self.clock = _Clock(reproduction.begun_real_ms)
        self.receivers = _Receivers()
        self.pacing = _Pacing()
        keeps = any(isinstance(step, Stored) for step in reproduction.steps)
        self.store = _Keeping(reproduction.sandbox) if keeps else MemoryStore()
        self.engine = Engine(library, self.store, reproduction.origin, sender=self.receivers, real_ms=self.clock.read)
        self.engine.pacing = self.pacing
        self.engine.queue.batch_size = 1  # so that what was stored together then may be stored in any parts here
        control = Control(self.engine)
        control.ready = True
        self._control = control
        self._name = reproduction.sandbox
        self._origin = reproduction.origin
        self._requests: list[tuple[int, Asked, asyncio.Task[Reply]]] = []
        """Those that are not answered yet, each with the number of its step."""
        self._commands: dict[int, asyncio.Task[tuple[int, bytes]]] = {}
        self._paths: dict[int, str] = {}

    @property
    def sandbox(self) -> Sandbox:
        """The sandbox."""
        return self.engine.sandboxes[self._name]

    async def open(self) -> None:
        """Makes the sandbox as it was made then."""
        await self.engine.open()
        sandboxes = self.engine.sandboxes
        if self._name in sandboxes:
            fresh = sandboxes.build(self._name, self._origin).snapshot()
            await sandboxes.restore(self.sandbox, fresh, new=True)
        else:
            await sandboxes.create(self._name, self._origin)
        dispatcher, sandbox = self.engine.dispatcher, self.sandbox
        self.receivers.find_delivery = lambda: dispatcher.find_delivery(sandbox, asyncio.current_task())

    async def close(self) -> None:
        """Gives up what is under way."""
        for task in [*self._commands.values(), *(task for _, _, task in self._requests)]:
            task.cancel()
        await self.engine.dispatcher.close()

    async def play(self, number: int, step: Step) -> Difference | None:
        """Does a step; how its result differs, if it does."""
        self.clock.real_ms = step.real_ms
        if isinstance(step, Asked):
            await self._ask(number, step)
        elif isinstance(step, Settled):
            self.engine.settle(self.sandbox, step.count)
        elif isinstance(step, Called):
            await self._begin(step)
        elif isinstance(step, Stored) and isinstance(self.store, _Keeping):
            self.store.keep(step.count)
            await self._let_happen(lambda: False)
        elif isinstance(step, WentOn):
            await self._go_on(step)
        elif isinstance(step, Ended):
            return await self._end(number, step)
        elif isinstance(step, Responded):
            await self._respond(step)
        return self._compare()

    async def finish(self) -> Difference | None:
        """Waits for the answers that are not there yet."""
        await self._let_happen(lambda: all(task.done() for _, _, task in self._requests))
        difference = self._compare()
        missing = [(number, step) for number, step, _ in self._requests if step.answer is not None]
        if difference is None and missing:
            raise TimeoutError
        return difference

    async def _ask(self, number: int, step: Asked) -> None:
        provider = self.engine.library.providers[step.provider]
        request = _read(step)
        if is_redacted(step) and not step.error:
            request = self._signed(step, request)
        task = asyncio.create_task(self.engine.answer(provider, request))
        self._requests.append((number, step, task))
        await self._let_happen(task.done)

    def _compare(self) -> Difference | None:
        """Looks at the answers that are there by now."""
        answered = [each for each in self._requests if each[2].done()]
        self._requests = [each for each in self._requests if not each[2].done()]
        for number, step, task in answered:
            if step.answer is None:
                continue
            reply = task.result()
            then, now = _written(step.status, step.answer), _written(reply.status, reply.body)
            if then != now:
                return Difference(number, f"the answer to {step.provider} {step.method} {step.target}", then, now)
        return None

    def _signed(self, step: Asked, request: Request) -> Request:
        """The request with what was left out made again."""
        provider = self.engine.library.providers[step.provider]
        if provider.signing is None:
            return request
        path = request.path + (f"?{request.query}" if request.query else "")
        written = WrittenRequest(request.method, path, request.headers, request.body)
        try:
            signed = provider.signing.sign(self.engine.transaction(self.sandbox), written, request.base_url)
        except CommandRefused:
            return request
        made = {name.lower(): value for name, value in signed.headers.items()}
        headers = {
            name: made.get(name, value) if REDACTED in value or "signature" in name else value
            for name, value in request.headers.items()
        }
        request.headers = headers
        return request

    async def _begin(self, step: Called) -> None:
        self.pacing.stops[step.number] = step.stopped_after
        url = "http://localhost" + quote(f"{CONTROL_PREFIX}/sandboxes/{self._name}/{step.path}", safe="/%")
        self._commands[step.number] = asyncio.create_task(ask(self._control, step.method, url, (), step.body))
        self._paths[step.number] = f"{step.method} {step.path}"
        await self._let_wait(step.number)

    async def _go_on(self, step: WentOn) -> None:
        await self._let_happen(lambda: self.pacing.is_waiting(step.number))
        if self.pacing.is_waiting(step.number):
            self.pacing.go_on(step.number)
            await real_time.give_way()
            await self._let_wait(step.number)
        elif not self._commands[step.number].done():  # else it has waited for what a store had to keep first
            raise TimeoutError

    async def _let_wait(self, number: int) -> None:
        """Lets a call come to its end, or to where it waits."""
        await self._let_happen(lambda: self._commands[number].done() or self.pacing.is_waiting(number))

    async def _end(self, number: int, step: Ended) -> Difference | None:
        task = self._commands.pop(step.number)
        if not step.status:
            task.cancel()
            await self._let_happen(task.done)
            return None
        async with asyncio.timeout(_LIMIT_MS / 1000):
            status, body = await task
        if status == step.status:
            return None
        then, now = _written(step.status, b""), _written(status, body)
        return Difference(number, f"the answer to {self._paths[step.number]}", then, now)

    async def _respond(self, step: Responded) -> None:
        await self._let_happen(lambda: self.receivers.is_waiting(step.webhook))
        self.receivers.respond(step.webhook, step.response)
        await self._let_happen(lambda: False)

    async def _let_happen(self, is_enough: Callable[[], bool]) -> None:
        """Lets every task run until it waits."""
        for _ in range(_TURNS):
            if is_enough():
                return
            await real_time.give_way()


async def play(reproduction: Reproduction, scenarios: Path | None = None) -> Played:
    """Replays it, up to the first difference. `scenarios`: the folder with the user's own that the emulator used."""
    stage = _Stage(reproduction, scenarios)
    try:
        await stage.open()
        difference = await _play_all(stage, reproduction.steps)
        compared = len(list(list_requests(reproduction.steps[: difference.step if difference else None])))
        return Played(compared, difference, stage.sandbox.snapshot())
    finally:
        await stage.close()


async def _play_all(stage: _Stage, steps: Sequence[Step]) -> Difference | None:
    number = 0
    try:
        for number, step in enumerate(steps, 1):
            difference = await stage.play(number, step)
            if difference is not None:
                return difference
        return await stage.finish()
    except TimeoutError:
        return Difference(number, f"what has come within {format_duration(_LIMIT_MS)}, which is nothing,", b"", b"")


def _read(step: Asked) -> Request:
    """The request as it came in then."""
    lines = step.header_lines.split(b"\n")
    raw = list(zip(lines[::2], lines[1::2], strict=False))
    server = step.origin.partition("://")[2]
    request = read_request(step.method, step.target.encode("latin-1"), raw, server, step.peer)
    request.origin, request.mount, request.prefix = step.origin, step.mount, step.prefix
    request.public_url, request.body = step.public_url, step.body
    request.path = request.path.removeprefix(step.mount)
    return request


def _written(status: int, body: bytes) -> bytes:
    return b"%d\n" % status + body


def show(difference: Difference, around: int = 60) -> str:
    """The bytes around the first that differs, then and now."""

    def part(whole: bytes) -> str:
        begin = max(0, difference.place - around)
        text = whole[begin : difference.place + around].decode("utf-8", "backslashreplace")
        return f"{'...' if begin else ''}{text}{'...' if len(whole) > difference.place + around else ''}"

    return (
        f"step {difference.step}: {difference.what} differs at byte {difference.place}\n"
        f"  then: {part(difference.then)!r}\n  now:  {part(difference.now)!r}"
    )
