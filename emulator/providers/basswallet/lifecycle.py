"""The statuses of a payment order, and what takes it from one to another.

Sources: https://docs-zh.basswallet.com/api-reference/info/params-eum (spelled so) and
https://docs-en.basswallet.com/api-reference/endpoint/receive/payment-webhook, seen 2026-11. Assumed: the events, and
where the table says so.
"""

from typing import Any

from emulator.contract.lifecycle import Arguments, Event, Lifecycle, Status, Transition
from emulator.contract.order import Order
from emulator.contract.transaction import Transaction
from emulator.providers.basswallet import payments
from emulator.providers.basswallet.payments import CONFIRM, EXPIRE
from emulator.providers.basswallet.wire import (
    AWAITING_CONFIRMATION,
    CANCELLED,
    EXPIRED,
    FAILED,
    PENDING,
    SUCCESS,
    UNDERPAID,
)

FIXED = "fixed"
VARIABLE = "variable"

_PAY_ARGUMENTS: dict[str, Any] = {
    "amount": {
        "type": ["string", "number"],
        "pattern": "^[0-9]+(\\.[0-9]+)?$",
        "maxLength": 40,
        "exclusiveMinimum": 0,
        "description": "units of the token; none: what the order asks for, or its least",
    },
    "times": {
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": 1000,
        "description": "in place of amount: so many times what the order asks for, cut to the decimals that are shown",
    },
    "tokenName": {"type": "string", "minLength": 1, "description": "none: that of the order; another has no effect"},
    "chainName": {"type": "string", "minLength": 1, "description": "none: that of the order; another has no effect"},
    "fromAddress": {
        "type": "string",
        "pattern": "^(0x[0-9a-fA-F]{40}|T[1-9A-HJ-NP-Za-km-z]{33}|1[1-9A-HJ-NP-Za-km-z]{24,33})$",
        "description": "who pays; none: a random address",
    },
    "txHash": {"type": "string", "pattern": "^(0x)?[0-9a-fA-F]{64}$", "description": "none: a random one"},
}


def _is_counted(tx: Transaction, order: Order, arguments: Arguments) -> bool:
    return payments.find_objection(tx, order, arguments) is None


def _credits(tx: Transaction, order: Order, arguments: Arguments) -> bool:
    return payments.credits_next(tx, order)


def _is_unpaid(tx: Transaction, order: Order, arguments: Arguments) -> bool:
    return not payments.is_awaited(order)


def _succeeds(tx: Transaction, order: Order, arguments: Arguments) -> bool:
    return payments.succeeds_next(tx, order)


def _falls_short(tx: Transaction, order: Order, arguments: Arguments) -> bool:
    return payments.falls_short_next(tx, order)


def _pay_transitions(status: str) -> tuple[Transition, Transition]:
    """A payment while the order has this status: it counts or has no effect, and the status stays either way."""
    return (
        Transition(status, "pay", status, when=_is_counted, then=payments.accept),
        Transition(status, "pay", status, then=payments.ignore),
    )


LIFECYCLE = Lifecycle(
    statuses=(
        Status(PENDING, "created; no payment has its first confirmations (setting initial_status: AwaitingPayment)"),
        Status(AWAITING_CONFIRMATION,
               "the payment has its first confirmations (setting confirmation_word: WaitingConfirmation)"),
        Status(SUCCESS, "paid in full or more, with the final confirmations", final=True),
        Status(FAILED, "the payment was undone on the chain, or is invalid", final=True),
        Status(UNDERPAID, "less than the amount was paid; final unless the setting underpaid_policy is topup or sum",
               final=True),
        Status(EXPIRED, "not paid in time; final unless the setting late_policy is credit", final=True),
        Status(CANCELLED, "called off; no call of the API does it", final=True),
    ),
    events=(
        Event("pay", "the payer pays; the confirmations follow with the blocks of the chain", _PAY_ARGUMENTS),
        Event(CONFIRM, "the next confirmations that matter: the first ones, then the final ones"),
        Event("fail", "the payment is undone on the chain, or turns out to be invalid"),
        Event(EXPIRE, "the time to pay is over"),
        Event("cancel", "the order is called off"),
    ),
    transitions=(
        *_pay_transitions(PENDING),
        Transition(PENDING, CONFIRM, AWAITING_CONFIRMATION, when=_credits, then=payments.credit_next,
                   mark="documented", at_will=True),
        Transition(PENDING, EXPIRE, EXPIRED, when=_is_unpaid, mark="documented"),
        Transition(PENDING, "cancel", CANCELLED, when=_is_unpaid),
        *_pay_transitions(AWAITING_CONFIRMATION),
        Transition(AWAITING_CONFIRMATION, CONFIRM, AWAITING_CONFIRMATION, when=_credits, then=payments.credit_next),
        Transition(AWAITING_CONFIRMATION, CONFIRM, SUCCESS, when=_succeeds, then=payments.complete, mark="documented"),
        Transition(AWAITING_CONFIRMATION, CONFIRM, UNDERPAID, kinds=frozenset({FIXED}), when=_falls_short,
                   then=payments.fall_short),
        Transition(AWAITING_CONFIRMATION, CONFIRM, AWAITING_CONFIRMATION, then=payments.finish_next),
        Transition(AWAITING_CONFIRMATION, "fail", FAILED, then=payments.complete, mark="documented"),
        *_pay_transitions(UNDERPAID),
        Transition(UNDERPAID, CONFIRM, AWAITING_CONFIRMATION, when=_credits, then=payments.credit_next),
        *_pay_transitions(EXPIRED),
        Transition(EXPIRED, CONFIRM, AWAITING_CONFIRMATION, when=_credits, then=payments.credit_next),
    ),
    initial={FIXED: (PENDING,), VARIABLE: (PENDING,)},
    automatic=frozenset({CONFIRM, EXPIRE}),
    follows={CONFIRM: frozenset({"pay"})},
)  # fmt: skip
