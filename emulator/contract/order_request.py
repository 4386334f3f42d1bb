"""How a valid request that makes an order is built for whoever wants an order and has no client at hand."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from emulator.contract.transaction import Transaction


class WrittenRequest(Struct, frozen=True):
    """A request as a client would send it, signed."""

    method: str
    path: str
    """With the query, below the provider's base URL."""
    headers: Mapping[str, str]
    body: bytes


Run = tuple[str, Mapping[str, Any]]
"""A command of the provider, by its name, with its arguments."""


class OrderRequest(Struct, frozen=True):
    """The usual request for each kind of order, and how one is signed."""

    bodies: Mapping[str, Callable[[Transaction], dict[str, Any]]]
    """Kind of order -> the members of its usual request; the first kind is that of who names none. May raise
    CommandRefused."""
    write: Callable[[Transaction, str, Mapping[str, Any], str], WrittenRequest]
    """Sandbox, kind, members and the provider's base URL -> the request. Raises CommandRefused where nobody here can
    sign it."""
    before: Mapping[str, Run] = {}
    """Kind -> what makes its request possible in a new sandbox."""
    made_by: Mapping[str, Run] = {}
    """Kinds that no request makes -> what makes one; its result has the order's `id`."""
