"""JSON Schemas of settings, for those that several settings share."""

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
