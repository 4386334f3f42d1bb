"""Two texts side by side, to show what differs: by lines, and within a line letter by letter."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import SequenceMatcher

from msgspec import Struct

from emulator.core.redaction import REDACTED

MAX_PIECES = 400
"""Lines of a text that are compared; of a longer one only its beginning is."""
_LONGEST_COMPARED = 2000
"""Letters of two lines together; longer ones are compared as a whole, because the time grows with their product."""
_SHORTEST_SAME = 2
"""Fewer equal letters between different ones are shown as different, too: nobody reads crumbs."""
_PIECE = re.compile(r"[^&?,{\n]*[&?,\n]|[^&?,{\n]+|\{")
_NAME = re.compile(r"\s*\"?([^\"=:]+)\"?\s*[=:]")
_PICTURES = {code: chr(0x2400 + code) for code in range(32)} | {127: "\N{SYMBOL FOR DELETE}"}
"""How control characters are shown where they make the difference."""


class Part(Struct, frozen=True):
    """Letters of a line that are all in the other text, or all not."""

    text: str
    odd: bool


class Line(Struct, frozen=True):
    """A piece of a text."""

    number: int
    parts: tuple[Part, ...]
    differs: bool
    note: str = ""
    """Where it is in the other text, if it is somewhere else there."""


def compare(came: str, good: str) -> tuple[list[Line], list[Line]]:
    """What came and what would have been good, each by its own lines."""
    left, right = _split(came), _split(good)
    bare_left, bare_right = [each.rstrip("&,\n") for each in left], [each.rstrip("&,\n") for each in right]
    if bare_left != bare_right:
        left, right = bare_left, bare_right
    same_left = {place for place, (one, other) in enumerate(zip(left, right, strict=False)) if one == other}
    same_right, partners = set(same_left), dict[int, int]()
    for what, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if what == "equal":
            same_left.update(range(a, b))
            same_right.update(range(c, d))
        elif b - a == d - c:
            partners.update(zip(range(a, b), range(c, d), strict=True))
    back = {place: partner for partner, place in partners.items()}
    return (
        list(_lines(left, right, same_left, partners, "belongs at")),
        list(_lines(right, left, same_right, back, "it came at")),
    )


def _lines(
    pieces: Sequence[str], others: Sequence[str], same: Collection[int], partners: Mapping[int, int], told: str
) -> Iterator[Line]:
    """The pieces of one text. `same`: those that are in the other, too; `partners`: those that stand for one there."""
    for place, piece in enumerate(pieces):
        if place in same:
            yield Line(place + 1, (Part(piece, odd=False),), False)
            continue
        other = others[partners[place]] if place in partners else _namesake(piece, others)
        yield _odd(place, piece, other, f"{told} {others.index(piece) + 1}" if piece in others else "")


def _split(text: str) -> list[str]:
    """The pieces that people read as one: a parameter, a member, the URL."""
    return [found[0] for found in _PIECE.finditer(text)][:MAX_PIECES]


def _namesake(piece: str, others: Sequence[str]) -> str:
    """The piece of the other text with the same name before its `=` or `:`; empty if there is none."""
    name = _NAME.match(piece)
    named = (each for each in others if name and (found := _NAME.match(each)) and found[1] == name[1])
    return next(named, "")


def _odd(place: int, piece: str, other: str, note: str) -> Line:
    if REDACTED in piece + other:
        pairs = enumerate(zip(piece, other, strict=False))
        start = next((at for at, (one, another) in pairs if one != another), 0)
        return Line(place + 1, (Part(piece[:start], odd=False), Part(piece[start:], odd=True)), True, note)
    if note or not other or len(piece) + len(other) > _LONGEST_COMPARED:
        return Line(place + 1, (Part(piece.translate(_PICTURES), odd=True),), True, note)
    return Line(place + 1, tuple(_parts(piece, other)), True)


def _parts(piece: str, other: str) -> Iterator[Part]:
    """The letters of a piece in runs: those that the other piece has too, and those that it lacks."""
    matcher = SequenceMatcher(None, piece, other, autojunk=False)
    at = 0
    for start, _, size in matcher.get_matching_blocks():
        inside = 0 < start < len(piece) - size
        if size < (_SHORTEST_SAME if inside else 1):
            continue
        if start > at:
            yield Part(piece[at:start].translate(_PICTURES), odd=True)
        yield Part(piece[start : start + size], odd=False)
        at = start + size
    if at < len(piece):
        yield Part(piece[at:].translate(_PICTURES), odd=True)
