"""Real listeners for applications of the test, to which an emulator that runs elsewhere sends its webhooks."""

import asyncio
import socket
import threading
from collections.abc import Coroutine
from ipaddress import ip_address
from typing import Any

import h11

from emulator.contract.delivery import Message
from emulator.engine import real_time
from emulator.engine.sender import Receive

LOOPBACK = "127.0.0.1"
_READ_BYTES = 64 * 1024
_WAIT_S = 30


class Listeners:
    """Those of one test session, in an event loop of their own."""

    def __init__(self, host: str = LOOPBACK) -> None:
        """`host`: the name or address by which the emulator reaches this machine. Unless it is a loopback address, they
        listen at all addresses."""
        self._host = host
        self.loop = real_time.new_event_loop()
        """In which they run."""
        self._open: dict[Receive, asyncio.Server] = {}
        self._thread = threading.Thread(target=self._run, name="emulator-listeners", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def open(self, name: str, receive: Receive) -> str:
        """Listens on a free port; the base URL of it. Raises OSError."""
        bound = socket.create_server((LOOPBACK if _is_near(self._host) else "", 0))
        url = f"http://{self._host}:{bound.getsockname()[1]}"
        self._wait(self._start(bound, url, receive))
        return url

    def close(self, name: str, receive: Receive) -> None:
        """Listens no longer."""
        server = self._open.pop(receive, None)
        if server is not None:
            self._wait(self._stop(server))

    def end(self) -> None:
        """Ends the loop, and whatever is still listening."""
        for receive in list(self._open):
            self.close("", receive)
        self._wait(self._give_up())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(_WAIT_S)
        self.loop.close()

    def _wait(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self.loop).result(_WAIT_S)

    async def _start(self, bound: socket.socket, url: str, receive: Receive) -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await _serve(url, receive, reader, writer)
            except (OSError, h11.RemoteProtocolError):  # the other side is gone, or speaks no HTTP
                pass
            finally:
                writer.close()

        self._open[receive] = await asyncio.start_server(serve, sock=bound)

    async def _stop(self, server: asyncio.Server) -> None:
        server.close()

    async def _give_up(self) -> None:
        """Ends connections that nobody has closed."""
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for each in others:
            each.cancel()
        await asyncio.gather(*others, return_exceptions=True)


def _is_near(host: str) -> bool:
    """Whether a host leads back to this machine and to nobody else."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


async def _serve(url: str, receive: Receive, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers what arrives on one connection, until it ends."""
    connection = h11.Connection(h11.SERVER)
    while True:
        message = await _read(url, connection, reader)
        if message is None:
            return
        answer = await receive(message)
        headers = [("Content-Length", str(len(answer.body)))]
        parts = [
            h11.Response(status_code=answer.status or 500, headers=headers),
            h11.Data(answer.body),
            h11.EndOfMessage(),
        ]
        writer.write(b"".join(connection.send(part) or b"" for part in parts))
        await writer.drain()
        if connection.our_state is not h11.DONE:
            return
        connection.start_next_cycle()


async def _read(url: str, connection: h11.Connection, reader: asyncio.StreamReader) -> Message | None:
    """The next request; None: there is none."""
    request: h11.Request | None = None
    body = b""
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(_READ_BYTES))
        elif isinstance(event, h11.Request):
            request = event
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage) and request is not None:
            headers = tuple(
                (name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw_items()
            )
            return Message(url + request.target.decode("latin-1"), headers, body)
        else:
            return None
