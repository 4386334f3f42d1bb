"""The types of what a sandbox keeps of BassWallet; snapshots are held to them."""

from collections.abc import Iterator
from typing import Annotated, Literal

from msgspec import Meta, Struct

from emulator.contract.card import Call, Shown, Table
from emulator.contract.order import Order
from emulator.providers.basswallet.accounts.balances import BALANCES
from emulator.providers.basswallet.chain.tokens import Name
from emulator.providers.basswallet.chain.transfers import Amount, Transfer
from emulator.providers.basswallet.deposits.addresses import ADDRESSES
from emulator.providers.basswallet.orders import write_any_listed_order, write_any_order
from emulator.providers.basswallet.pay_page.view import make_pay_page
from emulator.providers.basswallet.payments import Reason
from emulator.providers.basswallet.wire import DEPOSIT, WITHDRAWAL


class Notice(Struct):
    """A payment that was not credited, and why."""

    amount: str
    reason: Reason


class OrderFields(Struct):
    """The fields of an order of any kind; `min_amount` in place of `amount` where the payer chooses."""

    token_name: Name
    chain: Name
    address: str
    amount: Amount = ""
    business_id: str = ""
    webhook_url: str = ""
    completed_ms: int = 0
    # payments and deposits
    expiry_ms: int = 0
    redirect_url: str = ""
    min_amount: Amount = ""
    display_info: str = ""
    return_url: str = ""
    language: Literal["en-US", "zh-CN"] = "en-US"
    auto_return: bool = False
    payments: list[Transfer] = []
    told: int = 0
    notice: Notice | None = None
    # withdrawals
    tag: str = ""
    network_fee: Amount = "0"
    platform_fee: Amount = "0"
    confirm_first: int = 1
    confirm_needed: int = 1
    frozen: bool = False
    tx_hash: str = ""
    packaged_ms: int = 0
    confirmed_ms: int = 0


class DeliveryFields(Struct):
    """The members of a webhook, the account that they are for, and its first timestamp."""

    account: int
    members: dict[str, str]
    stamp: Annotated[str, Meta(pattern="^[0-9]{1,15}$")]


def _show_order(call: Call, order_id: str, order: Order) -> Iterator[Shown]:
    int(order.owner)
    suffix = {WITHDRAWAL: "-withdrawal", DEPOSIT: "-deposit"}.get(order.kind, "-order")
    yield suffix[1:], write_any_order(call, order)
    yield f"history{suffix}", write_any_listed_order(call, order)
    if order.kind not in (WITHDRAWAL, DEPOSIT):
        yield "", make_pay_page(call, order, "page")


ORDERS = Table("orders", OrderFields, _show_order)
TABLES = (BALANCES.describe(), ADDRESSES.describe())
