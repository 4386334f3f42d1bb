"""Statuses of an order, what takes it from one to another, and what that does to balances. All of it is in this table.

Sources: https://docs.koywe.com/payments/core-concepts/orders and https://docs.koywe.com/reports/orders-report (seen
2026-11) for the statuses. Assumed: the events, their names, and the rows that are not marked. Pay-ins are PROCESSING
before they are PAID, crypto orders after; the docs have it both ways.

In the comments A, P and R are the available, pending and reserved balance of a virtual account.
"""

from __future__ import annotations

from typing import Final

from emulator.core import events
from emulator.core.lifecycle import Arguments, Event, Lifecycle, Status, Transition
from emulator.core.order import Order
from emulator.core.transaction import Transaction
from emulator.providers.koywe import balances
from emulator.providers.koywe.kinds import (
    BALANCE_TRANSFER,
    COLLECTED,
    FROM_BALANCE,
    GOVERNED,
    OFFRAMP,
    ONRAMP_BY_METHOD,
    ONRAMP_FROM_BALANCE,
    PAYIN,
    PAYMENT_LINK,
    PAYOUT,
    type_of,
)

EXPIRE: Final = "expire"

_ONRAMP: Final = frozenset({ONRAMP_FROM_BALANCE, ONRAMP_BY_METHOD})
_BY_METHOD: Final = frozenset({ONRAMP_BY_METHOD})
_AWAITED: Final = frozenset({ONRAMP_BY_METHOD, OFFRAMP})
_CRYPTO: Final = _ONRAMP | _AWAITED
_PAYOUT: Final = frozenset({PAYOUT})
_TRANSFER: Final = frozenset({BALANCE_TRANSFER})
_OFFRAMP: Final = frozenset({OFFRAMP})


