"""The types of what a sandbox keeps of BassWallet; snapshots are held to them."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from emulator.contract.card import Call, Shown, Table
from emulator.contract.order import Order
from emulator.providers.basswallet.chain.tokens import Name
from emulator.providers.basswallet.chain.transfers import Amount, Transfer
from emulator.providers.basswallet.pages import write_page
from emulator.providers.basswallet.payments import Reason
from emulator.providers.basswallet.wire import write_listed, write_order


class Notice(Struct):
    """A payment that was not credited, and why."""

    amount: str
    reason: Reason


class OrderFields(Struct):
    """The fields of an order: `amount` of a fixed one, `min_amount` of one whose payer chooses."""

    token: Name
    chain: Name
    address: str
    expiry_ms: int
    redirect_url: str
    amount: Amount = ""
    min_amount: Amount = ""
    business_id: str = ""
    display_info: str = ""
    return_url: str = ""
    webhook_url: str = ""
    language: Literal["en-US", "zh-CN"] = "en-US"
    auto_return: bool = False
    payments: list[Transfer] = []
    told: int = 0
    notice: Notice | None = None
    completed_ms: int = 0


class DeliveryFields(Struct):
    """The members of a webhook, the account that they are for, and its first timestamp."""

    account: int
    members: dict[str, str]
    stamp: Annotated[str, Meta(pattern="^[0-9]{1,15}$")]


def _show_order(call: Call, order_id: str, order: Order) -> Iterator[Shown]:
    int(order.owner)
    yield "order", write_order(order, call.settings)
    yield "history-order", write_listed(order, call.settings)
    yield "", write_page(call, order, "page")


ORDERS = Table("orders", OrderFields, _show_order)
DELIVERIES: Any = DeliveryFields
