"""What a payment on the chain does to an order: whether it counts, when it is confirmed, and how much was paid.

An order has payments in two fields, both `{"amount", "from", "tx_hash", "at_ms"}`: `accepted` is a payment that waits
for its first confirmations; `paid` is what was confirmed, with the sum of all payments, and is what clients see. `paid`
has a member `made_up` too, if a scenario moved the order on and nobody has paid.

Source: https://docs-en.basswallet.com/api-reference/endpoint/receive/payment-webhook, seen 2026-11. Assumed: all rules
but that a payment below the minimum is not credited, and that two numbers of confirmations matter.
"""

from decimal import Decimal
from typing import Any

from emulator.contract.lifecycle import Arguments
from emulator.contract.order import Order
from emulator.contract.transaction import Transaction
from emulator.providers.basswallet.catalogue import CATALOGUE, Catalogue, Chain, read_catalogue
from emulator.providers.basswallet.chain import addresses
from emulator.providers.basswallet.chain.amounts import add, multiply, read_amount, write_decimal
from emulator.providers.basswallet.wire import AWAITING_CONFIRMATION, COMPLETE, EXPIRED, PENDING, UNDERPAID, Settings

CONFIRM = "confirm"
EXPIRE = "expire"

_TIMES_LIMIT = 1000
_SHOWN_DECIMALS = 8
_HALF = Decimal("0.5")


def asked_amount(order: Order) -> Decimal:
    """What the payer is asked for: the amount, or the least of an order whose payer chooses."""
    return Decimal(order.fields.get("amount") or order.fields["min_amount"])


def is_enough(order: Order) -> bool:
    """Whether what was paid fulfils the order; there is no tolerance."""
    paid = order.fields.get("paid")
    return paid is None or Decimal(paid["amount"]) >= asked_amount(order)


def may_fall_short(order: Order) -> bool:
    """Whether the order can turn out to be underpaid: it is, or only a scenario says how much was paid."""
    return not is_enough(order) or "made_up" in order.fields.get("paid", ())


def is_accepted(order: Order) -> bool:
    """Whether a payment waits for its first confirmations."""
    return "accepted" in order.fields


def is_open(tx: Transaction, order: Order) -> bool:
    """Whether a payment now could count."""
    return _find_closed_reason(tx, order) is None


def find_amount(tx: Transaction, order: Order, arguments: Arguments) -> Decimal | None:
    """The sum that the arguments of `pay` name, or `times` what is asked for; None if it is not a sum above 0."""
    given = arguments.get("amount")
    if given is not None:
        return read_amount(given if isinstance(given, str) else _write_number(given))
    times = read_amount(_write_number(arguments.get("times", 1)))
    if times is None or times > _TIMES_LIMIT:
        return None
    pair = _catalogue_of(tx).find_pair(order.fields["token"], order.fields["chain"])
    decimals = pair.display_decimal if pair is not None else _SHOWN_DECIMALS
    return multiply(asked_amount(order), times, decimals) or None


def find_objection(tx: Transaction, order: Order, arguments: Arguments) -> str | None:
    """The reason why a payment has no effect; None if it counts."""
    fields = order.fields
    for name, member in (("tokenName", "token"), ("chainName", "chain")):
        if arguments.get(name, fields[member]) != fields[member]:
            return f"{name} of the order is {fields[member]}"
    amount = find_amount(tx, order, arguments)
    if amount is None:
        return "the amount is not a sum above 0"
    if order.kind == "variable" and amount < Decimal(fields["min_amount"]):
        return f"it is below {fields['min_amount']}, the least that is credited"
    return _find_closed_reason(tx, order)


def _find_closed_reason(tx: Transaction, order: Order) -> str | None:
    if is_accepted(order) or order.status == AWAITING_CONFIRMATION:
        return "another payment is being confirmed"
    settings = _settings_of(tx)
    late = tx.now_ms >= order.fields["expiry_ms"]
    if order.status == UNDERPAID:
        topped_up = settings["underpaid_policy"] == "topup" and not late
        return None if topped_up else "the order is Underpaid (setting underpaid_policy)"
    if order.status not in (PENDING, EXPIRED):
        return f"the order is {order.status}"
    if (late or order.status == EXPIRED) and settings["late_policy"] != "credit":
        return "it is late (setting late_policy)"
    return None


