"""What a sandbox keeps of Baanx, and what of it is possible; snapshots are held to it."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta, Struct

from emulator.contract.card import Call, Shown, Table
from emulator.contract.order import Order
from emulator.providers.baanx.catalogue import CardType
from emulator.providers.baanx.pages import write_page
from emulator.providers.baanx.wire import write_order

Amount = Annotated[str, Meta(pattern=r"^[0-9]+(\.[0-9]+)?$", max_length=100)]


class OrderFields(Struct, frozen=True):
    """The fields of an order."""

    request_id: str
    product: str
    region: str
    amount: Amount
    address: str
    currency: str
    chain_id: str
    token: str
    token_address: str
    card_type: CardType | None
    paid: Annotated[str, Meta(pattern=r"^-?[0-9.]+(E[+-]?[0-9]+)?$", max_length=100)] = "0"
    paid_ms: int = 0
    seen: bool = False
    page: str = ""
    tx_hash: str = ""
    note: str = ""


class Token(Struct, frozen=True):
    """A bearer or refresh token that was issued."""

    user: str
    """The word that names the user."""
    generation: int
    """That of the user's tokens when it was issued; it is good in no other."""
    expires_ms: int


class Code(Struct, frozen=True):
    """An authorization code that a user's consent has yielded."""

    user: str
    redirect_uri: str
    code_challenge: str
    expires_ms: int


class SentCode(Struct, frozen=True):
    """A one-time code that was sent."""

    code: str
    expires_ms: int


class UserState(Struct, frozen=True, omit_defaults=True):
    """What has happened to a user."""

    completed: dict[str, int] = {}
    """How many COMPLETED orders for a product the user has, by its id."""
    linked: bool = False
    """Whether there was an OAuth grant."""
    generation: int = 0
    """How often the user's tokens were made invalid."""


def _show_order(call: Call, order_id: str, order: Order) -> Iterator[Shown]:
    yield "order", write_order(call, order)
    yield "", write_page(order)


TOKENS = "baanx.tokens"
REFRESH_TOKENS = "baanx.refresh-tokens"
CODES = "baanx.codes"
SENT_CODES = "baanx.sent-codes"
"""By the word of the user who is to enter the code."""
USERS = "baanx.users"
"""By word."""

ORDERS = Table("orders", OrderFields, _show_order)
TABLES = (
    Table(TOKENS, Token),
    Table(REFRESH_TOKENS, Token),
    Table(CODES, Code),
    Table(SENT_CODES, SentCode),
    Table(USERS, UserState),
)
