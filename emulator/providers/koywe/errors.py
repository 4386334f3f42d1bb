"""The provider's errors, and how a refusal is written.

Sources: https://docs.koywe.com/en/advanced/error-handling and https://docs.koywe.com/en/advanced/error-codes (seen
2026-11) for the body, the form of the codes and the marked entries. Assumed: every code whose number starts with 9,
with its status and message; the numbers are far above the provider's own, so that they never mean something else there.
"""

from collections.abc import Mapping
from typing import Any, cast

from emulator.contract.card import Call
from emulator.contract.errors import ErrorCase
from emulator.contract.named import by_name
from emulator.contract.reply import Refusal, Reply
from emulator.core.json_text import json_reply
from emulator.providers.koywe.formats.moments import write_moment
from emulator.providers.koywe.formats.validation import join_texts
from emulator.providers.koywe.ordering.kinds import TYPES

BARE_SIGN_IN_BODY = {"error": "Invalid credentials", "message": "The provided username or password is incorrect"}
"""The whole body of a failed sign-in with the setting `sign_in_error: bare` (documented on another page)."""

BALANCE_PURPOSES = {
    "PAYOUT": "payout",
    "BALANCE_TRANSFER": "balance transfer",
    "INTER_MERCHANT_TRANSFER": "balance transfer",
    "ONRAMP": "onramp",
}
"""Order type -> its name in the message of `insufficient-balance`; only `payout` is documented."""

_VALIDATION_STATUS = 422
"""Unless the setting `validation_status` says 400."""

_ORDER_ID = "ord_00000000-0000-4000-8000-000000000801"


class KoyweError(ErrorCase, frozen=True, kw_only=True):
    """An error. `message` has `{values}` to fill in; `details` names the members of the body's `details`, in order.

    `code` is the `errorCode`; some codes have several messages. `examples` has a value for everything in the message
    and in `details`, for an error that somebody asks for.
    """

    details: tuple[str, ...] = ()
    examples: Mapping[str, Any] = {}


def _case(
    name: str, code: str, status: int, message: str, about: str, mark: str = "assumed", /, *, scripted: str = "",
    details: tuple[str, ...] = (), setting: str = "", **examples: Any,
) -> KoyweError:  # fmt: skip
    return KoyweError(name, status, message, about, mark, scripted, code, setting, details=details, examples=examples)


