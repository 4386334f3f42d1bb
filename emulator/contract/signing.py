"""How a client shows a provider who it is, for whoever was refused: a request signed anew, and what programs need."""

from collections.abc import Callable, Mapping

from msgspec import Struct

from emulator.contract.order_request import WrittenRequest
from emulator.contract.transaction import Transaction

Literal = str | tuple[tuple[str, str], ...]
"""What stands in a program as a literal: a text, or names with values."""


class Signing(Struct, frozen=True):
    """How requests are signed, or get their token."""

    secret: str
    """The member of the credentials that nobody shows; programs take it from the environment."""
    variable: str
    """Name of the environment variable, as `ACME_SECRET_KEY`."""
    sign: Callable[[Transaction, WrittenRequest, str], WrittenRequest]
    """Sandbox, a request as it came (names of its headers in lower case) and the provider's base URL -> the same with
    credentials, signature and ids of its path as they should be. Raises CommandRefused where nobody here can."""
    values: Callable[[Transaction, WrittenRequest, str], Mapping[str, Literal]]
    """What the provider's programs show of a request that `sign` has made, besides `method`, `url` and `body`, which it
    may replace. Gets what `sign` gets. May raise CommandRefused."""
