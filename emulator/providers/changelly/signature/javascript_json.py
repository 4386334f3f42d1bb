"""JSON as JavaScript prints it: keys in the order received, numbers as JavaScript reads and prints them.

For signatures alone, so that a client may sign what its own printer makes of the body. Source: ECMAScript,
JSON.stringify (https://tc39.es/ecma262/#sec-json.stringify, seen 2026-11). Assumed: keys that look like numbers keep
their place, although a JavaScript engine would move them to the front.
"""

import json
import re
from json.encoder import encode_basestring as write_string
from typing import NoReturn, TypeAlias

from emulator.providers.changelly.signature.javascript_numbers import write_number


class Written(str):
    """Text that is written as it is, unlike a string value."""

    __slots__ = ()


Value: TypeAlias = "dict[str, Value] | list[Value] | str | bool | None"

_COMMA = Written(",")
_CLOSE_LIST = Written("]")
_CLOSE_OBJECT = Written("}")
_TOKENS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[^"\s]+', re.DOTALL)


def read(body: bytes) -> tuple[Value] | None:
    """The value of a JSON document, in a tuple because `null` is a value too; None if the bytes are not JSON.

    Numbers become `Written`, in JavaScript's form. Documents nested more deeply than the interpreter can go (several
    hundred levels) do not count as JSON.
    """
    try:
        text = body.decode()
        return (json.loads(text, parse_float=_read_number, parse_int=_read_number, parse_constant=_refuse_constant),)
    except (ValueError, RecursionError):
        return None


def write_value(value: Value) -> bytes:
    """The compact text of a value, as UTF-8; a lone surrogate becomes `\\udXXX`, as in current engines."""
    output: list[str] = []
    waiting: list[Value] = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Written):
            output.append(item)
        elif isinstance(item, str):
            output.append(write_string(item))
        elif isinstance(item, dict):
            output.append("{")
            waiting.extend(_spread_object(item))
        elif isinstance(item, list):
            output.append("[")
            waiting.extend(_spread_list(item))
        else:
            output.append("null" if item is None else "true" if item else "false")
    return "".join(output).encode(errors="backslashreplace")


def drop_whitespace(document: bytes) -> bytes:
    """A valid JSON document without the whitespace between its tokens, which stay byte for byte."""
    return b"".join(_TOKENS.findall(document))


def _read_number(literal: str) -> Written:
    return Written(write_number(literal))


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _spread_object(members: dict[str, Value]) -> list[Value]:
    """What is left to print of an object, the last piece first."""
    pieces: list[Value] = [_CLOSE_OBJECT]
    for key, member in reversed(members.items()):
        pieces += (member, Written(write_string(key) + ":"), _COMMA)
    return pieces[:-1] if members else pieces


def _spread_list(members: list[Value]) -> list[Value]:
    """What is left to print of a list, the last piece first."""
    pieces: list[Value] = [_CLOSE_LIST]
    for member in reversed(members):
        pieces += (member, _COMMA)
    return pieces[:-1] if members else pieces
