"""The methods by which an order can be paid, and the one by which a payment link was paid.

Assumed: that a payment link that is paid without a choice is paid by the first of its methods that takes the amount.
"""

from emulator.contract.order import Order
from emulator.contract.transaction import Transaction
from emulator.providers.koywe.catalogue import PaymentMethod, find_payment_method, list_payment_methods_of_currency
from emulator.providers.koywe.ordering.kinds import PAYMENT_LINK

PAID_METHOD = "paidMethod"
"""The field of an order with the method by which it was paid."""


def list_methods_of(order: Order) -> list[PaymentMethod]:
    """The methods by which the order can be paid: its own, or else those of its currency."""
    currency = order.fields["originCurrencySymbol"]
    found = [find_payment_method(currency, item["method"]) for item in order.fields.get("paymentMethods", ())]
    return [each for each in found if each is not None] or list(list_payment_methods_of_currency(currency))


def is_within_limits(order: Order, method: PaymentMethod) -> bool:
    """Whether the method takes the order's amount."""
    return bool(method.min_amount <= order.fields["amountIn"] <= method.max_amount)


def find_usual_method(order: Order) -> PaymentMethod | None:
    """The method by which the order is paid if nobody chooses: the first that takes the amount, or the first of all.

    None for a currency without methods.
    """
    methods = list_methods_of(order)
    return next((each for each in methods if is_within_limits(order, each)), methods[0] if methods else None)


def keep_paid_method(tx: Transaction, order: Order) -> None:
    """Keeps the method by which a payment link was paid, if the payer did not choose one, and notes it."""
    if order.kind != PAYMENT_LINK:
        return
    usual = find_usual_method(order)
    if PAID_METHOD not in order.fields and usual is not None:
        order.fields[PAID_METHOD] = usual.method
    if PAID_METHOD in order.fields:
        tx.note("paid", order, status=order.status, method=order.fields[PAID_METHOD])
