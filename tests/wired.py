"""Asks the front with any bytes, over a connection without a socket: requests need not even be HTTP."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, cast

from uvicorn.protocols.http.flow_control import FlowControl

from emulator.web.exchange import Exchange
from emulator.web.intake import read_request
from emulator.web.router import Router
from tests.asgi import LONGEST_S, Answer, Asking, Headers


class Connection:
    """What an exchange needs of a connection; it is the transport, too."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.transport = self
        self.lost = asyncio.Event()
        self.flow = FlowControl(cast(Any, self))
        self.written = b""
        self._answered = asyncio.Event()

    def write(self, data: bytes) -> None:
        self.written += data

    def is_closing(self) -> bool:
        return False

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        self._task = self.loop.create_task(coroutine)

    def on_response_complete(self) -> None:
        self._answered.set()

    async def answer(self) -> bytes:
        """All that was written, once the answer is complete."""
        await asyncio.wait_for(self._answered.wait(), LONGEST_S)
        return self.written


class Wired(Asking):
    """Asks providers as a connection does."""

    def ask_provider(
        self, front: Router, port: int, method: str, target: bytes, headers: Headers = (), body: Iterable[bytes] = ()
    ) -> Answer:
        """The answer to a request that came in at this port, its body in these pieces."""
        request = read_request(method, target, list(headers), "127.0.0.1:80", "127.0.0.1")
        intake = front.intake(port, request)
        assert intake is not None, "no provider answers this"

        async def exchange() -> bytes:
            connection = Connection()
            exchange = Exchange(cast(Any, connection), intake, request, keep_alive=True, on_turn=True)
            for piece in body:
                exchange.add_body(piece)
            exchange.complete_body()
            return await connection.answer()

        return read_answer(self.run(exchange()))


def read_answer(octets: bytes) -> Answer:
    """What the bytes of one answer say."""
    head, _, body = octets.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    return Answer(int(status.split()[1]), dict(line.split(": ", 1) for line in lines), body)
