"""Turns requests into the core's, and the core's replies into bytes, for one provider under one mount prefix."""

from collections import Counter
from functools import cached_property, lru_cache
from itertools import chain
from typing import Protocol

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from emulator.contract.card import Provider
from emulator.contract.reply import Reply
from emulator.contract.request import Request
from emulator.core.forwarded import read_origin
from emulator.engine.engine import Engine, Waiting
from emulator.web.headers import is_page, page_headers
from emulator.web.place import Place

DRAINED_BYTES = 8 * 1024 * 1024
"""At most this much of a body is read before it is answered, however little of it the provider wants."""
_NOTHING: frozenset[str] = frozenset()
_NO_CONTENT = 204


def read_request(
    method: str, url: bytes, raw_headers: list[tuple[bytes, bytes]], server: str, peer: str, scheme: str = "http"
) -> Request:
    """A request whose body is still to come. `url` as on the request line; names of headers in lower case; `server`:
    host and port of the connection."""
    target = (url if url[:1] == b"/" and b"#" not in url else _path_and_query(url)).decode("latin-1")
    path, _, query = target.partition("?")
    header_lines = b"\n".join(chain.from_iterable(raw_headers))
    lines = header_lines.decode("latin-1").split("\n")
    each = iter(lines)
    headers = dict(zip(each, each, strict=False))
    repeated = _NOTHING
    if len(headers) != len(raw_headers):
        repeated = _repeated(raw_headers)
        headers = dict(zip(lines[-2::-2], lines[::-2], strict=False))  # backwards, so that the first of several stays
    origin = read_origin(scheme, headers.get("host", ""), server)
    return Request(method, target, path, query, headers, b"", origin, "", peer, repeated, header_lines)


class Asked(Protocol):
    """Whatever answers a request, whichever door it came in by."""

    @property
    def body_limit(self) -> int:
        """Of a longer body, one byte more than this is enough."""

    def ask(self, request: Request, body: bytes) -> Reply | Waiting:
        """The answer to a request whose body is complete."""


class Intake:
    """Where the requests to a provider come in."""

    def __init__(self, engine: Engine, name: str, mount: str = "", place: Place | None = None) -> None:
        """`name`: the provider's; `place`: where the emulator is reached from outside; None: as each request says."""
        self._engine = engine
        self._place = place
        self._name = name
        self._mount = mount

    @cached_property
    def _provider(self) -> Provider:
        return self._engine.library.providers[self._name]

    @cached_property
    def body_limit(self) -> int:
        """Of a longer body, the provider sees one byte more than this."""
        return self._provider.body_limit

    def ask(self, request: Request, body: bytes) -> Reply | Waiting:
        """The provider's answer to a request whose body is complete."""
        request.body = body if len(body) <= self.body_limit else body[: self.body_limit + 1]
        if self._place is not None:
            self._place.put(request, self._name, request.origin.partition("://")[2])
        if self._mount:
            request.mount = self._mount
            request.path = request.path.removeprefix(self._mount)
        return self._engine.ask(self._provider, request)


class Refusing:
    """Stands in for an intake: whatever is asked, this is the answer."""

    body_limit = 0

    def __init__(self, reply: Reply) -> None:
        self._reply = reply

    def ask(self, request: Request, body: bytes) -> Reply:
        """The answer."""
        return self._reply


def write_head(reply: Reply, *, close: bool = False) -> bytes:
    """Status line and headers of a reply; with `close` they say that the connection ends after it."""
    head = _beginning(reply.status, reply.content_type, reply.scripts, reply.styles)
    if reply.status != _NO_CONTENT:
        head = b"%bcontent-length: %d\r\n" % (head, len(reply.body))
    for name, value in reply.headers:
        head += f"{name.lower()}: {value}\r\n".encode("latin-1")
    return head + (b"connection: close\r\n\r\n" if close else b"\r\n")


@lru_cache(maxsize=256)
def _beginning(status: int, content_type: str, scripts: tuple[str, ...], styles: tuple[str, ...]) -> bytes:
    line = STATUS_LINE[status]
    if status == _NO_CONTENT:
        return line
    headers = {"content-type": content_type, **(page_headers(scripts, styles) if is_page(content_type) else {})}
    return line + "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode()


def _path_and_query(url: bytes) -> bytes:
    """Those of an absolute URL, as proxies get it; anything that is not a URL, such as `*`, is all path."""
    try:
        parsed = httptools.parse_url(url)
    except httptools.HttpParserInvalidURLError:
        return b"/" + url
    path = b"/" + (parsed.path or b"").removeprefix(b"/")
    return b"%b?%b" % (path, parsed.query or b"") if b"?" in url.partition(b"#")[0] else path


def _repeated(raw_headers: list[tuple[bytes, bytes]]) -> frozenset[str]:
    counts = Counter(name for name, _ in raw_headers)
    return frozenset(name.decode("latin-1") for name, count in counts.items() if count > 1)
