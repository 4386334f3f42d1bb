"""The journal of a sandbox: its entries with filters and search, the newest first, and one entry whole."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from msgspec import Struct

from emulator.core.journal import Entry, Journal, as_json
from emulator.core.journal_search import OUTCOMES, has_words, read_words
from emulator.core.json_text import write_indented
from emulator.views.lines import brief, text_of
from emulator.web.console.commands import write_journal
from emulator.web.console.fields import write_value
from emulator.web.console.marks import mark_of_outcome
from emulator.web.console.visit import Shown, Visit, path_of
from emulator.web.console.writing import write_moment
from emulator.web.control.reading import read_whole_number
from emulator.web.control.refusals import ControlError

PAGE_ENTRIES = 50
"""How many entries are shown at once."""
_FILTERS = ("kind", "of", "outcome", "about", "find")
"""Parameters of the address that select; `of` is the provider, `about` the order."""
_MARKS = {"created": "waiting", "transition": "moving", "page-opened": "seen", "taken-over": "hand"}


class EntryShown(Struct, frozen=True):
    """An entry in the list."""

    number: int
    at: str
    kind: str
    provider: str
    mark: str
    told: str
    reason: str
    path: str


async def show_journal(visit: Visit) -> Shown:
    """A page of the entries that match. `before` and `after` are numbers of entries, by which pages are turned."""
    asked = visit.asked
    wanted = {name: asked.get(name, "").strip() for name in _FILTERS}
    before, after = read_whole_number(asked.get("before", "")), read_whole_number(asked.get("after", ""))
    found, newer, older = _turn(visit.journal, wanted, before, after)
    kept = {name: value for name, value in wanted.items() if value}
    journal = visit.journal
    values: dict[str, Any] = {
        "wanted": wanted,
        "entries": [_show(visit, entry) for entry in found],
        "kinds_of_entry": list(dict.fromkeys(["request", *(entry.kind for entry in journal.entries())])),
        "outcomes": list(OUTCOMES),
        "filtered": bool(kept),
        "kept": len(journal),
        "evicted": journal.evicted.total(),
        "complete": journal.complete,
        "journal_path": visit.path("journal"),
        "first_path": visit.path("journal", **kept),
        "newer_path": visit.path("journal", **kept, after=str(found[0].number)) if found and newer else "",
        "older_path": visit.path("journal", **kept, before=str(found[-1].number)) if found and older else "",
    }
    taken, newest = write_journal(visit.control, _selection(wanted)), before is None and after is None
    return Shown("journal.html", "Journal", values, path="journal", follows=newest, taken=taken)


def _turn(
    journal: Journal, wanted: Mapping[str, str], before: int | None, after: int | None
) -> tuple[list[Entry], bool, bool]:
    """A page of entries, the newest first, and whether there are newer and older ones."""
    if after is not None:
        rows = list(islice(_select(journal.entries(after=after, **_literal(wanted)), wanted), PAGE_ENTRIES + 1))
        return rows[:PAGE_ENTRIES][::-1], len(rows) > PAGE_ENTRIES, True
    newest_first = journal.entries(before=before, newest_first=True, **_literal(wanted))
    rows = list(islice(_select(newest_first, wanted), PAGE_ENTRIES + 1))
    return rows[:PAGE_ENTRIES], before is not None, len(rows) > PAGE_ENTRIES


def _literal(wanted: Mapping[str, str]) -> dict[str, Any]:
    return {"kind": wanted["kind"] or None, "order": wanted["about"] or None, "provider": wanted["of"] or None}


def _select(entries: Iterable[Entry], wanted: Mapping[str, str]) -> Iterator[Entry]:
    fits, words = OUTCOMES.get(wanted["outcome"]), read_words(wanted["find"])
    return (entry for entry in entries if (fits is None or fits(entry)) and has_words(entry, words))


def _selection(wanted: Mapping[str, str]) -> dict[str, str]:
    """The same filters, by the names that the control API has for them."""
    names = {"kind": "kind", "of": "provider", "outcome": "outcome", "about": "order", "find": "search"}
    return {names[name]: value for name, value in wanted.items() if value}


def _show(visit: Visit, entry: Entry) -> EntryShown:
    shown = brief(entry)
    told = text_of({**shown, "reason": None})
    return EntryShown(
        entry.number,
        write_moment(entry.at_ms),
        entry.kind,
        visit.title_of(entry.provider),
        mark_of_entry(entry, shown),
        told,
        str(shown.get("reason") or ""),
        path_of_entry(visit, entry),
    )


def mark_of_entry(entry: Entry, shown: Mapping[str, Any]) -> str:
    """The mark of an entry by what came of it."""
    if entry.kind == "request":
        return "refused" if OUTCOMES["refused"](entry) else "request"
    if entry.kind == "delivery":
        return mark_of_outcome(shown.get("outcome", ""))
    return _MARKS.get(entry.kind, "over")


def path_of_entry(visit: Visit, entry: Entry) -> str:
    """Where an entry is shown whole: a request has a page of its own."""
    return visit.path("requests" if entry.kind == "request" else "journal", str(entry.number))


async def show_entry(visit: Visit) -> Shown:
    """One entry with everything that is known about it."""
    text = visit.request.path_params["number"]
    entry = visit.journal.find(read_whole_number(text) or 0)
    if entry is None:
        raise ControlError("not-found", f"no entry {text!r} in the journal: it keeps the last ones, until a reset")
    shown = as_json(entry)
    webhook = str(shown.get("webhook") or "")
    path = path_of("journal", str(entry.number))
    values = {
        "entry": shown,
        "mark": mark_of_entry(entry, shown),
        "told": text_of(brief(entry)),
        "title": visit.title_of(entry.provider),
        "members": [
            (name, write_value(value))
            for name, value in shown.items()
            if value not in (None, "", []) and name not in ("number", "kind", "orders", "provider")
        ],
        "orders": visit.orders_of(entry),
        "webhook": (webhook, visit.path("webhooks", webhook)) if webhook else None,
        "text": write_indented(shown),
        "journal_path": visit.path("journal"),
        "newer_path": _path_beside(visit, entry.number + 1),
        "older_path": _path_beside(visit, entry.number - 1),
    }
    taken = write_journal(visit.control, {"after": str(entry.number - 1), "limit": "1"})
    return Shown("entry.html", f"{entry.kind} {entry.number}", values, path=path, taken=taken)


def _path_beside(visit: Visit, number: int) -> str:
    """Path of the entry with this number; empty if there is none."""
    entry = visit.journal.find(number)
    return path_of_entry(visit, entry) if entry is not None else ""
