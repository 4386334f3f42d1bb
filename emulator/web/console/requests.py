"""The page of one request: why it was refused, what was sent, what was answered."""

import msgspec

from emulator.contract.errors import ErrorCase
from emulator.core import json_text
from emulator.core.journal import as_json
from emulator.web.console.life import is_refused
from emulator.web.console.visit import Shown, Visit, path_of
from emulator.web.control.refusals import ControlError

_DIGITS = 15


async def show_request(visit: Visit) -> Shown:
    """A request of the journal, with its true reason first."""
    text = visit.request.path_params["number"]
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else 0
    entry = next(visit.journal.entries("request", after=number - 1, before=number + 1), None) if number else None
    if entry is None:
        raise ControlError("not-found", f"no request {text!r} in the journal: it keeps the last ones, until a reset")
    shown = as_json(entry)
    provider = visit.library.providers.get(entry.provider)
    error: ErrorCase | None = provider.errors.get(entry.error) if provider is not None and entry.error else None
    refused = is_refused(entry)
    word = f"{entry.status} {entry.error}".strip() if entry.sent else "No answer left"
    values = {
        "entry": shown,
        "provider": provider.title if provider is not None else "",
        "mark": "refused" if refused else "good",
        "word": word,
        "error": error,
        "sent": _write_body(shown["body"]),
        "answer": _write_body((shown["answer"] or {}).get("body")),
        "orders": [(each, visit.path(path_of("orders", each))) for each in entry.orders],
    }
    return Shown("request.html", f"{word}, {entry.method} {shown['path']}", values)


def _write_body(body: object) -> str:
    """A body for people: JSON with a line for each member."""
    if body is None or isinstance(body, str):
        return body or ""
    return msgspec.json.format(json_text.encode(body)).decode()
