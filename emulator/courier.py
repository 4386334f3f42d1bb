"""Carries webhooks over HTTP, but only to where it may. Never follows a redirect, never raises for a receiver."""

import asyncio
import re
import socket
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emulator import wall
from emulator.core.delivery import Message, Response
from emulator.core.urls import is_address, is_local, is_loopback, is_never_called, unmapped, url_problem

if TYPE_CHECKING:
    import ssl

    import httpx

ANSWER_BYTES = 16 * 1024
"""How much of a receiver's answer is read."""
_CONNECTIONS = 100
_IDLE_CONNECTIONS = 5
"""The HTTP library looks at every idle connection for every request, so that many of them make it slow."""
_NEVER_S = 86_400
"""The time limit of an attempt is the provider's; that of the HTTP library must not come first."""
_OWN_RECEIVER = re.compile(rb"/receiver/[a-z0-9][a-z0-9-]{0,39}")
"""The one path of the emulator's own, on its front door, that webhooks may go to."""
_ALL_ADDRESSES = ("0.0.0.0", "::")  # noqa: S104  compared, not bound


class Courier:
    """One per process. Loopback and private addresses are allowed, and the hosts in `allowed`."""

    def __init__(self, allowed: Iterable[str] = (), ca: Path | None = None, *, verify_loopback: bool = False) -> None:
        """`ca`: certificates of authorities to trust besides the usual ones. `verify_loopback`: also receivers on this
        machine must show a certificate that can be trusted."""
        self._allowed = frozenset(host.lower() for host in allowed)
        self._ca = ca
        self._verify_loopback = verify_loopback
        self._own_ports: tuple[int, ...] = ()
        self._bound = ""
        self._receivers: dict[str, Any] = {}
        self._clients: dict[str, httpx.AsyncClient] = {}
        # The HTTP library has a queue of its own, which becomes slow when it is long.
        self._free = asyncio.Semaphore(_CONNECTIONS)

    def stay_away_from(self, bound: str, ports: Collection[int]) -> None:
        """Never calls the emulator itself: the address that it listens at, and its ports, the front door's first."""
        self._bound, self._own_ports = bound, tuple(ports)

    def receive_at(self, host: str, app: Any) -> None:
        """Lets an ASGI application of this process be the receiver of all that goes to `host`."""
        self._receivers[host.lower()] = app

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
        problem = url_problem(message.url)
        if problem is not None:
            return Response(None, error=problem, refused=True)
        import httpx

        url = httpx.URL(message.url)
        app = self._receivers.get(url.host)
        if app is not None:
            return await self._ask_app(app, message)
        port = url.port or (443 if url.scheme == "https" else 80)
        to_own_receiver = _OWN_RECEIVER.fullmatch(url.raw_path.partition(b"?")[0]) is not None
        refusal = None
        for address in await self._resolve(url.raw_host.decode("ascii"), port):
            reason = self._refusal(url.host, address, port, to_own_receiver=to_own_receiver)
            if reason is None:
                return await self._ask(message, url, address)
            refusal = refusal or reason
        return Response(None, error=refusal or f"{url.host} has no address", refused=True)

    async def _resolve(self, host: str, port: int) -> list[str]:
        """The addresses of a host. What is called is the one that was judged, and no name is looked up again."""
        if is_address(host):
            return [host]
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return [str(entry[4][0]) for entry in found]

    def _refusal(self, host: str, address: str, port: int, *, to_own_receiver: bool = False) -> str | None:
        """Why an address must not be called; None if it may."""
        if is_never_called(address):
            return f"{address} is link-local, or where a cloud keeps its metadata: no webhook goes there"
        if port in self._own_ports and self._is_own(address):
            if to_own_receiver and port == self._own_ports[0]:
                return None
            return f"{host}:{port} is the emulator itself: give the address of your receiver"
        if host in self._allowed or is_local(address):
            return None
        return f"{host} is neither loopback nor private: start with --webhook-allow {host} to call it"

    def _is_own(self, address: str) -> bool:
        """Whether the emulator listens at an address, which may be any of this machine."""
        address = unmapped(address)
        if is_loopback(address) or address == self._bound:
            return True
        return self._bound in _ALL_ADDRESSES and _is_of_this_machine(address)

    async def _ask(self, message: Message, url: "httpx.URL", address: str) -> Response:
        client = self._client(url.scheme, address)
        headers = [("Host", url.netloc.decode("ascii")), *message.headers]
        request = client.build_request(
            "POST",
            url.copy_with(host=address),
            headers=headers,
            content=message.body,
            extensions={"sni_hostname": url.raw_host.decode("ascii")},
        )
        answer = await client.send(request, stream=True)
        try:
            body = b""
            async for part in answer.aiter_raw():
                body += part
                if len(body) >= ANSWER_BYTES:
                    break
        finally:
            await answer.aclose()
        return Response(answer.status_code, body[:ANSWER_BYTES])

    def _client(self, scheme: str, address: str) -> "httpx.AsyncClient":
        """What connects to an address. It knows no proxy, and only what this courier was told about certificates."""
        unverified = scheme == "https" and is_loopback(address) and not self._verify_loopback
        kind = f"{scheme} unverified" if unverified else scheme
        client = self._clients.get(kind)
        if client is None:
            import httpx

            # A connection is found again by its address alone, but is good for the one name that it was opened for.
            idle = 0 if scheme == "https" else _IDLE_CONNECTIONS
            limits = httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=idle)
            verify = trusted(self._ca) if kind == "https" else False
            client = httpx.AsyncClient(limits=limits, timeout=_NEVER_S, trust_env=False, verify=verify)
            self._clients[kind] = client
        return client

    async def _ask_app(self, app: Any, message: Message) -> Response:
        import httpx

        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), trust_env=False) as client:
            answer = await client.post(message.url, headers=list(message.headers), content=message.body)
            return Response(answer.status_code, answer.content[:ANSWER_BYTES])

    async def close(self) -> None:
        """Closes all connections."""
        while self._clients:
            await self._clients.popitem()[1].aclose()


def trusted(ca: Path | None) -> "ssl.SSLContext":
    """The usual authorities, and those in the file. Raises ValueError that names the flag for a file that has none."""
    import ssl

    import httpx

    context = httpx.create_ssl_context(trust_env=False)
    if ca is not None:
        try:
            context.load_verify_locations(ca)
        except ssl.SSLError as error:
            raise ValueError(f"--webhook-ca {ca}: it has no certificate that can be read; give PEM") from error
        except OSError as error:
            raise ValueError(f"--webhook-ca {ca}: {error.strerror}") from error
    return context


def _is_of_this_machine(address: str) -> bool:
    """Whether an address is one of this machine's interfaces: only such a one can be bound."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True
