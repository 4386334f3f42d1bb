"""How values are prepared for the reference validator, jsonschema."""

from decimal import Decimal
from typing import Any


def as_floats(value: Any) -> Any:
    """The reference validator knows no Decimal; the numbers of these tests a float holds well enough."""
    if isinstance(value, dict):
        return {key: as_floats(member) for key, member in value.items()}
    if isinstance(value, list):
        return [as_floats(member) for member in value]
    return float(value) if isinstance(value, Decimal) else value
