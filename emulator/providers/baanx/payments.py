"""What payments do to an order: the life cycle's guards (whether a payment is enough) and effects.

Source: https://docs.baanx.com/api-reference/order/status, seen 2026-11. Assumed: the guards.
"""

from decimal import Decimal

from emulator.contract.lifecycle import Arguments
from emulator.contract.order import Order
from emulator.contract.transaction import Transaction
from emulator.providers.baanx import wire
from emulator.providers.baanx.accounts import users
from emulator.providers.baanx.cards import cards

EXPIRE = "expire"
"""The event that ends the time to pay."""

_REFUNDED_NOTE = "payment_refunded"


def start_expiry(tx: Transaction, order: Order, seconds: int) -> None:
    """Lets the order expire after so many seconds, unless a payment is seen before."""
    tx.start_timer(order, EXPIRE, tx.now_ms + seconds * 1000)


def _read_setting(tx: Transaction, name: str) -> object:
    return tx.settings("baanx")[name]


def _find_open_amount(order: Order) -> Decimal:
    return Decimal(order.fields["amount"]) - Decimal(order.fields.get("paid", "0"))


def _find_paid_amount(order: Order, arguments: Arguments) -> Decimal:
    given = arguments.get("amount")
    return _find_open_amount(order) if given is None else Decimal(str(given))


def _add_paid(order: Order, arguments: Arguments) -> None:
    order.fields["paid"] = str(Decimal(order.fields.get("paid", "0")) + _find_paid_amount(order, arguments))


def _keep_hash(order: Order, arguments: Arguments) -> None:
    if "txHash" in arguments:
        order.fields["tx_hash"] = arguments["txHash"]


def is_enough(tx: Transaction, order: Order, arguments: Arguments) -> bool:
    """Whether the payment covers what is still to be paid."""
    return _find_paid_amount(order, arguments) >= _find_open_amount(order)


def is_unseen(tx: Transaction, order: Order, arguments: Arguments) -> bool:
    """Whether no payment was seen yet."""
    return not order.fields.get("seen")


def uses_pending(tx: Transaction, order: Order, arguments: Arguments) -> bool:
    """Whether a payment that was seen makes the order PENDING."""
    return bool(_read_setting(tx, "use_pending"))


def keeps_open(tx: Transaction, order: Order, arguments: Arguments) -> bool:
    """Whether an order that was paid too little waits for the rest."""
    return _read_setting(tx, "underpaid") == "keep_open"


def completes_late(tx: Transaction, order: Order, arguments: Arguments) -> bool:
    """Whether this payment of an expired order completes it."""
    return _read_setting(tx, "late_payment") == "complete" and is_enough(tx, order, arguments)


def shows_refunds(tx: Transaction, order: Order, arguments: Arguments) -> bool:
    """Whether refunds have a status of their own."""
    return _read_setting(tx, "refund_style") == "refunded"


def is_not_refunded(tx: Transaction, order: Order, arguments: Arguments) -> bool:
    """Whether the money has not gone back yet."""
    return order.fields.get("note") != _REFUNDED_NOTE


def see_payment(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """Remembers that a payment was seen: the order can no longer expire."""
    order.fields["seen"] = True
    tx.stop_timer(order, EXPIRE)
    _keep_hash(order, arguments)


def complete(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """Makes the order a paid one, whichever way it got here."""
    fields = order.fields
    _add_paid(order, arguments)
    fields["paid_ms"] = tx.now_ms
    _settle_hash(tx, order, arguments)
    users.add_completed(tx, order.owner, fields["product"])
    card_type = fields.get("card_type")
    if card_type is not None and _read_setting(tx, "metal_changes_card"):
        cards.give_card(tx, order.owner, card_type)


def _settle_hash(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """Gives the payment a hash: the one in the arguments, the one known so far, or a random one."""
    order.fields["tx_hash"] = (
        arguments.get("txHash")
        or order.fields.get("tx_hash")
        or wire.write_transaction_hash(tx.chance.octets(wire.TRANSACTION_HASH_BYTES))
    )


def add_part(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """Adds a payment that is not enough to what was paid so far."""
    _add_paid(order, arguments)
    _keep_hash(order, arguments)


def return_payment(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """Sends back a payment that was not enough."""
    _settle_hash(tx, order, arguments)
    order.fields["note"] = _REFUNDED_NOTE


def refund(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """Notes that the money went back."""
    order.fields["note"] = _REFUNDED_NOTE


def take_back(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """Takes back what was bought.

    Assumed: a user who was refunded and has no other COMPLETED order may order the product again.
    """
    order.fields["note"] = _REFUNDED_NOTE
    users.remove_completed(tx, order.owner, order.fields["product"])


def fail(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """Notes why the payment failed."""
    order.fields["note"] = arguments.get("note", "payment_failed")
    _keep_hash(order, arguments)
