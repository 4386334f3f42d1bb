"""Conditions on a request or a journal entry, such as `body.amountFrom: "151"`; `difference` decides and explains."""

import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from math import prod
from typing import Any

from msgspec import Struct

from emulator.core.schema import Schema
from emulator.core.wording import shown

MAX_BYTES = 64 * 1024
"""The size limit of a `match`, as compact JSON."""
MAX_LEVELS = 20
"""How deeply a `match` may be nested, counting itself as the first level."""
_REFERENCES = frozenset({"$ref", "$dynamicRef", "$recursiveRef"})
_MOST_REFERENCES = 32
"""Each may lead to a schema with several more, so the work can double with every second one."""
_MISSING = object()
_GROUP = re.compile(r"\(\?P?<\w+>")
_UNJOINABLE = re.compile(r"\\[1-9(]|\(\?(?!P?<\w|:)")
"""References to groups, flags, lookarounds, and what could be mistaken for them. They mean something else in a joined
pattern, or take longer than linear time."""
_ONE_CHARACTER = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_TOO_INTRICATE = re.compile(r"\)[*+{]|\(\?")
"""Repeated groups, and groups that are more than groups."""
_CHOICE = re.compile(r"[*+?|]|\{([0-9]*)(,?)([0-9]*)\}")
_LONGEST_CAPTURED = 200
"""How long a text with named groups may be, in characters."""
_WAYS = {"?": 2, "|": 2, "*": _LONGEST_CAPTURED, "+": _LONGEST_CAPTURED}
_MOST_WAYS = 10_000_000

Scalar = str | int | float | Decimal | bool | None


class BadCondition(ValueError):
    """A condition that cannot be checked; the message says why."""


class Condition(Struct, frozen=True):
    """The value at `path` (written `body.amountFrom` or `header.x-client-id`) must equal `literal` or fit `schema`."""

    path: tuple[str, ...]
    literal: Scalar
    schema: Schema | None
    pattern: re.Pattern[str] | None
    """The schema's pattern, if it has named groups; used only to read them from a text that the schema accepts."""

    def holds(self, subject: Mapping[str, Any]) -> bool:
        """Whether the subject satisfies the condition."""
        value = find(subject, self.path)
        if value is _MISSING or (self.pattern is not None and not _is_short_text(value)):
            return False
        if self.schema is not None:
            return _accepts(self.schema, value)
        return same(value, self.literal)

    def captured(self, subject: Mapping[str, Any]) -> dict[str, str]:
        """The named groups of the pattern, with the texts that they match; empty if it does not match."""
        value = find(subject, self.path)
        found = self.pattern.search(value) if self.pattern is not None and _is_short_text(value) else None
        return {name: text or "" for name, text in found.groupdict().items()} if found else {}


class Gate:
    """Tells quickly whether a value fits none of many conditions on one path, as is the case for most requests."""

    def __init__(self, path: tuple[str, ...], conditions: Iterable[Condition]) -> None:
        self.path = path
        self._literals: set[str] = set()
        self._others = False
        patterns: list[str] = []
        for condition in conditions:
            document = condition.schema.document if condition.schema is not None else {}
            if condition.schema is None and isinstance(condition.literal, str):
                self._literals.add(condition.literal)
            elif "pattern" in document and document["type"] == "string":
                patterns.append(document["pattern"])
            else:
                self._others = True
        self._patterns = [Schema({"pattern": pattern}) for pattern in _join(patterns)]

    def may_open(self, subject: Mapping[str, Any]) -> bool:
        """Whether the subject may satisfy one of the conditions."""
        value = find(subject, self.path)
        return value is not _MISSING and self.may_take(value)

    def may_take(self, value: Any) -> bool:
        """As `may_open`, for the value at the path."""
        if self._others or not isinstance(value, str):
            return self._others
        if value in self._literals:
            return True
        for pattern in self._patterns:  # noqa: SIM110  a generator takes longer than the one search
            if _accepts(pattern, value):
                return True
        return False


def _is_short_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST_CAPTURED


def _accepts(schema: Schema, value: Any) -> bool:
    try:
        return schema.accepts(value)
    except UnicodeEncodeError:  # half of a surrogate pair, which the validator cannot read
        return False


def _join(patterns: list[str]) -> list[str]:
    """As few patterns as possible that together match whatever any of the given ones matches."""
    apart = [pattern for pattern in patterns if _UNJOINABLE.search(pattern)]
    joined = [f"(?:{_GROUP.sub('(', pattern)})" for pattern in patterns if pattern not in apart]
    return ["|".join(joined), *apart] if joined else apart


def read_conditions(match: Mapping[str, Any]) -> tuple[Condition, ...]:
    """The conditions in a `match` mapping: a scalar is a literal, an object is a JSON Schema.

    Raises BadCondition for anything else, for conditions that would take much memory or time to compile or check, and
    for patterns with named groups that could take long to match.
    """
    require_small(match)
    return checked_conditions(match)


def checked_conditions(match: Mapping[str, Any]) -> tuple[Condition, ...]:
    """As `read_conditions`, for a `match` that it has accepted before."""
    return tuple(_read_condition(path, expected) for path, expected in match.items())


