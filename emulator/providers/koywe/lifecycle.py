"""Statuses of an order and what takes it from one to another: all of it is in this table, what moves is in `payments`.

Sources: https://docs.koywe.com/payments/core-concepts/orders and https://docs.koywe.com/reports/orders-report (seen
2026-11) for the statuses. Assumed: the events, their names, and the rows that are not marked. Pay-ins are PROCESSING
before they are PAID, crypto orders after; the docs have it both ways.
"""

from emulator.contract.lifecycle import Arguments, Event, Lifecycle, Status, Transition
from emulator.contract.order import Order
from emulator.contract.transaction import Transaction
from emulator.core import events
from emulator.providers.koywe import payments
from emulator.providers.koywe.ordering.kinds import (
    BALANCE_TRANSFER,
    COLLECTED,
    GOVERNED,
    INTER_MERCHANT_TRANSFER,
    OFFRAMP,
    ONRAMP_BY_METHOD,
    ONRAMP_FROM_BALANCE,
    PAYIN,
    PAYMENT_LINK,
    PAYOUT,
    TRANSFERS,
)

EXPIRE = "expire"
REQUEST_REFUND = "request_refund"

_ONRAMP = frozenset({ONRAMP_FROM_BALANCE, ONRAMP_BY_METHOD})
_BY_METHOD = frozenset({ONRAMP_BY_METHOD})
_AWAITED = frozenset({ONRAMP_BY_METHOD, OFFRAMP})
_CRYPTO = _ONRAMP | _AWAITED
_PAYOUT = frozenset({PAYOUT})
_OFFRAMP = frozenset({OFFRAMP})


