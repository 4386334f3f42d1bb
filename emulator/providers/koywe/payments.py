"""What an order does to the balances of its merchant, when it is created and when it moves on.

A, P and R are the available, pending and reserved balance of a virtual account.

Source: https://docs.koywe.com/core-concepts/virtual-accounts (seen 2026-11) for the three balances and money that is
set aside. Assumed: when each of them changes.
"""

from emulator.contract.lifecycle import Arguments
from emulator.contract.order import Order
from emulator.contract.transaction import Transaction
from emulator.providers.koywe.accounts import balances
from emulator.providers.koywe.ordering.kinds import (
    FROM_BALANCE,
    INTER_MERCHANT_TRANSFER,
    PAYIN,
    PAYMENT_LINK,
    read_type,
)
from emulator.providers.koywe.ordering.methods import keep_paid_method


def take_money(tx: Transaction, order: Order, account_id: str) -> None:
    """A -= amountIn, R += amountIn; a transfer that is complete already is delivered instead."""
    fields = order.fields
    fields["originAccountId"] = account_id
    amount = fields["amountIn"]
    complete = order.status == "COMPLETED"
    balances.move(
        tx,
        order.owner,
        fields["originCurrencySymbol"],
        available=balances.negative(amount),
        reserved=0 if complete else amount,
        category=_find_category(order),
        order_id=order.id,
    )
    if complete:
        _credit_destination(tx, order)


def await_money(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """P += amountOut, once."""
    if not order.fields.get("pending"):
        order.fields["pending"] = True
        balances.move(
            tx, order.owner, order.fields["destinationCurrencySymbol"], pending=order.fields["amountOut"]
        )  # fmt: skip


def take_payment(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """The payer has paid: P += amountOut, unless it was added before."""
    await_money(tx, order, arguments)
    keep_paid_method(tx, order)


def stop_awaiting(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """P -= amountOut, if it was added."""
    if order.fields.pop("pending", False):
        amount = balances.negative(order.fields["amountOut"])
        balances.move(tx, order.owner, order.fields["destinationCurrencySymbol"], pending=amount)


def receive_money(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """P -= amountOut, A += amountOut; only P -= amountOut where a real bank account is paid."""
    stop_awaiting(tx, order, arguments)
    if not order.fields.get("paidOut"):
        _credit_destination(tx, order)


def _find_refund_source(tx: Transaction, order: Order) -> str:
    """Where the money of a refund comes from: `balance`, or what the setting says where a real bank account was
    paid."""
    return str(tx.settings("koywe")["refund_settled_payin"]) if order.fields.get("paidOut") else "balance"


def return_payment(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """A -= amountOut; nothing where a real bank account was paid, unless the setting says so."""
    if _find_refund_source(tx, order) == "external":
        return
    _change_available(
        tx,
        order,
        order.fields["destinationCurrencySymbol"],
        balances.negative(order.fields["amountOut"]),
        balances.REVERSE,
    )


def can_return_payment(tx: Transaction, order: Order, arguments: Arguments) -> bool:
    """Whether the balance has amountOut; where a real bank account was paid, the setting decides."""
    source = _find_refund_source(tx, order)
    if source != "balance":
        return source == "external"
    balance = balances.find_balance(tx, order.owner, order.fields["destinationCurrencySymbol"])
    return balance is not None and balance.available >= order.fields["amountOut"]


def spend(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """R -= amountIn, if money was set aside."""
    if order.kind in FROM_BALANCE:
        amount = balances.negative(order.fields["amountIn"])
        balances.move(tx, order.owner, order.fields["originCurrencySymbol"], reserved=amount)


def spend_and_credit(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """R -= amountIn; A of the receiving account += amountOut."""
    spend(tx, order, arguments)
    _credit_destination(tx, order)


def release_money(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """R -= amountIn, A += amountIn, if money was set aside."""
    if order.kind in FROM_BALANCE:
        amount = order.fields["amountIn"]
        balances.move(
            tx,
            order.owner,
            order.fields["originCurrencySymbol"],
            available=amount,
            reserved=balances.negative(amount),
            category=balances.REVERSE,
            order_id=order.id,
        )


def take_back(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """The bank sent the money back: A += amountIn."""
    _change_available(tx, order, order.fields["originCurrencySymbol"], order.fields["amountIn"], balances.REVERSE)


def _credit_destination(tx: Transaction, order: Order) -> None:
    fields = order.fields
    balances.move(
        tx,
        fields.get("destinationMerchantId", order.owner),
        fields["destinationCurrencySymbol"],
        available=fields["amountOut"],
        category=_find_category(order),
        order_id=order.id,
    )


_CATEGORIES = {PAYMENT_LINK: PAYIN, INTER_MERCHANT_TRANSFER: balances.OTHER}


def _find_category(order: Order) -> str:
    """The ledger's category of the money that the order takes or brings."""
    return _CATEGORIES.get(order.kind, read_type(order.kind))


def _change_available(tx: Transaction, order: Order, currency: str, amount: balances.Amount, category: str) -> None:
    balances.move(tx, order.owner, currency, available=amount, category=category, order_id=order.id)
