"""What happens in a sandbox, one line each: for the log of `serve` and for `emulator tail`.

An entry is a line of the journal as `GET journal` shows it, or an item of `happened`.
"""

from collections.abc import Mapping
from typing import Any

from emulator.core.durations import format_instant
from emulator.core.journal import Entry, as_json, hide_secrets
from emulator.views.tables import DIM, GREEN, RED, YELLOW, paint

_BAD_STATUS = 400
_SHORT_ID = 12
_COMMON = frozenset({"at", "kind", "provider", "order", "orders", "number", "sent"})


def line_of(entry: Mapping[str, Any], *, color: bool = False, sandbox: str = "") -> str:
    """One line: `12:00:08 basswallet 76321f0c81.. Pending -> Paid (pay)`, without its line feed."""
    text, tone = _write(entry)
    at = str(entry["at"])[11:19]
    head = " ".join(part for part in (at, sandbox, str(entry["provider"] or "")) if part)
    return paint(" ".join(f"{head} {text}".split()), tone, color=color)


def text_of(entry: Mapping[str, Any]) -> str:
    """The same without its time and provider: `76321f0c81.. Pending -> Paid (pay)`."""
    return " ".join(_write(entry)[0].split())


def _write(entry: Mapping[str, Any]) -> tuple[str, str]:
    return _WRITERS.get(entry["kind"], _write_other)(entry)


def received_line(verdict: Mapping[str, Any], *, color: bool = False) -> str:
    """One webhook that arrived: `12:00:08 koywe order.completed ord_51f0c8.. verified`, or why it is not."""
    told = "verified" if verdict["verified"] else f"not verified: {verdict['reason']}"
    head = (str(verdict["at"] or "-")[11:19] or "-", verdict["provider"] or "-", verdict["event"] or "-")
    line = " ".join(" ".join((*head, short_id(verdict["order"]), told)).split())
    return paint(line, GREEN if verdict["verified"] else RED, color=color)


def brief(entry: Entry) -> dict[str, Any]:
    """What a line needs of an entry of the journal, without the bytes that went over the wire."""
    if entry.kind != "request":
        return as_json(entry)
    return {
        "at": format_instant(entry.at_ms),
        "kind": entry.kind,
        "provider": entry.provider,
        "order": entry.orders[0] if entry.orders else None,
        "endpoint": entry.endpoint or None,
        "method": entry.method,
        "path": hide_secrets(entry, entry.target.partition("?")[0]),
        "status": entry.status if entry.sent else None,
        "sent": entry.sent,
        "error": entry.error or None,
        "reason": hide_secrets(entry, entry.reason) or None,
    }


def short_id(order: object) -> str:
    """The beginning of an id, enough to recognise it."""
    text = str(order or "-")
    return text if len(text) <= _SHORT_ID else text[: _SHORT_ID - 2] + ".."


def _write_request(entry: Mapping[str, Any]) -> tuple[str, str]:
    status = entry["status"]
    answered = str(status) if entry["sent"] else "no answer left"
    order = f" {short_id(entry['order'])}" if entry["order"] else ""
    reason = f": {entry['reason']}" if entry["reason"] else ""
    tone = RED if not entry["sent"] or status >= _BAD_STATUS else ""
    return f"{entry['method']} {entry['path']} {answered}{order}{reason}", tone


def _write_created(entry: Mapping[str, Any]) -> tuple[str, str]:
    return f"{short_id(entry['order'])} created {entry['status']}", GREEN


def _write_transition(entry: Mapping[str, Any]) -> tuple[str, str]:
    event = entry.get("event") or entry.get("cause") or ""
    return f"{short_id(entry['order'])} {entry.get('source', '')} -> {entry['status']} ({event})", GREEN


def _write_delivery(entry: Mapping[str, Any]) -> tuple[str, str]:
    order = short_id(entry["order"]) if entry["order"] else ""
    if "outcome" not in entry:
        return f"{order} webhook {entry['event']}: {entry['fault']} injected", YELLOW
    answer = entry["error"] or entry["answered"]
    again = f", attempt {entry['attempt']}" if entry["attempt"] > 1 else ""
    told = f"{order} webhook {entry['event']} {entry['outcome']} ({answer}{again})"
    return told, "" if entry["outcome"] == "delivered" else YELLOW


def _write_other(entry: Mapping[str, Any]) -> tuple[str, str]:
    told = [
        f"{name}={value}"
        for name, value in entry.items()
        if name not in _COMMON and value not in (None, "") and not isinstance(value, dict | list)
    ]
    return f"{short_id(entry['order']) if entry['order'] else ''} {entry['kind']} {' '.join(told)}", DIM


_WRITERS = {
    "request": _write_request,
    "created": _write_created,
    "transition": _write_transition,
    "delivery": _write_delivery,
}
