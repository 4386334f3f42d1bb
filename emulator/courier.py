"""Carries webhooks over HTTP, but only to where it may. Never follows a redirect, never raises for a receiver."""

import asyncio
import ipaddress
import socket
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from msgspec.structs import replace

from emulator import wall
from emulator.core.delivery import Message, Response

if TYPE_CHECKING:
    import httpx

ANSWER_BYTES = 16 * 1024
"""How much of a receiver's answer is read."""
_CONNECTIONS = 100
_IDLE_CONNECTIONS = 5
"""The HTTP library looks at every idle connection for every request, so that many of them make it slow."""
_NEVER_S = 86_400
"""The time limit of an attempt is the provider's; that of the HTTP library must not come first."""
_LOCAL = tuple(
    ipaddress.ip_network(text)
    for text in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
)


class Courier:
    """One per process. Loopback and private addresses are allowed, and the hosts in `allowed`."""

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self._allowed = frozenset(host.lower() for host in allowed)
        self._receivers: dict[str, Any] = {}
        self._client: httpx.AsyncClient | None = None
        # The HTTP library has a queue of its own, which becomes slow when it is long.
        self._free = asyncio.Semaphore(_CONNECTIONS)

    def receive_at(self, host: str, app: Any) -> None:
        """Lets an ASGI application of this process be the receiver of all that goes to `host`."""
        self._receivers[host.lower()] = app

    async def send(self, message: Message, timeout_ms: int, begins: Callable[[], None] = lambda: None) -> Response:
        """Makes one attempt; whatever happens is a response. Time in the queue for a connection does not count;
        `begins` is called when it is over."""
        async with self._free:
            begins()
            return await self._attempt(message, timeout_ms)

    async def _attempt(self, message: Message, timeout_ms: int) -> Response:
        began_ms = wall.stopwatch_ms()
        try:
            async with asyncio.timeout(timeout_ms / 1000):
                response = await self._send(message)
        except TimeoutError:
            response = Response(None, error=f"no answer within {timeout_ms} ms", silent=True)
        except Exception as error:
            response = Response(None, error=f"{type(error).__name__}: {error}")
        return replace(response, duration_ms=wall.stopwatch_ms() - began_ms)

    async def _send(self, message: Message) -> Response:
        parts = urlsplit(message.url)
        host = (parts.hostname or "").lower()
        if parts.scheme not in ("http", "https") or not host:
            return Response(None, error=f"{message.url!r} is no http(s) URL", refused=True)
        app = self._receivers.get(host)
        if app is not None:
            return await self._ask_app(app, message)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        address = await self._resolve(host, port)
        if address is None:
            return Response(None, refused=True, error=(
                f"{host} is neither loopback nor private: start with --webhook-allow {host} to call it"
            ))  # fmt: skip
        return await self._ask(message, host, address)

    async def _resolve(self, host: str, port: int) -> str | None:
        """The address to connect to, checked after the name was resolved; None if it may not be called."""
        if _is_address(host):
            return host if host in self._allowed or _is_local(host) else None
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(entry[4][0]) for entry in found]
        if host in self._allowed:
            return addresses[0]
        return next((address for address in addresses if _is_local(address)), None)

    async def _ask(self, message: Message, host: str, address: str) -> Response:
        import httpx

        if self._client is None:
            limits = httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_IDLE_CONNECTIONS)
            self._client = httpx.AsyncClient(limits=limits, timeout=_NEVER_S, trust_env=False)
        url = httpx.URL(message.url)
        headers = [("Host", url.netloc.decode("ascii")), *message.headers]
        request = self._client.build_request(
            "POST",
            url.copy_with(host=address),
            headers=headers,
            content=message.body,
            extensions={"sni_hostname": host},
        )
        answer = await self._client.send(request, stream=True)
        try:
            body = b""
            async for part in answer.aiter_raw():
                body += part
                if len(body) >= ANSWER_BYTES:
                    break
        finally:
            await answer.aclose()
        return Response(answer.status_code, body[:ANSWER_BYTES])

    async def _ask_app(self, app: Any, message: Message) -> Response:
        import httpx

        async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
            answer = await client.post(message.url, headers=list(message.headers), content=message.body)
            return Response(answer.status_code, answer.content[:ANSWER_BYTES])

    async def close(self) -> None:
        """Closes all connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_local(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return any((mapped or parsed) in network for network in _LOCAL if network.version == (mapped or parsed).version)
