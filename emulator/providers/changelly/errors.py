"""The provider's errors: HTTP status, message and body. Never decides when one is due.

Sources: https://fiat-api.changelly.com/docs/endpoints/create-order-on-ramp,
https://fiat-api.changelly.com/docs/endpoints/validate-address and
https://fiat-api.changelly.com/docs/endpoints/resend-callback (seen 2026-11). Assumed: the messages and statuses
marked so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeAlias

ORDER_ID_PARAMETER: Final = "id"
"""The path parameter of the sandbox endpoints, whose detail has a text of its own."""

Detail: TypeAlias = Mapping[str, str]
"""`{"cause": ..., "value": ...}`"""


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """An error type. `details` are those that every such error has, None if they depend on the case or there are
    none.
    """

    type: str
    status: int
    message: str
    details: tuple[Detail, ...] | None = None
    assumed: bool = False
    """Whether message or status is assumed."""


_KINDS: Final = (
    ErrorKind("validation", 400, "Validation error"),
    ErrorKind("limits", 400, "Limits error"),
    ErrorKind("country", 400, "Country error", assumed=True),
    ErrorKind("state", 400, "State error", assumed=True),
    ErrorKind("currency", 400, "Currency error", assumed=True),
    ErrorKind("paymentMethod", 400, "Payment method error", assumed=True),
    ErrorKind("timeout", 400, "Timeout error", assumed=True),
    ErrorKind("unavailable", 400, "Unavailable error", assumed=True),
    ErrorKind("invalidOffer", 400, "Invalid offer error", assumed=True),
    ErrorKind("unsupportedExchangePair", 400, "Unsupported exchange pair error", assumed=True),
    ErrorKind("unsupportedCommissionRate", 400, "Unsupported commission rate error", assumed=True),
    ErrorKind("initialize", 400, "Initialize error", assumed=True),
    ErrorKind("txType", 400, "Transaction type is not test", ({"cause": "type", "value": "production"},)),
    ErrorKind("unauthorized", 401, "Unauthorized"),
    ErrorKind("forbidden", 403, "Forbidden"),
    ErrorKind("notFound", 404, "Not found", assumed=True),
    ErrorKind("conflict", 409, "Conflict", assumed=True),
    ErrorKind("offerExpired", 410, "Offer expired", assumed=True),
    ErrorKind("unprocessableEntity", 422, "Unprocessable entity", assumed=True),
    ErrorKind("tooManyRequests", 429, "Too many requests"),
    ErrorKind("internalServerError", 500, "Internal Server Error"),
)

ERRORS: Final[Mapping[str, ErrorKind]] = MappingProxyType({kind.type: kind for kind in _KINDS})
"""Every error by its type."""

REQUEST_FAULTS: Final = (
    "unauthorized",
    "forbidden",
    "tooManyRequests",
    "internalServerError",
    "notFound",
    "offerExpired",
    "unprocessableEntity",
    "conflict",
    "txType",
    "validation",
)
"""Errors that, when asked for, are answered before the request is looked into."""

OFFER_ITEM_ERRORS: Final = (
    "timeout",
    "unavailable",
    "limits",
    "country",
    "state",
    "currency",
    "paymentMethod",
    "invalidOffer",
)
"""Errors of one provider that stand as an item in a list of offers, with HTTP status 200."""

PROVIDER_FAULTS: Final = (*OFFER_ITEM_ERRORS, "unsupportedExchangePair", "unsupportedCommissionRate", "initialize")
"""Errors that, when asked for, come after every check of the request itself."""


def error_body(error_type: str, details: Sequence[Detail] | None = None) -> dict[str, Any]:
    """The body of an error, keys in wire order; `details` default to those of the type, else null. Raises KeyError."""
    kind = ERRORS[error_type]
    listed = kind.details if details is None else details
    return {
        "errorType": kind.type,
        "errorMessage": kind.message,
        "errorDetails": [dict(detail) for detail in listed] if listed else None,
    }


def detail(cause: str, value: str) -> Detail:
    """One item of `errorDetails`."""
    return {"cause": cause, "value": value}


def incorrect(name: str) -> Detail:
    """The detail for a missing or bad field, parameter, or `body`."""
    return detail(name, "Incorrect order ID" if name == ORDER_ID_PARAMETER else f"Incorrect {name}")
