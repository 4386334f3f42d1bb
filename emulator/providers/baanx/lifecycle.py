"""Statuses of an order, and what takes it from one to another. Everything about status changes is in this file.

Source: https://docs.baanx.com/api-reference/order/status, seen 2026-11. Assumed: the events, their names and guards.
"""

from decimal import Decimal

from emulator.core.lifecycle import Arguments, Event, Lifecycle, Status, Transition
from emulator.core.order import Order
from emulator.core.transaction import Transaction
from emulator.providers.baanx import identifiers, users

EXPIRE = "expire"
_REFUNDED_NOTE = "payment_refunded"
_NOTE = {"type": "string", "minLength": 1, "maxLength": 100, "description": "reason; none: payment_failed"}
_HASH = {"type": "string", "pattern": "^0x[0-9a-f]{64}$", "description": "transaction hash; none: the one known so far"}
_PAID_HASH = _HASH | {"description": "transaction hash; none: the one known so far, or a random one"}
_AMOUNT = {
    "type": ["string", "number"],
    "pattern": "^[0-9]{1,18}(\\.[0-9]{1,18})?$",
    "minimum": 0,
    "maximum": 10**18,
    "description": "US dollars; none: what is still to be paid",
}


def start_expiry(tx: Transaction, order: Order, seconds: int) -> None:
    """Lets the order expire unless a payment is seen in time."""
    tx.start_timer(order, EXPIRE, tx.now_ms + seconds * 1000)


def _setting(tx: Transaction, name: str) -> object:
    return tx.settings("baanx")[name]


def _open_amount(order: Order) -> Decimal:
    return Decimal(order.fields["amount"]) - Decimal(order.fields.get("paid", "0"))


def _paid_now(order: Order, arguments: Arguments) -> Decimal:
    given = arguments.get("amount")
    return _open_amount(order) if given is None else Decimal(str(given))


def _enough(tx: Transaction, order: Order, arguments: Arguments) -> bool:
    return _paid_now(order, arguments) >= _open_amount(order)


def _unseen(tx: Transaction, order: Order, arguments: Arguments) -> bool:
    return not order.fields.get("seen")


def _pending_used(tx: Transaction, order: Order, arguments: Arguments) -> bool:
    return bool(_setting(tx, "use_pending"))


def _kept_open(tx: Transaction, order: Order, arguments: Arguments) -> bool:
    return _setting(tx, "underpaid") == "keep_open"


def _late_completes(tx: Transaction, order: Order, arguments: Arguments) -> bool:
    return _setting(tx, "late_payment") == "complete" and _enough(tx, order, arguments)


def _refunds_shown(tx: Transaction, order: Order, arguments: Arguments) -> bool:
    return _setting(tx, "refund_style") == "refunded"


def _not_refunded(tx: Transaction, order: Order, arguments: Arguments) -> bool:
    return order.fields.get("note") != _REFUNDED_NOTE


