"""The page of one request: why it was refused, what was sent, what was answered."""

from typing import Any

from emulator.contract.errors import ErrorCase
from emulator.core.journal import Entry, as_json, hide_secrets
from emulator.core.journal_search import is_refused
from emulator.core.json_text import write_indented
from emulator.views.difference import compare
from emulator.web.console import commands
from emulator.web.console.commands import Taken
from emulator.web.console.visit import Shown, Visit, path_of
from emulator.web.console.writing import write_dump
from emulator.web.control.reading import read_whole_number
from emulator.web.control.refusals import ControlError

_SAME_SHOWN = 3
_LANGUAGES = {"shell": "curl", "python": "Python", "node": "Node", "java": "Java"}


async def show_request(visit: Visit) -> Shown:
    """A request of the journal, with its true reason first; if it was refused, with all that is known about why."""
    text = visit.request.path_params["number"]
    number = read_whole_number(text) or 0
    entry = visit.journal.find(number)
    if entry is None or entry.kind != "request":
        raise ControlError("not-found", f"no request {text!r} in the journal: it keeps the last ones, until a reset")
    shown = as_json(entry)
    provider = visit.providers.get(entry.provider)
    error: ErrorCase | None = provider.errors.get(entry.error) if provider is not None and entry.error else None
    refused = is_refused(entry)
    word = f"{entry.status} {entry.error}".strip() if entry.sent else "No answer left"
    path = path_of("requests", str(number))
    values = {
        "entry": shown,
        "provider": visit.title_of(entry.provider),
        "mark": "refused" if refused else "good",
        "word": word,
        "error": error,
        "sentence": shown["reason"],
        "sent": _write_body(shown["body"]),
        "answer": _write_body((shown["answer"] or {}).get("body")),
        "bytes": [
            (name, *_write_bytes(entry, raw))
            for name, raw in (("request", entry.body), ("answer", entry.answer if entry.sent else b""))
            if raw
        ],
        "orders": visit.orders_of(entry),
        "found": None,
        **(await _explain(visit, entry, path) if refused and entry.error else {}),
    }
    taken = commands.write_diagnosis(visit.control, number) if values["found"] is not None else ()
    return Shown("request.html", f"{word}, {entry.method} {shown['path']}", values, path=path, taken=taken)


async def _explain(visit: Visit, entry: Entry, path: str) -> dict[str, Any]:
    """What the page of a refused request has in addition."""
    found = await visit.call("GET", "journal/{number}/diagnosis", number=str(entry.number))
    good = found["good"][0]["text"] if found["good"] else None
    came_lines, good_lines = (
        compare(found["came"], good) if found["came"] is not None and good is not None else ([], [])
    )
    language = visit.choose("language", found["how"]["programs"])
    return {
        "found": found,
        "sentence": found["sentence"],
        "came_lines": came_lines,
        "good_lines": good_lines or (compare(good, good)[0] if good is not None else []),
        "different": max(sum(line.differs for line in lines) for lines in (came_lines, good_lines)),
        "others": [(each["name"], each["text"]) for each in found["good"][1:]],
        "languages": [
            (_LANGUAGES.get(each, each), visit.path(path, language=each), each == language)
            for each in found["how"]["programs"]
        ],
        "program": Taken(_LANGUAGES.get(language, language), found["how"]["programs"].get(language, "")),
        "same_before": _count_same(visit, entry),
        "resend_path": visit.path(f"{path}/resend"),
    }


def _count_same(visit: Visit, entry: Entry) -> list[tuple[int, str]]:
    """Earlier requests that were refused in the same way, the newest first, with their pages."""
    same = [
        each.number
        for each in visit.journal.entries("request", provider=entry.provider, before=entry.number, newest_first=True)
        if each.error == entry.error and each.endpoint == entry.endpoint
    ]
    return [(number, visit.path("requests", str(number))) for number in same[:_SAME_SHOWN]]


async def resend(visit: Visit) -> str:
    """Sends a refused request again, corrected; gives the path of what came of it."""
    again = await visit.call("POST", "journal/{number}/resend", number=visit.request.path_params["number"])
    if again["order"] is not None and again["error"] is None:
        return visit.path("orders", again["order"])
    return visit.path("requests", str(again["number"]))


def _write_bytes(entry: Entry, raw: bytes) -> tuple[int, str, str]:
    """How many bytes, the same as a text, and as a dump; without secrets."""
    text = hide_secrets(entry, raw.decode("utf-8", "backslashreplace"))
    return len(raw), text, write_dump(text.encode())


def _write_body(body: object) -> str:
    """A body for people: JSON with a line for each member."""
    if body is None or isinstance(body, str):
        return body or ""
    return write_indented(body)
