"""The error catalogue, how a refusal is written, and the check of path and method.

Sources: https://docs-en.basswallet.com/api-reference/info/respose-info (spelled so) and
https://docs-zh.basswallet.com/api-reference/info/error-code, seen 2026-11. Assumed: when each error is raised, that the
HTTP status is the code, that `msg` is the symbol, and that `data` is null.
"""

from collections.abc import Mapping
from typing import Any

from emulator.contract.card import Call, Endpoint
from emulator.contract.errors import ErrorCase
from emulator.contract.reply import Refusal, Reply
from emulator.core.json_text import json_reply
from emulator.providers.basswallet.catalogue import CATALOGUE

INTERNAL = "internal"

_NEVER_SCRIPTED = frozenset({"NOT_FOUND", "METHOD_NOT_ALLOWED"})
_LATE = frozenset(
    {
        "BUSINESS_ID_EXISTENCE",
        "ADDRESS_UNAVAILABLE",
        "INSIDE_ADDRESS",
        "TRADE_ERROR",
        "NOT_SUFFICIENT_FUNDS",
        "NON_WITHDRAWAL",
        "SYSTEM_ERROR",
    }
)


def _when_scripted(symbol: str) -> str:
    if symbol in _NEVER_SCRIPTED:
        return ""
    return "late" if symbol in _LATE else "early"


ERRORS = {
    row.symbol: ErrorCase(row.symbol, row.code, row.text, row.about, row.source, _when_scripted(row.symbol))
    for row in CATALOGUE.errors.values()
} | {
    INTERNAL: ErrorCase(
        INTERNAL, 500, "System error, try later", "an unforeseen failure; SYSTEM_ERROR on the wire", "assumed"
    )
}


EARLY = frozenset(name for name, case in ERRORS.items() if case.scripted == "early")
"""What a scenario may refuse a create call with before its parameters are judged."""


def render(call: Call, refusal: Refusal) -> Reply:
    """The provider's answer to a refused request: the envelope with the error."""
    case = call.provider.errors[refusal.error]
    symbol = "SYSTEM_ERROR" if case.name == INTERNAL else case.name
    settings = call.settings
    body = {
        "code": case.status,
        "msg": case.message if settings["error_msg"] == "text" else symbol,
        "timestamp": str(call.tx.now_ms),
        "data": None,
    }
    status = 200 if settings["error_http_status"] == "always_200" else case.status
    return json_reply(status, body, _write_headers(call, refusal))


_CONVERT_METHODS = {"get": ("GET", "HEAD"), "post": ("POST",)}
"""The methods of the conversions by the setting `convert_method`; with any other value, all that there are."""


def _write_headers(call: Call, refusal: Refusal) -> tuple[tuple[str, str], ...]:
    """Allow where the method is refused; Retry-After only if a fault asks for it, as the provider sends none."""
    if refusal.error == "METHOD_NOT_ALLOWED":
        return (("Allow", ", ".join(_list_methods(call))),)
    if "retry_after_s" in refusal.details:
        return (("Retry-After", str(refusal.details["retry_after_s"])),)
    return ()


def may_be_no_endpoint(settings: Mapping[str, Any], endpoint: Endpoint | None) -> bool:
    """Whether `require_endpoint` may refuse a request that leads there."""
    return endpoint is None or settings["convert_method"] != "any"


def require_endpoint(call: Call) -> None:
    """Refuses an unknown path with `NOT_FOUND`, and another method with `METHOD_NOT_ALLOWED`.

    A trailing slash makes another path.
    """
    methods = _list_methods(call)
    if call.endpoint is not None and call.endpoint.method in methods:
        return
    if not call.methods:
        raise Refusal("NOT_FOUND", f"there is no {call.request.path}")
    raise Refusal("METHOD_NOT_ALLOWED", f"{call.request.path} takes {', '.join(methods)}, not {call.request.method}")


def _list_methods(call: Call) -> list[str]:
    """The methods that the path takes; conversions take those that a setting says."""
    wanted = _CONVERT_METHODS.get(call.settings["convert_method"], call.methods)
    is_free = not call.request.path.partition("/v1/")[2].startswith("common/convert/")
    return [method for method in call.methods if is_free or method in wanted]
