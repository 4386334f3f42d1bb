"""HTTP/1.1 to one server, on connections that are kept.

On bare sockets: whatever mocks HTTP clients in a test does not catch it, and no proxy of the environment is used. Some
mocks put their own class into the module `socket`; it is made of Python's own all the same.
"""

import _socket
import selectors
import socket
import ssl
from collections.abc import Mapping
from functools import cache
from http.client import HTTPException, HTTPResponse
from typing import cast
from urllib.parse import quote, urlencode, urlsplit

from emulator import __version__

__tracebackhide__ = True
_SAFE = "/?:@!$&'()*+,;=-._~%"
"""What stands in a path and a query as it is."""
_OWN_SOCKET = ("socket", "socket")
"""Module and name of Python's own class of sockets."""


@cache
def tls() -> ssl.SSLContext:
    """One TLS context for all clients: to make one takes longer than a whole test. Pass it as `verify`."""
    return ssl.create_default_context()


class Connection:
    """To the server of a base URL. May be used by several threads at once."""

    def __init__(self, base_url: str, headers: Mapping[str, str], timeout_s: float) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{base_url!r} is no http(s) URL: write it as http://127.0.0.1:8900/_emulator")
        self._url = base_url
        self._is_secure = parts.scheme == "https"
        self._host = parts.hostname
        self._address = (parts.hostname, parts.port or (443 if self._is_secure else 80))
        self._base_path = parts.path.rstrip("/")
        self._timeout_s = timeout_s
        fixed = {"Host": parts.netloc.rpartition("@")[2], "User-Agent": f"payment-provider-emulator/{__version__}"}
        self._head = "".join(f"{name}: {value}\r\n" for name, value in {**fixed, **headers}.items())
        self._idle: list[socket.socket] = []

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        query: Mapping[str, object] | None = None,
        *,
        timeout_s: float | None = None,
    ) -> tuple[int, bytes]:
        """Status and body of the answer; of a list in `query` each item is sent. Raises ConnectionError, also when
        there is no answer in time."""
        wanted = urlencode({name: value for name, value in (query or {}).items() if value is not None}, doseq=True)
        target = quote(f"{self._base_path}/{path}" + (f"?{wanted}" if wanted else ""), safe=_SAFE)
        head = f"{method} {target} HTTP/1.1\r\n{self._head}Content-Length: {len(body)}\r\n\r\n"
        try:
            connected = self._take()
        except OSError as error:
            raise ConnectionError(f"no emulator can be reached at {self._url}: {error}") from error
        try:
            connected.settimeout(timeout_s or self._timeout_s)
            connected.sendall(head.encode("latin-1") + body)
            answer = HTTPResponse(connected, method=method)
            answer.begin()
            content = answer.read()
        except (OSError, HTTPException) as error:
            connected.close()
            raise ConnectionError(f"{method} {self._url}/{path} was not answered: {_words(error)}") from error
        except BaseException:
            connected.close()
            raise
        if answer.will_close:
            connected.close()
        else:
            self._idle.append(connected)
        return answer.status, content

    def _take(self) -> socket.socket:
        """A connection that is free and that the other side has not closed, or else a new one."""
        while self._idle:
            try:
                kept = self._idle.pop()
            except IndexError:  # another thread was quicker
                break
            if not _has_news(kept):
                return kept
            kept.close()
        connected = _connect(self._address, self._timeout_s)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return tls().wrap_socket(connected, server_hostname=self._host) if self._is_secure else connected

    def close(self) -> None:
        """Closes those that are free; the next call opens another."""
        while self._idle:
            self._idle.pop().close()


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
    """The class `socket.socket` as Python has made it, whatever stands there now."""
    made_of_it = _socket.socket.__subclasses__()
    return next(
        cast(type[socket.socket], each) for each in made_of_it if (each.__module__, each.__name__) == _OWN_SOCKET
    )


def _has_news(idle: socket.socket) -> bool:
    """Whether there is something to read, which on an idle connection is its end."""
    with selectors.DefaultSelector() as selector:
        selector.register(idle, selectors.EVENT_READ)
        return bool(selector.select(0))


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
