"""The provider's errors, how a refusal is written, and when those that somebody asks for are answered.

Sources: https://fiat-api.changelly.com/docs/endpoints/create-order-on-ramp,
https://fiat-api.changelly.com/docs/endpoints/validate-address and
https://fiat-api.changelly.com/docs/endpoints/resend-callback (seen 2026-11). Assumed: the messages and statuses
marked so.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from emulator.contract.card import Call
from emulator.contract.errors import ErrorCase
from emulator.contract.named import by_name
from emulator.contract.reply import Refusal, Reply
from emulator.core.json_text import json_reply

ORDER_ID_PARAMETER = "id"
"""The path parameter of the sandbox endpoints; its detail has a text of its own."""

Detail = Mapping[str, str]
"""`{"cause": ..., "value": ...}`"""

MIN_WITHOUT_LIMITS = "20"
"""The minimum that a `limits` error names if somebody asks for it where the provider has none. Assumed."""

_RETRY_AFTER_S = 1
"""Of a 429 that somebody asks for, in seconds."""

ERRORS = by_name(
    ErrorCase("validation", 400, "Validation error", "a field or parameter is missing or wrong", scripted="early"),
    ErrorCase("limits", 400, "Limits error", "the pay-in amount is below the minimum or above the maximum",
              scripted="late"),
    ErrorCase("country", 400, "Country error", "the provider does not serve the country", "assumed", "late"),
    ErrorCase("state", 400, "State error", "no state of the US is given, or the provider does not serve it", "assumed",
              "late"),
    ErrorCase("currency", 400, "Currency error", "the provider does not have one of the tickers", "assumed", "late"),
    ErrorCase("paymentMethod", 400, "Payment method error", "the provider does not have the method", "assumed", "late"),
    ErrorCase("timeout", 400, "Timeout error", "the provider did not answer in time", "assumed", "late"),
    ErrorCase("unavailable", 400, "Unavailable error", "the provider failed", "assumed", "late"),
    ErrorCase("invalidOffer", 400, "Invalid offer error", "the provider's offer makes no sense", "assumed", "late"),
    ErrorCase("unsupportedExchangePair", 400, "Unsupported exchange pair error", "the provider excludes this pair",
              "assumed", "late"),
    ErrorCase("unsupportedCommissionRate", 400, "Unsupported commission rate error",
              "the provider refuses the partner's commission", "assumed", "late"),
    ErrorCase("initialize", 400, "Initialize error", "the order could not be stored", "assumed", "late",
              setting="initialize_status"),
    ErrorCase("txType", 400, "Transaction type is not test", "a sandbox call names an order that is not a test order",
              scripted="early"),
    ErrorCase("unauthorized", 401, "Unauthorized", "the key or the signature is missing, unknown or wrong",
              scripted="early"),
    ErrorCase("forbidden", 403, "Forbidden", "the partner is suspended", scripted="early"),
    ErrorCase("notFound", 404, "Not found", "no such path or method, or no such order of this partner", "assumed",
              "early"),
    ErrorCase("conflict", 409, "Conflict", "externalOrderId was used before, with the setting unique_external_order_id",
              "assumed", "early"),
    ErrorCase("offerExpired", 410, "Offer expired", "the offer is too old, or the order has expired", "assumed",
              "early"),
    ErrorCase("unprocessableEntity", 422, "Unprocessable entity",
              "there is nothing to change, or the order cannot get this status", "assumed", "early"),
    ErrorCase("tooManyRequests", 429, "Too many requests", "more requests than the setting rate_limit_per_minute",
              scripted="early"),
    ErrorCase("internalServerError", 500, "Internal Server Error", "the API failed", scripted="early"),
    ErrorCase("internal", 500, "Internal Server Error", "the emulator itself failed; on the wire internalServerError"),
)  # fmt: skip
"""Every error by its type."""

REQUEST_FAULTS = frozenset(case.name for case in ERRORS.values() if case.scripted == "early")
"""Errors that, if somebody asks for them, are answered before the request is checked."""

PROVIDER_FAULTS = frozenset(case.name for case in ERRORS.values() if case.scripted == "late")
"""Errors that, if somebody asks for them, are answered after every check of the request itself."""

OFFER_ITEM_ERRORS = frozenset(
    ("timeout", "unavailable", "limits", "country", "state", "currency", "paymentMethod", "invalidOffer")
)
"""Errors of one provider that are items of a list of offers, with HTTP status 200."""

DELAYED = frozenset(("timeout", "unavailable"))
"""Errors that the setting `fault_delay_ms` makes late."""

_WIRE_TYPES = {"internal": "internalServerError"}


def write_error(error: str, details: Sequence[Detail] | None = None) -> dict[str, Any]:
    """The body of an error, keys in wire order; without `details` it has the usual ones of its type. Raises
    KeyError."""
    listed = USUAL_DETAILS.get(error) if details is None else details
    return {
        "errorType": _WIRE_TYPES.get(error, error),
        "errorMessage": ERRORS[error].message,
        "errorDetails": [dict(detail) for detail in listed] if listed else None,
    }


def detail(cause: str, value: str) -> Detail:
    """One item of `errorDetails`."""
    return {"cause": cause, "value": value}


def incorrect(name: str) -> Detail:
    """The detail for a missing or wrong field or parameter, or for `body`."""
    return detail(name, "Incorrect order ID" if name == ORDER_ID_PARAMETER else f"Incorrect {name}")


USUAL_DETAILS: Mapping[str, tuple[Detail, ...]] = {
    "validation": (incorrect("externalUserId"),),
    "limits": (detail("min", MIN_WITHOUT_LIMITS),),
    "txType": (detail("type", "production"),),
}
"""Details of an error that gives no others; those of `txType` are always these."""


def read_details(more: Mapping[str, Any]) -> tuple[Detail, ...] | None:
    """The details that somebody gives with an error they ask for, as `{"cause": "max", "value": "100"}`."""
    if not (more.get("cause") and more.get("value")):
        return None
    return (detail(str(more["cause"]), str(more["value"])),)


def render(call: Call, refusal: Refusal) -> Reply:
    """The provider's answer to a refused request.

    `refusal.details` may have `details` (a sequence of `Detail`), or `cause` and `value` of a single one, and
    `retry_after_s` for a 429.
    """
    error = refusal.error
    details = refusal.details.get("details", read_details(refusal.details))
    case = call.provider.errors[error]
    status = call.settings[case.setting] if case.setting else case.status
    headers: tuple[tuple[str, str], ...] = ()
    if error == "tooManyRequests":
        headers = (("Retry-After", str(refusal.details.get("retry_after_s", _RETRY_AFTER_S))),)
    return delay(call, error, json_reply(status, write_error(error, details), headers))


def delay(call: Call, error: str | None, reply: Reply) -> Reply:
    """The reply, made late if its error means that somebody was slow."""
    if error not in DELAYED or not call.settings["fault_delay_ms"]:
        return reply
    return Reply(reply.status, reply.body, reply.content_type, reply.headers, delay_ms=call.settings["fault_delay_ms"])
