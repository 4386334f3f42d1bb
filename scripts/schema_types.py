"""The types that a JSON Schema describes, as a tree from which several languages are written.

What a schema says beyond types (patterns, limits, members that exclude each other) is left out.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

COMPONENT = "#/components/schemas/"


@dataclass(frozen=True, slots=True)
class Anything:
    """Any value."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """No value."""


@dataclass(frozen=True, slots=True)
class Simple:
    """One of JSON's own types."""

    kind: Literal["string", "number", "integer", "boolean", "null"]


@dataclass(frozen=True, slots=True)
class Words:
    """One of these values."""

    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """A type that is written elsewhere."""

    name: str


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of these."""

    items: "Type"


@dataclass(frozen=True, slots=True)
class Tuple:
    """A list with one of each, in order."""

    items: "tuple[Type, ...]"


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an object."""

    type: "Type"
    required: bool
    about: str


@dataclass(frozen=True, slots=True)
class Object:
    """An object with these members, or with any."""

    members: Mapping[str, Member]
    others: "Type | None"
    """The type of further members; None: not given."""
    closed: bool
    """Whether it has no further members."""


@dataclass(frozen=True, slots=True)
class Either:
    """A value of any of these types."""

    types: "tuple[Type, ...]"


@dataclass(frozen=True, slots=True)
class Both:
    """A value of all of these types."""

    types: "tuple[Type, ...]"


Type = Anything | Nothing | Simple | Words | Named | ListOf | Tuple | Object | Either | Both


def read(schema: Any) -> Type:
    """The type of the values that a JSON Schema allows, or a wider one."""
    if not isinstance(schema, Mapping):
        return Anything() if schema else Nothing()
    if "$ref" in schema:
        return Named(schema["$ref"].removeprefix(COMPONENT))
    if "const" in schema or "enum" in schema:
        return Words(tuple(schema.get("enum", [schema.get("const")])))
    if "not" in schema and "type" not in schema:
        return _read_others(schema["not"].get("enum"))
    choices = [read(each) for each in _merged([each for key in ("oneOf", "anyOf") for each in schema.get(key, ())])]
    if choices and Anything() not in choices:
        return _either(choices)
    kinds = schema.get("type", "object" if "properties" in schema else [])
    own = _either([_read_kind(kind, schema) for kind in ([kinds] if isinstance(kinds, str) else kinds)])
    parts = [each for each in (*map(read, schema.get("allOf", ())), own) if each != Anything()]
    return Both(tuple(parts)) if len(parts) > 1 else parts[0] if parts else Anything()


def _either(types: list[Type]) -> Type:
    """Any of these types, each once, with all their words merged."""
    flat = [inner for each in types for inner in (each.types if isinstance(each, Either) else (each,))]
    words = Words(tuple(dict.fromkeys(value for each in flat if isinstance(each, Words) for value in each.values)))
    once: list[Type] = []
    for each in flat:
        found = words if isinstance(each, Words) else each
        if found not in once:
            once.append(found)
    return once[0] if len(once) == 1 else Either(tuple(once)) if once else Anything()


def _read_others(excluded: list[Any] | None) -> Type:
    """The type of all values except these: if they are texts, other texts."""
    return Simple("string") if excluded and all(isinstance(value, str) for value in excluded) else Anything()


def _read_kind(kind: Any, schema: Mapping[str, Any]) -> Type:
    if kind == "array":
        if "prefixItems" in schema:
            return Tuple(tuple(map(read, schema["prefixItems"])))
        return ListOf(read(schema.get("items", True)))
    if kind != "object":
        return Simple(kind)
    others, required = schema.get("additionalProperties"), schema.get("required", ())
    members = {
        name: Member(read(each), name in required, each.get("description", "") if isinstance(each, Mapping) else "")
        for name, each in schema.get("properties", {}).items()
    }
    return Object(members, None if others in (None, False) else read(others), others is False)


def _merged(choices: list[Any]) -> list[Any]:
    """The same, with all inline objects merged into one, in which members are optional unless all of them require
    them, so that a reader of an answer need not tell them apart."""
    objects = [each for each in choices if isinstance(each, Mapping) and "properties" in each]
    if len(objects) < 2:
        return choices
    members: dict[str, list[Any]] = {}
    for each in objects:
        for name, schema in each["properties"].items():
            members.setdefault(name, []).append(schema)
    required = set.intersection(*(set(each.get("required", ())) for each in objects))
    properties = {
        name: {"anyOf": schemas, **{key: each[key] for each in schemas[:1] for key in each if key == "description"}}
        for name, schemas in members.items()
    }
    one = {"type": "object", "properties": properties, "required": sorted(required)}
    return [one, *(each for each in choices if each not in objects)]


def literal(value: Any) -> str:
    """A JSON value as a literal in a program."""
    return json.dumps(value, ensure_ascii=False)
