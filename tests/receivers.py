"""A webhook receiver on a real socket, which records what it gets and behaves as told."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import TracebackType

HANG = "hang"
GARBAGE = "garbage"
HALF = "half"
"""Behaviours besides an HTTP status: never answer, answer with no HTTP, close in the middle of the answer."""


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came over the wire; header names in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """Answers each request by the next of `behaviours`, and by the last of them ever after; over TLS with a context.

    With `decide` by what that says of a request, however long it takes: a slow receiver whose slowness no load changes.
    """

    def __init__(
        self,
        *behaviours: int | str,
        tls: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
        decide: Callable[[Received], int | str] | None = None,
    ) -> None:
        self.received: list[Received] = []
        self._behaviours = list(behaviours) or [200]
        self._decide = decide
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, 0), family=family)
        self._tls = tls
        self.port: int = self._socket.getsockname()[1]
        shown = f"[{host}]" if ":" in host else host
        self.url = f"{'https' if tls else 'http'}://{shown}:{self.port}/hook"
        self._changed = threading.Condition()
        self._closing = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def wait(self, count: int, timeout_s: float = 10) -> list[Received]:
        """The requests so far, once there are `count` of them; fails after `timeout_s`."""
        with self._changed:
            enough = self._changed.wait_for(lambda: len(self.received) >= count, timeout_s)
        assert enough, f"{len(self.received)} of {count} requests came"
        return list(self.received)

    def __enter__(self) -> "Receiver":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        if self._tls is not None:
            try:
                connection = self._tls.wrap_socket(connection, server_side=True)
            except OSError:  # the other side does not trust the certificate
                connection.close()
                return
        with connection, connection.makefile("rb") as stream:
            while True:
                try:
                    request_line = stream.readline().decode("latin-1").split(" ")
                    if len(request_line) < 3:
                        return
                    headers = dict(_headers(iter(stream.readline, b"\r\n")))
                    body = stream.read(int(headers.get("content-length", "0")))
                except OSError:
                    return
                received = Received(request_line[1], headers, body)
                with self._changed:
                    self.received.append(received)
                    behaviour = self._behaviours.pop(0) if len(self._behaviours) > 1 else self._behaviours[0]
                    self._changed.notify_all()
                if self._decide is not None:
                    behaviour = self._decide(received)
                if not self._answer(connection, behaviour):
                    return

    def _answer(self, connection: socket.socket, behaviour: int | str) -> bool:
        """Whether the connection may go on."""
        if behaviour == HANG:
            self._closing.wait(60)
            return False
        if behaviour == GARBAGE:
            connection.sendall(b"\x00\xffthis is not HTTP\r\n\r\n")
            return False
        if behaviour == HALF:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            return False
        location = "Location: http://127.0.0.1:9/elsewhere\r\n" if str(behaviour).startswith("3") else ""
        connection.sendall(f"HTTP/1.1 {behaviour} X\r\n{location}Content-Length: 0\r\n\r\n".encode())
        return True


def _headers(lines: Iterable[bytes]) -> Iterable[tuple[str, str]]:
    for line in lines:
        name, _, value = line.decode("latin-1").rstrip("\r\n").partition(":")
        yield name.lower(), value.strip()
