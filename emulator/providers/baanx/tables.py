"""What a sandbox keeps of Baanx, and what of it is possible; snapshots are held to it."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta, Struct

from emulator.core.call import Call
from emulator.core.order import Order
from emulator.core.provider import Shown, Table
from emulator.providers.baanx.orders import order_body

Amount = Annotated[str, Meta(pattern=r"^[0-9]+(\.[0-9]+)?$", max_length=100)]


class OrderFields(Struct):
    """The fields of an order."""

    request_id: str
    product: str
    once_per_user: bool
    region: str
    amount: Amount
    address: str
    paid: Annotated[str, Meta(pattern=r"^-?[0-9.]+(E[+-]?[0-9]+)?$", max_length=100)] = "0"
    paid_ms: int = 0
    seen: bool = False
    tx_hash: str = ""
    note: str = ""


class Token(Struct):
    """A bearer or refresh token that was issued."""

    user: str
    generation: int
    expires_ms: int


class Code(Struct):
    """An authorization code."""

    user: str
    redirect_uri: str
    code_challenge: str
    expires_ms: int


class SentCode(Struct):
    """A one-time code that was sent."""

    code: str
    expires_ms: int


class UserState(Struct):
    """What has happened to a user."""

    completed: list[str] = []
    linked: bool = False
    generation: int = 0


def _show_order(call: Call, order_id: str, order: Order) -> Iterator[Shown]:
    yield "order", order_body(call, order)


ORDERS = Table("orders", OrderFields, _show_order)
TABLES = (
    Table("baanx.tokens", Token),
    Table("baanx.refresh-tokens", Token),
    Table("baanx.codes", Code),
    Table("baanx.sent-codes", SentCode),
    Table("baanx.users", UserState),
)