def _await_money(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """P += amountOut, once."""
    if not order.fields.get("pending"):
        order.fields["pending"] = True
        balances.move(
            tx, order.owner, order.fields["destinationCurrencySymbol"], pending=order.fields["amountOut"]
        )  # fmt: skip


def _give_up_money(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """P -= amountOut, if it was there."""
    if order.fields.pop("pending", False):
        amount = balances.negative(order.fields["amountOut"])
        balances.move(tx, order.owner, order.fields["destinationCurrencySymbol"], pending=amount)


def _receive_money(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """P -= amountOut, A += amountOut; to a real bank account only P -= amountOut."""
    _give_up_money(tx, order, arguments)
    if not order.fields.get("paidOut"):
        _credit_destination(tx, order)


def _return_payment(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """A -= amountOut."""
    _change_available(
        tx,
        order,
        order.fields["destinationCurrencySymbol"],
        balances.negative(order.fields["amountOut"]),
        balances.REFUND,
    )


def _can_return_payment(tx: Transaction, order: Order, arguments: Arguments) -> bool:
    balance = balances.find_balance(tx, order.owner, order.fields["destinationCurrencySymbol"])
    return balance is not None and balance.available >= order.fields["amountOut"]


def _spend(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """R -= amountIn, where money was set aside."""
    if order.kind in FROM_BALANCE:
        amount = balances.negative(order.fields["amountIn"])
        balances.move(tx, order.owner, order.fields["originCurrencySymbol"], reserved=amount)


def _spend_and_credit(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """R -= amountIn; A of the other currency += amountOut."""
    _spend(tx, order, arguments)
    _credit_destination(tx, order)


def _give_back(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """R -= amountIn, A += amountIn, where money was set aside."""
    if order.kind in FROM_BALANCE:
        amount = order.fields["amountIn"]
        balances.move(
            tx,
            order.owner,
            order.fields["originCurrencySymbol"],
            available=amount,
            reserved=balances.negative(amount),
            category=balances.REFUND,
            order_id=order.id,
        )


def _take_back(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """A += amountIn: the bank has sent the money back."""
    _change_available(tx, order, order.fields["originCurrencySymbol"], order.fields["amountIn"], balances.REFUND)


def _go_on(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """The steps of the order's scenario begin now."""
    events.start_timeline(tx, order)


def _is_instant(tx: Transaction, order: Order, arguments: Arguments) -> bool:
    return bool(order.fields.get("instant"))


def _credit_destination(tx: Transaction, order: Order) -> None:
    currency, amount = order.fields["destinationCurrencySymbol"], order.fields["amountOut"]
    _change_available(tx, order, currency, amount, type_of(order.kind))


def _change_available(tx: Transaction, order: Order, currency: str, amount: balances.Amount, category: str) -> None:
    balances.move(tx, order.owner, currency, available=amount, category=category, order_id=order.id)


LIFECYCLE: Final = Lifecycle(
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
        Event("request_refund", "a refund is asked for"),
        Event("refund", "the money goes back; a payout's comes back from the bank"),
        Event("reject_refund", "the refund is refused"),
    ),
    transitions=(
        Transition("DRAFT", "submit", "PENDING", COLLECTED),
        Transition("DRAFT", "cancel", "CANCELLED", COLLECTED),
        Transition("PENDING", "start", "PROCESSING", COLLECTED, then=_await_money, mark="documented"),
        Transition("PENDING", "confirm", "PAID", COLLECTED, then=_await_money),
        Transition("PROCESSING", "confirm", "PAID", COLLECTED, then=_await_money),
        Transition("PAID", "settle", "COMPLETED", COLLECTED, then=_receive_money),
        Transition("PENDING", "fail", "FAILED", COLLECTED, then=_give_up_money),
        Transition("PROCESSING", "fail", "FAILED", COLLECTED, then=_give_up_money),
        Transition("PENDING", "cancel", "CANCELLED", COLLECTED, mark="documented"),
        Transition("PENDING", EXPIRE, "EXPIRED", COLLECTED),
        Transition("PROCESSING", "hold", "ON_HOLD", COLLECTED),
        Transition("ON_HOLD", "release", "PROCESSING", COLLECTED),
        Transition("ON_HOLD", "reject", "FAILED", COLLECTED, then=_give_up_money),
        Transition("COMPLETED", "request_refund", "REFUND_REQUESTED", COLLECTED),
        Transition("REFUND_REQUESTED", "refund", "REFUNDED", COLLECTED, _can_return_payment, _return_payment),
        Transition("REFUND_REQUESTED", "reject_refund", "COMPLETED", COLLECTED),
        Transition("PENDING", "start", "PROCESSING", _PAYOUT),
        Transition("PROCESSING", "settle", "COMPLETED", _PAYOUT, then=_spend),
        Transition("PENDING", "fail", "FAILED", _PAYOUT, then=_give_back, mark="documented"),
        Transition("PROCESSING", "fail", "FAILED", _PAYOUT, then=_give_back, mark="documented"),
        Transition("PENDING", "cancel", "CANCELLED", _PAYOUT, then=_give_back),
        Transition("COMPLETED", "refund", "REFUNDED", _PAYOUT, then=_take_back),
        Transition("PROCESSING", "settle", "COMPLETED", _TRANSFER, then=_spend_and_credit),
        Transition("PROCESSING", "fail", "FAILED", _TRANSFER, then=_give_back),
        Transition("PENDING", "start", "PROCESSING", frozenset({ONRAMP_FROM_BALANCE})),
        Transition("PENDING", "confirm", "PAID", _AWAITED),
        Transition("PAID", "start", "PROCESSING", _BY_METHOD),
        Transition("PAID", "start", "PROCESSING", _OFFRAMP, then=_await_money, mark="documented"),
        Transition("PROCESSING", "settle", "COMPLETED", _ONRAMP, then=_spend),
        Transition("PROCESSING", "settle", "COMPLETED", _OFFRAMP, then=_receive_money),
        Transition("PENDING", "fail", "FAILED", _ONRAMP, then=_give_back),
        Transition("PAID", "fail", "FAILED", _BY_METHOD),
        Transition("PROCESSING", "fail", "FAILED", _ONRAMP, then=_give_back),
        Transition("PENDING", "fail", "FAILED", _OFFRAMP, then=_give_up_money),
        Transition("PAID", "fail", "FAILED", _OFFRAMP, then=_give_up_money),
        Transition("PROCESSING", "fail", "FAILED", _OFFRAMP, then=_give_up_money),
        Transition("PENDING", "cancel", "CANCELLED", _CRYPTO, then=_give_back),
        Transition("PENDING", EXPIRE, "EXPIRED", _AWAITED),
        Transition("PAID", "request_refund", "REFUND_REQUESTED", _OFFRAMP),
        Transition("REFUND_REQUESTED", "refund", "REFUNDED", _OFFRAMP),
        Transition("REFUND_REQUESTED", "reject_refund", "PAID", _OFFRAMP),
        Transition("ON_HOLD", "approve", "COMPLETED", _TRANSFER, _is_instant, _spend_and_credit),
        Transition("ON_HOLD", "approve", "PROCESSING", _TRANSFER, then=_go_on),
        Transition("ON_HOLD", "approve", "PENDING", GOVERNED - _TRANSFER, then=_go_on),
        Transition("ON_HOLD", "reject", "CANCELLED", GOVERNED, then=_give_back),
    ),
    initial={
        PAYIN: ("PENDING", "DRAFT"),
        PAYMENT_LINK: ("PENDING", "DRAFT"),
        PAYOUT: ("PENDING", "ON_HOLD"),
        BALANCE_TRANSFER: ("PROCESSING", "COMPLETED", "ON_HOLD"),
        ONRAMP_FROM_BALANCE: ("PENDING", "ON_HOLD"),
        ONRAMP_BY_METHOD: ("PENDING", "ON_HOLD"),
        OFFRAMP: ("PENDING", "ON_HOLD"),
    },
    automatic=frozenset({EXPIRE}),
)
