"""Reading request bodies: JSON objects only, and the first broken rule in the provider's words.

Sources: https://docs.baanx.com/api-reference/order/create and https://docs.baanx.com/api-reference/auth/login, seen
2026-11. Assumed: the texts.
"""

from collections.abc import Callable
from typing import Any

from emulator.core import wire
from emulator.core.call import Call
from emulator.core.provider import Refusal
from emulator.core.schema import Violation

Wording = Callable[[Violation, Any], str]
"""The message for a broken rule; the second argument is the value of the member that breaks it, None if absent."""


def read_body(call: Call) -> Refusal | None:
    """Puts what the body says into `call.body`; gives the refusal that a body deserves that is not a JSON object."""
    try:
        call.body = wire.decode(call.request.body)
        malformed = None
    except wire.MalformedJson as error:
        malformed = Refusal("malformed_json", f"the body is not JSON: {error}")
    content_type = (call.header("content-type") or "").partition(";")[0].strip().lower()
    if content_type != "application/json":
        return _invalid("Content-Type must be application/json", f"Content-Type is {content_type or 'missing'}")
    if malformed is None and not isinstance(call.body, dict):
        return _invalid("Request body must be a JSON object", f"the body is a {type(call.body).__name__}")
    return malformed


def require_object(call: Call) -> None:
    """Refuses a body that is not a JSON object with `validation` or `malformed_json`."""
    refusal = read_body(call)
    if refusal is not None:
        raise refusal


def require_valid(call: Call, schema: str, word: Wording) -> None:
    """Refuses with `validation` for the first rule that the body breaks, in the order of the schema's members."""
    checked = call.provider.schemas[schema]
    if checked.accepts(call.body):
        return
    violation = checked.violations(call.body)[0]
    message = word(violation, call.body.get(violation.path[0]))
    raise _invalid(message, f"{violation.pointer}: {violation.message}")


def _invalid(message: str, reason: str) -> Refusal:
    return Refusal("validation", reason, message=message)
