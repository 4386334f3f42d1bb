"""Saying no: refusals out of the error table, and how they read on the wire. It never decides whether to refuse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from emulator.core.call import Call
from emulator.core.provider import ErrorCase, Refusal, Reply, json_reply
from emulator.providers.koywe import errors, policy_errors
from emulator.providers.koywe.error_answers import BARE_SIGN_IN_BODY, ErrorAnswer, ErrorKind, error_body
from emulator.providers.koywe.moments import print_moment
from emulator.providers.koywe.validation import join_texts

EARLY: Final = frozenset(
    kind.name
    for kind in (
        errors.UNAUTHORIZED,
        errors.INVALID_TOKEN,
        errors.TOKEN_EXPIRED,
        errors.FORBIDDEN,
        errors.MERCHANT_NOT_FOUND,
        errors.WRONG_ORGANIZATION,
        errors.MALFORMED_JSON,
        errors.VALIDATION_FAILED,
        errors.TOO_MANY_REQUESTS,
        errors.SERVER_ERROR,
        errors.UNAVAILABLE,
        errors.REQUEST_TIMEOUT,
    )
)
"""What a scenario may refuse an order with before its body is judged."""

LATE: Final = frozenset(
    kind.name
    for kind in (
        errors.DEAL_NEEDED,
        errors.EXTERNAL_ID_TAKEN,
        errors.QUOTE_EXCLUSIVE,
        errors.QUOTE_NOT_FOUND,
        errors.QUOTE_USED,
        errors.QUOTE_EXPIRED,
        errors.QUOTE_NOT_EXECUTABLE,
        errors.QUOTE_TYPE,
        errors.AMOUNTS_BOTH,
        errors.AMOUNT_MISSING,
        errors.CURRENCY_UNSUPPORTED,
        errors.CURRENCY_KIND,
        errors.SAME_CURRENCY,
        errors.ACCOUNT_REQUIRED,
        errors.ACCOUNT_NOT_FOUND,
        errors.ACCOUNT_KIND,
        errors.ACCOUNT_CURRENCY_MISMATCH,
        errors.CONTACT_REQUIRED,
        errors.CONTACT_NOT_FOUND,
        errors.CONTACT_REQUIRED_FOR_PAYIN,
        errors.PAYIN_METHOD_COUNT,
        errors.ONRAMP_METHOD_COUNT,
        errors.METHOD_UNSUPPORTED,
        errors.AMOUNT_BELOW_MINIMUM,
        errors.AMOUNT_ABOVE_MAXIMUM,
        errors.DUE_DATE_PAST,
        errors.INVALID_DOCUMENT,
        policy_errors.POLICY_MISSING,
        errors.INSUFFICIENT_BALANCE,
        errors.PAYIN_FAILED,
    )
)
"""What a scenario may refuse an order with that is in order otherwise."""


def _case(kind: ErrorKind) -> ErrorCase:
    scripted = "early" if kind.name in EARLY else "late" if kind.name in LATE else ""
    return ErrorCase(kind.name, kind.status, kind.template, kind.about, kind.source, scripted)


CASES: Final[Mapping[str, ErrorCase]] = {kind.name: _case(kind) for kind in errors.ERRORS}
"""The error table as the emulator's core knows it."""


def refuse(kind: ErrorKind, reason: str, /, **values: object) -> Refusal:
    """Give the refusal to raise. `values` fill the message and the `details`; `reason` is the truth for the journal.

    Raises ValueError when the values are not exactly those that the message and the details of `kind` have.
    """
    if values.keys() != {*kind.placeholders, *kind.details}:
        raise ValueError(f"{kind.name} takes the values {[*kind.placeholders, *kind.details]}, got {list(values)}")
    return Refusal(kind.name, reason, **values)


def answer_refusal(refusal: Refusal, validation_status: int = errors.VALIDATION_STATUS) -> ErrorAnswer:
    """Give the entry of the error table that the refusal names, its message filled in.

    A scenario or a fault may leave values out; the table's examples take their place.
    """
    kind = errors.find_error(refusal.error) or errors.SERVER_ERROR
    values: Mapping[str, Any] = {**kind.examples, **refusal.details}
    if kind is errors.VALIDATION_FAILED:
        return errors.render_shape_error(values["message"], status=validation_status)
    message = kind.template.format_map(values)
    return ErrorAnswer(kind, kind.status, message, {name: values[name] for name in kind.details})


def render(call: Call, refusal: Refusal) -> Reply:
    """Give the provider's answer to a refused request."""
    if refusal.error == errors.ROUTE_NOT_FOUND.name:
        refusal = not_routed(call, refusal.reason)
    answer = answer_refusal(refusal, call.settings["validation_status"])
    kind = answer.kind
    if kind is errors.VALIDATION_FAILED and isinstance(answer.message, str):
        answer = replace(answer, message=join_texts([answer.message], call.settings["validation_message"]))
    if kind is errors.INVALID_CREDENTIALS and call.settings["sign_in_error"] == "bare":
        return json_reply(kind.status, dict(BARE_SIGN_IN_BODY))
    headers = kind.headers
    if kind.headers and "retry_after_s" in refusal.details:
        headers = (("Retry-After", str(refusal.details["retry_after_s"])),)
    return json_reply(answer.status, error_body(answer, print_moment(call.tx.now_ms), call.request.path), headers)


def require_route(call: Call) -> None:
    """Refuse a path that nothing is at, or not with this method."""
    if call.endpoint is None:
        known = ", ".join(call.methods) or "nothing"
        raise not_routed(call, f"{call.request.path} takes {known}")


def require_extension_paths(call: Call) -> None:
    """Refuse a path that no page of the provider documents, where the setting says so."""
    if call.settings["extension_paths"] == "off":
        raise not_routed(call, "the setting extension_paths is off")


def not_routed(call: Call, reason: str) -> Refusal:
    """Give the refusal of a request to nowhere."""
    return refuse(errors.ROUTE_NOT_FOUND, reason, method=call.request.method, path=call.request.path)
