"""What is wrong with a value, in our own words rather than a library's: the rule, the limit, the value.

`not a number, got "50000"` · `1001 characters, at most 1000` · `not one of PAYIN, PAYOUT, got "payin"`
"""

from collections.abc import Callable, Collection, Iterable
from typing import Any

import msgspec

from emulator.contract.schemas import pointer_to
from emulator.core import json_text

LONGEST_SHOWN = 100
"""How many characters of a value are shown."""
_LONGEST_NAME = 40
"""How many characters of a member's name are shown."""
_MOST_NAMES = 5

KINDS = {
    "string": "a string",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}
"""The types of JSON Schema in words."""


def shown(value: Any) -> str:
    """A value as JSON, cut if it is long."""
    try:
        text = json_text.encode(value).decode()
    except (msgspec.MsgspecError, TypeError, ValueError, RecursionError):  # half of a surrogate pair, or not JSON
        text = ascii(value)
    return cut(text, LONGEST_SHOWN)


def counted(count: int, noun: str, ending: str = "s") -> str:
    """A count with its noun, such as `1 decimal` or `2 decimals`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}{ending}"


def cut(text: str, most: int = _LONGEST_NAME) -> str:
    """A name or another text for a sentence, cut if it is long."""
    return text if len(text) <= most else f"{text[:most]}..."


def pointer(path: Iterable[str | int]) -> str:
    """The JSON pointer to a place in a value, for a sentence; long names are cut."""
    return pointer_to(cut(part) if isinstance(part, str) else part for part in path)


def kind_word(value: Any) -> str:
    """The type of a value in words: `a string`, `a number`, `true or false`."""
    if value is None:
        return KINDS["null"]
    for kind, name in (((bool,), "boolean"), ((str,), "string"), ((dict,), "object"), ((list, tuple), "array")):
        if isinstance(value, kind):
            return KINDS[name]
    return KINDS["number"]


def kind_words(names: str | Iterable[str]) -> str:
    """Types of JSON Schema in words, such as `a string or null`."""
    ranked = [names] if isinstance(names, str) else sorted(names, key=list(KINDS).index)
    return " or ".join(KINDS[name] for name in ranked)


def wanted(keyword: str, expected: Any) -> str:
    """What comes after "must be" or "not": `a number`, `one of A, B`, `1`; empty for rules that cannot be put so."""
    if keyword == "type":
        return kind_words(expected)
    if keyword == "enum":
        values = [each if isinstance(each, str) and each else shown(each) for each in expected if each is not None]
        return f"one of {', '.join(values)}" if len(values) != 1 else values[0]
    return shown(expected) if keyword == "const" else ""


def word(keyword: str, expected: Any, value: Any, unexpected: Collection[str] = ()) -> tuple[str, bool]:
    """The broken rule in words, and whether showing the value adds anything. `expected`: the value of the keyword;
    `unexpected`: names of members that are not allowed."""
    noun = wanted(keyword, expected) if expected is not None else ""
    if noun:
        return f"not {noun}", True
    if keyword in _COUNTED:
        what, bound = _COUNTED[keyword]
        return f"{counted(len(value), what)}, {bound} {expected}", False
    if unexpected:
        names = [cut(name) for name in unexpected]
        return f"unknown: {', '.join([*names[:_MOST_NAMES], *(['...'] if len(names) > _MOST_NAMES else [])])}", False
    rule = _RULES.get(keyword)
    return rule(expected) if rule else ("does not fit", True)


_COUNTED = {
    "minLength": ("character", "at least"),
    "maxLength": ("character", "at most"),
    "minItems": ("item", "at least"),
    "maxItems": ("item", "at most"),
    "minProperties": ("member", "at least"),
    "maxProperties": ("member", "at most"),
}
_RULES: dict[str, Callable[[Any], tuple[str, bool]]] = {
    "minimum": lambda limit: (f"below {shown(limit)}", True),
    "maximum": lambda limit: (f"above {shown(limit)}", True),
    "exclusiveMinimum": lambda limit: (f"not above {shown(limit)}", True),
    "exclusiveMaximum": lambda limit: (f"not below {shown(limit)}", True),
    "multipleOf": lambda step: (f"not a multiple of {shown(step)}", True),
    "pattern": lambda pattern: (f"does not match {pattern}", True),
    "required": lambda name: ("missing", False),
    "dependentRequired": lambda name: (f"needs {name} beside it", False),
    "uniqueItems": lambda _: ("has the same item twice", False),
    "not": lambda _: ("a value that is not allowed", True),
    "anyOf": lambda _: ("none of the possible forms", True),
    "oneOf": lambda _: ("not exactly one of the possible forms", True),
    "contains": lambda _: ("has no item of the kind that is required", False),
}
