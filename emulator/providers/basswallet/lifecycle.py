"""The statuses of payments, withdrawals and deposits, and what takes them from one to another.

Sources: https://docs-zh.basswallet.com/api-reference/info/params-eum (spelled so) and
https://docs-en.basswallet.com/api-reference/endpoint/receive/payment-webhook, seen 2026-11. Assumed: the events, and
where the table says so.
"""

from collections.abc import Iterator
from typing import Any

from emulator.contract.lifecycle import Event, Lifecycle, Status, Transition
from emulator.providers.basswallet import payments
from emulator.providers.basswallet.chain.addresses import ADDRESS_PATTERN
from emulator.providers.basswallet.payments import CONFIRM, EXPIRE
from emulator.providers.basswallet.wire import (
    AWAITING_CONFIRMATION,
    AWAITING_PACKAGING,
    AWAITING_REVIEW,
    CANCELLED,
    DEPOSIT,
    EXPIRED,
    FAILED,
    FIXED,
    PAYMENTS,
    PENDING,
    PROCESSING,
    REVIEW_APPROVED,
    REVIEW_DECLINED,
    SUCCESS,
    UNDERPAID,
    VARIABLE,
    WITHDRAWAL,
)
from emulator.providers.basswallet.withdrawals import course
from emulator.providers.basswallet.withdrawals.course import PROCESS

PAY_ARGUMENTS: dict[str, Any] = {
    "amount": {
        "type": ["string", "number"],
        "pattern": "^[0-9]+(\\.[0-9]+)?$",
        "maxLength": 40,
        "exclusiveMinimum": 0,
        "description": "units of the token; default: what the order asks for, or its minimum",
    },
    "times": {
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": 1000,
        "description": "instead of amount: a multiple of what the order asks for, cut to the decimals that are shown",
    },
    "tokenName": {"type": "string", "minLength": 1, "description": "default: the order's; another has no effect"},
    "chainName": {"type": "string", "minLength": 1, "description": "default: the order's; another has no effect"},
    "fromAddress": {
        "type": "string",
        "pattern": ADDRESS_PATTERN,
        "description": "who pays; default: a random address",
    },
    "txHash": {"type": "string", "pattern": "^(0x)?[0-9a-fA-F]{64}$", "description": "default: a random one"},
}


_OF_CHAIN = frozenset({FIXED, VARIABLE, DEPOSIT})
_WITHDRAWALS = frozenset({WITHDRAWAL})


def _pay_transitions(status: str) -> tuple[Transition, Transition]:
    """A payment while the order has this status: it counts or has no effect, and the status stays either way."""
    return (
        Transition(status, "pay", status, PAYMENTS, when=payments.is_counted, then=payments.accept),
        Transition(status, "pay", status, PAYMENTS, then=payments.ignore),
    )


def _withdrawal_transitions() -> Iterator[Transition]:
    """What becomes of a withdrawal."""
    for source, event, target, then in (
        (AWAITING_REVIEW, "approve", REVIEW_APPROVED, course.approve),
        (AWAITING_REVIEW, "decline", REVIEW_DECLINED, None),
        (AWAITING_REVIEW, "cancel", CANCELLED, None),
        (REVIEW_APPROVED, "approve", PROCESSING, course.start_processing),
        (PROCESSING, PROCESS, AWAITING_PACKAGING, course.package),
        (PROCESSING, CONFIRM, AWAITING_PACKAGING, course.package),
        (PROCESSING, "cancel", CANCELLED, None),
        (AWAITING_PACKAGING, CONFIRM, AWAITING_CONFIRMATION, course.confirm_first),
        (AWAITING_PACKAGING, "fail", FAILED, None),
        (AWAITING_CONFIRMATION, CONFIRM, SUCCESS, None),
        (AWAITING_CONFIRMATION, "fail", FAILED, None),
    ):
        mark = "documented" if source in (AWAITING_PACKAGING, AWAITING_CONFIRMATION) else "assumed"
        yield Transition(source, event, target, _WITHDRAWALS, then=then, mark=mark)