def accept(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """Takes a payment that counts: the order cannot expire any more, and waits for the first confirmations."""
    order.fields["accepted"] = _make_payment(tx, order, arguments)
    tx.stop_timer(order, EXPIRE)
    tx.start_timer(order, CONFIRM, _confirmed_ms(tx, order, tx.now_ms, _settings_of(tx)["first_confirmations"]))


def ignore(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """Notes a payment that has no effect."""
    tx.note("ignored", order, status=order.status, reason=find_objection(tx, order, arguments) or "")


def confirm_first(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """Credits the payment; the final confirmations follow by themselves.

    An order that a scenario moves here without a payment gets one in full, and only the scenario moves it on.
    """
    tx.stop_timer(order, EXPIRE)
    accepted = order.fields.get("accepted")
    credit_payment(tx, order)
    if accepted is not None:
        wanted = max(_settings_of(tx)["first_confirmations"], final_confirmations(tx, order))
        tx.start_timer(order, CONFIRM, max(tx.now_ms, _confirmed_ms(tx, order, accepted["at_ms"], wanted)))


def credit_payment(tx: Transaction, order: Order, times: Decimal = Decimal(1)) -> None:
    """Adds the accepted payment to what was paid; without one, a payment of `times` what is asked for."""
    fields = order.fields
    payment = fields.pop("accepted", None)
    if payment is None:
        payment = _make_payment(tx, order, {"times": times}) | {"made_up": True}
    before = fields.get("paid")
    if before is not None:
        payment["amount"] = write_decimal(add(Decimal(before["amount"]), Decimal(payment["amount"])))
    fields["paid"] = payment


def complete(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """Notes when the order got its outcome."""
    order.fields["completed_ms"] = tx.now_ms


def fall_short(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """Completes an order for which too little was paid; a payment that was made up was half."""
    if is_enough(order):
        order.fields["paid"]["amount"] = write_decimal(
            find_amount(tx, order, {"times": _HALF}) or multiply(asked_amount(order), _HALF, _SHOWN_DECIMALS)
        )
    complete(tx, order, arguments)


def complete_forced(tx: Transaction, order: Order, event: str) -> None:
    """Adds the payment that an order forced into a paid status must have, so that all answers hold."""
    if event != "force" or order.status not in (AWAITING_CONFIRMATION, *COMPLETE):
        return
    if "paid" not in order.fields:
        credit_payment(tx, order, _HALF if order.status == UNDERPAID else Decimal(1))
    if order.status in COMPLETE:
        complete(tx, order, {})


def final_confirmations(tx: Transaction, order: Order) -> int:
    """How many confirmations make a payment of this order final."""
    wanted: int | None = _settings_of(tx)["final_confirmations"]
    if wanted is not None:
        return wanted
    pair = _catalogue_of(tx).find_pair(order.fields["token"], order.fields["chain"])
    return pair.block_confirm_num if pair is not None else 1


def block_interval_ms(tx: Transaction, order: Order) -> int:
    """The time from block to block on the order's chain."""
    chain = _chain_of(order)
    return int(_settings_of(tx)["block_interval_ms"].get(chain.name, chain.block_interval_ms))


def _confirmed_ms(tx: Transaction, order: Order, paid_ms: int, confirmations: int) -> int:
    return paid_ms + confirmations * block_interval_ms(tx, order)


def _settings_of(tx: Transaction) -> Settings:
    return tx.settings("basswallet")


def _catalogue_of(tx: Transaction) -> Catalogue:
    return read_catalogue(_settings_of(tx))


def _chain_of(order: Order) -> Chain:
    return CATALOGUE.chains[order.fields["chain"]]


def _make_payment(tx: Transaction, order: Order, arguments: Arguments) -> dict[str, Any]:
    """A payment made now; what its arguments do not say is drawn."""
    return {
        "amount": write_decimal(find_amount(tx, order, arguments) or asked_amount(order)),
        "from": str(arguments.get("fromAddress") or _make_address(tx, order)),
        "tx_hash": str(arguments.get("txHash") or _make_hash(tx, order)),
        "at_ms": tx.now_ms,
    }


def _make_address(tx: Transaction, order: Order) -> str:
    return addresses.write_address(_chain_of(order).address_form, tx.chance.octets(addresses.ADDRESS_BYTES))


def _make_hash(tx: Transaction, order: Order) -> str:
    octets = tx.chance.octets(addresses.TRANSACTION_HASH_BYTES)
    return addresses.write_transaction_hash(octets, _chain_of(order).transaction_prefix)


def _write_number(value: object) -> str:
    """The JSON number as decimal text; empty if it is none."""
    return format(Decimal(value), "f") if isinstance(value, (int, Decimal)) else ""
