"""The statuses of an order and the events that take it from one to another; `payments` moves the money.

Sources: https://docs.koywe.com/payments/core-concepts/orders and https://docs.koywe.com/reports/orders-report (seen
2026-11) for the statuses. Assumed: the events, their names, and the transitions that are not marked. Pay-ins are
PROCESSING before they are PAID, crypto orders afterwards; the documentation has both.
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
    """The steps of the order's scenario start now."""
    events.start_timeline(tx, order)


def _is_instant(tx: Transaction, order: Order, arguments: Arguments) -> bool:
    """Whether the order was created while transfers were instant (setting `balance_transfer_mode`)."""
    return bool(order.fields.get("instant"))


LIFECYCLE = Lifecycle(
    statuses=(
        Status("DRAFT", "the order was created and not yet submitted"),
        Status("PENDING", "the order waits for its payment or for processing"),
        Status("PROCESSING", "the order is being processed"),
        Status("PAID", "the payment is confirmed, and the money is on its way"),
        Status("COMPLETED", "the money was delivered; only a refund leads out of it"),
        Status("FAILED", "the order failed", final=True),
        Status("CANCELLED", "the order was cancelled", final=True),
        Status("EXPIRED", "the order was not paid in time", final=True),
        Status("ON_HOLD", "the order is held, for review or until somebody approves it"),
        Status("REFUND_REQUESTED", "a refund was asked for"),
        Status("REFUNDED", "the money went back", final=True),
    ),
    events=(
        Event("submit", "the merchant submits the draft"),
        Event("start", "processing starts; of a pay-in: the payer starts to pay"),
        Event("confirm", "the payment or the crypto deposit is confirmed"),
        Event("settle", "the money is delivered"),
        Event("fail", "the order fails"),
        Event("cancel", "the merchant cancels the order"),
        Event(EXPIRE, "the time to pay runs out"),
        Event("hold", "the provider holds the order for review"),
        Event("release", "the review lets the order go on"),
        Event("approve", "somebody approves what the policy holds"),
        Event("reject", "the review fails, or somebody rejects what the policy holds"),
        Event(REQUEST_REFUND, "a refund is asked for"),
        Event("refund", "the money goes back; of a payout: it comes back from the bank"),
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
