"""What a broken rule of a JSON Schema is called in words: the emulator's own, whichever validator found it."""

from collections.abc import Callable
from typing import Any

from emulator.core import wire

_LONGEST = 500
_END = 200


def describe(keyword: str, value: Any, rule: Any) -> str:
    """What is wrong with a value, as `5 is less than the minimum of 6`.

    `rule` is what the keyword asks for; for `required` the member that is missing, for `additionalProperties` the
    members that are too many, for `propertyNames` what is wrong with a name.
    """
    about = _MEMBERS.get(keyword)
    text = about(rule) if about else f"{_quote(value)} {_OF_VALUE.get(keyword, _other(keyword))(rule)}"
    return text if len(text) <= _LONGEST else f"{text[:_END]} ... {text[-_END:]}"


def _quote(value: Any) -> str:
    return wire.encode(value).decode()


def _list(values: Any) -> str:
    return " or ".join(map(_quote, values if isinstance(values, (list, tuple)) else [values]))


def _other(keyword: str) -> Callable[[Any], str]:
    return lambda rule: f"breaks the rule {keyword}"


_MEMBERS: dict[str, Callable[[Any], str]] = {
    "required": lambda name: f"{_quote(name)} is required",
    "additionalProperties": lambda names: f"no such member: {', '.join(map(_quote, names))}",
    "unevaluatedProperties": lambda names: f"no such member: {', '.join(map(_quote, names))}",
    "propertyNames": lambda problem: f"a member's name: {problem}",
}
_OF_VALUE: dict[str, Callable[[Any], str]] = {
    "type": lambda types: f"is not of type {_list(types)}",
    "enum": lambda good: f"is not one of {', '.join(map(_quote, good))}",
    "const": lambda good: f"is not {_quote(good)}",
    "pattern": lambda pattern: f"does not match {pattern}",
    "format": lambda name: f"is not of the format {name}",
    "minimum": lambda limit: f"is less than the minimum of {_quote(limit)}",
    "maximum": lambda limit: f"is greater than the maximum of {_quote(limit)}",
    "exclusiveMinimum": lambda limit: f"is not greater than {_quote(limit)}",
    "exclusiveMaximum": lambda limit: f"is not less than {_quote(limit)}",
    "multipleOf": lambda number: f"is not a multiple of {_quote(number)}",
    "minLength": lambda length: f"is shorter than {length} characters",
    "maxLength": lambda length: f"is longer than {length} characters",
    "minItems": lambda count: f"has fewer than {count} items",
    "maxItems": lambda count: f"has more than {count} items",
    "uniqueItems": lambda _: "has an item twice",
    "minProperties": lambda count: f"has fewer than {count} members",
    "maxProperties": lambda count: f"has more than {count} members",
    "anyOf": lambda _: "fits none of the forms that are allowed",
    "oneOf": lambda _: "does not fit exactly one of the forms that are allowed",
    "not": lambda _: "is not allowed",
    "falseSchema": lambda _: "is not allowed",
}
