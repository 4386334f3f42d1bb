"""Heads of requests that came lately. One that comes again, byte for byte, as from a client that polls, is not parsed
again."""

from msgspec import Struct
from msgspec.structs import replace

from emulator.contract.request import Request
from emulator.web.exchange import Exchange
from emulator.web.intake import Intake, Refusing

MAX_HEADS = 256
MAX_HEAD_BYTES = 4096
"""A longer head is not remembered."""

END_OF_HEAD = b"\r\n\r\n"
_NOT_PLAIN = {"transfer-encoding", "expect", "upgrade"}
"""Headers that ask something of the connection."""


class KnownHead(Struct, frozen=True, gc=False):
    """What a head says."""

    door: str
    """Base URL of the port at which it came in."""
    intake: Intake | Refusing
    request: Request
    """As it is before its body is there."""
    body_bytes: int


class LatestHeads:
    """The heads of a server; the oldest is forgotten for a new one."""

    def __init__(self) -> None:
        self._by_bytes: dict[bytes, KnownHead] = {}
        self.find = self._by_bytes.get
        """What is known of a head, given without the empty line at its end; or None."""

    def remember(self, data: bytes, door: str, exchange: Exchange) -> None:
        """Remembers the head of the request in `data`, which nobody has answered yet, if the same bytes always mean the
        same: if this is the whole request, and it asks for nothing else of the connection."""
        request, headers = exchange.request, exchange.request.headers
        head, _, body = data.partition(END_OF_HEAD)
        if not exchange.keep_alive or request.repeated or not headers.keys().isdisjoint(_NOT_PLAIN):
            return
        if len(head) > MAX_HEAD_BYTES or headers.get("content-length", "0") != str(len(body)):
            return
        if len(self._by_bytes) >= MAX_HEADS:
            del self._by_bytes[next(iter(self._by_bytes))]
        self._by_bytes[head] = KnownHead(door, exchange.intake, replace(request), len(body))
