# Made by scripts/generate_docs.py from emulator/testing/transport.py: edit that, and run it again.
"""The emulator as a transport of httpx, for sync and async clients."""

from __future__ import annotations

import httpx

from emulator_client.link import Answered, Asked, Broken, Cut, Link, Silent, Unreachable

__tracebackhide__ = True
_WORDS: dict[type[ConnectionError], type[httpx.TransportError]] = {
    Unreachable: httpx.ConnectError,
    Broken: httpx.ReadError,
    Cut: httpx.RemoteProtocolError,
    Silent: httpx.ReadTimeout,
}
"""What httpx calls it."""
FAILURES = tuple(_WORDS)


class Transport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Hands requests to a link, and raises what httpx raises when a server breaks or holds a connection."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer."""
        asked = asked_of(request, request.read())
        try:
            return _response(self._link.exchange(asked))
        except FAILURES as error:
            raise _WORDS[type(error)](str(error), request=request) from error

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer."""
        asked = asked_of(request, await request.aread())
        try:
            return _response(await self._link.exchange_async(asked))
        except FAILURES as error:
            raise _WORDS[type(error)](str(error), request=request) from error


def asked_of(request: httpx.Request, body: bytes) -> Asked:
    """A request of httpx as it goes over the wire."""
    url = request.url
    chunked = "transfer-encoding" in request.headers
    headers = [(name, value) for name, value in request.headers.raw if name.lower() != b"transfer-encoding"]
    if chunked:
        headers.append((b"Content-Length", str(len(body)).encode()))
    timeout_s = request.extensions.get("timeout", {}).get("read")
    return Asked(request.method, url.scheme, url.host, url.port, url.raw_path, headers, body, timeout_s)


def _response(answered: Answered) -> httpx.Response:
    return httpx.Response(
        answered.status,
        headers=list(answered.headers),
        stream=httpx.ByteStream(answered.body),
        extensions={"http_version": b"HTTP/1.1"},
    )
