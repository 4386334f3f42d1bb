"""The rules that a new order must keep, in the order in which the provider checks them. They decide, and keep nothing.

Sources: https://docs.koywe.com/payments/payments-api-reference/payments-api/orders/create-order and
https://docs.koywe.com/core-concepts/orders-and-order-types (seen 2026-11). Assumed: the order of the checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from emulator.core.call import Call
from emulator.core.order import Order
from emulator.core.suggestion import use_one_of
from emulator.core.wording import shown
from emulator.providers.koywe import errors
from emulator.providers.koywe.accounts import BANK, Account, require_account
from emulator.providers.koywe.amounts import exchange, require_currency, require_one_amount
from emulator.providers.koywe.balances import find_balance, find_balance_of
from emulator.providers.koywe.catalogue import Currency, PaymentMethod, find_payment_method, list_methods
from emulator.providers.koywe.contact_book import require_contact
from emulator.providers.koywe.documents import enforced_document_fits
from emulator.providers.koywe.kinds import (
    BALANCE_TRANSFER,
    FROM_BALANCE,
    ONRAMP,
    PAYIN,
    PAYMENT_LINK,
    PAYOUT,
    TYPES,
    Type,
    type_of,
)
from emulator.providers.koywe.moments import moment_ms, print_moment
from emulator.providers.koywe.quotes import Quote, require_usable_quote
from emulator.providers.koywe.rates import print_amount, trim_amount
from emulator.providers.koywe.refusals import refuse

SEND_FLAGS: Final = ("sendEmail", "sendNotification", "sendWhatsapp", "sendReminders")
BROKEN_IN_SANDBOX: Final = "QRI"
"""The method whose every PAYIN the provider's sandbox refuses (documented)."""

_PRICED: Final = ("originCurrencySymbol", "destinationCurrencySymbol", "amountIn", "amountOut")
_METHOD_TYPES: Final = frozenset({PAYIN, PAYMENT_LINK, ONRAMP})
_ACCOUNT_WORDS: Final = {"BANK": "bank account", "CRYPTO": "crypto wallet"}


class Price(Struct, frozen=True):
    """What an order exchanges, and by which quote."""

    origin: Currency
    destination: Currency
    amount_in: Any
    amount_out: Any
    quote: Quote | None = None


class Destination(Struct, frozen=True):
    """The account that an order pays to. `is_outside`: it is none of the merchant's virtual accounts."""

    account_id: str
    is_outside: bool


