"""The rules for a new order, in the order in which the provider checks them.

Sources: https://docs.koywe.com/payments/payments-api-reference/payments-api/orders/create-order and
https://docs.koywe.com/core-concepts/orders-and-order-types (seen 2026-11). Assumed: the order of the checks.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from emulator.contract.card import Call
from emulator.contract.order import Order
from emulator.contract.reply import Refusal
from emulator.core.suggestion import use_one_of
from emulator.core.wording import shown
from emulator.providers.koywe.access import MERCHANTS
from emulator.providers.koywe.accounts.accounts import ACCOUNTS, BANK, Account
from emulator.providers.koywe.accounts.balances import find_balance, find_balance_of
from emulator.providers.koywe.catalogue import (
    Currency,
    PaymentMethod,
    find_payment_method,
    is_guide_method,
    list_methods,
)
from emulator.providers.koywe.contacts.contacts import CONTACTS
from emulator.providers.koywe.contacts.documents import is_enforced_document
from emulator.providers.koywe.errors import BALANCE_PURPOSES
from emulator.providers.koywe.formats.dialects import read_setting, takes_guide_names
from emulator.providers.koywe.formats.moments import require_moment, write_moment
from emulator.providers.koywe.ordering.kinds import (
    FROM_BALANCE,
    INTER_MERCHANT_TRANSFER,
    ONRAMP,
    PAYIN,
    PAYMENT_LINK,
    PAYOUT,
    TRANSFERS,
    TYPES,
    Type,
    read_type,
)
from emulator.providers.koywe.quotes.amounts import exchange, require_currency, require_sides
from emulator.providers.koywe.quotes.quotes import Quote, require_usable_quote
from emulator.providers.koywe.quotes.rates import trim_amount, write_amount

SEND_FLAGS = ("sendEmail", "sendNotification", "sendWhatsapp", "sendReminders")
BROKEN_IN_SANDBOX = ("CLP", "QRI")
"""The currency and method by which the provider's sandbox refuses every PAYIN (documented)."""

_PRICED = ("originCurrencySymbol", "destinationCurrencySymbol", "amountIn", "amountOut")
_METHOD_TYPES = frozenset({PAYIN, PAYMENT_LINK, ONRAMP})
_ACCOUNT_WORDS = {"BANK": "bank account", "CRYPTO": "crypto wallet"}


class Price(Struct, frozen=True):
    """What an order exchanges, and the quote it goes by."""

    origin: Currency
    destination: Currency
    amount_in: Any
    amount_out: Any
    quote: Quote | None = None


class Destination(Struct, frozen=True):
    """The account that an order pays to. `is_outside`: it is not one of the merchant's virtual accounts."""

    account_id: str
    is_outside: bool


