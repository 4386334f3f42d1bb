# Made by scripts/generate_docs.py from emulator/core/suggestion.py: edit that, and run it again.
"""What somebody may have meant who wrote a word that nobody knows."""

from __future__ import annotations

from collections.abc import Collection, Iterable

_LONGEST_WORD = 100
"""Nobody has misspelt a longer one, and looking at it would take long."""
_MOST_LISTED = 60
"""So many good words are listed; of more, nobody reads the list."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that looks most like this one, or None if none does. Capitals, `-` and `_` do not count."""
    from difflib import get_close_matches  # takes long to import, and hardly anybody needs it

    if len(word) > _LONGEST_WORD:
        return None
    by_look = {_look(each): each for each in known}
    found = get_close_matches(_look(word), by_look, n=1, cutoff=0.75)
    return by_look[found[0]] if found else None


def _look(word: str) -> str:
    return word.lower().replace("-", "").replace("_", "").replace(" ", "")


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """What to put behind a list of good words: `; did you mean 'happy'?`; empty where nothing looks like the word."""
    near = nearest(word, known) if isinstance(word, str) else None
    return "" if near is None else f"; did you mean {near!r}?"


def use_one_of(word: object, known: Collection[str]) -> str:
    """What to write in place of a word: `did you mean 'happy'? use one of expires, happy, manual`."""
    near = nearest(word, known) if isinstance(word, str) else None
    meant = f"did you mean {near!r}? " if near is not None else ""
    listed = list(known)
    more = f" and {len(listed) - _MOST_LISTED} more" if len(listed) > _MOST_LISTED else ""
    return f"{meant}use one of {', '.join(listed[:_MOST_LISTED])}{more}"
