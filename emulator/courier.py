"""Carries webhooks over HTTP, but only to where it may. Never follows a redirect, never raises for a receiver."""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import urlsplit

from emulator import wall
from emulator.connections import ANSWER_BYTES, Connections
from emulator.core.delivery import Message, Response

Receive = Callable[[Message], Awaitable[Response]]
_MOST_AT_ONCE = 100
_LOCAL = tuple(
    ipaddress.ip_network(text)
    for text in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
)


class Courier:
    """One per process. Loopback and private addresses are allowed, and the hosts in `allowed`."""

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self._allowed = frozenset(host.lower() for host in allowed)
        self.receivers: dict[str, Receive] = {}
        """What in this process receives all that goes to a host; host names in lower case."""
        self._connections = Connections()
        self._free = asyncio.Semaphore(_MOST_AT_ONCE)

    async def send(self, message: Message, timeout_ms: int) -> Response:
        """Makes one attempt; whatever happens is a response. Time in the queue for a connection does not count."""
        async with self._free:
            return await self._attempt(message, timeout_ms)

    async def _attempt(self, message: Message, timeout_ms: int) -> Response:
        began_ms = wall.stopwatch_ms()
        try:
            async with asyncio.timeout(timeout_ms / 1000):
                response = await self._send(message)
        except TimeoutError:
            response = Response(None, error=f"no answer within {timeout_ms} ms")
        except Exception as error:
            response = Response(None, error=f"{type(error).__name__}: {error}")
        took_ms = wall.stopwatch_ms() - began_ms
        return Response(response.status, response.body, response.error, took_ms, response.refused)

    async def _send(self, message: Message) -> Response:
        parts = urlsplit(message.url)
        host = (parts.hostname or "").lower()
        if parts.scheme not in ("http", "https") or not host:
            return Response(None, error=f"{message.url!r} is no http(s) URL", refused=True)
        receive = self.receivers.get(host)
        if receive is not None:
            answer = await receive(message)
            return Response(answer.status, answer.body[:ANSWER_BYTES], answer.error)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        address = await self._resolve(host, port)
        if address is None:
            return Response(None, refused=True, error=(
                f"{host} is neither loopback nor private: start with --webhook-allow {host} to call it"
            ))  # fmt: skip
        return await self._connections.post(message, host, address)

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

    async def close(self) -> None:
        """Closes all connections."""
        await self._connections.close()


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