def _go_on(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """The steps of the order's scenario begin now."""
    events.start_timeline(tx, order)


def _is_instant(tx: Transaction, order: Order, arguments: Arguments) -> bool:
    """Whether the order was made while transfers were instant (setting balance_transfer_mode)."""
    return bool(order.fields.get("instant"))


LIFECYCLE = Lifecycle(
    statuses=(
        Status("DRAFT", "created, not submitted"),
        Status("PENDING", "waits for payment or processing"),
        Status("PROCESSING", "being processed"),
        Status("PAID", "payment confirmed, settling"),
        Status("COMPLETED", "funds delivered; only a refund leads out of it"),
        Status("FAILED", "failed", final=True),
        Status("CANCELLED", "cancelled", final=True),
        Status("EXPIRED", "its time is over", final=True),
        Status("ON_HOLD", "held: for review, or until somebody approves"),
        Status("REFUND_REQUESTED", "a refund was asked for"),
        Status("REFUNDED", "the money went back", final=True),
    ),
    events=(
        Event("submit", "the merchant submits a draft"),
        Event("start", "processing begins; for a pay-in: the payer has begun to pay"),
        Event("confirm", "the payment, or the crypto deposit, is confirmed"),
        Event("settle", "the funds are delivered"),
        Event("fail", "it fails"),
        Event("cancel", "the merchant cancels it"),
        Event(EXPIRE, "its time is over"),
        Event("hold", "the provider holds it for review"),
        Event("release", "the review lets it go on"),
        Event("approve", "somebody approves what the policy holds"),
        Event("reject", "the review, or whoever should approve, says no"),
        Event(REQUEST_REFUND, "a refund is asked for"),
        Event("refund", "the money goes back; a payout's comes back from the bank"),
        Event("reject_refund", "the refund is refused"),
    ),
    transitions=(
        Transition("DRAFT", "submit", "PENDING", COLLECTED),
        Transition("DRAFT", "cancel", "CANCELLED", COLLECTED),
        Transition("PENDING", "start", "PROCESSING", COLLECTED, then=payments.await_money, mark="documented"),
        Transition("PENDING", "confirm", "PAID", COLLECTED, then=payments.take_payment),
        Transition("PROCESSING", "confirm", "PAID", COLLECTED, then=payments.take_payment),
        Transition("PAID", "settle", "COMPLETED", COLLECTED, then=payments.receive_money, by_itself=True),
        Transition("PENDING", "fail", "FAILED", COLLECTED, then=payments.stop_awaiting),
        Transition("PROCESSING", "fail", "FAILED", COLLECTED, then=payments.stop_awaiting),
        Transition("PENDING", "cancel", "CANCELLED", COLLECTED, mark="documented"),
        Transition("PENDING", EXPIRE, "EXPIRED", COLLECTED),
        Transition("PROCESSING", "hold", "ON_HOLD", COLLECTED),
        Transition("ON_HOLD", "release", "PROCESSING", COLLECTED),
        Transition("ON_HOLD", "reject", "FAILED", COLLECTED, then=payments.stop_awaiting),
        Transition("COMPLETED", REQUEST_REFUND, "REFUND_REQUESTED", COLLECTED),
        Transition(
            "REFUND_REQUESTED", "refund", "REFUNDED", COLLECTED, payments.can_return_payment, payments.return_payment
        ),
        Transition("REFUND_REQUESTED", "reject_refund", "COMPLETED", COLLECTED),
        Transition("PENDING", "start", "PROCESSING", _PAYOUT),
        Transition("PROCESSING", "settle", "COMPLETED", _PAYOUT, then=payments.spend, by_itself=True),
        Transition("PENDING", "fail", "FAILED", _PAYOUT, then=payments.release_money, mark="documented"),
        Transition("PROCESSING", "fail", "FAILED", _PAYOUT, then=payments.release_money, mark="documented"),
        Transition("PENDING", "cancel", "CANCELLED", _PAYOUT, then=payments.release_money),
        Transition("COMPLETED", "refund", "REFUNDED", _PAYOUT, then=payments.take_back),
        Transition("PROCESSING", "settle", "COMPLETED", TRANSFERS, then=payments.spend_and_credit, by_itself=True),
        Transition("PROCESSING", "fail", "FAILED", TRANSFERS, then=payments.release_money),
        Transition("PENDING", "start", "PROCESSING", frozenset({ONRAMP_FROM_BALANCE})),
        Transition("PENDING", "confirm", "PAID", _AWAITED),
        Transition("PAID", "start", "PROCESSING", _BY_METHOD, by_itself=True),
        Transition(
            "PAID", "start", "PROCESSING", _OFFRAMP, then=payments.await_money, mark="documented", by_itself=True
        ),
        Transition("PROCESSING", "settle", "COMPLETED", _ONRAMP, then=payments.spend, by_itself=True),
        Transition("PROCESSING", "settle", "COMPLETED", _OFFRAMP, then=payments.receive_money, by_itself=True),
        Transition("PENDING", "fail", "FAILED", _ONRAMP, then=payments.release_money),
        Transition("PAID", "fail", "FAILED", _BY_METHOD),
        Transition("PROCESSING", "fail", "FAILED", _ONRAMP, then=payments.release_money),
        Transition("PENDING", "fail", "FAILED", _OFFRAMP, then=payments.stop_awaiting),
        Transition("PAID", "fail", "FAILED", _OFFRAMP, then=payments.stop_awaiting),
        Transition("PROCESSING", "fail", "FAILED", _OFFRAMP, then=payments.stop_awaiting),
        Transition("PENDING", "cancel", "CANCELLED", _CRYPTO, then=payments.release_money),
        Transition("PENDING", EXPIRE, "EXPIRED", _AWAITED),
        Transition("PAID", REQUEST_REFUND, "REFUND_REQUESTED", _OFFRAMP),
        Transition("REFUND_REQUESTED", "refund", "REFUNDED", _OFFRAMP),
        Transition("REFUND_REQUESTED", "reject_refund", "PAID", _OFFRAMP),
        Transition("ON_HOLD", "approve", "COMPLETED", TRANSFERS, _is_instant, payments.spend_and_credit),
        Transition("ON_HOLD", "approve", "PROCESSING", TRANSFERS, then=_go_on),
        Transition("ON_HOLD", "approve", "PENDING", GOVERNED - TRANSFERS, then=_go_on),
        Transition("ON_HOLD", "reject", "CANCELLED", GOVERNED, then=payments.release_money),
    ),
    initial={
        PAYIN: ("PENDING", "DRAFT"),
        PAYMENT_LINK: ("PENDING", "DRAFT"),
        PAYOUT: ("PENDING", "ON_HOLD"),
        BALANCE_TRANSFER: ("PROCESSING", "COMPLETED", "ON_HOLD"),
        INTER_MERCHANT_TRANSFER: ("PROCESSING", "COMPLETED", "ON_HOLD"),
        ONRAMP_FROM_BALANCE: ("PENDING", "ON_HOLD"),
        ONRAMP_BY_METHOD: ("PENDING", "ON_HOLD"),
        OFFRAMP: ("PENDING", "ON_HOLD"),
    },
    automatic=frozenset({EXPIRE}),
)