def require_small(match: Mapping[str, Any]) -> None:
    """Raises BadCondition for a `match` that is too big: the validator copies a schema for each level above it, and
    follows every reference again."""
    level: list[Any] = [match]
    levels = references = 0
    while level:
        levels += any(isinstance(item, (Mapping, list)) for item in level)
        if levels > MAX_LEVELS:
            raise BadCondition(f"a match may be nested at most {MAX_LEVELS} levels deep")
        objects = [item for item in level if isinstance(item, Mapping)]
        references += sum(len(item.keys() & _REFERENCES) for item in objects)
        members = [member for item in objects for member in item.values()]
        level = members + [member for item in level if isinstance(item, list) for member in item]
    if references > _MOST_REFERENCES:
        raise BadCondition(f"the schemas of a match may refer to others at most {_MOST_REFERENCES} times")
    text = json.dumps(match, ensure_ascii=False, separators=(",", ":"), default=str)
    size = len(text.encode(errors="surrogatepass"))
    if size > MAX_BYTES:
        raise BadCondition(f"a match may have at most {MAX_BYTES} bytes of JSON; this one has {size}")


def _read_condition(path: str, expected: Any) -> Condition:
    parts = tuple(path.split("."))
    if not all(parts):
        raise BadCondition(f"{path!r} is not a path: write body.amountFrom, header.x-client-id or query.limit")
    if parts[0] == "header":
        parts = ("header", ".".join(parts[1:]).lower())
    if isinstance(expected, float):
        expected = Decimal(str(expected))
    if isinstance(expected, list):
        raise BadCondition(f'{path}: write a literal, or a JSON Schema such as {{"const": [1, 2]}}')
    if not isinstance(expected, Mapping):
        return Condition(parts, expected, None, None)
    schema = dict(expected)
    compiled = None
    pattern = schema.get("pattern")
    if isinstance(pattern, str):
        try:
            compiled = re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as error:
            place = getattr(error, "pos", None)
            where = f": it is wrong at character {place + 1}" if place is not None else ""
            raise BadCondition(f"{path}: {pattern!r} is not a pattern{where}") from error
        schema["pattern"] = re.sub(r"\(\?P<", "(?<", pattern)
        schema.setdefault("type", "string")
        if compiled.groupindex and not _is_read_quickly(pattern):
            raise BadCondition(
                f"{path}: it could take long to read the named groups of {pattern!r}: repeat no group and few parts, "
                "and use no lookarounds or back-references"
            )
    try:
        return Condition(parts, None, Schema(schema).compile(), compiled if compiled and compiled.groupindex else None)
    except ValueError as error:
        wrong = f"{path}: {shown(expected)} is not a JSON Schema{_wrong_keyword(error)}"
        raise BadCondition(f"{wrong}: write one such as {{type: string, minLength: 3}}") from error


def _wrong_keyword(error: ValueError) -> str:
    """Which part of a schema is wrong, if the validator says."""
    place = ".".join(map(str, getattr(error, "instance_path", ())))
    return f", because of `{place}`" if place else ""


def _is_read_quickly(pattern: str) -> bool:
    """Whether Python's backtracking search has few ways to try on a short text.

    This is an upper bound: everything that can be repeated or chosen multiplies the ways, and so do the starting
    places.
    """
    plain = _GROUP.sub("(", _ONE_CHARACTER.sub("x", pattern)).replace("(?:", "(")
    if _TOO_INTRICATE.search(plain) or re.search(r"\\[1-9]", pattern):
        return False
    begins = 1 if plain.startswith("^") and "|" not in plain else _LONGEST_CAPTURED
    return begins * prod(map(_ways, _CHOICE.finditer(plain))) <= _MOST_WAYS


def _ways(choice: re.Match[str]) -> int:
    known = _WAYS.get(choice[0])
    if known is not None:
        return known
    least, comma, most = choice.groups()
    return max(1, int(most or _LONGEST_CAPTURED) - int(least or 0) + 1) if comma else 1


def find(subject: Any, path: tuple[str, ...]) -> Any:
    """The value at `path`, or a marker that equals nothing. A name that contains dots is tried as a whole, too."""
    for position, part in enumerate(path):
        if isinstance(subject, dict) or isinstance(subject, Mapping):  # noqa: SIM101  a dict is recognised much faster
            if part not in subject:
                rest = path[position:]
                return subject.get(".".join(rest), _MISSING) if len(rest) > 1 else _MISSING
            subject = subject[part]
        elif isinstance(subject, list) and part.isdecimal() and len(part) < 10 and int(part) < len(subject):
            subject = subject[int(part)]
        else:
            return _MISSING
    return subject


def same(value: Any, literal: Any) -> bool:
    """Equality as in JSON: true is not 1, `275.0` equals 275, `"151"` is not 151."""
    if isinstance(value, bool) or isinstance(literal, bool):
        return value is literal
    return bool(value == literal)


def difference(subject: Mapping[str, Any], conditions: tuple[Condition, ...]) -> list[str]:
    """The paths of the conditions that do not hold; empty if the subject matches."""
    return [".".join(condition.path) for condition in conditions if not condition.holds(subject)]
