"""The types of what a sandbox keeps of Changelly Fiat; snapshots are held to them."""

from collections.abc import Iterator
from typing import Annotated, Literal

from msgspec import Meta, Struct

from emulator.contract.card import Call, Shown, Table
from emulator.contract.order import Order
from emulator.providers.changelly.access import read_partner
from emulator.providers.changelly.pay_page.view import make_pay_page
from emulator.providers.changelly.wire import write_order

Amount = Annotated[str, Meta(pattern=r"^[0-9]+(\.[0-9]+)?$", max_length=100)]


class OrderFields(Struct):
    """The fields of an order that its behaviour depends on; those that are only shown are left to its schema."""

    redirectUrl: str
    externalUserId: str
    externalOrderId: str | None
    providerCode: str
    currencyFrom: str
    currencyTo: str
    amountFrom: Amount
    country: str
    paymentMethod: str | None
    amountTo: Amount | None
    returnSuccessUrl: str | None
    returnFailedUrl: str | None
    callbackUrl: str | None = None
    production: bool = False


class Body(Struct):
    """The part of a callback's body that is signed."""

    orderId: str


class DeliveryFields(Struct):
    """A callback's body, and its partner's key and name; a missing name is what the key begins with."""

    body: Body
    key: str
    partner: Literal["key", "other"] | None = None


def _show_order(call: Call, order_id: str, order: Order) -> Iterator[Shown]:
    read_partner(call.settings, order.owner)
    yield f"{order.kind}-order", write_order(order, call.settings, {"amountTo": order.fields["amountTo"]})
    yield "", make_pay_page(call, order)


ORDERS = Table("orders", OrderFields, _show_order)
