"""The methods by which an order can be paid, and by which one a payment link was.

Assumed: that a link that is paid without a choice is paid by the first of its methods that takes the amount.
"""

from emulator.contract.order import Order
from emulator.contract.transaction import Transaction
from emulator.providers.koywe.catalogue import PaymentMethod, find_payment_method, list_payment_methods_of_currency
from emulator.providers.koywe.ordering.kinds import PAYMENT_LINK

PAID_METHOD = "paidMethod"
"""The field of an order that names the method."""


def list_methods_of(order: Order) -> list[PaymentMethod]:
    """The methods by which the order can be paid, in its own order or else the catalogue's."""
    currency = order.fields["originCurrencySymbol"]
    found = [find_payment_method(currency, item["method"]) for item in order.fields.get("paymentMethods", ())]
    return [each for each in found if each is not None] or list(list_payment_methods_of_currency(currency))


def is_within_limits(order: Order, method: PaymentMethod) -> bool:
    """Whether the method takes the amount."""
    return bool(method.min_amount <= order.fields["amountIn"] <= method.max_amount)


def find_usual_method(order: Order) -> PaymentMethod | None:
    """The method by which the order is paid if nobody chooses: the first that takes the amount, or the first of all.

    None where nothing is known of how the currency is paid.
    """
    methods = list_methods_of(order)
    return next((each for each in methods if is_within_limits(order, each)), methods[0] if methods else None)


def keep_paid_method(tx: Transaction, order: Order) -> None:
    """Keeps by which method a payment link was paid, where the payer has not said it, and tells the order's story."""
    if order.kind != PAYMENT_LINK:
        return
    usual = find_usual_method(order)
    if PAID_METHOD not in order.fields and usual is not None:
        order.fields[PAID_METHOD] = usual.method
    if PAID_METHOD in order.fields:
        tx.note("paid", order, status=order.status, method=order.fields[PAID_METHOD])
