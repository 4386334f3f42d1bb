"""JSON values as fields of forms, by their schemas: how one is typed, what can be chosen, what is read from it."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from emulator.core import json_text
from emulator.core.schema import Schema
from emulator.core.wording import KINDS

MEMBER = "member."
"""Prefix of the fields for members of a request, or of a rule."""
ARGUMENT = "argument."
"""Prefix of the fields for arguments of an event."""
_TRUTH = ("true", "false")


class Field(Struct, frozen=True):
    """A field of a form, for one member of something. Its name in the form begins with a prefix, such as MEMBER."""

    name: str
    """Of the member."""
    value: str
    """What is in it."""
    choices: tuple[str, ...] = ()
    """The only values that there are; none: anything can be typed."""
    help: str = ""
    long: bool = False
    """Whether it has several lines."""


def write_field(name: str, schema: Mapping[str, Any], value: str, help: str = "") -> Field:
    """A field for a value of this schema."""
    choices = tuple(write_value(each) for each in schema.get("enum", ()))
    if schema.get("type") == "boolean":
        choices = _TRUTH
    told = help or str(schema.get("description", "")) or _kinds(schema)
    return Field(name, value, choices, told, "object" in _types(schema) or "array" in _types(schema))


def _types(schema: Mapping[str, Any]) -> list[str]:
    types = schema.get("type", [])
    return [types] if isinstance(types, str) else list(types)


def _kinds(schema: Mapping[str, Any]) -> str:
    return " or ".join(KINDS[each] for each in _types(schema) if each in KINDS)


def write_value(value: Any) -> str:
    """A value as somebody types it: a text as it is, all else as JSON."""
    return value if isinstance(value, str) else json_text.encode(value).decode()


def read_value(schema: Mapping[str, Any], text: str) -> Any:
    """What was typed: JSON of a type that the schema takes, or else the text itself."""
    types, choices = _types(schema), schema.get("enum", ())
    if types == ["string"] or text in [each for each in choices if isinstance(each, str)]:
        return text
    try:
        value = json_text.decode(text.strip().encode())
    except json_text.MalformedJson:
        return text
    return value if not types or Schema({"type": types}).accepts(value) else text
