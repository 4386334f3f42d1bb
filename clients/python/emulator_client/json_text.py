"""JSON in and out, with every number literal kept: whole numbers are `int`, all others `Decimal`, never a float."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any


class Number(Decimal):
    """A decimal number that prints as it was written."""

    literal: str

    def __new__(cls, literal: str) -> Number:
        value = super().__new__(cls, literal)
        value.literal = literal
        return value


def decode(document: bytes | str) -> Any:
    """The value of a JSON document. Raises ValueError."""
    return json.loads(document, parse_float=Number)


def encode(value: Any) -> bytes:
    """Compact UTF-8 JSON; numbers as they were written, decimals as they print. Raises TypeError."""
    return _write(value).encode()


def _write(value: Any) -> str:
    if isinstance(value, Decimal):
        return getattr(value, "literal", str(value))
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{_write(str(name))}:{_write(each)}" for name, each in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(_write, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
