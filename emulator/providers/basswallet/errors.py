"""The provider's errors, and how a refusal is written: in the envelope of every answer.

Sources: https://docs-en.basswallet.com/api-reference/info/respose-info (spelled so) and
https://docs-zh.basswallet.com/api-reference/info/error-code, seen 2026-11. Assumed: when each error is raised, that the
HTTP status is the code, that `msg` is the symbol, and that `data` is null.
"""

from emulator.contract.card import Call
from emulator.contract.errors import ErrorCase
from emulator.contract.reply import Refusal, Reply
from emulator.core.json_text import json_reply
from emulator.providers.basswallet import access
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
        INTERNAL, 500, "System error, try later", "an unexpected failure; SYSTEM_ERROR on the wire", "assumed"
    )
}


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


def _write_headers(call: Call, refusal: Refusal) -> tuple[tuple[str, str], ...]:
    """Allow where the method is refused; Retry-After only if a fault asks for it, as the provider sends none."""
    if refusal.error == "METHOD_NOT_ALLOWED":
        return (("Allow", ", ".join(access.list_methods(call))),)
    if "retry_after_s" in refusal.details:
        return (("Retry-After", str(refusal.details["retry_after_s"])),)
    return ()
