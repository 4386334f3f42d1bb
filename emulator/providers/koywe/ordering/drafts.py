"""Making an order of what passed the rules: what is kept of it, the money it takes, the approval it waits for.

Sources: https://docs.koywe.com/payments/payments-api-reference/payments-api/orders/create-order for what an order
shows, and https://docs.koywe.com/core-concepts/virtual-accounts for money that is set aside (seen 2026-11). Assumed:
when it is set aside.
"""

from collections.abc import Mapping
from typing import Any

from emulator.contract.order import Order
from emulator.contract.transaction import Transaction
from emulator.providers.koywe.access import PAGE_KEY
from emulator.providers.koywe.catalogue import find_default_network
from emulator.providers.koywe.formats.identifiers import make_id
from emulator.providers.koywe.formats.moments import write_moment
from emulator.providers.koywe.ordering.kinds import OFFRAMP, PAID_ON_PAGE, TRANSFERS
from emulator.providers.koywe.ordering.rules import SEND_FLAGS, Destination, Price, external_key
from emulator.providers.koywe.payments import take_money
from emulator.providers.koywe.policy.approvals import open_approval

_KEPT_AS_SENT = frozenset(
    {
        "description",
        "externalId",
        "quoteId",
        "contactId",
        "enforcedDocument",
        "successUrl",
        "failedUrl",
        "isMerchantSelfOrder",
    }
)


def make_order(
    tx: Transaction,
    merchant_id: str,
    kind: str,
    price: Price,
    destination: Destination,
    body: Mapping[str, Any],
    base_url: str,
) -> Order:
    """A new order in its usual first status, not yet kept. `body` has the members that are kept as they were sent."""
    order_id = make_id(tx.chance, "order")
    fields: dict[str, Any] = {
        "destinationAccountId": destination.account_id,
        "originCurrencySymbol": price.origin.symbol,
        "destinationCurrencySymbol": price.destination.symbol,
        "amountIn": price.amount_in,
        "amountOut": price.amount_out,
    }
    for name, value in body.items():
        if name in _KEPT_AS_SENT or (value is True and name in SEND_FLAGS):
            fields[name] = value
    if "paymentMethods" in body:
        fields["paymentMethods"] = [
            {name: item[name] for name in ("method", "extra") if item.get(name) is not None}
            for item in body["paymentMethods"]
        ]
    if destination.is_outside:
        fields["paidOut"] = True
    if kind == OFFRAMP:
        fields["network"] = _find_network(price)
    keys: tuple[str, ...] = ()
    if "externalId" in body:
        keys = (external_key(merchant_id, body["externalId"]),)
    if kind in PAID_ON_PAGE:
        fields["base"] = base_url
        keys = (*keys, f"{PAGE_KEY}{order_id}")
    return Order(
        id=order_id,
        provider="koywe",
        owner=merchant_id,
        kind=kind,
        status="PROCESSING" if kind in TRANSFERS else "PENDING",
        created_ms=tx.now_ms,
        updated_ms=tx.now_ms,
        fields=fields,
        keys=keys,
    )


def set_receiver(order: Order, merchant_id: str) -> None:
    """Keeps who receives the money, if that is another merchant; the order is in that merchant's reports, too."""
    if merchant_id != order.owner:
        order.fields["destinationMerchantId"] = merchant_id
        order.keys = (*order.keys, f"owner:{merchant_id}")


def set_due_date(order: Order, due_ms: int | None) -> None:
    """Keeps when the order is due."""
    if due_ms is not None:
        order.fields["dueDate"] = write_moment(due_ms)
        order.fields["due_ms"] = due_ms


def begin_order(
    tx: Transaction, order: Order, account_id: str | None, *, governed: bool, wanted: str | None
) -> bool:  # fmt: skip
    """Sets an order's first status, takes its money, opens the approval if it is held; returns whether its timeline
    has to wait.

    `account_id`: the virtual account that pays; `governed`: the policy holds the order; `wanted`: the status that its
    scenario starts with.
    """
    if governed:
        order.status = "ON_HOLD"
    elif wanted is not None:
        order.status = wanted
    elif "instant" in order.fields:
        order.status = "COMPLETED"
    if account_id is not None:
        take_money(tx, order, account_id)
    if order.status == "ON_HOLD":
        order.fields["approvalId"] = open_approval(tx, order.id)
    return order.status in ("ON_HOLD", "COMPLETED")


def note_messages(tx: Transaction, order: Order) -> None:
    """Writes each message that the provider would send to the contact into the journal."""
    for name in SEND_FLAGS:
        if order.fields.get(name):
            tx.note("message", order, flag=name, contact=order.fields["contactId"])


def _find_network(price: Price) -> str:
    if price.quote is not None and price.quote.network is not None:
        return price.quote.network
    network = find_default_network(price.origin.symbol)
    return network.name if network else ""
