"""Two texts side by side, for who looks for what is different: by lines, each with the part of it that differs."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from msgspec import Struct

MAX_PIECES = 400
"""Lines of a text that are compared; of a longer one only its beginning is."""
_PIECE = re.compile(r"[^&?,{\n]*[&?,\n]|[^&?,{\n]+|\{")


class Line(Struct, frozen=True):
    """A piece of a text, in three parts of which the middle one differs."""

    number: int
    before: str
    odd: str
    after: str
    differs: bool
    note: str = ""
    """Where it is in the other text, if it is somewhere else there."""


def compare(came: str, good: str) -> tuple[list[Line], list[Line]]:
    """What came and what would have been good, each by its own lines."""
    left, right = _split(came), _split(good)
    bare_left, bare_right = [each.rstrip("&,\n") for each in left], [each.rstrip("&,\n") for each in right]
    in_place = {place for place, (one, other) in enumerate(zip(bare_left, bare_right, strict=False)) if one == other}
    lines_left: list[Line] = []
    lines_right: list[Line] = []
    for what, a, b, c, d in SequenceMatcher(None, bare_left, bare_right, autojunk=False).get_opcodes():
        if what == "equal":
            lines_left += _same(bare_left, a, b)
            lines_right += _same(bare_right, c, d)
            continue
        paired = b - a == d - c
        for place in range(a, b):
            if place in in_place:
                lines_left += _same(bare_left, place, place + 1)
                continue
            other = bare_right[c + place - a] if paired else _namesake(bare_left[place], bare_right)
            lines_left.append(_odd(place, bare_left[place], other, _found(bare_left[place], bare_right, "belongs at")))
        for place in range(c, d):
            if place in in_place:
                lines_right += _same(bare_right, place, place + 1)
                continue
            other = bare_left[a + place - c] if paired else _namesake(bare_right[place], bare_left)
            lines_right.append(
                _odd(place, bare_right[place], other, _found(bare_right[place], bare_left, "it came at"))
            )
    return lines_left, lines_right


def _split(text: str) -> list[str]:
    """The pieces that people read as one: a parameter, a member, the URL."""
    return [found[0] for found in _PIECE.finditer(text)][:MAX_PIECES]


def _same(pieces: Sequence[str], start: int, end: int) -> Iterator[Line]:
    return (Line(place + 1, pieces[place], "", "", False) for place in range(start, end))


def _found(piece: str, others: Sequence[str], told: str) -> str:
    return f"{told} {others.index(piece) + 1}" if piece in others else ""


def _namesake(piece: str, others: Sequence[str]) -> str:
    """The piece of the other text with the same name before its `=`; empty where there is none."""
    name, mark, _ = piece.partition("=")
    return next((each for each in others if mark and each.startswith(f"{name}=")), "")


def _odd(place: int, piece: str, other: str, note: str) -> Line:
    if note or not other:
        return Line(place + 1, "", piece, "", True, note)
    start = _common(piece, other)
    end = _common(piece[start:][::-1], other[start:][::-1])
    return Line(place + 1, piece[:start], piece[start : len(piece) - end], piece[len(piece) - end :], True)


def _common(one: str, other: str) -> int:
    """How many letters they begin with in common."""
    return next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
