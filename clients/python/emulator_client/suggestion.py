# Made by scripts/generate_docs.py from emulator/core/suggestion.py: edit that, and run it again.
"""Suggestions for unknown words."""

from __future__ import annotations

from collections.abc import Collection, Iterable

_LONGEST_WORD = 100
"""Longer words are not typos, and comparing them would take long."""
_MOST_LISTED = 60
"""How many known words are listed; nobody reads a longer list."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is most like this one, or None if none is. Case, spaces, `-` and `_` do not count."""
    from difflib import get_close_matches  # takes long to import, and is rarely needed

    if len(word) > _LONGEST_WORD:
        return None
    by_look = {_look(each): each for each in known}
    found = get_close_matches(_look(word), by_look, n=1, cutoff=0.75)
    return by_look[found[0]] if found else None


def _look(word: str) -> str:
    return word.lower().replace("-", "").replace("_", "").replace(" ", "")


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """What to add after a list of known words, such as `; did you mean 'happy'?`; empty if nothing is like the word."""
    near = nearest(word, known) if isinstance(word, str) else None
    return "" if near is None else f"; did you mean {near!r}?"


def use_one_of(word: object, known: Collection[str]) -> str:
    """What to write instead of a word, such as `did you mean 'happy'? use one of expires, happy, manual`."""
    near = nearest(word, known) if isinstance(word, str) else None
    meant = f"did you mean {near!r}? " if near is not None else ""
    listed = list(known)
    more = f" and {len(listed) - _MOST_LISTED} more" if len(listed) > _MOST_LISTED else ""
    return f"{meant}use one of {', '.join(listed[:_MOST_LISTED])}{more}"
