"""The table of every refusal that the provider knows: code, HTTP status, message, when it is given.

Pure. It never decides whether a request is refused.

Sources: https://docs.koywe.com/en/advanced/error-handling and https://docs.koywe.com/en/advanced/error-codes (seen
2026-11) for the form of the codes and the marked entries. Assumed: every code whose number starts with 9, with its
status and message; the numbers lie far above the provider's own, so that they never mean something else there.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from emulator.providers.koywe.error_answers import ErrorAnswer, ErrorKind
from emulator.providers.koywe.kinds import TYPES
from emulator.providers.koywe.policy_errors import POLICY_ERRORS

_ORDER_ID: Final = "ord_00000000-0000-4000-8000-000000000801"

VALIDATION_STATUS: Final = 422
"""Status of `COM90003` unless the setting `validation_status` says 400."""

INVALID_CREDENTIALS: Final = ErrorKind(
    "invalid-credentials",
    "INVALID_CREDENTIALS",
    401,
    "Invalid API key or secret",
    "Sign-in with a key or secret that is not known.",
    "documented",
)
TOKEN_EXPIRED: Final = ErrorKind(
    "token-expired",
    "TOKEN_EXPIRED",
    401,
    "Token has expired",
    "A token of ours whose time is over; the text is assumed.",
    "documented",
)
INSUFFICIENT_BALANCE: Final = ErrorKind(
    "insufficient-balance",
    "INSUFFICIENT_BALANCE",
    400,
    "Insufficient balance for {purpose}",
    "The virtual account has less than amountIn.",
    "documented",
    details=("available", "required", "currency"),
    examples={"purpose": "payout", "available": 100000, "required": 500000, "currency": "COP"},
)
BALANCE_PURPOSES: Final[Mapping[str, str]] = MappingProxyType(
    {"PAYOUT": "payout", "BALANCE_TRANSFER": "balance transfer", "ONRAMP": "onramp"}
)
"""Order type -> the word in the message of `INSUFFICIENT_BALANCE`; only `payout` is documented."""

ACCOUNT_CURRENCY_MISMATCH: Final = ErrorKind(
    "account-currency-mismatch",
    "BAA00008",
    400,
    "The destination account currency does not match the order destination currency.",
    "The receiving account is in another currency.",
    "documented",
)
WRONG_ORGANIZATION: Final = ErrorKind(
    "wrong-organization",
    "MC00015",
    403,
    "Merchant does not belong to the organization",
    "A write with the id of another organization in its path; the status is assumed.",
    "documented",
)
INVALID_DOCUMENT: Final = ErrorKind(
    "invalid-document",
    "DC00010",
    400,
    "Invalid document number",
    "The number of an identity paper is not good; status and text are assumed.",
    "documented",
)
CONTACT_EXISTS: Final = ErrorKind(
    "contact-exists",
    "CT00007",
    409,
    "Contact with same email or phone already exists",
    "The merchant has a contact with this e-mail or phone.",
    "observed",
)
CONTACT_REQUIRED_FOR_PAYIN: Final = ErrorKind(
    "contact-required-for-payin",
    "CT00036",
    400,
    "Contact is required for PAYIN orders",
    "A PAYIN without contact while the setting payin_requires_contact is on; the status is assumed.",
    "observed",
)
INVALID_PHONE: Final = ErrorKind(
    "invalid-phone",
    "CT00012",
    400,
    "Invalid phone number",
    "A contact's phone is not international; the status is assumed.",
    "observed",
)
PAYIN_FAILED: Final = ErrorKind(
    "payin-failed",
    "OR00007",
    400,
    "Error during PAYIN execution",
    "The payment method refuses the PAYIN; the status is assumed.",
    "observed",
)

ROUTE_NOT_FOUND: Final = ErrorKind(
    "route-not-found",
    "COM90001",
    404,
    "Cannot {method} {path}",
    "No such path, or not with this method.",
    examples={"method": "GET", "path": "/"},
)
MALFORMED_JSON: Final = ErrorKind(
    "malformed-json", "COM90002", 400, "Malformed JSON body", "The body is not JSON, or not an object."
)
VALIDATION_FAILED: Final = ErrorKind(
    "validation-failed",
    "COM90003",
    VALIDATION_STATUS,
    "{message}",
    "Body or query have the wrong shape.",
    examples={"message": f"type must be one of the following values: {', '.join(TYPES)}"},
)
TOO_MANY_REQUESTS: Final = ErrorKind(
    "too-many-requests",
    "COM90004",
    429,
    "Too many requests",
    "Only by an injected fault.",
    headers=(("Retry-After", "1"),),
)
SERVER_ERROR: Final = ErrorKind("internal", "COM90005", 500, "Internal server error", "Only by an injected fault.")
UNAVAILABLE: Final = ErrorKind("unavailable", "COM90006", 503, "Service unavailable", "Only by an injected fault.")
REQUEST_TIMEOUT: Final = ErrorKind("request-timeout", "COM90007", 408, "Request timeout", "Only by an injected fault.")

UNAUTHORIZED: Final = ErrorKind(
    "unauthorized", "AUTH90001", 401, "Unauthorized", "The Authorization header is missing or is not a bearer's."
)
INVALID_TOKEN: Final = ErrorKind("invalid-token", "AUTH90002", 401, "Invalid token", "The token is not one of ours.")
FORBIDDEN: Final = ErrorKind(
    "forbidden", "PER90001", 403, "Forbidden resource", "A write with a credential that may only read."
)

ORGANIZATION_NOT_FOUND: Final = ErrorKind(
    "organization-not-found",
    "ORG90001",
    404,
    "Organization not found",
    "The organization is not the credential's, in a path without merchant.",
)
MERCHANT_NOT_FOUND: Final = ErrorKind("merchant-not-found", "MC90001", 404, "Merchant not found", "No such merchant.")
ORDER_NOT_FOUND: Final = ErrorKind(
    "order-not-found", "OR90001", 404, "Order not found", "No such order of the merchant."
)
ACCOUNT_NOT_FOUND: Final = ErrorKind(
    "account-not-found", "BAA90002", 404, "Account not found", "No such account of the merchant or its contacts."
)
CONTACT_NOT_FOUND: Final = ErrorKind(
    "contact-not-found", "CT90001", 404, "Contact not found", "No such contact of the merchant."
)
QUOTE_NOT_FOUND: Final = ErrorKind(
    "quote-not-found", "QE90001", 404, "Quote not found", "No such quote of the merchant."
)
DEAL_NOT_FOUND: Final = ErrorKind("deal-not-found", "DL90001", 404, "Deal not found", "No such deal of the merchant.")
WEBHOOK_NOT_FOUND: Final = ErrorKind(
    "webhook-not-found", "WE90001", 404, "Webhook not found", "No such endpoint of the organization."
)
WEBHOOK_EVENT_NOT_FOUND: Final = ErrorKind(
    "webhook-event-not-found", "WE90002", 404, "Webhook event not found", "No such event of the organization."
)

EXTERNAL_ID_TAKEN: Final = ErrorKind(
    "external-id-taken",
    "OR90002",
    409,
    "An order with this externalId already exists for this merchant and type",
    "A repeated external id; that the status is 409 is documented.",
    details=("orderId",),
    examples={"orderId": _ORDER_ID},
)
AMOUNT_MISSING: Final = ErrorKind(
    "amount-missing", "OR90003", 400, "Either amountIn or amountOut is required", "Neither amount, and no quote."
)
AMOUNTS_BOTH: Final = ErrorKind(
    "amounts-both", "OR90004", 400, "Only one of amountIn and amountOut is allowed", "Both amounts, and no quote."
)
QUOTE_EXCLUSIVE: Final = ErrorKind(
    "quote-exclusive",
    "OR90005",
    400,
    "{fields} must not be provided when quoteId is present",
    "Symbols or amounts beside a quote; names joined by comma and space, in table order.",
    examples={"fields": "originCurrencySymbol, amountIn"},
)
ORDER_NOT_CANCELLABLE: Final = ErrorKind(
    "order-not-cancellable",
    "OR90006",
    409,
    "Order with status {status} cannot be cancelled",
    "The order is neither PENDING nor DRAFT.",
    examples={"status": "COMPLETED"},
)
ORDER_NOT_REFUNDABLE: Final = ErrorKind(
    "order-not-refundable",
    "OR90006",
    409,
    "Order with status {status} cannot be refunded",
    "The order's status allows no refund.",
    examples={"status": "PENDING"},
)
DEAL_NEEDED: Final = ErrorKind(
    "deal-needed",
    "OR90007",
    400,
    "{type} orders are created through deals",
    "ONRAMP or OFFRAMP while the setting crypto_on_orders is reject.",
    examples={"type": "ONRAMP"},
)
CURRENCY_UNSUPPORTED: Final = ErrorKind(
    "currency-unsupported",
    "CU90001",
    400,
    "Currency {symbol} is not supported",
    "No such currency.",
    examples={"symbol": "XXX"},
)
CURRENCY_KIND: Final = ErrorKind(
    "currency-kind",
    "CU90002",
    400,
    "{field} must be a {kind} currency for {type}",
    "Fiat where crypto belongs, or the other way round; origin is checked first.",
    examples={"field": "originCurrencySymbol", "kind": "fiat", "type": "PAYIN"},
)
SAME_CURRENCY: Final = ErrorKind(
    "same-currency",
    "BT90001",
    400,
    "Origin and destination currencies must be different",
    "A BALANCE_TRANSFER into its own currency.",
)
DUE_DATE_PAST: Final = ErrorKind(
    "due-date-past", "PL90001", 400, "dueDate must be in the future", "A PAYMENT_LINK that has ended already."
)
ACCOUNT_REQUIRED: Final = ErrorKind(
    "account-required",
    "BAA90001",
    400,
    "destinationAccountId is required for {type} orders",
    "PAYOUT or ONRAMP without account.",
    examples={"type": "PAYOUT"},
)
ACCOUNT_KIND: Final = ErrorKind(
    "account-kind",
    "BAA90003",
    400,
    "destinationAccountId must be a {kind} for {type} orders",
    "`bank account` or `crypto wallet` is needed; a virtual account cannot receive a PAYOUT.",
    examples={"kind": "bank account", "type": "PAYOUT"},
)
ACCOUNT_NUMBER_INVALID: Final = ErrorKind(
    "account-number-invalid",
    "BAA90004",
    400,
    "Invalid account number for {country}",
    "The number does not have its country's form.",
    examples={"country": "CO"},
)
ADDRESS_INVALID: Final = ErrorKind(
    "address-invalid",
    "BAA90005",
    400,
    "Invalid address for network {network}",
    "The address does not have its network's form.",
    examples={"network": "POLYGON"},
)
BANK_UNKNOWN: Final = ErrorKind(
    "bank-unknown",
    "BAA90006",
    400,
    "Unknown bank {entity} for {country}",
    "The entity is no bank of the country.",
    examples={"entity": "NOBANK", "country": "CO"},
)
VIRTUAL_ACCOUNT_KEPT: Final = ErrorKind(
    "virtual-account-kept", "BAA90007", 400, "Virtual accounts cannot be deleted", "Deleting a virtual account."
)
PAYIN_METHOD_COUNT: Final = ErrorKind(
    "payin-method-count",
    "PM90001",
    400,
    "Exactly one payment method is required for PAYIN orders",
    "A PAYIN with none or several.",
)
ONRAMP_METHOD_COUNT: Final = ErrorKind(
    "onramp-method-count",
    "PM90001",
    400,
    "At most one payment method is allowed for ONRAMP orders",
    "An ONRAMP with several.",
)
METHOD_UNSUPPORTED: Final = ErrorKind(
    "method-unsupported",
    "PMP90001",
    400,
    "Payment method not supported for country/currency",
    "The origin currency has no such method; the text is documented.",
)
AMOUNT_BELOW_MINIMUM: Final = ErrorKind(
    "amount-below-minimum",
    "PMP90002",
    400,
    "Amount is below the minimum of {min} {currency} for {method}",
    "amountIn is too small for a method.",
    examples={"min": "2000", "currency": "COP", "method": "PSE"},
)
AMOUNT_ABOVE_MAXIMUM: Final = ErrorKind(
    "amount-above-maximum",
    "PMP90003",
    400,
    "Amount is above the maximum of {max} {currency} for {method}",
    "amountIn is too large for a method.",
    examples={"max": "20000000", "currency": "COP", "method": "PSE"},
)
CONTACT_REQUIRED: Final = ErrorKind(
    "contact-required",
    "CT90002",
    400,
    "contactId is required when {flag} is enabled",
    "A send flag without contact; the first flag in table order.",
    examples={"flag": "sendEmail"},
)
QUOTE_EXPIRED: Final = ErrorKind("quote-expired", "QE90002", 400, "Quote has expired", "The quote's time is over.")
QUOTE_NOT_EXECUTABLE: Final = ErrorKind(
    "quote-not-executable", "QE90003", 400, "Quote is not executable", "The quote was asked for with executable false."
)
QUOTE_USED: Final = ErrorKind(
    "quote-used", "QE90004", 409, "Quote has already been used", "An order or deal has used the quote."
)
QUOTE_TYPE: Final = ErrorKind(
    "quote-type",
    "QE90005",
    400,
    "Quote was created for {orderType} orders",
    "The quote is for another type of order.",
    examples={"orderType": "PAYOUT"},
)
NETWORK_REQUIRED: Final = ErrorKind(
    "network-required",
    "QE90006",
    400,
    "network is required for {orderType} quotes",
    "A crypto quote without network while the setting quote_network_required is on.",
    examples={"orderType": "ONRAMP"},
)
NETWORK_UNSUPPORTED: Final = ErrorKind(
    "network-unsupported",
    "QE90006",
    400,
    "Network {network} does not support {symbol}",
    "The network is unknown or does not carry the currency.",
    examples={"network": "BITCOIN", "symbol": "USDC"},
)

ERRORS: Final[tuple[ErrorKind, ...]] = (
    *(value for value in tuple(globals().values()) if isinstance(value, ErrorKind)),
    *POLICY_ERRORS,
)
"""The whole table, in its order."""

_BY_NAME: Final[Mapping[str, ErrorKind]] = MappingProxyType({kind.name: kind for kind in ERRORS})
_BY_CODE: Final[Mapping[str, ErrorKind]] = MappingProxyType({kind.code: kind for kind in reversed(ERRORS)})


def find_error(name: str) -> ErrorKind | None:
    """Give the entry of a name (`order-not-found`) or a code (`OR90001`; of several the first), or None."""
    return _BY_NAME.get(name) or _BY_CODE.get(name)


def render_shape_error(message: str | list[str], *, status: int = VALIDATION_STATUS) -> ErrorAnswer:
    """Give the refusal of a body or query whose shape is wrong; `message` comes from the validation texts."""
    return ErrorAnswer(VALIDATION_FAILED, status, message)