def _see_payment(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """A payment was seen: the order can no longer expire."""
    order.fields["seen"] = True
    tx.stop_timer(order, EXPIRE)
    if "txHash" in arguments:
        order.fields["tx_hash"] = arguments["txHash"]


def _complete(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """Whatever way has led here, the order is paid."""
    fields = order.fields
    fields["paid"] = str(Decimal(fields.get("paid", "0")) + _paid_now(order, arguments))
    fields["paid_ms"] = tx.now_ms
    _learn_hash(tx, order, arguments)
    if fields["once_per_user"]:
        users.add_completed(tx, order.owner, fields["product"])


def _learn_hash(tx: Transaction, order: Order, arguments: Arguments) -> None:
    order.fields["tx_hash"] = (
        arguments.get("txHash")
        or order.fields.get("tx_hash")
        or identifiers.transaction_hash(tx.chance.octets(identifiers.TRANSACTION_HASH_BYTES))
    )


def _add_part(tx: Transaction, order: Order, arguments: Arguments) -> None:
    order.fields["paid"] = str(Decimal(order.fields.get("paid", "0")) + _paid_now(order, arguments))
    if "txHash" in arguments:
        order.fields["tx_hash"] = arguments["txHash"]


def _return_payment(tx: Transaction, order: Order, arguments: Arguments) -> None:
    _learn_hash(tx, order, arguments)
    order.fields["note"] = _REFUNDED_NOTE


def _refund(tx: Transaction, order: Order, arguments: Arguments) -> None:
    order.fields["note"] = _REFUNDED_NOTE


def _take_back(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """Assumed: who was refunded, and no longer has a COMPLETED order, may order the product again."""
    order.fields["note"] = _REFUNDED_NOTE
    if order.fields["once_per_user"]:
        users.remove_completed(tx, order.owner, order.fields["product"])


def _fail(tx: Transaction, order: Order, arguments: Arguments) -> None:
    order.fields["note"] = arguments.get("note", "payment_failed")
    if "txHash" in arguments:
        order.fields["tx_hash"] = arguments["txHash"]


LIFECYCLE = Lifecycle(
    statuses=(
        Status("STARTED", "created, payment not confirmed"),
        Status("PENDING", "payment seen, not final; only with the setting use_pending, or by a scenario",
               mark="observed"),
        Status("COMPLETED", "paid and fulfilled", final=True, entered=_complete),
        Status("FAILED", "payment failed, was refused or went back; metadata.note says why", final=True),
        Status("EXPIRED", "not paid in time", final=True),
        Status("REFUNDED", "money went back; only with the setting refund_style=refunded, or by a scenario",
               final=True, mark="observed"),
    ),
    events=(
        Event("payment_started", "the gateway has seen a payment; the order can no longer expire", {"txHash": _HASH}),
        Event("pay", "the payment is confirmed", {"amount": _AMOUNT, "txHash": _PAID_HASH}),
        Event("fail", "the payment fails or bounces", {"note": _NOTE, "txHash": _HASH}),
        Event("refund", "the money goes back"),
        Event(EXPIRE, "the time to pay is over, and no payment was seen"),
    ),
    # Where several events lead from one status to another, the first row is the one that `to: STATUS` takes.
    transitions=(
        Transition("STARTED", "payment_started", "PENDING", when=_pending_used, then=_see_payment, at_will=True),
        Transition("STARTED", "payment_started", "STARTED", when=_unseen, then=_see_payment),
        Transition("STARTED", "fail", "FAILED", then=_fail, mark="documented"),
        Transition("STARTED", "pay", "COMPLETED", when=_enough, mark="documented"),
        Transition("STARTED", "pay", "STARTED", when=_kept_open, then=_add_part),
        Transition("STARTED", "pay", "FAILED", then=_return_payment),
        Transition("STARTED", "refund", "REFUNDED", when=_refunds_shown, then=_refund, at_will=True),
        Transition("STARTED", "refund", "FAILED", then=_refund),
        Transition("STARTED", EXPIRE, "EXPIRED", when=_unseen, mark="documented"),
        Transition("PENDING", "fail", "FAILED", then=_fail),
        Transition("PENDING", "pay", "COMPLETED", when=_enough),
        Transition("PENDING", "pay", "PENDING", when=_kept_open, then=_add_part),
        Transition("PENDING", "pay", "FAILED", then=_return_payment),
        Transition("PENDING", "refund", "REFUNDED", when=_refunds_shown, then=_refund, at_will=True),
        Transition("PENDING", "refund", "FAILED", then=_refund),
        Transition("COMPLETED", "refund", "REFUNDED", when=_refunds_shown, then=_take_back, at_will=True),
        Transition("COMPLETED", "refund", "COMPLETED", when=_not_refunded, then=_refund, mark="documented"),
        Transition("EXPIRED", "pay", "COMPLETED", when=_late_completes),
        Transition("EXPIRED", "pay", "EXPIRED"),
    ),
    initial={"": ("STARTED",)},
    automatic=frozenset({EXPIRE}),
)  # fmt: skip
