"""HTTP/1.1 connections to receivers of webhooks, kept open for reuse.

They use the library's single connections, not its clients and pools: tests that mock HTTP patch those for the whole
process, and the mock would answer an emulator in the same process. No proxy is used.
"""

from collections import deque
from typing import TYPE_CHECKING

from emulator import __version__
from emulator.contract.delivery import Message, Response

if TYPE_CHECKING:
    import ssl

    import httpcore
    import httpx

ANSWER_BYTES = 16 * 1024
"""How much of a receiver's answer is read."""
_MOST_IDLE = 5
"""All of them are searched for each message."""

_Target = tuple[str, int, str, "ssl.SSLContext | None"]
"""Address, port, the name that the certificate must be for, and how it is verified."""


class Connections:
    """The connections of one event loop."""

    def __init__(self) -> None:
        self._idle: deque[tuple[_Target, httpcore.AsyncHTTP11Connection]] = deque()

    async def post(
        self, message: Message, host: str, address: str, port: int, tls: "ssl.SSLContext | None"
    ) -> Response:
        """Sends a message to `address` and `port`, for the host name `host`, and returns the answer; encrypted if `tls`
        is given. Raises what the library raises."""
        import httpcore
        import httpx

        request = httpx.Request("POST", message.url, headers=_headers(message), content=message.body)
        if request.url.userinfo:
            request = next(httpx.BasicAuth(request.url.username, request.url.password).sync_auth_flow(request))
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        target = (address, port, host, tls)
        connection = await self._take(target) or await self._connect(target, url.origin)
        try:
            answer = await connection.handle_async_request(
                httpcore.Request("POST", url, headers=request.headers.raw, content=message.body)
            )
            body = b""
            try:
                async for part in answer.aiter_stream():
                    body += part
                    if len(body) >= ANSWER_BYTES:
                        break
            finally:
                await answer.aclose()
            return Response(answer.status, body[:ANSWER_BYTES])
        finally:
            await self._give_back(target, connection)

    async def _take(self, target: _Target) -> "httpcore.AsyncHTTP11Connection | None":
        """An idle connection to this target that is still open; None if there is none."""
        for held in [held for held in self._idle if held[0] == target]:
            self._idle.remove(held)
            if not held[1].has_expired():
                return held[1]
            await held[1].aclose()
        return None

    async def _connect(self, target: _Target, origin: "httpcore.Origin") -> "httpcore.AsyncHTTP11Connection":
        import httpcore

        address, port, host, tls = target
        stream = await httpcore.AnyIOBackend().connect_tcp(address, port)
        if tls is not None:
            stream = await stream.start_tls(tls, server_hostname=host)
        return httpcore.AsyncHTTP11Connection(origin, stream)

    async def _give_back(self, target: _Target, connection: "httpcore.AsyncHTTP11Connection") -> None:
        if not connection.is_idle():
            await connection.aclose()
            return
        self._idle.append((target, connection))
        if len(self._idle) > _MOST_IDLE:
            await self._idle.popleft()[1].aclose()

    async def close(self) -> None:
        """Closes all idle connections."""
        while self._idle:
            await self._idle.popleft()[1].aclose()


def _headers(message: Message) -> "httpx.Headers":
    import httpx

    headers = httpx.Headers(list(message.headers))
    headers.setdefault("Accept", "*/*")
    headers.setdefault("User-Agent", f"payment-provider-emulator/{__version__}")
    return headers
