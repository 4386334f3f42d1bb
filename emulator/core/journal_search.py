"""Entries of a journal by what came of them, and by the words in them."""

from collections.abc import Callable, Collection, Mapping

from emulator.core import json_text
from emulator.core.journal import Entry, as_json

MAX_SEARCH_LETTERS = 200
"""How long a text to search for may be."""


def is_refused(entry: Entry) -> bool:
    """Whether a request was answered with an error, or not at all."""
    return entry.kind == "request" and (bool(entry.error) or not entry.sent)


def is_answered(entry: Entry) -> bool:
    """Whether a request was answered as it was asked."""
    return entry.kind == "request" and not is_refused(entry)


OUTCOMES: Mapping[str, Callable[[Entry], bool]] = {"refused": is_refused, "answered": is_answered}
"""What can have come of a request."""


def read_words(search: str) -> tuple[str, ...]:
    """The words of a text to search for, which all have to be there."""
    return tuple(search[:MAX_SEARCH_LETTERS].lower().split())


def has_words(entry: Entry, words: Collection[str]) -> bool:
    """Whether all words are in what is shown of an entry: nobody finds a secret. The bytes are looked at first, because
    few entries have a word, and showing one takes long."""
    if not words:
        return True
    raw = _raw(entry)
    if not all(word.encode() in raw for word in words):
        return False
    shown = json_text.encode(as_json(entry)).decode().lower()
    return all(word in shown for word in words)


def _raw(entry: Entry) -> bytes:
    told = f"{entry.kind} {entry.provider} {' '.join(entry.orders)}"
    if entry.kind == "request":
        told += f" {entry.method} {entry.target} {entry.endpoint} {entry.status} {entry.error} {entry.reason}"
    parts = (told.encode(), entry.details, entry.headers, entry.body, entry.answer_headers, entry.answer)
    return b" ".join(parts).decode("utf-8", "replace").lower().encode()
