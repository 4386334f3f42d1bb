"""Where a provider's messages show orders, so that orders can be followed through recorded traffic."""

from collections.abc import Mapping

from msgspec import Struct

NO_KINDS: Mapping[str, frozenset[str]] = {}
EACH = "*"
"""In a path through a message: each item of the list."""


class OrderView(Struct, frozen=True):
    """How some messages show orders. A path is a tuple of members, the outermost first."""

    messages: tuple[str, ...]
    """Endpoints whose answers, and events whose webhooks, show orders this way."""
    id: tuple[str, ...]
    """The path from the order to its id."""
    status: tuple[str, ...]
    """The path from the order to its status; if nothing is there, the message shows no status."""
    within: tuple[str, ...] = ()
    """The path to the order, or to all orders of a list."""
    kind: tuple[str, ...] = ()
    """The path from the order to a word for its kind; empty: there is none."""
    kinds: Mapping[str, frozenset[str]] = NO_KINDS
    """The kinds that such a word stands for, if it is not the kind itself; the empty word: no word is given."""
    by_hand: bool = False
    """Whether the call sets the status, from any to any."""
