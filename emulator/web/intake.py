"""Turns requests into the core's, and the core's replies into bytes, for one provider under one mount prefix."""

from collections import Counter
from collections.abc import Coroutine
from functools import lru_cache
from itertools import chain
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from emulator import wall
from emulator.core.provider import Provider, Reply, Request
from emulator.world import World

_NOTHING: frozenset[str] = frozenset()


class Head:
    """What is known of a request before its body has come."""

    __slots__ = ("header_lines", "headers", "method", "repeated", "target")

    def __init__(self, method: str, url: bytes, raw_headers: list[tuple[bytes, bytes]]) -> None:
        """`url` as on the request line; the names of headers in lower case, no line breaks in their values."""
        self.method = method
        self.target = (url if url[:1] == b"/" and b"#" not in url else _path_and_query(url)).decode("latin-1")
        """Path and query, undecoded."""
        self.header_lines = b"\n".join(chain.from_iterable(raw_headers))
        lines = self.header_lines.decode("latin-1").split("\n")
        self.headers = dict(zip(lines[-2::-2], lines[-1::-2], strict=False))
        """Of a repeated header the first value."""
        self.repeated = _NOTHING if len(self.headers) == len(raw_headers) else _repeated(lines[::2])


class Intake:
    """Where requests to a provider come in."""

    def __init__(self, world: World, provider: Provider, mount: str = "") -> None:
        self._world = world
        self._provider = provider
        self._mount = mount
        self.body_limit = provider.body_limit
        """Of a longer body, the provider wants to see one byte more than this."""

    def answer(self, head: Head, body: bytes, server: str, peer: str) -> Coroutine[Any, Any, Reply]:
        """The provider's answer. `server`: host and port of the connection."""
        path, _, query = head.target.partition("?")
        if self._mount or path[:1] != "/":  # `OPTIONS *` has no slash
            path = "/" + path[len(self._mount) :].removeprefix("/")
        headers = head.headers
        request = Request(
            method=head.method,
            path=path,
            query=query,
            headers=headers,
            body=body,
            origin="http://" + (headers.get("host") or server),
            mount=self._mount,
            peer=peer,
            received_ms=wall.now_ms(),
            repeated=head.repeated,
            header_lines=head.header_lines,
        )
        return self._world.answer(self._provider, request)


def write_head(reply: Reply, *, close: bool = False) -> bytes:
    """Status line and headers of a reply; with `close` they say that the connection ends after it."""
    head = b"%bcontent-length: %d\r\n" % (_beginning(reply.status, reply.content_type), len(reply.body))
    for name, value in reply.headers:
        head += f"{name.lower()}: {value}\r\n".encode("latin-1")
    return head + (b"connection: close\r\n\r\n" if close else b"\r\n")


@lru_cache(maxsize=256)
def _beginning(status: int, content_type: str) -> bytes:
    return b"%bcontent-type: %b\r\n" % (STATUS_LINE[status], content_type.encode())


def _path_and_query(url: bytes) -> bytes:
    """Those of an absolute URL, as proxies are sent it; of anything that is no URL, as `*`, all of it."""
    try:
        parsed = httptools.parse_url(url)
    except httptools.HttpParserInvalidURLError:
        return url
    return b"%b?%b" % (parsed.path or b"", parsed.query) if parsed.query else parsed.path or b""


def _repeated(names: list[str]) -> frozenset[str]:
    return frozenset(name for name, count in Counter(names).items() if count > 1)
