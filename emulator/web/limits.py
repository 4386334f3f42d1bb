"""How much a connection may send, and how long it may take. One timer looks at all connections of a server."""

import asyncio
from typing import Protocol

from msgspec import Struct


class Limits(Struct, frozen=True):
    """What HTTP may take, in bytes, lines and seconds of real time."""

    head_bytes: int = 64 * 1024
    """Request line and headers of one request; also what a chunked body has besides its content."""
    header_lines: int = 100
    body_bytes: int = 128 * 1024 * 1024
    """Of a longer body no more is read, whoever it is for; most readers want far less."""
    head_s: float = 10
    """From the first byte of a head to its last."""
    body_s: float = 30
    """Without a byte of the body."""
    write_s: float = 30
    """Without the client taking a byte of what is sent to it."""
    linger_s: float = 2
    """How long a client that was refused may finish sending, lest it lose the answer."""
    keep_alive_s: float = 75
    """Without a request."""
    connections: int = 1000

    def __post_init__(self) -> None:
        """Raises ValueError for what would let nobody in."""
        if self.connections < 1:
            raise ValueError("--max-connections must be at least 1")
        if not 0 < self.keep_alive_s <= 86_400:
            raise ValueError("--keep-alive must be more than 0 and at most 86400 seconds")

    def too_long(self) -> tuple[int, str]:
        """Status and message for a head that is."""
        return 431, (
            f"A request may have {self.head_bytes} bytes of request line and headers, and {self.header_lines} "
            "header lines: send fewer or shorter ones."
        )


class Watched(Protocol):
    """What the watch needs of a connection."""

    since_s: float
    """When it began to be what it is."""

    def look(self, now_s: float) -> None:
        """Ends what takes too long."""

    def is_idle(self) -> bool:
        """Whether it could end without anybody losing anything."""

    def has_ended(self) -> bool:
        """Whether it is about to close."""

    def hang_up(self) -> None:
        """Ends it."""


_LONGEST_PAUSE_S = 1.0
_LOOKS = 8
"""How often a connection is checked within the shortest of its limits."""


class Watch:
    """The connections of one server."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        shortest_s = min(limits.head_s, limits.body_s, limits.write_s, limits.linger_s, limits.keep_alive_s)
        self._pause_s = min(_LONGEST_PAUSE_S, shortest_s / _LOOKS)
        self._open: set[Watched] = set()
        self._timer: asyncio.TimerHandle | None = None

    def admit(self, connection: Watched, loop: asyncio.AbstractEventLoop) -> bool:
        """Watches a new connection; False if there are too many, and none that could be closed for it."""
        self._open.add(connection)
        if self._timer is None:
            self._timer = loop.call_later(self._pause_s, self._look, loop)
        return len(self._open) <= self.limits.connections or self._make_room(connection)

    def discard(self, connection: Watched) -> None:
        """Stops watching a connection."""
        self._open.discard(connection)
        if not self._open and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _make_room(self, newest: Watched) -> bool:
        others = [each for each in self._open if each is not newest and not each.has_ended()]
        if len(others) < self.limits.connections:
            return True
        idle = [each for each in others if each.is_idle()]
        if not idle:
            return False
        min(idle, key=lambda each: each.since_s).hang_up()
        return True

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now_s = loop.time()
        for connection in list(self._open):
            connection.look(now_s)
        self._timer = loop.call_later(self._pause_s, self._look, loop) if self._open else None
