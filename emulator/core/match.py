"""Conditions on a request or a journal entry: `body.amountFrom: "151"`. What decides also explains: `difference`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from emulator.core.schema import Schema

_MISSING = object()


class BadCondition(ValueError):
    """A condition that can never be checked; the text says why."""


@dataclass(frozen=True, slots=True)
class Condition:
    """`path` (dotted, as `body.amountFrom` or `header.x-client-id`) must equal `literal` or fit `schema`."""

    path: tuple[str, ...]
    literal: Any
    schema: Schema | None
    pattern: re.Pattern[str] | None

    def holds(self, subject: Mapping[str, Any]) -> bool:
        """Whether the subject fits."""
        return self.accepts(find(subject, self.path))

    def accepts(self, value: Any) -> bool:
        """Whether what `find` has found at the path fits."""
        if value is _MISSING:
            return False
        if self.schema is None:
            return same(value, self.literal)
        # A pattern means in Python at least what it means in JSON Schema, and Python is quicker to say no.
        if self.pattern is not None and isinstance(value, str) and self.pattern.search(value) is None:
            return False
        return self.schema.accepts(value)

    def captured(self, subject: Mapping[str, Any]) -> dict[str, str]:
        """The named groups of the condition's pattern."""
        value = find(subject, self.path)
        found = self.pattern.search(value) if self.pattern and isinstance(value, str) else None
        return {name: text or "" for name, text in found.groupdict().items()} if found else {}


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
                return subject.get(".".join(path[position:]), _MISSING)
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