def without_ignored(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Give the body without the symbols and amounts beside a quote, if the setting says that nobody looks at them."""
    if "quoteId" not in body or call.settings["quote_exclusivity"] == "strict":
        return body
    return {name: value for name, value in body.items() if name not in _PRICED}


def require_order_type(call: Call, order_type: str) -> None:
    """Refuse crypto orders where they are to be made as deals: `OR90007`."""
    if TYPES[order_type].crypto and call.settings["crypto_on_orders"] == "reject":
        raise refuse(
            errors.DEAL_NEEDED,
            f"{order_type} orders are made by POST .../deals (setting crypto_on_orders is reject)",
            type=order_type,
        )


def find_repeated(call: Call, order_type: str, external_id: str) -> Order | None:
    """Give the order of this merchant and type that has the external id already."""
    for order_id in call.tx.order_ids(call.provider.name, external_key(call.caller.merchant_id, external_id)):
        order = call.tx.order(order_id)
        if order is not None and type_of(order.kind) == order_type:
            return order
    return None


def external_key(merchant_id: str, external_id: str) -> str:
    """Give the index key of an external id."""
    return f"external:{merchant_id}/{external_id}"


def require_price(call: Call, body: Mapping[str, Any]) -> Price:
    """Give what the order exchanges, from its quote or at the current rate.

    Refuses with `OR90005`, `QE9....`, `OR90004`, `OR90003`, `CU90001`, `CU90002`, `BT90001`.
    """
    order_type = body["type"]
    if "quoteId" in body:
        return _price_of_quote(call, body, order_type)
    require_one_amount(body)
    kind = TYPES[order_type]
    origin = require_currency(body["originCurrencySymbol"], kind.origin, "originCurrencySymbol", order_type)
    destination = require_currency(
        body["destinationCurrencySymbol"], kind.destination, "destinationCurrencySymbol", order_type
    )
    if order_type == BALANCE_TRANSFER and origin is destination:
        raise refuse(
            errors.SAME_CURRENCY, f"origin and destination are both {origin.symbol}: a transfer is between two"
        )
    conversion = exchange(call.settings, body, origin, destination)
    return Price(origin, destination, conversion.amount_in, conversion.amount_out)


def _price_of_quote(call: Call, body: Mapping[str, Any], order_type: str) -> Price:
    beside = [name for name in _PRICED if name in body]
    if beside:
        fields = ", ".join(beside)
        reason = f"{fields} beside quoteId {body['quoteId']}: the quote has them already (setting quote_exclusivity)"
        raise refuse(errors.QUOTE_EXCLUSIVE, reason, fields=fields)
    quote = require_usable_quote(call, body["quoteId"], order_type)
    kind = TYPES[order_type]
    origin = require_currency(quote.origin, kind.origin, "originCurrencySymbol", order_type)
    destination = require_currency(quote.destination, kind.destination, "destinationCurrencySymbol", order_type)
    return Price(origin, destination, quote.amount_in, quote.amount_out, quote)


def require_destination(call: Call, account_id: str | None, order_type: str, currency: str) -> Destination:
    """Give the account that receives. Refuses with `BAA90001`, `BAA90002`, `BAA90003`, `BAA00008`."""
    kind = TYPES[order_type]
    if account_id is None or order_type == BALANCE_TRANSFER:
        if kind.account_required:
            raise refuse(
                errors.ACCOUNT_REQUIRED,
                f"destinationAccountId is missing: {order_type} pays to an account of kind {kind.account}",
                type=order_type,
            )
        balance = find_balance(call.tx, call.caller.merchant_id, currency)
        return Destination(balance.account if balance else "", is_outside=False)
    account = require_account(call, account_id)
    _require_account_fits(account, order_type, kind)
    if account.currency != currency:
        raise refuse(
            errors.ACCOUNT_CURRENCY_MISMATCH,
            f"{account_id} is in {account.currency}, and the order pays out {currency}",
        )
    # Quicker than to look for a balance each time: whatever has one is virtual.
    is_own = account.is_virtual and find_balance_of(call.tx, account_id, account.merchant, currency) is not None
    return Destination(account_id, is_outside=not is_own)


def _require_account_fits(account: Account, order_type: str, kind: Type) -> None:
    if account.kind == kind.account and not (order_type == PAYOUT and account.is_virtual):
        return
    wanted = _ACCOUNT_WORDS[kind.account]
    found = "virtual" if account.is_virtual else "a bank account" if account.kind == BANK else "a wallet"
    reason = f"the account is {found}, and {order_type} pays to a {wanted}"
    raise refuse(errors.ACCOUNT_KIND, reason, kind=wanted, type=order_type)


def require_order_contact(call: Call, body: Mapping[str, Any]) -> None:
    """Refuse flags without contact, unknown contacts, and a PAYIN without one: `CT90002`, `CT90001`, `CT00036`."""
    contact_id = body.get("contactId")
    if contact_id is not None:
        require_contact(call, contact_id)
        return
    for flag in SEND_FLAGS:
        if body.get(flag):
            raise refuse(errors.CONTACT_REQUIRED, f"{flag} is true, and there is no contactId to write to", flag=flag)
    if body["type"] == PAYIN and call.settings["payin_requires_contact"]:
        raise refuse(errors.CONTACT_REQUIRED_FOR_PAYIN, "contactId is missing (setting payin_requires_contact is on)")


def require_methods(body: Mapping[str, Any], price: Price) -> tuple[PaymentMethod, ...]:
    """Give the methods by which the order can be paid, where its type has such.

    Refuses with `PM90001`, `PMP90001`, `PMP90002`, `PMP90003`.
    """
    order_type = body["type"]
    if order_type not in _METHOD_TYPES:
        return ()
    codes = [item["method"] for item in body.get("paymentMethods", ())]
    if order_type == PAYIN and len(codes) != 1:
        raise refuse(errors.PAYIN_METHOD_COUNT, f"/paymentMethods: {len(codes)} methods, exactly 1 for PAYIN")
    if order_type == ONRAMP and len(codes) > 1:
        raise refuse(errors.ONRAMP_METHOD_COUNT, f"/paymentMethods: {len(codes)} methods, at most 1 for ONRAMP")
    currency = price.origin.symbol
    methods: list[PaymentMethod] = []
    for code in codes:
        method = find_payment_method(currency, code)
        if method is None:
            known = use_one_of(code, list_methods(currency))
            raise refuse(errors.METHOD_UNSUPPORTED, f"{currency} has no payment method {shown(code)}: {known}")
        methods.append(method)
    for method in methods:
        if price.amount_in < method.min_amount:
            raise refuse(
                errors.AMOUNT_BELOW_MINIMUM,
                f"amountIn {price.amount_in} {currency} is below {method.min_amount}, the least for {method.method}",
                **_bounds(method, "min"),
            )
    for method in methods:
        if price.amount_in > method.max_amount:
            raise refuse(
                errors.AMOUNT_ABOVE_MAXIMUM,
                f"amountIn {price.amount_in} {currency} is above {method.max_amount}, the most for {method.method}",
                **_bounds(method, "max"),
            )
    return tuple(methods)


def _bounds(method: PaymentMethod, name: str) -> dict[str, str]:
    bound = method.min_amount if name == "min" else method.max_amount
    return {name: print_amount(bound), "currency": method.currency, "method": method.method}


def require_due_date(call: Call, body: Mapping[str, Any]) -> int | None:
    """Give when the order is due, ms since 1970. Refuses a PAYMENT_LINK that has ended with `PL90001`."""
    text = body.get("dueDate")
    due_ms = moment_ms(text, end_of_day=True) if text is not None else None
    if due_ms is not None and due_ms <= call.tx.now_ms and body["type"] == PAYMENT_LINK:
        raise refuse(
            errors.DUE_DATE_PAST, f"dueDate {text} is over: it is {print_moment(call.tx.now_ms)} by the sandbox's clock"
        )
    return due_ms


def require_document(body: Mapping[str, Any], price: Price) -> None:
    """Refuse an `enforcedDocument` that is not good in the country of the fiat side: `DC00010`."""
    number = body.get("enforcedDocument")
    if number is None:
        return
    country = price.origin.country or price.destination.country or ""
    if not enforced_document_fits(country, number):
        raise refuse(
            errors.INVALID_DOCUMENT,
            f"/enforcedDocument: {shown(number)} has not the form or check digit of a document of {country}",
        )


def require_money(call: Call, kind: str, price: Price) -> str | None:
    """Give the virtual account that the order takes its money from. Refuses with `INSUFFICIENT_BALANCE`."""
    if kind not in FROM_BALANCE:
        return None
    balance = find_balance(call.tx, call.caller.merchant_id, price.origin.symbol)
    if balance is None or balance.available < price.amount_in:
        available = trim_amount(balance.available) if balance else 0
        raise refuse(
            errors.INSUFFICIENT_BALANCE,
            f"{available} {price.origin.symbol} available, {price.amount_in} required",
            purpose=errors.BALANCE_PURPOSES[type_of(kind)],
            available=available,
            required=price.amount_in,
            currency=price.origin.symbol,
        )
    return balance.account


def require_working_method(call: Call, order_type: str, methods: tuple[PaymentMethod, ...]) -> None:
    """Refuse a PAYIN by the method that is broken in the provider's sandbox: `OR00007`."""
    broken = any(method.method == BROKEN_IN_SANDBOX for method in methods)
    if order_type == PAYIN and broken and call.settings["profile"] == "sandbox":
        raise refuse(
            errors.PAYIN_FAILED, f"the method {BROKEN_IN_SANDBOX} refuses every PAYIN in the setting profile sandbox"
        )
