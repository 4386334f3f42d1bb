"""What the gateway's page of an order shows: what to send where and until when, and what has become of it.

Assumed: all of it, as the real gateway's page is not known.
"""

from collections.abc import Mapping
from decimal import Decimal

from emulator.contract.card import Call
from emulator.contract.order import Order
from emulator.pages.page import Button, Page, make_message
from emulator.pages.steering import make_strip

PAY, FAIL, EXPIRE = "pay", "fail", "expire"
STEERED: Mapping[str, str] = {"payment_started": "Payment seen", EXPIRE: "Expire", "refund": "Refund"}
"""Events that testers have a button for, besides `pay` and `fail` -> the button's text."""

_NAME = "Baanx"
_HUE = "violet"
_OPEN = frozenset({"STARTED", "PENDING"})
_STATES: Mapping[str, tuple[str, str]] = {
    "STARTED": ("wait", "Awaiting payment"),
    "PENDING": ("busy", "Payment seen, being confirmed"),
    "COMPLETED": ("good", "Paid"),
    "FAILED": ("bad", "Payment failed"),
    "EXPIRED": ("over", "Expired"),
    "REFUNDED": ("over", "Refunded"),
}
"""Status -> the shape and colour in which it is shown, and its words."""
_SEEN = ("busy", "Payment seen, being confirmed")
"""The same for an order that stays STARTED although a payment was seen."""


def make_pay_page(call: Call, order: Order, path: str, problem: str = "") -> Page:
    """The page of an order; `path`: where the browser sees it; `problem`: why a button could do nothing."""
    fields, is_open = order.fields, order.status in _OPEN
    kind, state = _SEEN if order.status == "STARTED" and fields.get("seen") else _STATES[order.status]
    paid = max(Decimal(0), Decimal(fields.get("paid", "0")))
    missing = max(Decimal(0), Decimal(fields["amount"]) - paid)
    timer = order.timers.get(EXPIRE)
    return Page(
        template="baanx/pay_page/pay.html",
        title=f"Pay your card order · {state}",
        language="en",
        provider=_NAME,
        hue=_HUE,
        changes=is_open,
        look_again_at=path,
        strip=make_strip(
            call,
            order,
            path,
            STEERED,
            (Button("outcome", FAIL, "Fail"),) if is_open else (),
            status=order.status,
            problem=problem,
        ),
        values={
            "order_id": order.id,
            "status": order.status,
            "fields": {"tx_hash": "", **fields},
            "received": format(paid, "f") if paid else "",
            "missing": format(missing, "f"),
            "part_paid": is_open and bool(paid),
            "state_kind": kind,
            "state": state,
            "open": is_open,
            "deadline_ms": timer.due_ms if timer is not None and is_open else None,
            "now_ms": call.tx.now_ms,
            "action": path,
        },
    )


def make_unknown_page() -> Page:
    """What is shown where no order has a page."""
    text = "The link is incomplete, or no longer exists. Start again in your app."
    return make_message(_NAME, _HUE, "We cannot find this order", text, id="not-found")
