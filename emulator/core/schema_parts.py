"""Parts of JSON Schemas that settings and commands share."""

from collections.abc import Mapping
from typing import Any

FLAG: dict[str, Any] = {"type": "boolean"}


def one_of(*values: Any) -> dict[str, Any]:
    """The schema of one of these values."""
    return {"enum": list(values)}


def whole_number(least: int, most: int) -> dict[str, Any]:
    """The schema of a whole number from `least` to `most`, both included."""
    return {"type": "integer", "minimum": least, "maximum": most}


def or_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema with a single type, extended so that it allows null as well."""
    return {**schema, "type": [schema["type"], "null"]}


def closed_object(*required: str, **properties: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of an object with no other members than these."""
    schema = {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}
    return schema if required else {name: part for name, part in schema.items() if name != "required"}