def without_ignored(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """The body without the symbols and amounts beside a quote, if the setting says that they are ignored."""
    if "quoteId" not in body or read_setting(call.settings, "quote_exclusivity") == "strict":
        return body
    return {name: value for name, value in body.items() if name not in _PRICED}


def require_order_type(call: Call, order_type: str) -> None:
    """Refuses with `OR90007` crypto orders that have to be made as deals."""
    if TYPES[order_type].crypto and call.settings["crypto_on_orders"] == "reject":
        raise Refusal(
            "deal-needed",
            f"/type: create {order_type} by POST .../deals (setting crypto_on_orders is reject)",
            type=order_type,
        )


def find_repeated(call: Call, order_type: str, external_id: str) -> Order | None:
    """The merchant's order of this type that has the external id already."""
    for order_id in call.tx.order_ids(call.provider.name, external_key(call.caller.merchant_id, external_id)):
        order = call.tx.order(order_id)
        if order is not None and read_type(order.kind) == order_type:
            return order
    return None


def external_key(merchant_id: str, external_id: str) -> str:
    """The index key of an external id."""
    return f"external:{merchant_id}/{external_id}"


def require_price(call: Call, body: Mapping[str, Any]) -> Price:
    """What the order exchanges, by its quote or at the current rate.

    Refuses with `OR90005`, `QE90001` to `QE90005`, `OR90004`, `OR90003`, `CU90001`, `CU90002`, `BT90001`, `IMT90001`.
    """
    order_type = body["type"]
    if "quoteId" in body:
        return _read_price(call, body, order_type)
    origin, destination = require_sides(call, body, order_type)
    if order_type == INTER_MERCHANT_TRANSFER and origin is not destination:
        reason = f"/destinationCurrencySymbol: {destination.symbol}, and the origin is {origin.symbol}: send the same"
        raise Refusal("currencies-differ", reason)
    conversion = exchange(call.settings, body, origin, destination)
    return Price(origin, destination, conversion.amount_in, conversion.amount_out)


def _read_price(call: Call, body: Mapping[str, Any], order_type: str) -> Price:
    beside = [name for name in _PRICED if name in body]
    if beside:
        fields = ", ".join(beside)
        reason = f"/quoteId: {body['quoteId']} already has {fields} (setting quote_exclusivity)"
        raise Refusal("quote-exclusive", reason, fields=fields)
    quote = require_usable_quote(call, body["quoteId"], order_type)
    kind = TYPES[order_type]
    origin = require_currency(call, quote.origin, kind.origin, "originCurrencySymbol", order_type)
    destination = require_currency(call, quote.destination, kind.destination, "destinationCurrencySymbol", order_type)
    return Price(origin, destination, quote.amount_in, quote.amount_out, quote)


def require_receiver(call: Call, body: Mapping[str, Any]) -> str:
    """The merchant that receives the money: the order's own, but another one for a transfer between merchants.

    Refuses with `IMT90002`, `IMT90003`, `MC90001`.
    """
    own: str = call.caller.merchant_id
    if body["type"] != INTER_MERCHANT_TRANSFER:
        return own
    merchant_id: str | None = body.get("destinationMerchantId")
    if merchant_id is None:
        raise Refusal(
            "destination-merchant-required", "/destinationMerchantId: missing, send the merchant that gets the money"
        )
    if merchant_id == own:
        raise Refusal(
            "destination-merchant-same",
            f"/destinationMerchantId: {merchant_id} is the merchant that the money comes from",
        )
    if MERCHANTS.find(call.tx, merchant_id) is None:
        raise Refusal("merchant-not-found", f"/destinationMerchantId: no merchant {shown(merchant_id)}")
    return merchant_id


def require_destination(
    call: Call, account_id: str | None, order_type: str, currency: str, receiver: str = ""
) -> Destination:
    """The account that receives the money; without `account_id` the virtual one of `receiver` (empty: the caller).

    Refuses with `BAA90001`, `BAA90002`, `BAA90003`, `BAA00008`.
    """
    kind = TYPES[order_type]
    if account_id is None or order_type in TRANSFERS:
        if kind.account_required:
            raise Refusal(
                "account-required",
                f"/destinationAccountId: missing, {order_type} pays to an account of the kind {kind.account}",
                type=order_type,
            )
        balance = find_balance(call.tx, receiver or call.caller.merchant_id, currency)
        return Destination(balance.account if balance else "", is_outside=False)
    account = ACCOUNTS.require(call, account_id)
    _require_account_fits(account, order_type, kind)
    if account.currency != currency:
        raise Refusal(
            "account-currency-mismatch",
            f"/destinationAccountId: {account_id} is in {account.currency}, but the order pays out {currency}",
        )
    # Quicker than looking for a balance each time: only virtual accounts have one.
    is_own = account.is_virtual and find_balance_of(call.tx, account_id, account.merchant, currency) is not None
    return Destination(account_id, is_outside=not is_own)


def _require_account_fits(account: Account, order_type: str, kind: Type) -> None:
    if account.kind == kind.account and not (order_type == PAYOUT and account.is_virtual):
        return
    wanted = _ACCOUNT_WORDS[kind.account]
    found = "virtual" if account.is_virtual else "a bank account" if account.kind == BANK else "a wallet"
    reason = f"/destinationAccountId: the account is {found}, but {order_type} pays to a {wanted}"
    raise Refusal("account-kind", reason, kind=wanted, type=order_type)


def require_order_contact(call: Call, body: Mapping[str, Any]) -> None:
    """Refuses an unknown contact with `CT90001`, a send flag without one with `CT90002`, a PAYIN with `CT00036`."""
    contact_id = body.get("contactId")
    if contact_id is not None:
        CONTACTS.require(call, contact_id)
        return
    for flag in SEND_FLAGS:
        if body.get(flag):
            raise Refusal(
                "contact-required", f"/contactId: missing, and {flag} is true: there is nobody to write to", flag=flag
            )
    if body["type"] == PAYIN and call.settings["payin_requires_contact"]:
        raise Refusal("contact-required-for-payin", "/contactId: missing (setting payin_requires_contact)")


def require_methods(call: Call, body: Mapping[str, Any], price: Price) -> tuple[PaymentMethod, ...]:
    """The methods by which the order can be paid; none for a type without methods.

    Refuses with `PM90001`, `PMP90001`, `PMP90002`, `PMP90003`.
    """
    order_type = body["type"]
    if order_type not in _METHOD_TYPES:
        return ()
    codes = [item["method"] for item in body.get("paymentMethods", ())]
    if order_type == PAYIN and len(codes) != 1:
        raise Refusal("payin-method-count", f"/paymentMethods: {len(codes)} methods, exactly 1 for PAYIN")
    if order_type == ONRAMP and len(codes) > 1:
        raise Refusal("onramp-method-count", f"/paymentMethods: {len(codes)} methods, at most 1 for ONRAMP")
    currency = price.origin.symbol
    of_guides = takes_guide_names(call.settings)
    methods: list[PaymentMethod] = []
    for place, code in enumerate(codes):
        method = find_payment_method(currency, code)
        if method is None or (is_guide_method(currency, code) and not of_guides):
            known = use_one_of(code, list_methods(currency, of_guides=of_guides))
            raise Refusal(
                "method-unsupported", f"/paymentMethods/{place}/method: {currency} has no method {shown(code)}: {known}"
            )
        methods.append(method)
    for method in methods:
        if price.amount_in < method.min_amount:
            raise Refusal(
                "amount-below-minimum",
                f"/amountIn: below {method.min_amount} {currency}, the minimum of {method.method}, "
                f"got {price.amount_in}",
                min=write_amount(method.min_amount),
                currency=currency,
                method=method.method,
            )
    for method in methods:
        if price.amount_in > method.max_amount:
            raise Refusal(
                "amount-above-maximum",
                f"/amountIn: above {method.max_amount} {currency}, the maximum of {method.method}, "
                f"got {price.amount_in}",
                max=write_amount(method.max_amount),
                currency=currency,
                method=method.method,
            )
    return tuple(methods)


def require_due_date(call: Call, body: Mapping[str, Any]) -> int | None:
    """When the order is due, in ms since 1970. Refuses with `PL90001` a PAYMENT_LINK that is past its date."""
    text = body.get("dueDate")
    due_ms = require_moment(text, end_of_day=True) if text is not None else None
    if due_ms is not None and due_ms <= call.tx.now_ms and body["type"] == PAYMENT_LINK:
        raise Refusal(
            "due-date-past", f"/dueDate: {text} is past: it is {write_moment(call.tx.now_ms)} by the sandbox's clock"
        )
    return due_ms


def require_document(body: Mapping[str, Any], price: Price) -> None:
    """Refuses with `DC00010` an `enforcedDocument` that is not valid in the country of the fiat side."""
    number = body.get("enforcedDocument")
    if number is None:
        return
    country = price.origin.country or price.destination.country or ""
    if not is_enforced_document(country, number):
        raise Refusal(
            "invalid-document",
            f"/enforcedDocument: not the form or check digit of a document of {country}, got {shown(number)}",
        )


def require_money(call: Call, kind: str, price: Price) -> str | None:
    """The virtual account that the order takes its money from; None if it takes none. Refuses with
    `INSUFFICIENT_BALANCE`."""
    if kind not in FROM_BALANCE:
        return None
    balance = find_balance(call.tx, call.caller.merchant_id, price.origin.symbol)
    if balance is None or balance.available < price.amount_in:
        available = trim_amount(balance.available) if balance else 0
        raise Refusal(
            "insufficient-balance",
            f"/amountIn: {available} {price.origin.symbol} available, {price.amount_in} required",
            purpose=BALANCE_PURPOSES[read_type(kind)],
            available=available,
            required=price.amount_in,
            currency=price.origin.symbol,
        )
    return balance.account


def require_working_method(call: Call, order_type: str, methods: tuple[PaymentMethod, ...]) -> None:
    """Refuses with `OR00007` a PAYIN by the method that is broken in the provider's sandbox."""
    broken = any((method.currency, method.method) == BROKEN_IN_SANDBOX for method in methods)
    if order_type == PAYIN and broken and call.settings["profile"] == "sandbox":
        name = " ".join(BROKEN_IN_SANDBOX)
        raise Refusal("payin-failed", f"{name} refuses every PAYIN (setting profile is sandbox)")
