"""HTTP/1.1 on connections that are kept.

On bare sockets: whatever mocks HTTP clients in a test does not catch it, and no proxy of the environment is used. Some
mocks put a class of their own into the module `socket`; Python's own is used all the same.
"""

import _socket
import asyncio
import selectors
import socket
import ssl
from collections.abc import Collection
from contextlib import closing
from functools import cache
from http.client import HTTPException, HTTPResponse, IncompleteRead, RemoteDisconnected
from typing import NamedTuple, cast
from urllib.parse import urlsplit

from emulator.testing.link import Answered, Asked, Broken, Cut, Silent, Unreachable

__tracebackhide__ = True
_CONNECT_S = 90
_PORTS = {"http": 80, "https": 443}
_OWN_SOCKET = ("socket", "socket")
"""Module and name of Python's own class of sockets."""


@cache
def tls() -> ssl.SSLContext:
    """One TLS context for all clients: to make one takes longer than a whole test. Pass it as `verify`."""
    return ssl.create_default_context()


class Address(NamedTuple):
    """Where a server listens."""

    scheme: str
    host: str
    port: int


class Sockets:
    """A link to the emulator at a base URL. May be used by several threads at once."""

    def __init__(self, url: str, others: Collection[str] = ()) -> None:
        """`url`: of its front door, which is also asked for hosts that are not its own; `others`: URLs of its other
        ports. Raises ValueError for what is not a URL."""
        self._front = _read_address(url)
        self._addresses = {self._front, *map(_read_address, others)}
        self._idle: dict[Address, list[socket.socket]] = {}

    def exchange(self, asked: Asked) -> Answered:
        """The answer."""
        wanted = Address(asked.scheme, asked.host, asked.port or _PORTS[asked.scheme])
        address = wanted if wanted in self._addresses else self._front
        connected = self._take(address)
        what = f"{asked.method} {asked.scheme}://{asked.host}:{address.port}{asked.target.decode('latin-1')}"
        lines = b"".join(b"%b: %b\r\n" % pair for pair in asked.headers)
        try:
            connected.settimeout(asked.timeout_s)
            connected.sendall(b"%b %b HTTP/1.1\r\n%b\r\n%b" % (asked.method.encode(), asked.target, lines, asked.body))
            with closing(HTTPResponse(connected, method=asked.method)) as answer:  # even if it breaks off
                answer.begin()
                content = answer.read()
        except (OSError, HTTPException) as error:
            connected.close()
            raise _kind(error)(f"{what} was not answered: {_words(error)}") from error
        except BaseException:
            connected.close()
            raise
        if answer.will_close:
            connected.close()
        else:
            self._idle.setdefault(address, []).append(connected)
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.getheaders()]
        return Answered(answer.status, headers, content)

    async def exchange_async(self, asked: Asked) -> Answered:
        """The answer, which a thread waits for."""
        return await asyncio.to_thread(self.exchange, asked)

    def _take(self, address: Address) -> socket.socket:
        """A connection that is free and that the other side has not closed, or else a new one."""
        idle = self._idle.get(address, [])
        while idle:
            try:
                kept = idle.pop()
            except IndexError:  # another thread was quicker
                break
            if not _has_news(kept):
                return kept
            kept.close()
        try:
            connected = _connect((address.host, address.port), _CONNECT_S)
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            is_plain = address.scheme != "https"
            return connected if is_plain else tls().wrap_socket(connected, server_hostname=address.host)
        except OSError as error:
            where = f"{address.scheme}://{address.host}:{address.port}"
            raise Unreachable(f"no emulator can be reached at {where}: {error}") from error

    def close(self) -> None:
        """Closes those that are idle; the next call opens another."""
        for idle in list(self._idle.values()):
            while idle:
                idle.pop().close()


def _read_address(url: str) -> Address:
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(f"{url!r} is not an http(s) URL: write it as http://127.0.0.1:8900/_emulator")
    return Address(parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme])


def _kind(error: Exception) -> type[ConnectionError]:
    """What happened to a connection."""
    if isinstance(error, TimeoutError):
        return Silent
    if isinstance(error, (IncompleteRead, RemoteDisconnected)) or not isinstance(error, OSError):
        return Cut
    return Broken


def _connect(address: tuple[str, int], timeout_s: float) -> socket.socket:
    """To the first of the host's addresses where somebody listens. Raises OSError, that of the last one."""
    failure = OSError(f"{address[0]} has no address")
    for family, kind, protocol, _, place in _socket.getaddrinfo(*address, 0, _socket.SOCK_STREAM):
        connected = _own_socket()(family, kind, protocol)
        try:
            connected.settimeout(timeout_s)
            connected.connect(place)
        except OSError as error:
            connected.close()
            failure = error
        else:
            return connected
    raise failure


@cache
def _own_socket() -> type[socket.socket]:
    """The class `socket.socket` as Python has made it, whatever is there now."""
    made_of_it = _socket.socket.__subclasses__()
    return next(
        cast(type[socket.socket], each) for each in made_of_it if (each.__module__, each.__name__) == _OWN_SOCKET
    )


def _has_news(idle: socket.socket) -> bool:
    """Whether there is something to read, which on an idle connection means its end."""
    with selectors.DefaultSelector() as selector:
        selector.register(idle, selectors.EVENT_READ)
        return bool(selector.select(0))


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
