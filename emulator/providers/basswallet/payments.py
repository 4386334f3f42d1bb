"""What payments on the chain do to an order: which of them count, when they are confirmed, and what was paid.

An order has its payments in the field `payments`, in the order in which they came. One that does not count leaves the
field `notice`, for the page.

Source: https://docs-en.basswallet.com/api-reference/endpoint/receive/payment-webhook, seen 2026-11. Assumed: all rules
but that a payment below the minimum is not credited, and that two numbers of confirmations matter.
"""

from decimal import Decimal
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from emulator.contract.lifecycle import Arguments
from emulator.contract.order import Order
from emulator.contract.setting import Settings
from emulator.contract.transaction import Transaction
from emulator.providers.basswallet.accounts import balances
from emulator.providers.basswallet.catalogue import read_catalogue
from emulator.providers.basswallet.chain import blocks
from emulator.providers.basswallet.chain.amounts import add, is_within, multiply, read_amount, write_decimal
from emulator.providers.basswallet.chain.transfers import (
    ACCEPTED,
    CREDITED,
    FINAL,
    Transfer,
    add_up,
    find_credit,
    read_transfers,
    write_transfers,
)
from emulator.providers.basswallet.wire import (
    AWAITING_CONFIRMATION,
    CANCELLED,
    COMPLETE,
    EXPIRED,
    FAILED,
    PENDING,
    SUCCESS,
    UNDERPAID,
)

CONFIRM = "confirm"
EXPIRE = "expire"

Reason = Literal["pair", "amount", "minimum", "paid", "late", "closed"]
"""Why a payment is not credited. pair: another token or chain. amount: not an amount. minimum: below the minimum. paid:
another payment came first. late: after the expiry date. closed: the order no longer takes any."""

_TIMES_LIMIT = 1000
_SHOWN_DECIMALS = 8
_HALF = Decimal("0.5")


class Objection(Struct, frozen=True):
    """Why a payment has no effect: a word for the page, and a text for the story."""

    reason: Reason
    text: str


# -- what there is to see of an order


def find_asked_amount(order: Order) -> Decimal:
    """What the payer is asked for: the amount, or the minimum where the payer chooses."""
    return Decimal(order.fields.get("amount") or order.fields["min_amount"])


def find_received_amount(order: Order) -> Decimal:
    """The sum of all payments that count, confirmed or not."""
    return add_up(read_transfers(order.fields))


def find_missing_amount(order: Order) -> str:
    """What is still to be paid, never below 0: the amount as it was sent while nothing has come, the minimum where the
    payer chooses."""
    amount: str | None = order.fields.get("amount")
    if amount is None:
        return str(order.fields["min_amount"])
    received = find_received_amount(order)
    return write_decimal(max(Decimal(0), add(Decimal(amount), -received))) if received else amount


