"""The request that creates an order for someone who wants one and has no client at hand."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from emulator.contract.transaction import Transaction


class WrittenRequest(Struct, frozen=True):
    """A request as a client would send it."""

    method: str
    path: str
    """Relative to the provider's base URL, with the query."""
    headers: Mapping[str, str]
    body: bytes


Run = tuple[str, Mapping[str, Any]]
"""The name of one of the provider's commands, and its arguments."""


class OrderRequest(Struct, frozen=True):
    """The usual request for each kind of order; the card has its path, and `Signing` signs it."""

    bodies: Mapping[str, Callable[[Transaction], dict[str, Any]]]
    """Kind of order -> the members of its usual request; the first kind is the default. May raise CommandRefused."""
    before: Mapping[str, Run] = {}
    """Kind -> the command that makes its request possible in a new sandbox."""
    made_by: Mapping[str, Run] = {}
    """Kind that no request creates -> the command that creates one; its result has the order's `id`."""
