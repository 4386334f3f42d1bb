"""JSON as JavaScript prints it: received key order, number literals read and printed as JavaScript does.

Never changes what a request means, and never raises: bytes that are no JSON give None. Used for signatures only, so
that a client may sign what its own printer makes of the body. Source: ECMAScript, JSON.stringify
(https://tc39.es/ecma262/#sec-json.stringify, seen 2026-11). Assumed: keys that look like numbers keep their place,
although a JavaScript engine would move them to the front.
"""

import json
import re
from json.encoder import encode_basestring as print_string
from typing import Final, NoReturn, TypeAlias

from emulator.providers.changelly.javascript_numbers import print_number


class Printed(str):
    """Text that is part of the output as it stands, unlike a string value."""

    __slots__ = ()


Value: TypeAlias = "dict[str, Value] | list[Value] | str | bool | None"

_COMMA: Final = Printed(",")
_CLOSE_LIST: Final = Printed("]")
_CLOSE_OBJECT: Final = Printed("}")
_TOKENS: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[^"\s]+', re.DOTALL)


def parse(body: bytes) -> tuple[Value] | None:
    """The value of a JSON document, in a tuple of its own because `null` is a value too; None if it is no JSON.

    Numbers become `Printed`, in the JavaScript form. Documents nested more deeply than the interpreter can go (several
    hundred levels) count as no JSON.
    """
    try:
        return (json.loads(body.decode(), parse_float=_keep, parse_int=_keep, parse_constant=_refuse_constant),)
    except (ValueError, RecursionError):
        return None


def print_value(value: Value) -> bytes:
    """The compact text of a parsed value, as UTF-8; a lone surrogate becomes `\\udXXX`, as in current engines."""
    output: list[str] = []
    waiting: list[Value] = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Printed):
            output.append(item)
        elif isinstance(item, str):
            output.append(print_string(item))
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
    """A valid JSON document without the whitespace between its tokens; every token stays byte for byte."""
    return b"".join(_TOKENS.findall(document))


def _keep(literal: str) -> Printed:
    return Printed(print_number(literal))


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _spread_object(members: dict[str, Value]) -> list[Value]:
    """What is left to print of an object, last thing first."""
    pieces: list[Value] = [_CLOSE_OBJECT]
    for key, member in reversed(members.items()):
        pieces += (member, Printed(print_string(key) + ":"), _COMMA)
    return pieces[:-1] if members else pieces


def _spread_list(members: list[Value]) -> list[Value]:
    """What is left to print of a list, last thing first."""
    pieces: list[Value] = [_CLOSE_LIST]
    for member in reversed(members):
        pieces += (member, _COMMA)
    return pieces[:-1] if members else pieces