# A fault that asks for a status gets the first error with it.
ERRORS = by_name(
    _case("invalid-credentials", "INVALID_CREDENTIALS", 401, "Invalid API key or secret",
          "the api key or the secret of a sign-in is unknown", "documented"),
    _case("token-expired", "TOKEN_EXPIRED", 401, "Token has expired",
          "the token has expired; the text is assumed", "documented", scripted="early"),
    _case("insufficient-balance", "INSUFFICIENT_BALANCE", 400, "Insufficient balance for {purpose}",
          "the virtual account has less than amountIn", "documented", scripted="late",
          details=("available", "required", "currency"), purpose="payout", available=100000, required=500000,
          currency="COP"),
    _case("account-currency-mismatch", "BAA00008", 400,
          "The destination account currency does not match the order destination currency.",
          "the receiving account is in another currency", "documented", scripted="late"),
    _case("wrong-organization", "MC00015", 403, "Merchant does not belong to the organization",
          "a write has another organization in its path; the status is assumed", "documented",
          scripted="early"),
    _case("invalid-document", "DC00010", 400, "Invalid document number",
          "the number of an identity document is not valid; status and text are assumed", "documented",
          scripted="late"),
    _case("contact-exists", "CT00007", 409, "Contact with same email or phone already exists",
          "the merchant already has a contact with this e-mail or phone", "observed"),
    _case("contact-required-for-payin", "CT00036", 400, "Contact is required for PAYIN orders",
          "a PAYIN has no contact, with the setting payin_requires_contact; the status is assumed",
          "observed", scripted="late"),
    _case("invalid-phone", "CT00012", 400, "Invalid phone number",
          "a contact's phone is not an international number; the status is assumed", "observed"),
    _case("payin-failed", "OR00007", 400, "Error during PAYIN execution",
          "the payment method refuses the PAYIN; the status is assumed", "observed", scripted="late"),
    _case("route-not-found", "COM90001", 404, "Cannot {method} {path}", "no such path, or not with this method",
          method="GET", path="/"),
    _case("malformed-json", "COM90002", 400, "Malformed JSON body", "the body is not a JSON object",
          scripted="early"),
    _case("validation-failed", "COM90003", _VALIDATION_STATUS, "{message}", "the body or the query has the wrong shape",
          scripted="early", setting="validation_status",
          message=f"type must be one of the following values: {', '.join(TYPES)}"),
    _case("too-many-requests", "COM90004", 429, "Too many requests", "only if somebody asks for it", scripted="early"),
    _case("internal", "COM90005", 500, "Internal server error", "only if somebody asks for it", scripted="early"),
    _case("unavailable", "COM90006", 503, "Service unavailable", "only if somebody asks for it", scripted="early"),
    _case("request-timeout", "COM90007", 408, "Request timeout", "only if somebody asks for it", scripted="early"),
    _case("unauthorized", "AUTH90001", 401, "Unauthorized",
          "the Authorization header is missing, or has no bearer token", scripted="early"),
    _case("invalid-token", "AUTH90002", 401, "Invalid token", "the token is unknown", scripted="early"),
    _case("forbidden", "PER90001", 403, "Forbidden resource",
          "the credential may only read, or sees a single merchant and not the organization",
          scripted="early"),
    _case("roles-invalid", "AUTH90003", 400, "Invalid roles",
          "the roles are missing or unknown; the status is documented"),
    _case("credential-exists", "AUTH90004", 409, "Credential with this name already exists",
          "the organization or merchant already has a credential of this name; that 409 is possible is documented"),
    _case("organization-not-found", "ORG90001", 404, "Organization not found",
          "a path without merchant has an organization that is not the credential's"),
    _case("merchant-not-found", "MC90001", 404, "Merchant not found", "no such merchant", scripted="early"),
    _case("kyb-not-found", "MC90002", 404, "KYB not found", "no such identity check of the merchant"),
    _case("draft-not-found", "MC90004", 404, "Draft not found", "no such draft of a registration"),
    _case("registration-not-found", "MC90006", 404, "Registration not found", "no such registration"),
    _case("draft-submitted", "MC90003", 409, "Draft already submitted",
          "the draft was submitted, and can be neither changed nor submitted again"),
    _case("merchant-in-use", "MC90005", 409, "Merchant has open orders",
          "the merchant has orders that are neither COMPLETED nor in a final status"),
    _case("country-not-found", "CNT90001", 404, "Country not found", "no such country"),
    _case("order-not-found", "OR90001", 404, "Order not found", "no such order of the merchant"),
    _case("account-not-found", "BAA90002", 404, "Account not found",
          "no such account of the merchant or its contacts", scripted="late"),
    _case("contact-not-found", "CT90001", 404, "Contact not found", "no such contact of the merchant",
          scripted="late"),
    _case("quote-not-found", "QE90001", 404, "Quote not found", "no such quote of the merchant", scripted="late"),
    _case("ledger-entry-not-found", "LE90001", 404, "Ledger entry not found", "no such entry of the account's ledger"),
    _case("deal-not-found", "DL90001", 404, "Deal not found", "no such deal of the merchant"),
    _case("webhook-not-found", "WE90001", 404, "Webhook not found", "no such endpoint of the organization"),
    _case("webhook-event-not-found", "WE90002", 404, "Webhook event not found", "no such event of the organization"),
    _case("external-id-taken", "OR90002", 409,
          "An order with this externalId already exists for this merchant and type",
          "the external id was used before; the status is documented", scripted="late", details=("orderId",),
          orderId=_ORDER_ID),
    _case("amount-missing", "OR90003", 400, "Either amountIn or amountOut is required",
          "neither an amount nor a quote was sent", scripted="late"),
    _case("amounts-both", "OR90004", 400, "Only one of amountIn and amountOut is allowed",
          "both amounts were sent, and no quote", scripted="late"),
    _case("quote-exclusive", "OR90005", 400, "{fields} must not be provided when quoteId is present",
          "symbols or amounts were sent beside a quote; names them in the schema's order", scripted="late",
          fields="originCurrencySymbol, amountIn"),
    _case("order-not-cancellable", "OR90006", 409, "Order with status {status} cannot be cancelled",
          "the order is neither PENDING nor DRAFT", status="COMPLETED"),
    _case("order-not-refundable", "OR90006", 409, "Order with status {status} cannot be refunded",
          "an order with this status cannot be refunded", status="PENDING"),
    _case("refund-window-ended", "OR90008", 409, "Refund window has ended",
          "a refund was asked for later than the setting refund_window_s allows"),
    _case("deal-needed", "OR90007", 400, "{type} orders are created through deals",
          "the type is ONRAMP or OFFRAMP, and the setting crypto_on_orders is reject", scripted="late", type="ONRAMP"),
    _case("currency-unsupported", "CU90001", 400, "Currency {symbol} is not supported", "no such currency",
          scripted="late", symbol="XXX"),
    _case("currency-kind", "CU90002", 400, "{field} must be a {kind} currency for {type}",
          "the currency is fiat where crypto belongs, or the other way round; the origin is checked first",
          scripted="late", field="originCurrencySymbol", kind="fiat", type="PAYIN"),
    _case("same-currency", "BT90001", 400, "Origin and destination currencies must be different",
          "a BALANCE_TRANSFER needs two currencies", scripted="late"),
    _case("currencies-differ", "IMT90001", 400,
          "Origin and destination currencies must be the same for INTER_MERCHANT_TRANSFER orders",
          "a transfer between merchants cannot exchange money", scripted="late"),
    _case("destination-merchant-required", "IMT90002", 400,
          "destinationMerchantId is required for INTER_MERCHANT_TRANSFER orders",
          "a transfer between merchants does not name the other merchant", scripted="late"),
    _case("destination-merchant-same", "IMT90003", 400, "Destination merchant must be another merchant",
          "a merchant cannot transfer to itself", scripted="late"),
    _case("due-date-past", "PL90001", 400, "dueDate must be in the future", "a PAYMENT_LINK is past its date",
          scripted="late"),
    _case("account-required", "BAA90001", 400, "destinationAccountId is required for {type} orders",
          "a PAYOUT or ONRAMP has no account", scripted="late", type="PAYOUT"),
    _case("account-kind", "BAA90003", 400, "destinationAccountId must be a {kind} for {type} orders",
          "the order needs a bank account or a crypto wallet; a virtual account cannot receive a PAYOUT",
          scripted="late", kind="bank account", type="PAYOUT"),
    _case("account-number-invalid", "BAA90004", 400, "Invalid account number for {country}",
          "the number does not have the form of its country", country="CO"),
    _case("address-invalid", "BAA90005", 400, "Invalid address for network {network}",
          "the address does not have the form of its network", network="POLYGON"),
    _case("bank-unknown", "BAA90006", 400, "Unknown bank {entity} for {country}",
          "the entity is not a bank of the country", entity="NOBANK", country="CO"),
    _case("virtual-account-kept", "BAA90007", 400, "Virtual accounts cannot be deleted",
          "a virtual account cannot be deleted"),
    _case("virtual-account-exists", "BAA90008", 409, "Virtual account already exists for {country}/{currency}",
          "the merchant already has a transferable number of this country", country="MX", currency="MXN"),
    _case("virtual-account-unavailable", "BAA90009", 400,
          "Virtual accounts are not available for {country}/{currency}",
          "no such country, or it has another currency", country="CL", currency="USD"),
    _case("payin-method-count", "PM90001", 400, "Exactly one payment method is required for PAYIN orders",
          "a PAYIN has no method, or several", scripted="late"),
    _case("onramp-method-count", "PM90001", 400, "At most one payment method is allowed for ONRAMP orders",
          "an ONRAMP has several methods", scripted="late"),
    _case("method-unsupported", "PMP90001", 400, "Payment method not supported for country/currency",
          "the origin currency has no such method; the text is documented", scripted="late"),
    _case("amount-below-minimum", "PMP90002", 400, "Amount is below the minimum of {min} {currency} for {method}",
          "amountIn is below the minimum of a method", scripted="late", min="2000", currency="COP", method="PSE"),
    _case("amount-above-maximum", "PMP90003", 400, "Amount is above the maximum of {max} {currency} for {method}",
          "amountIn is above the maximum of a method", scripted="late", max="20000000", currency="COP", method="PSE"),
    _case("contact-required", "CT90002", 400, "contactId is required when {flag} is enabled",
          "a message is to be sent, but there is no contact; names the first flag in the schema's order",
          scripted="late", flag="sendEmail"),
    _case("quote-expired", "QE90002", 400, "Quote has expired", "the quote's time has run out", scripted="late"),
    _case("quote-not-executable", "QE90003", 400, "Quote is not executable",
          "the quote was created with executable false", scripted="late"),
    _case("quote-used", "QE90004", 409, "Quote has already been used", "an order or deal used the quote before",
          scripted="late"),
    _case("quote-type", "QE90005", 400, "Quote was created for {orderType} orders",
          "the quote is for another type of order", scripted="late", orderType="PAYOUT"),
    _case("network-required", "QE90006", 400, "network is required for {orderType} quotes",
          "a crypto quote has no network, with the setting quote_network_required", orderType="ONRAMP"),
    _case("network-unsupported", "QE90006", 400, "Network {network} does not support {symbol}",
          "the network is unknown, or does not carry the currency", network="BITCOIN", symbol="USDC"),
    _case("policy-missing", "POL00002", 403, "No active policy or matching rule for this operation",
          "no rule lets a balance transfer pass; status and text are assumed", "documented",
          scripted="late"),
    _case("approval-required", "POL00007", 403, "Approval is required for this operation",
          "the order exists and waits, with the setting policy_hold_reply; status and text are assumed",
          "documented", details=("orderId", "approvalId"), orderId=_ORDER_ID,
          approvalId="apr_00000000-0000-4000-8000-000000000611"),
    _case("approval-not-found", "POL90001", 404, "Approval not found", "no such approval of the organization"),
    _case("rule-not-found", "POL90003", 404, "Rule not found", "no such rule of the policy"),
    _case("approval-decided", "POL90002", 409, "Approval already {decision}",
          "somebody approved or rejected it before", decision="approved"),
)  # fmt: skip
"""Every error by its name."""


def render(call: Call, refusal: Refusal) -> Reply:
    """The provider's answer to a refused request. Values that a scenario or a fault leaves out are those of the
    examples."""
    case = cast(KoyweError, call.provider.errors[refusal.error])
    if case.name == "invalid-credentials" and call.settings["sign_in_error"] == "bare":
        return json_reply(case.status, BARE_SIGN_IN_BODY)
    values = {**case.examples, **refusal.details}
    status: int = case.status
    message: str | list[str]
    if case.name == "validation-failed":
        status, message = call.settings[case.setting], values["message"]
        if isinstance(message, str):
            message = join_texts([message], call.settings["validation_message"])
    elif case.name == "route-not-found":
        message = case.message.format(method=call.request.method, path=call.request.path)
    else:
        message = case.message.format_map(values)
    body = {
        "statusCode": status,
        "timestamp": write_moment(call.tx.now_ms),
        "path": call.request.path,
        "errorCode": case.code,
        "message": message,
    }
    if case.details:
        body["details"] = {name: values[name] for name in case.details}
    return json_reply(status, body, _write_headers(case, values))


def _write_headers(case: KoyweError, values: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    if case.name != "too-many-requests":
        return ()
    return (("Retry-After", str(values.get("retry_after_s", 1))),)
