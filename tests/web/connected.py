"""A connection without a socket, on an event loop in which only time passes, for what takes minutes."""

import contextlib
from collections.abc import Callable, Coroutine, Iterator
from types import coroutine
from typing import Any, cast

import uvicorn
from uvicorn.server import ServerState

from emulator.contract.reply import Reply
from emulator.contract.request import Request
from emulator.engine.engine import Waiting
from emulator.web.limits import Limits, Watch
from emulator.web.protocol import Protocol

DEFAULT_LIMITS = Limits()


class Loop:
    """An event loop in which only time passes."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.tasks: list[Task] = []
        self.timers: list[tuple[float, Callable[..., None], tuple[Any, ...]]] = []

    def time(self) -> float:
        return self.now_s

    def call_later(self, delay_s: float, callback: Callable[..., None], *arguments: Any) -> "Loop":
        self.timers.append((self.now_s + delay_s, callback, arguments))
        return self

    def call_soon(self, callback: Callable[..., None], *arguments: Any) -> "Loop":
        return self.call_later(0, callback, *arguments)

    def cancel(self) -> None:
        self.timers.clear()

    def create_task(self, coroutine: Coroutine[Any, Any, None]) -> "Task":
        self.tasks.append(Task(coroutine))
        return self.tasks[-1]

    def go_on_to(self, moment_s: float) -> None:
        while due := [timer for timer in self.timers if timer[0] <= moment_s]:
            self.now_s = due[0][0]
            self.timers.remove(due[0])
            due[0][1](*due[0][2])
        self.now_s = moment_s


class Task:
    """A task that goes on when it is told to."""

    def __init__(self, coroutine: Coroutine[Any, Any, None]) -> None:
        self._coroutine = coroutine
        coroutine.send(None)

    def add_done_callback(self, callback: Callable[..., None]) -> None:
        """Nobody waits for it."""

    def go_on(self) -> None:
        with contextlib.suppress(StopIteration):
            self._coroutine.send(None)


class Transport:
    """A connection without a socket."""

    def __init__(self) -> None:
        self.closed = self.aborted = self.paused = self.ended = False
        self.unsent_bytes = 0
        self.written = b""

    def get_extra_info(self, name: str) -> None:
        return None

    def get_write_buffer_size(self) -> int:
        return self.unsent_bytes

    def is_closing(self) -> bool:
        return self.closed or self.aborted

    def can_write_eof(self) -> bool:
        return True

    def write(self, data: bytes) -> None:
        self.written += data

    def write_eof(self) -> None:
        self.ended = True

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.aborted = True

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False


class Answers:
    """In place of the front: a provider that delays some answers, and an ASGI application that delays all."""

    body_limit = 0

    def __init__(self) -> None:
        self.asked: list[str] = []

    def intake(self, port: int | None, request: Request) -> "Answers | None":
        return None if request.path.startswith("/asgi") else self

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked.append(scope["path"])
        await _until_it_goes_on()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    def ask(self, request: Request, body: bytes) -> Reply | Waiting:
        self.asked.append(request.path)
        reply = Reply(200, b"", "text/plain")
        return Waiting(_held(reply)) if request.path.startswith("/held") else reply


async def _held(reply: Reply) -> Reply:
    await _until_it_goes_on()
    return reply


@coroutine
def _until_it_goes_on() -> Iterator[None]:
    yield


class Connected:
    """A connection in which only the protocol is real."""

    def __init__(self, limits: Limits = DEFAULT_LIMITS, others: "Connected | None" = None) -> None:
        self.loop: Loop = others.loop if others else Loop()
        self.watch: Watch = others.watch if others else Watch(limits)
        self.transport, self.answers = Transport(), Answers()
        config = uvicorn.Config(
            cast(Any, self.answers), ws="none", lifespan="off", access_log=False, log_config=None, proxy_headers=False
        )
        config.load()
        config.loaded_app = self.answers
        self.protocol = Protocol(config, ServerState(), {}, cast(Any, self.loop), watch=self.watch)
        self.protocol.connection_made(cast(Any, self.transport))

    def ask(self, *paths: str) -> None:
        """Sends requests in one go."""
        requests = "".join(f"GET {path} HTTP/1.1\r\nHost: a.test\r\n\r\n" for path in paths)
        self.receive(requests.encode())

    def receive(self, data: bytes) -> None:
        """This arrives, and what is due now happens."""
        self.protocol.data_received(data)
        self.loop.go_on_to(self.loop.now_s)

    @property
    def statuses(self) -> list[int]:
        """Of the answers so far."""
        return [int(part[:3]) for part in self.transport.written.split(b"HTTP/1.1 ")[1:]]
