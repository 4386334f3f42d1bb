"""How clients authenticate, for someone who was refused: a request signed again, and what programs need."""

from collections.abc import Callable, Mapping

from msgspec import Struct

from emulator.contract.order_request import WrittenRequest
from emulator.contract.transaction import Transaction

Literal = str | tuple[tuple[str, str], ...]
"""A literal in a program: a text, or names with values."""


class Signing(Struct, frozen=True):
    """How requests are signed, or get their token."""

    secret: str
    """The member of the credentials that is never shown; programs take it from the environment."""
    variable: str
    """Name of the environment variable, such as `ACME_SECRET_KEY`."""
    sign: Callable[[Transaction, WrittenRequest, str], WrittenRequest]
    """Sandbox, a request as it came (header names in lower case) and the provider's base URL -> the same request with
    the right credentials, signature and ids in its path. Raises CommandRefused if it cannot be signed here."""
    values: Callable[[Transaction, WrittenRequest, str], Mapping[str, Literal]]
    """What the provider's programs show of a request that `sign` has signed, besides `method`, `url` and `body`, which
    it may replace. Gets what `sign` gets. May raise CommandRefused."""
