"""Conditions on a request or a journal entry: `body.amountFrom: "151"`. What decides also explains: `difference`."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from msgspec import Struct

from emulator.core.schema import Schema

_MISSING = object()
_GROUP_NAME = re.compile(r"\(\?P<\w+>")
_UNJOINABLE = re.compile(r"\\[1-9(]|\(\?(?!P<|[:=!]|<[=!])")
"""References to groups, flags and the like, and what could be mistaken for them: not the same among other patterns."""


class BadCondition(ValueError):
    """A condition that can never be checked; the text says why."""


class Condition(Struct, frozen=True):
    """`path` (dotted, as `body.amountFrom` or `header.x-client-id`) must equal `literal` or fit `schema`."""

    path: tuple[str, ...]
    literal: Any
    schema: Schema | None
    pattern: re.Pattern[str] | None

    def holds(self, subject: Mapping[str, Any]) -> bool:
        """Whether the subject fits."""
        value = find(subject, self.path)
        if value is _MISSING:
            return False
        if self.schema is not None:
            return self.schema.accepts(value)
        return same(value, self.literal)

    def captured(self, subject: Mapping[str, Any]) -> dict[str, str]:
        """The named groups of the condition's pattern."""
        value = find(subject, self.path)
        found = self.pattern.search(value) if self.pattern and isinstance(value, str) else None
        return {name: text or "" for name, text in found.groupdict().items()} if found else {}


class Gate:
    """Tells quickly that a value fits none of many conditions on one path, as for most requests none does.

    It relies on a pattern meaning in Python at least what it means in JSON Schema.
    """

    def __init__(self, path: tuple[str, ...], conditions: Iterable[Condition]) -> None:
        self._path = path
        self._literals: set[str] = set()
        self._others = False
        patterns: list[re.Pattern[str]] = []
        for condition in conditions:
            if condition.schema is None and isinstance(condition.literal, str):
                self._literals.add(condition.literal)
            elif condition.pattern and condition.schema and condition.schema.document["type"] == "string":
                patterns.append(condition.pattern)
            else:
                self._others = True
        self._patterns = _join(patterns)

    def may_open(self, subject: Mapping[str, Any]) -> bool:
        """Whether the subject may fit one of them."""
        value = find(subject, self._path)
        if self._others or not isinstance(value, str):
            return self._others and value is not _MISSING
        if value in self._literals:
            return True
        for pattern in self._patterns:  # noqa: SIM110  a generator takes longer than the one search
            if pattern.search(value):
                return True
        return False


def _join(patterns: list[re.Pattern[str]]) -> list[re.Pattern[str]]:
    """Patterns that find something where any of the given ones does; as few as can be."""
    texts = [pattern.pattern for pattern in patterns if not _UNJOINABLE.search(pattern.pattern)]
    apart = [pattern for pattern in patterns if _UNJOINABLE.search(pattern.pattern)]
    return [re.compile("|".join(f"(?:{_GROUP_NAME.sub('(', text)})" for text in texts)), *apart] if texts else apart


def parse_conditions(match: Mapping[str, Any]) -> tuple[Condition, ...]:
    """Conditions of a `match` mapping: a scalar is a literal, an object is a JSON Schema.

    Raises BadCondition for anything else.
    """
    return tuple(_parse(path, expected) for path, expected in match.items())


def _parse(path: str, expected: Any) -> Condition:
    parts = tuple(path.split("."))
    if not all(parts):
        raise BadCondition(f"{path!r} is not a path: write body.amountFrom, header.x-client-id or query.limit")
    if parts[0] == "header":
        parts = ("header", ".".join(parts[1:]).lower())
    if isinstance(expected, float):
        expected = Decimal(str(expected))
    if not isinstance(expected, Mapping):
        return Condition(parts, expected, None, None)
    schema = dict(expected)
    compiled = None
    pattern = schema.get("pattern")
    if isinstance(pattern, str):
        try:
            compiled = re.compile(pattern)
        except re.error as error:
            raise BadCondition(f"{path}: {pattern!r} is not a pattern: {error}") from error
        schema["pattern"] = re.sub(r"\(\?P<", "(?<", pattern)
        schema.setdefault("type", "string")
    try:
        return Condition(parts, None, Schema(schema), compiled)
    except ValueError as error:
        raise BadCondition(f"{path}: {error}") from error


def find(subject: Any, path: tuple[str, ...]) -> Any:
    """The value at `path`, or a marker that equals nothing. A name that holds dots is tried whole, too."""
    for position, part in enumerate(path):
        if isinstance(subject, dict) or isinstance(subject, Mapping):  # noqa: SIM101  a dict is told much sooner
            if part not in subject:
                rest = path[position:]
                return subject.get(".".join(rest), _MISSING) if len(rest) > 1 else _MISSING
            subject = subject[part]
        elif isinstance(subject, list) and part.isdigit() and int(part) < len(subject):
            subject = subject[int(part)]
        else:
            return _MISSING
    return subject


def same(value: Any, literal: Any) -> bool:
    """JSON equality: true is not 1, `275.0` equals 275, `"151"` is not 151."""
    if isinstance(value, bool) or isinstance(literal, bool):
        return value is literal
    return bool(value == literal)


def difference(subject: Mapping[str, Any], conditions: tuple[Condition, ...]) -> list[str]:
    """The paths whose conditions do not hold; an empty list means that the subject matches."""
    return [".".join(condition.path) for condition in conditions if not condition.holds(subject)]
