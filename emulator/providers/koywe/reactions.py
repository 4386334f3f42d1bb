"""What follows when an order was made or has moved: webhooks, its time to pay begins or ends, deals may go on.

Called after every event of every order; it must stay quick where nothing follows.

Assumed: the times to pay (settings `timers.*`); that a payment link lives until its `dueDate` is documented.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from emulator.core.order import Order
from emulator.core.transaction import Transaction
from emulator.providers.koywe.deals import DEALS, go_on_with_deals
from emulator.providers.koywe.kinds import OFFRAMP, ONRAMP_BY_METHOD, PAYIN, PAYMENT_LINK
from emulator.providers.koywe.lifecycle import EXPIRE
from emulator.providers.koywe.webhook_events import raise_order_events

_TIMERS: Final[Mapping[str, str]] = {
    PAYIN: "timers.payin_expire",
    ONRAMP_BY_METHOD: "timers.onramp_expire",
    OFFRAMP: "timers.offramp_expire",
}


def react(tx: Transaction, order: Order, event: str) -> None:
    """Do what follows from an event that has just happened to the order; `create` is one, too."""
    raise_order_events(tx, order, event)
    if order.status == "PENDING":
        _start_expiry(tx, order)
    elif EXPIRE in order.timers:
        tx.stop_timer(order, EXPIRE)
    if tx.has(DEALS):
        go_on_with_deals(tx, order.owner)


def _start_expiry(tx: Transaction, order: Order) -> None:
    due_ms = _expires_ms(tx, order)
    if due_ms is not None:
        tx.start_timer(order, EXPIRE, due_ms)


def _expires_ms(tx: Transaction, order: Order) -> int | None:
    if order.kind == PAYMENT_LINK:
        due_ms: int | None = order.fields.get("due_ms")
        return due_ms
    name = _TIMERS.get(order.kind)
    seconds = tx.settings("koywe")[name] if name else None
    return None if seconds is None else tx.now_ms + seconds * 1000