def count_confirmations(tx: Transaction, order: Order, payment: Transfer) -> int:
    """How many confirmations a payment has, as far as they matter."""
    first, final = blocks.read_first_confirmations(tx), find_final_confirmations(tx, order)
    least = {ACCEPTED: 0, CREDITED: first, FINAL: final}[payment.stage]
    if payment.due_ms is None:
        return least
    return max(
        least, min((tx.now_ms - payment.at_ms) // blocks.find_block_interval_ms(tx, order.fields["chain"]), final)
    )


def is_open(tx: Transaction, order: Order) -> bool:
    """Whether a payment now could count."""
    return _find_closed(tx, order) is None


def is_changeable(tx: Transaction, order: Order) -> bool:
    """Whether anything can still happen to the order: a payment would count, or one waits for confirmations."""
    return order.status in (PENDING, AWAITING_CONFIRMATION) or is_awaited(order) or is_open(tx, order)


def is_awaited(order: Order) -> bool:
    """Whether a payment waits for confirmations that matter; once the order has failed, none do."""
    return order.status != FAILED and any(payment.stage < FINAL for payment in read_transfers(order.fields))


def is_news(order: Order) -> bool:
    """Whether a payment was credited that no webhook has told of; true once for each."""
    credit, told = find_credit(order.fields), order.fields.get("told", 0)
    order.fields["told"] = credit.count if credit is not None else 0
    return bool(order.fields["told"] > told)


# -- a payment comes


def find_amount(tx: Transaction, order: Order, arguments: Arguments) -> Decimal | None:
    """The amount that the arguments of `pay` name, or `times` what is asked for; None if it is not above 0."""
    given = arguments.get("amount")
    if given is not None:
        return read_amount(given if isinstance(given, str) else _write_number(given))
    times = read_amount(_write_number(arguments.get("times", 1)))
    if times is None or times > _TIMES_LIMIT:
        return None
    pair = read_catalogue(_read_settings(tx)).find_pair(order.fields["token_name"], order.fields["chain"])
    decimals = pair.display_decimal if pair is not None else _SHOWN_DECIMALS
    return multiply(find_asked_amount(order), times, decimals) or None


def is_counted(tx: Transaction, order: Order, arguments: Arguments) -> bool:
    """Whether the payment counts: its token and chain are the order's, and the order is still open for it."""
    return find_objection(tx, order, arguments) is None


def is_unpaid(tx: Transaction, order: Order, arguments: Arguments) -> bool:
    """Whether no payment waits for confirmations."""
    return not is_awaited(order)


def find_objection(tx: Transaction, order: Order, arguments: Arguments) -> Objection | None:
    """Why a payment has no effect; None if it counts."""
    fields = order.fields
    for name, member in (("tokenName", "token_name"), ("chainName", "chain")):
        if arguments.get(name, fields[member]) != fields[member]:
            return Objection("pair", f"{name} of the order is {fields[member]}")
    amount = find_amount(tx, order, arguments)
    if amount is None:
        return Objection("amount", "the amount is not above 0")
    if order.kind == "variable" and amount < Decimal(fields["min_amount"]):
        return Objection("minimum", f"it is below {fields['min_amount']}, the minimum that is credited")
    return _find_closed(tx, order)


def _find_closed(tx: Transaction, order: Order) -> Objection | None:
    status, settings = order.status, _read_settings(tx)
    policy, credits_late = settings["underpaid_policy"], settings["late_policy"] == "credit"
    is_late = status == EXPIRED or tx.now_ms >= order.fields["expiry_ms"]
    if status == SUCCESS:
        return Objection("paid", "the order is paid")
    if status in (FAILED, CANCELLED):
        return Objection("closed", f"the order is {status}")
    if policy != "sum" and (status == AWAITING_CONFIRMATION or is_awaited(order)):
        return Objection("paid", "another payment is being confirmed (setting underpaid_policy)")
    if status == UNDERPAID and policy == "final":
        return Objection("closed", "the order is Underpaid (setting underpaid_policy)")
    if is_late and not (credits_late and (status != UNDERPAID or policy == "sum")):
        return Objection("late", "it is late (setting late_policy)")
    return None


def accept(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """Accepts a payment that counts: the order can no longer expire, and waits for the first confirmations."""
    first = blocks.read_first_confirmations(tx)
    payment = _make_payment(
        tx, order, arguments, due_ms=blocks.find_confirmed_ms(tx, order.fields["chain"], tx.now_ms, first)
    )
    tx.stop_timer(order, EXPIRE)
    _keep(tx, order, [*read_transfers(order.fields), payment])


def ignore(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """Notes a payment that has no effect, and leaves a notice for the page."""
    objection = find_objection(tx, order, arguments)
    amount = find_amount(tx, order, arguments)
    tx.note("ignored", order, status=order.status, reason=objection.text if objection is not None else "")
    if objection is not None and amount is not None:
        leave_notice(tx, order, amount, objection.reason)


def leave_notice(tx: Transaction, order: Order, amount: Decimal, reason: Reason) -> None:
    """Keeps the last payment that was not credited: its `amount`, as text, and the `reason`."""
    order.fields["notice"] = {"amount": write_decimal(amount), "reason": reason}
    tx.touch(order)


# -- the blocks of the chain confirm it


def credits_next(tx: Transaction, order: Order, arguments: Arguments) -> bool:
    """Whether the confirmations that come next are the first ones of a payment."""
    payment = _find_next(tx, order)
    return payment is not None and payment.stage == ACCEPTED


def succeeds_next(tx: Transaction, order: Order, arguments: Arguments) -> bool:
    """Whether the final confirmations that come next fulfil the order."""
    final, awaited = _after_next(tx, order)
    return is_enough(tx, order, final) if "amount" in order.fields else awaited == 0


def falls_short_next(tx: Transaction, order: Order, arguments: Arguments) -> bool:
    """Whether the final confirmations that come next leave too little paid, and nothing to wait for."""
    if _find_made_up(order) is not None:
        return True  # it is cut to half of what is asked for
    final, awaited = _after_next(tx, order)
    return awaited == 0 and not is_enough(tx, order, final)


def is_enough(tx: Transaction, order: Order, paid: Decimal) -> bool:
    """Whether an amount fulfils the order, given the setting payment_tolerance."""
    return is_within(paid, find_asked_amount(order), Decimal(_read_settings(tx)["payment_tolerance"]))


def credit_next(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """Credits the payment whose confirmations come next; the final ones follow by themselves.

    An order that is moved here without a payment gets a made-up one in full, and goes on by hand or by a scenario only.
    """
    tx.stop_timer(order, EXPIRE)
    _credit(tx, order, Decimal(1))


def _credit(tx: Transaction, order: Order, times: Decimal) -> None:
    payments, payment = read_transfers(order.fields), _find_next(tx, order)
    if payment is None:
        made_up = _make_payment(tx, order, {"times": times}, made_up=True)
        credited = replace(made_up, stage=CREDITED, credited_ms=tx.now_ms, held=True)
        payments.append(credited)
    else:
        wanted = max(blocks.read_first_confirmations(tx), find_final_confirmations(tx, order))
        due_ms = max(tx.now_ms, blocks.find_confirmed_ms(tx, order.fields["chain"], payment.at_ms, wanted))
        credited = replace(payment, stage=CREDITED, credited_ms=tx.now_ms, due_ms=due_ms, held=True)
        payments[payments.index(payment)] = credited
    _move_balance(tx, order, freeze=Decimal(credited.amount))
    _keep(tx, order, payments)


def finish_next(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """Notes the final confirmations of a payment, which do not decide the order."""
    payments, payment = read_transfers(order.fields), _find_next(tx, order)
    if payment is not None:
        payments[payments.index(payment)] = replace(payment, stage=FINAL, due_ms=None)
    _keep(tx, order, payments)


def complete(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """Notes when the order got its outcome; payments that are still on their way no longer have an effect."""
    order.fields["completed_ms"] = tx.now_ms
    payments = read_transfers(order.fields)
    held = add_up(payment for payment in payments if payment.held)
    _move_balance(tx, order, freeze=-held, free=Decimal(0) if order.status == FAILED else held)
    kept = []
    for payment in payments:
        if payment.stage == ACCEPTED:
            tx.note("ignored", order, status=order.status, reason=f"the order is {order.status}")
            leave_notice(tx, order, Decimal(payment.amount), "paid" if order.status == SUCCESS else "closed")
        else:
            stage = payment.stage if order.status == FAILED else FINAL
            kept.append(replace(payment, stage=stage, due_ms=None, held=False))
    _keep(tx, order, kept)


def fall_short(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """Completes an order for which too little was paid; a made-up payment counts half."""
    made_up = _find_made_up(order)
    if made_up is not None and is_enough(tx, order, find_received_amount(order)):
        half = find_amount(tx, order, {"times": _HALF}) or multiply(find_asked_amount(order), _HALF, _SHOWN_DECIMALS)
        payments = read_transfers(order.fields)
        payments[payments.index(made_up)] = replace(made_up, amount=write_decimal(half))
        order.fields["payments"] = write_transfers(payments)
        if made_up.held:
            _move_balance(tx, order, freeze=add(half, -Decimal(made_up.amount)))
    complete(tx, order, arguments)


def complete_forced(tx: Transaction, order: Order, event: str) -> None:
    """Adds the payment that an order forced into a paid status must have, so that its answers are complete."""
    if event != "force" or order.status not in (AWAITING_CONFIRMATION, *COMPLETE):
        return
    if find_credit(order.fields) is None:
        _credit(tx, order, _HALF if order.status == UNDERPAID else Decimal(1))
    if order.status in COMPLETE:
        complete(tx, order, {})


def find_final_confirmations(tx: Transaction, order: Order) -> int:
    """How many confirmations make a payment of this order final."""
    return blocks.find_final_confirmations(tx, order.fields["token_name"], order.fields["chain"])


def _find_next(tx: Transaction, order: Order) -> Transfer | None:
    """The payment whose confirmations come next: the one that has fallen due first, or else the oldest."""
    awaited = [payment for payment in read_transfers(order.fields) if payment.stage < FINAL]
    due = [payment for payment in awaited if payment.due_ms is not None and payment.due_ms <= tx.now_ms]
    return min(due, key=lambda payment: payment.due_ms or 0) if due else next(iter(awaited), None)


def _after_next(tx: Transaction, order: Order) -> tuple[Decimal, int]:
    """What is finally confirmed once the next payment is, and how many payments still wait then."""
    payments, following = read_transfers(order.fields), _find_next(tx, order)
    final = [payment for payment in payments if payment.stage == FINAL]
    awaited = [payment for payment in payments if payment.stage < FINAL]
    if following is not None and following.stage == CREDITED:
        awaited.remove(following)
        final.append(following)
    return add_up(final), len(awaited)


def _find_made_up(order: Order) -> Transfer | None:
    return next((payment for payment in read_transfers(order.fields) if payment.made_up), None)


def _keep(tx: Transaction, order: Order, payments: list[Transfer]) -> None:
    """Keeps the payments, and wakes the order when the next one of them falls due."""
    order.fields["payments"] = write_transfers(payments)
    due = [payment.due_ms for payment in payments if payment.due_ms is not None]
    if due:
        tx.start_timer(order, CONFIRM, min(due))
    else:
        tx.stop_timer(order, CONFIRM)


def _move_balance(tx: Transaction, order: Order, *, free: Decimal = Decimal(0), freeze: Decimal) -> None:
    if free or freeze:
        balances.move(tx, int(order.owner), order.fields["token_name"], free=free, freeze=freeze)


def _read_settings(tx: Transaction) -> Settings:
    return tx.settings("basswallet")


def _make_payment(
    tx: Transaction, order: Order, arguments: Arguments, *, due_ms: int | None = None, made_up: bool = False
) -> Transfer:
    """A payment made now; what its arguments do not say is drawn."""
    return Transfer(
        amount=write_decimal(find_amount(tx, order, arguments) or find_asked_amount(order)),
        payer=str(arguments.get("fromAddress") or blocks.make_address(tx, order.fields["chain"])),
        tx_hash=str(arguments.get("txHash") or blocks.make_hash(tx, order.fields["chain"])),
        at_ms=tx.now_ms,
        due_ms=due_ms,
        made_up=made_up,
    )


def _write_number(value: Any) -> str:
    """A JSON number as decimal text; empty for anything else."""
    return format(Decimal(value), "f") if isinstance(value, (int, Decimal)) else ""
