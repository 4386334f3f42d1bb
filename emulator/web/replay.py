"""Plays a reproduction: an emulator of its own, without a socket, in which time, requests, commands and receivers are
as they were; and tells where an answer is another one."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable
from pathlib import Path

import httpx
from msgspec import Struct

from emulator.contract.command import CommandRefused
from emulator.contract.delivery import Message, Response
from emulator.contract.order_request import WrittenRequest
from emulator.contract.request import Request
from emulator.core.durations import format_duration
from emulator.core.recording import Asked, Begun, Commanded, Ended, Responded, Step
from emulator.core.redaction import REDACTED
from emulator.core.sandbox import Sandbox, Snapshot
from emulator.engine import real_time
from emulator.engine.engine import Engine
from emulator.engine.sender import Sender
from emulator.stores.memory import MemoryStore
from emulator.views.reproduction import Reproduction, is_redacted, list_requests
from emulator.web.application import build_library
from emulator.web.control.app import Control
from emulator.web.guard import CONTROL_PREFIX
from emulator.web.intake import read_request

_TURNS = 200
"""So many times others come first, until it is sure that nothing happens by itself any more."""
_LIMIT_MS = 10_000
"""Real time that a step may take."""


class Difference(Struct, frozen=True):
    """Where it is not as it was."""

    step: int
    """Number of the step, from 1."""
    what: str
    then: bytes
    now: bytes

    @property
    def place(self) -> int:
        """Where the first byte is that differs."""
        pairs = enumerate(zip(self.then, self.now, strict=False))
        return next((place for place, (a, b) in pairs if a != b), min(len(self.then), len(self.now)))


class Played(Struct, frozen=True):
    """What came of it."""

    requests: int
    """How many answers were compared."""
    difference: Difference | None
    """The first one; nothing was played after it."""
    snapshot: Snapshot
    """The sandbox in the end."""


class _Clock:
    """Real time, as it was."""

    def __init__(self, real_ms: int) -> None:
        self.real_ms = real_ms

    def read(self) -> int:
        return self.real_ms

    def move(self, real_ms: int) -> None:
        self.real_ms = max(self.real_ms, real_ms)


class _Receivers(Sender):
    """In place of what carries webhooks: each attempt waits for what the receiver has said to it then."""

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
        library, _ = build_library(scenarios)
        self.clock = _Clock(reproduction.begun_real_ms)
        self.receivers = _Receivers()
        self.engine = Engine(
            library, MemoryStore(), reproduction.origin, sender=self.receivers, real_ms=self.clock.read
        )
        control = Control(self.engine)
        control.ready = True
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app=control), base_url="http://localhost")
        self._name = reproduction.sandbox
        self._origin = reproduction.origin
        self._commands: dict[int, asyncio.Task[httpx.Response]] = {}
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
        for task in self._commands.values():
            task.cancel()
        await self.engine.dispatcher.close()
        await self._client.aclose()

    async def play(self, number: int, step: Step) -> Difference | None:
        """Does a step; where it comes to something else, that."""
        self.clock.move(step.real_ms)
        self._settle()
        if isinstance(step, Asked):
            return await self._ask(number, step)
        if isinstance(step, Commanded):
            await self._begin(step)
        elif isinstance(step, Ended):
            return await self._end(number, step)
        elif isinstance(step, Begun):
            await self._begin_attempt(step)
        elif isinstance(step, Responded):
            await self._respond(step)
        return None

    def _settle(self) -> None:
        """Lets happen what has fallen due, but for webhooks, as it was written down when these were begun. A command
        that is under way does so itself."""
        if not self._commands:
            self.sandbox.send_here(False)
            self.engine.settle(self.sandbox)
            self.sandbox.send_here(True)

    async def _ask(self, number: int, step: Asked) -> Difference | None:
        provider = self.engine.library.providers[step.provider]
        request = _read(step)
        if is_redacted(step) and not step.error:
            request = self._signed(step, request)
        async with asyncio.timeout(_LIMIT_MS / 1000):
            reply = await self.engine.answer(provider, request)
        then, now = _written(step.status, step.answer), _written(reply.status, reply.body)
        what = f"the answer to {step.provider} {step.method} {step.target}"
        return None if then == now else Difference(number, what, then, now)

    def _signed(self, step: Asked, request: Request) -> Request:
        """The request with what was left out made anew."""
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

    async def _begin(self, step: Commanded) -> None:
        url = f"{CONTROL_PREFIX}/sandboxes/{self._name}/{step.path}"
        asked = self._client.request(step.method, url, content=step.body, timeout=None)
        self._commands[step.number] = asyncio.create_task(asked)
        self._paths[step.number] = f"{step.method} {step.path}"
        await self._let_happen(self._commands[step.number].done)

    async def _end(self, number: int, step: Ended) -> Difference | None:
        task = self._commands.pop(step.number, None)
        if task is None:  # it had begun before the sandbox did
            return None
        async with asyncio.timeout(_LIMIT_MS / 1000):
            answer = await task
        if step.clock is not None:
            await self.engine.set_clock(self.sandbox, step.clock)
        if answer.status_code == step.status:
            return None
        then, now = _written(step.status, b""), _written(answer.status_code, answer.content)
        return Difference(number, f"the answer to {self._paths[step.number]}", then, now)

    async def _begin_attempt(self, step: Begun) -> None:
        if not self._commands:
            self.engine.dispatcher.start(self.sandbox, step.webhook)
        await self._let_happen(lambda: self.receivers.is_waiting(step.webhook))

    async def _respond(self, step: Responded) -> None:
        await self._let_happen(lambda: self.receivers.is_waiting(step.webhook))
        self.receivers.respond(step.webhook, step.response)
        await self._let_happen(lambda: False)

    async def _let_happen(self, is_enough: Callable[[], bool]) -> None:
        """Lets everything come to where it waits."""
        for _ in range(_TURNS):
            if is_enough():
                return
            await real_time.give_way()


async def play(reproduction: Reproduction, scenarios: Path | None = None) -> Played:
    """Plays it, up to the first difference. `scenarios`: a folder with those of one's own that the emulator had."""
    stage = _Stage(reproduction, scenarios)
    difference = None
    try:
        await stage.open()
        for number, step in enumerate(reproduction.steps, 1):
            try:
                difference = await stage.play(number, step)
            except TimeoutError:
                difference = Difference(
                    number, f"what has come within {format_duration(_LIMIT_MS)}, which is nothing,", b"", b""
                )
            if difference is not None:
                break
        compared = len(list(list_requests(reproduction.steps[: difference.step if difference else None])))
        return Played(compared, difference, stage.sandbox.snapshot())
    finally:
        await stage.close()


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
