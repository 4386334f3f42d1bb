"""Where a provider's messages show orders, by which recorded traffic is followed."""

from collections.abc import Mapping

from msgspec import Struct

NO_KINDS: Mapping[str, frozenset[str]] = {}
EACH = "*"
"""In a way through a message: each item of the list."""


class OrderView(Struct, frozen=True):
    """How some messages show orders. A way is a tuple of members, the outermost first."""

    messages: tuple[str, ...]
    """Endpoints whose answers, and events whose webhooks, show orders so."""
    id: tuple[str, ...]
    """The way from the order to its id."""
    status: tuple[str, ...]
    """The way from the order to its status; where nothing is, the order shows none."""
    within: tuple[str, ...] = ()
    """The way to the order, or to all orders of a list."""
    kind: tuple[str, ...] = ()
    """The way from the order to a word for its kind; empty: there is none."""
    kinds: Mapping[str, frozenset[str]] = NO_KINDS
    """The kinds that such a word stands for, where it is not the kind itself; an empty word: where none is said."""
    by_hand: bool = False
    """Whether the call sets the status, from wherever to wherever."""
