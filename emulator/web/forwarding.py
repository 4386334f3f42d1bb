"""Forwards requests to a real provider and its answers back, byte for byte, and reports each call afterwards."""

import asyncio
import contextlib
import logging
import ssl
from collections.abc import AsyncIterator, Callable, Iterable
from typing import NamedTuple
from urllib.parse import urlsplit

import httpcore
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from emulator.engine import real_time
from emulator.traffic.bodies import MAX_BODY_BYTES
from emulator.traffic.proxied_call import Headers, ProxiedCall

log = logging.getLogger("emulator")

MAX_CONNECTIONS = 100
"""To the provider, at once."""
CONNECT_MS = 10_000
_HOP_BY_HOP = frozenset({
    b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection", b"te", b"trailer",
    b"transfer-encoding", b"upgrade",
})  # fmt: skip
"""Hop-by-hop headers (RFC 9110, 7.6.1), besides those that `Connection` names."""
_RawHeaders = list[tuple[bytes, bytes]]
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Upstream(NamedTuple):
    """Where requests go."""

    scheme: str
    host: str
    port: int
    base_path: str
    """What precedes the path of each request, without a slash at its end."""

    @property
    def base_url(self) -> str:
        """The URL that it was read from."""
        return self.origin + self.base_path

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"{self.scheme}://{self.authority}"

    @property
    def authority(self) -> str:
        """The Host header, without the scheme's usual port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def read_upstream(url: str, flag: str) -> Upstream:
    """Where a URL leads. Raises ValueError, which names the flag and says how to write it."""
    how = "write the provider's base URL, such as https://api.provider.example"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"{flag}: {url!r} is not a URL: {how}") from error
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ValueError(f"{flag}: {url!r} is not an http or https URL: {how}")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError(f"{flag}: a base URL has no user, query or fragment: {how}")
    return Upstream(parts.scheme, parts.hostname, port or _DEFAULT_PORTS[parts.scheme], parts.path.rstrip("/"))


class Forwarding:
    """An ASGI application that answers with what the provider answers."""

    def __init__(
        self, upstream: Upstream, context: ssl.SSLContext, timeout_s: float, tell: Callable[[ProxiedCall], None]
    ) -> None:
        """`context`: whom to trust; `timeout_s`: how long the provider may be silent; `tell`: is told of each call."""
        self._upstream = upstream
        self._tell = tell
        self._timeouts = {
            "connect": CONNECT_MS / 1000,
            "pool": CONNECT_MS / 1000,
            "read": timeout_s,
            "write": timeout_s,
        }
        self._timeout_s = timeout_s
        self._pool = httpcore.AsyncConnectionPool(ssl_context=context, max_connections=MAX_CONNECTIONS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forwards what is meant for the provider; refuses what is meant for anybody else."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        path: bytes = scope["raw_path"]
        if not path.startswith(b"/"):
            told = f"this proxy forwards to {self._upstream.base_url} only: ask it as if it were that\n"
            await PlainTextResponse(told, 400)(scope, receive, send)
            return
        await _Call(self, scope, receive, send).run()

    async def _live(self, receive: Receive, send: Send) -> None:
        """Opens nothing, and closes all connections at the end."""
        for event in ("startup", "shutdown"):
            await receive()
            if event == "shutdown":
                await self._pool.aclose()
            await send({"type": f"lifespan.{event}.complete"})

    def request(self, method: str, target: bytes, headers: _RawHeaders, body: AsyncIterator[bytes]) -> httpcore.Request:
        """The request as it goes to the provider."""
        upstream = self._upstream
        url = httpcore.URL(
            scheme=upstream.scheme.encode(),
            host=upstream.host.encode("idna"),
            port=upstream.port,
            target=upstream.base_path.encode() + target,
        )
        sent = [(b"host", upstream.authority.encode("idna")), *_end_to_end(headers, also=(b"host", b"expect"))]
        if dict(headers).get(b"transfer-encoding"):
            sent.append((b"transfer-encoding", b"chunked"))
        return httpcore.Request(method, url, headers=sent, content=body, extensions={"timeout": self._timeouts})

    def stream(self, request: httpcore.Request) -> contextlib.AbstractAsyncContextManager[httpcore.Response]:
        """The answer, as it comes."""
        return _answered(self._pool, request)

    def told(self, call: ProxiedCall) -> None:
        """Reports a call; if that fails, the client does not notice."""
        try:
            self._tell(call)
        except Exception:
            log.exception("a call was forwarded, but not checked")

    def failure(self, error: Exception) -> tuple[int, str]:
        """Status and sentence of the answer if none came from the provider."""
        if isinstance(error, httpcore.TimeoutException) and not isinstance(error, httpcore.ConnectTimeout):
            return 504, f"{self._upstream.base_url} did not answer within {self._timeout_s:g}s"
        why = str(error) or type(error).__name__
        return 502, f"{self._upstream.base_url} cannot be reached: {why}"


@contextlib.asynccontextmanager
async def _answered(pool: httpcore.AsyncConnectionPool, request: httpcore.Request) -> AsyncIterator[httpcore.Response]:
    response = await pool.handle_async_request(request)
    try:
        yield response
    finally:
        await response.aclose()


class _Call:
    """One request on its way."""

    def __init__(self, forwarding: Forwarding, scope: Scope, receive: Receive, send: Send) -> None:
        self._forwarding, self._scope, self._receive, self._send = forwarding, scope, receive, send
        query = scope["query_string"]
        self._target: bytes = scope["raw_path"] + (b"?" + query if query else b"")
        self._sent, self._answer = _Kept(), _Kept()
        self._status: int | None = None
        self._headers: _RawHeaders = []
        self._is_whole = False

    async def run(self) -> None:
        began_ms, began = real_time.now_ms(), real_time.stopwatch_ms()
        method = self._scope["method"]
        request = self._forwarding.request(method, self._target, self._scope["headers"], self._body())
        try:
            await self._forward(request)
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            if self._status is None:
                status, told = self._forwarding.failure(error)
                await PlainTextResponse(f"emulator proxy: {told}\n", status)(self._scope, self._receive, self._send)
        took_ms = real_time.stopwatch_ms() - began
        self._forwarding.told(
            ProxiedCall(
                began_ms, took_ms, method, self._target.decode("latin-1"), _texts(self._scope["headers"]),
                bytes(self._sent.octets), self._status, _texts(self._headers), bytes(self._answer.octets),
                self._is_whole,
            )
        )  # fmt: skip

    async def _body(self) -> AsyncIterator[bytes]:
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise httpcore.ReadError("the client has gone")
            part = message.get("body", b"")
            self._sent.add(part)
            yield part
            if not message.get("more_body"):
                return

    async def _forward(self, request: httpcore.Request) -> None:
        async with self._forwarding.stream(request) as response:
            self._status, self._headers = response.status, _end_to_end(response.headers)
            await self._send({"type": "http.response.start", "status": response.status, "headers": self._headers})
            gone = asyncio.ensure_future(self._wait_for_end())
            try:
                async for part in response.aiter_stream():
                    self._answer.add(part)
                    if gone.done():
                        return
                    await self._send({"type": "http.response.body", "body": part, "more_body": True})
            finally:
                gone.cancel()
            await self._send({"type": "http.response.body", "body": b""})
            self._is_whole = True

    async def _wait_for_end(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass


class _Kept:
    """The beginning of a body, one byte longer than is judged, so that it is seen to be too long."""

    def __init__(self) -> None:
        self.octets = bytearray()

    def add(self, part: bytes) -> None:
        """Adds a part, as far as there is room."""
        self.octets += part[: MAX_BODY_BYTES + 1 - len(self.octets)]


def _end_to_end(headers: Iterable[tuple[bytes, bytes]], also: tuple[bytes, ...] = ()) -> _RawHeaders:
    """The end-to-end headers, without those in `also`."""
    listed = list(headers)
    named = {
        token.strip().lower() for name, value in listed if name.lower() == b"connection" for token in value.split(b",")
    }
    dropped = _HOP_BY_HOP | named | set(also)
    return [(name, value) for name, value in listed if name.lower() not in dropped]


def _texts(headers: _RawHeaders) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)
