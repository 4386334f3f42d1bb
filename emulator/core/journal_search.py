"""Filters for journal entries: by the outcome of a request, and by the words in an entry."""

from collections.abc import Callable, Collection, Mapping

from emulator.core import json_text
from emulator.core.journal import Entry, as_json

MAX_SEARCH_LETTERS = 200
"""How much of a text to search for counts, in characters."""


def is_refused(entry: Entry) -> bool:
    """Whether a request was answered with an error, or not at all."""
    return entry.kind == "request" and (bool(entry.error) or not entry.sent)


def is_answered(entry: Entry) -> bool:
    """Whether a request was answered without an error."""
    return entry.kind == "request" and not is_refused(entry)


OUTCOMES: Mapping[str, Callable[[Entry], bool]] = {"refused": is_refused, "answered": is_answered}
"""The outcomes of requests by which entries can be filtered."""


def read_words(search: str) -> tuple[str, ...]:
    """The words to search for, all of which an entry must have."""
    return tuple(search[:MAX_SEARCH_LETTERS].lower().split())


def has_words(entry: Entry, words: Collection[str]) -> bool:
    """Whether an entry, as it is shown, has all the words: secrets cannot be found. The raw bytes are searched first,
    because few entries have a given word, and showing one takes long."""
    if not words:
        return True
    raw = _raw(entry)
    if not all(word.encode() in raw for word in words):
        return False
    shown = json_text.encode(as_json(entry)).decode().lower()
    return all(word in shown for word in words)


def _raw(entry: Entry) -> bytes:
    text = f"{entry.kind} {entry.provider} {' '.join(entry.orders)}"
    if entry.kind == "request":
        text += f" {entry.method} {entry.target} {entry.endpoint} {entry.status} {entry.error} {entry.reason}"
    parts = (text.encode(), entry.details, entry.headers, entry.body, entry.answer_headers, entry.answer)
    return b" ".join(parts).decode("utf-8", "replace").lower().encode()
