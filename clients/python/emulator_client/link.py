# Made by scripts/generate_docs.py from emulator/testing/link.py: edit that, and run it again.
"""A way to an emulator: one request, one whole answer. Everything that tests ask goes over such a link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

Headers = Sequence[tuple[bytes, bytes]]

__tracebackhide__ = True


@dataclass(frozen=True)
class Asked:
    """A request as it goes over the wire."""

    method: str
    scheme: str
    host: str
    """Name or address, without brackets."""
    port: int | None
    """None: the usual one of the scheme."""
    target: bytes
    """Path and query."""
    headers: Headers
    """With `Host`, and with `Content-Length` if there is a body."""
    body: bytes = b""
    timeout_s: float | None = None
    """Real time that the answer has; None: for ever."""


@dataclass(frozen=True)
class Answered:
    """A whole answer."""

    status: int
    headers: Headers
    body: bytes


class Unreachable(ConnectionError):
    """Nobody listens there."""


class Broken(ConnectionError):
    """The connection was reset instead of an answer."""


class Cut(ConnectionError):
    """The connection ended before the answer did."""


class Silent(ConnectionError):
    """There was no answer in time."""


class Link(Protocol):
    """Raises Unreachable, Broken, Cut or Silent, all of them ConnectionError."""

    def exchange(self, asked: Asked) -> Answered:
        """The answer, which this thread waits for."""

    async def exchange_async(self, asked: Asked) -> Answered:
        """The answer, while the event loop goes on."""

    def close(self) -> None:
        """Lets go of what is kept open."""