LIFECYCLE = Lifecycle(
    statuses=(
        Status(AWAITING_REVIEW, "a withdrawal that the merchant's own staff review first (setting withdraw_review)"),
        Status(REVIEW_DECLINED, "a withdrawal that they declined", final=True, entered=course.settle),
        Status(REVIEW_APPROVED, "a withdrawal that they approved; it goes on to Processing at once"),
        Status(PROCESSING, "a withdrawal that was created, and is not on the chain yet"),
        Status(AWAITING_PACKAGING, "a withdrawal or deposit that is on the chain, and in no block yet"),
        Status(PENDING,
               "created; no payment has its first confirmations yet (setting initial_status: AwaitingPayment)"),
        Status(AWAITING_CONFIRMATION,
               "the payment has its first confirmations (setting confirmation_word: WaitingConfirmation)"),
        Status(SUCCESS, "paid in full or more, withdrawn, or deposited, with the final confirmations", final=True,
               entered=course.settle),
        Status(FAILED, "undone on the chain, or invalid", final=True, entered=course.settle),
        Status(UNDERPAID,
               "less than the amount was paid; final unless the setting underpaid_policy is topup or sum", final=True),
        Status(EXPIRED, "not paid in time; final unless the setting late_policy is credit", final=True),
        Status(CANCELLED, "cancelled; no call of the API does it", final=True, entered=course.settle),
    ),
    events=(
        Event("pay", "the payer pays; the confirmations follow with the blocks of the chain", PAY_ARGUMENTS),
        Event(CONFIRM, "the next confirmations that matter: the first ones, then the final ones; a withdrawal that is "
                       "being processed goes to the chain"),
        Event("fail", "it is undone on the chain, or turns out to be invalid"),
        Event(EXPIRE, "the time to pay runs out"),
        Event("cancel", "the order is cancelled"),
        Event("approve", "the merchant's own staff approve a withdrawal"),
        Event("decline", "the merchant's own staff decline a withdrawal"),
        Event(PROCESS, "the transaction of a withdrawal goes to the chain"),
    ),
    transitions=(
        *_pay_transitions(PENDING),
        Transition(PENDING, CONFIRM, AWAITING_CONFIRMATION, PAYMENTS, when=payments.credits_next,
                   then=payments.credit_next, mark="documented", at_will=True),
        Transition(PENDING, EXPIRE, EXPIRED, PAYMENTS, when=payments.is_unpaid, mark="documented"),
        Transition(PENDING, "cancel", CANCELLED, PAYMENTS, when=payments.is_unpaid),
        *_pay_transitions(AWAITING_CONFIRMATION),
        Transition(AWAITING_CONFIRMATION, CONFIRM, AWAITING_CONFIRMATION, PAYMENTS, when=payments.credits_next,
                   then=payments.credit_next),
        Transition(AWAITING_CONFIRMATION, CONFIRM, SUCCESS, _OF_CHAIN, when=payments.succeeds_next,
                   then=payments.complete, mark="documented"),
        Transition(AWAITING_CONFIRMATION, CONFIRM, UNDERPAID, frozenset({FIXED}), when=payments.falls_short_next,
                   then=payments.fall_short),
        Transition(AWAITING_CONFIRMATION, CONFIRM, AWAITING_CONFIRMATION, PAYMENTS, then=payments.finish_next),
        Transition(AWAITING_CONFIRMATION, "fail", FAILED, _OF_CHAIN, then=payments.complete, mark="documented"),
        *_pay_transitions(UNDERPAID),
        Transition(UNDERPAID, CONFIRM, AWAITING_CONFIRMATION, PAYMENTS, when=payments.credits_next,
                   then=payments.credit_next),
        *_pay_transitions(EXPIRED),
        Transition(EXPIRED, CONFIRM, AWAITING_CONFIRMATION, PAYMENTS, when=payments.credits_next,
                   then=payments.credit_next),
        Transition(AWAITING_PACKAGING, CONFIRM, AWAITING_CONFIRMATION, frozenset({DEPOSIT}), then=payments.credit_next,
                   mark="documented"),
        *_withdrawal_transitions(),
    ),
    initial={
        FIXED: (PENDING,),
        VARIABLE: (PENDING,),
        WITHDRAWAL: (PROCESSING, AWAITING_REVIEW),
        DEPOSIT: (AWAITING_PACKAGING,),
    },
    automatic=frozenset({CONFIRM, EXPIRE, PROCESS}),
    passing={REVIEW_APPROVED: "approve"},
    follows={CONFIRM: frozenset({"pay", PROCESS, "approve"}), PROCESS: frozenset({"approve"})},
)  # fmt: skip
