"""One webhook on its way to an application of the test."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Callable, Optional


@dataclass(frozen=True)
class Message:
    """A webhook as it goes over the wire."""

    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True)
class Response:
    """What the application answered; `status` None with an `error` if it did not."""

    status: Optional[int]
    body: bytes = b""
    error: Optional[str] = None


Receive = Callable[[Message], Awaitable[Response]]
"""What takes a webhook."""
