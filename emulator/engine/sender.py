"""Sends webhooks over HTTP, to permitted addresses only. Never follows a redirect; a receiver never makes it raise."""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Collection, Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from emulator.contract.delivery import Message, Response
from emulator.core.durations import format_duration
from emulator.core.names import NAME
from emulator.core.urls import is_address, is_local, is_loopback, is_never_called, unmapped, url_problem
from emulator.engine import real_time
from emulator.engine.connections import ANSWER_BYTES, Connections

if TYPE_CHECKING:
    import ssl

    import httpx

Receive = Callable[[Message], Awaitable[Response]]
_MOST_AT_ONCE = 100
_OWN_RECEIVER = re.compile(f"/receiver/{NAME.pattern}".encode())
"""The emulator's own paths, on its main port, that webhooks may go to."""
_ALL_ADDRESSES = ("0.0.0.0", "::")  # noqa: S104  compared, not bound


class Sender:
    """Sends to loopback and private addresses, and to the hosts in `allowed`. One per process."""

    def __init__(self, allowed: Iterable[str] = (), ca: Path | None = None, *, verify_loopback: bool = False) -> None:
        """`ca`: certificates of authorities to trust besides the usual ones. `verify_loopback`: receivers on this
        machine also need a trusted certificate."""
        self._allowed = frozenset(host.lower() for host in allowed)
        self._ca = ca
        self._verify_loopback = verify_loopback
        self._trusted: ssl.SSLContext | None = None
        self._own_ports: tuple[int, ...] = ()
        self._bound = ""
        self.receivers: dict[str, Receive] = {}
        """Functions in this process that receive everything sent to a host, by host name in lower case."""
        self.own_receiver: tuple[str, Receive] | None = None
        """For an emulator that does not listen: its base URL, and the function that receives its own webhooks."""
        self._connections = Connections()
        self._free = asyncio.Semaphore(_MOST_AT_ONCE)

    def stay_away_from(self, bound: str, ports: Collection[int]) -> None:
        """Sets what is the emulator itself and never called: its bound address, and its ports, the main one first."""
        self._bound, self._own_ports = bound, tuple(ports)

    async def send(self, message: Message, timeout_ms: int, begins: Callable[[], None] = lambda: None) -> Response:
        """Makes one attempt; whatever happens becomes a response. Time spent waiting for a free slot does not count;
        `begins` is called after it."""
        async with self._free:
            begins()
            return await self._attempt(message, timeout_ms)

    async def _attempt(self, message: Message, timeout_ms: int) -> Response:
        began_ms = real_time.stopwatch_ms()
        try:
            async with asyncio.timeout(timeout_ms / 1000):
                response = await self._send(message)
        except TimeoutError:
            response = Response(None, error=f"no answer within {format_duration(timeout_ms)}", silent=True)
        except Exception as error:
            response = Response(None, error=f"{type(error).__name__}: {error}")
        return replace(response, duration_ms=real_time.stopwatch_ms() - began_ms)

    async def _send(self, message: Message) -> Response:
        problem = url_problem(message.url)
        if problem is not None:
            return Response(None, error=problem, refused=True)
        import httpx

        url = httpx.URL(message.url)
        to_own_receiver = _OWN_RECEIVER.fullmatch(url.raw_path.partition(b"?")[0]) is not None
        receive = self.receivers.get(url.host)
        if to_own_receiver and self.own_receiver is not None and _base(url) == self.own_receiver[0]:
            receive = self.own_receiver[1]
        if receive is not None:
            answer = await receive(message)
            return Response(answer.status, answer.body[:ANSWER_BYTES], answer.error)
        port = url.port or (443 if url.scheme == "https" else 80)
        refusal = None
        for address in await self._resolve(url.raw_host.decode("ascii"), port):
            reason = self._refusal(url.host, address, port, to_own_receiver=to_own_receiver)
            if reason is None:
                tls = self._tls(url.scheme, address)
                return await self._connections.post(message, url.host, address, port, tls)
            refusal = refusal or reason
        return Response(None, error=refusal or f"{url.host} has no address", refused=True)

    async def _resolve(self, host: str, port: int) -> list[str]:
        """The addresses of a host. Exactly the address that was checked is called; the name is not looked up again."""
        if is_address(host):
            return [host]
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return [str(entry[4][0]) for entry in found]

    def _refusal(self, host: str, address: str, port: int, *, to_own_receiver: bool = False) -> str | None:
        """Why an address may not be called; None if it may."""
        if is_never_called(address):
            return f"{address} is link-local, or a cloud's metadata address: no webhook goes there"
        if port in self._own_ports and self._is_own(address):
            if to_own_receiver and port == self._own_ports[0]:
                return None
            return f"{host}:{port} is the emulator itself: give the address of your receiver"
        if host in self._allowed or is_local(address):
            return None
        return f"{host} is neither loopback nor private: start with --webhook-allow {host} to call it"

    def _is_own(self, address: str) -> bool:
        """Whether the emulator listens on an address, which may be any of this machine's."""
        address = unmapped(address)
        if is_loopback(address) or address == self._bound:
            return True
        return self._bound in _ALL_ADDRESSES and _is_of_this_machine(address)

    def _tls(self, scheme: str, address: str) -> "ssl.SSLContext | None":
        """How a receiver's certificate is verified; None without encryption."""
        if scheme != "https":
            return None
        if is_loopback(address) and not self._verify_loopback:
            return _unverified()
        if self._trusted is None:
            self._trusted = trusted(self._ca)
        return self._trusted

    async def close(self) -> None:
        """Closes all connections."""
        await self._connections.close()


def _base(url: "httpx.URL") -> str:
    return f"{url.scheme}://{url.netloc.decode('ascii')}"


def trusted(ca: Path | None, flag: str = "--webhook-ca") -> "ssl.SSLContext":
    """A context that trusts the usual authorities and those in the file. Raises ValueError, which names the flag."""
    import ssl

    import httpx

    context = httpx.create_ssl_context(trust_env=False)
    if ca is not None:
        try:
            context.load_verify_locations(ca)
        except ssl.SSLError as error:
            raise ValueError(f"{flag} {ca}: it has no readable certificate; give PEM") from error
        except OSError as error:
            raise ValueError(f"{flag} {ca}: {error.strerror}") from error
    return context


def _is_of_this_machine(address: str) -> bool:
    """Whether an address belongs to one of this machine's interfaces: only those can be bound."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


@cache
def _unverified() -> "ssl.SSLContext":
    import ssl

    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
