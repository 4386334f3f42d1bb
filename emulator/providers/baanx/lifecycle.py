"""The statuses of an order, and what takes it from one to another.

Source: https://docs.baanx.com/api-reference/order/status, seen 2026-11. Assumed: the events, their names and guards.
"""

from emulator.contract.lifecycle import Event, Lifecycle, Status, Transition
from emulator.providers.baanx.payments import (
    EXPIRE,
    add_part,
    complete,
    completes_late,
    fail,
    is_enough,
    is_not_refunded,
    is_unseen,
    keeps_open,
    refund,
    return_payment,
    see_payment,
    shows_refunds,
    take_back,
    uses_pending,
)

_NOTE = {"type": "string", "minLength": 1, "maxLength": 100, "description": "reason; default: payment_failed"}
_HASH = {"type": "string", "pattern": "^0x[0-9a-f]{64}$", "description": "transaction hash; default: the known one"}
_PAID_HASH = _HASH | {"description": "transaction hash; default: the known one, or else a random one"}
_AMOUNT = {
    "type": ["string", "number"],
    "pattern": "^[0-9]{1,18}(\\.[0-9]{1,18})?$",
    "minimum": 0,
    "maximum": 10**18,
    "description": "in the order's currency; default: what is still to be paid",
}

LIFECYCLE = Lifecycle(
    statuses=(
        Status("STARTED", "created, payment not confirmed"),
        Status("PENDING", "payment seen, not final; only with the setting use_pending, or by a scenario",
               mark="observed"),
        Status("COMPLETED", "paid and fulfilled", final=True, entered=complete),
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
        Event(EXPIRE, "the time to pay runs out, and no payment was seen"),
    ),
    # Where several events lead from one status to another, the first row is the one that `to: STATUS` takes.
    transitions=(
        Transition("STARTED", "payment_started", "PENDING", when=uses_pending, then=see_payment, at_will=True),
        Transition("STARTED", "payment_started", "STARTED", when=is_unseen, then=see_payment),
        Transition("STARTED", "fail", "FAILED", then=fail, mark="documented"),
        Transition("STARTED", "pay", "COMPLETED", when=is_enough, mark="documented"),
        Transition("STARTED", "pay", "STARTED", when=keeps_open, then=add_part),
        Transition("STARTED", "pay", "FAILED", then=return_payment),
        Transition("STARTED", "refund", "REFUNDED", when=shows_refunds, then=refund, at_will=True),
        Transition("STARTED", "refund", "FAILED", then=refund),
        Transition("STARTED", EXPIRE, "EXPIRED", when=is_unseen, mark="documented"),
        Transition("PENDING", "fail", "FAILED", then=fail),
        Transition("PENDING", "pay", "COMPLETED", when=is_enough),
        Transition("PENDING", "pay", "PENDING", when=keeps_open, then=add_part),
        Transition("PENDING", "pay", "FAILED", then=return_payment),
        Transition("PENDING", "refund", "REFUNDED", when=shows_refunds, then=refund, at_will=True),
        Transition("PENDING", "refund", "FAILED", then=refund),
        Transition("COMPLETED", "refund", "REFUNDED", when=shows_refunds, then=take_back, at_will=True),
        Transition("COMPLETED", "refund", "COMPLETED", when=is_not_refunded, then=refund, mark="documented"),
        Transition("EXPIRED", "pay", "COMPLETED", when=completes_late),
        Transition("EXPIRED", "pay", "EXPIRED"),
    ),
    initial={"": ("STARTED",)},
    automatic=frozenset({EXPIRE}),
)  # fmt: skip
