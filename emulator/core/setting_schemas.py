"""JSON Schemas that the settings of several providers have."""

from typing import Any

FLAG: dict[str, Any] = {"type": "boolean"}


def one_of(*values: Any) -> dict[str, Any]:
    """One of these values."""
    return {"enum": list(values)}


def whole_number(least: int, most: int) -> dict[str, Any]:
    """A whole number between these, both included."""
    return {"type": "integer", "minimum": least, "maximum": most}


def or_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A value of the schema, which has a single type, or null."""
    return {**schema, "type": [schema["type"], "null"]}
