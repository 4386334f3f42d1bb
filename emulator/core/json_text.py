"""Reads and writes JSON, keeping every number literal. Never turns a number with a point or an exponent into a float.

Whole numbers become `int`, all other numbers `Decimal`. A literal that `Decimal` would print differently (`1e-07`)
becomes a `Number`, which remembers how it was written. The one exception is `-0`: it becomes 0, as in JavaScript.
"""

import re
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

import msgspec

from emulator.contract.reply import Reply

T = TypeVar("T")

MAX_DEPTH = 200
"""How deeply a document may be nested; the deepest real request has four levels."""
_TOO_DEEP = f"nested more than {MAX_DEPTH} levels deep"


class MalformedJson(ValueError):
    """The input is not one JSON document; the message says why."""


class Number(Decimal):
    """A decimal number that is printed as it was written."""

    __slots__ = ("literal",)
    literal: str

    def __new__(cls, literal: str) -> "Number":
        value = super().__new__(cls, literal)
        value.literal = literal
        return value


def read_number(literal: str) -> Decimal:
    """The exact value of a JSON number literal, which is printed as `literal` again. Raises MalformedJson."""
    try:
        value = Decimal(literal)
    except InvalidOperation as error:  # an exponent beyond what Decimal can hold
        raise MalformedJson(f"number {literal[:40]} is out of range") from error
    return value if str(value) == literal else Number(literal)


def _encode_other(value: Any) -> Any:
    if isinstance(value, Number):
        return msgspec.Raw(value.literal.encode())
    raise TypeError(f"{type(value).__name__} has no JSON form")


_decoder = msgspec.json.Decoder(float_hook=read_number)
_encoder = msgspec.json.Encoder(enc_hook=_encode_other, decimal_format="number")


def decode(document: bytes | str) -> Any:
    """The value of a JSON document: dict, list, str, int, Decimal, bool or None; of repeated keys, the last one wins.

    Raises MalformedJson for anything that is not one UTF-8 JSON document of at most MAX_DEPTH levels.
    """
    try:
        value = _decoder.decode(document)
    except (msgspec.DecodeError, UnicodeError, RecursionError, MalformedJson) as error:
        raise MalformedJson(_why(document, error)) from error
    opened = document.count(b"[") + document.count(b"{") if isinstance(document, bytes) else MAX_DEPTH + 1
    if opened > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        raise MalformedJson(_TOO_DEEP)
    return value


def _why(document: bytes | str, error: Exception) -> str:
    """What is wrong with a document that cannot be read, in our words rather than the decoder's."""
    if isinstance(error, MalformedJson):
        return str(error)
    if isinstance(error, RecursionError):
        return _TOO_DEEP
    said = str(error)
    offset = _OFFSET.search(said)
    if isinstance(error, UnicodeError):
        return "it is not UTF-8"
    if "out of range" in said:
        return "a number is out of range"
    if not document.strip():
        return "it is empty"
    if offset is None or "surrogate" in said:
        return _find_unpaired(document) or "it ends too early"
    return f"more follows at byte {offset[1]}" if "trailing characters" in said else f"wrong at byte {offset[1]}"


def _find_unpaired(document: bytes | str) -> str | None:
    """Which half of a surrogate pair is alone, and where; None at the very end, where the document is cut off."""
    written = document.encode(errors="surrogatepass") if isinstance(document, str) else document
    first: re.Match[bytes] | None = None
    for escape in _ESCAPES.finditer(written):
        code = int(escape[1] or b"0", 16)
        is_second = 0xDC00 <= code < 0xE000
        if first is not None and is_second and first.end() == escape.start():
            first = None
        elif first is not None or is_second:
            return _told_unpaired(first or escape)
        elif 0xD800 <= code < 0xDC00:
            first = escape
    return None if first is None or first.end() == len(written) else _told_unpaired(first)


def _told_unpaired(escape: re.Match[bytes]) -> str:
    return f"{UNPAIRED} \\u{escape[1].decode().lower()} at byte {escape.start()}"


UNPAIRED = "unpaired surrogate"
"""How the reason begins if a document has only half of a surrogate pair."""
_ESCAPES = re.compile(rb"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
_OFFSET = re.compile(r"\(byte (\d+)\)")


def typed_decoder(kind: type[T]) -> "msgspec.json.Decoder[T]":
    """A decoder for documents of one msgspec type, which treats numbers as `decode` does."""
    return msgspec.json.Decoder(kind, float_hook=read_number)


def encode(value: Any) -> bytes:
    """Compact UTF-8 JSON: members in insertion order, decimals as they are printed, `Number`s as they were written."""
    return _encoder.encode(value)


def write_indented(value: Any) -> str:
    """JSON for people: a line for each member or item, numbers as they were written."""
    return msgspec.json.format(encode(value)).decode()


def plain(value: Any) -> Any:
    """The same value with each `Number` replaced by a plain `Decimal`."""
    if isinstance(value, dict):
        return {key: plain(member) for key, member in value.items()}
    if isinstance(value, list):
        return [plain(member) for member in value]
    return Decimal(value) if isinstance(value, Number) else value


def _depth(value: Any) -> int:
    """How many levels of lists and objects a value has, counted without recursion."""
    level, depth = [value], 0
    while level:
        containers = [item for item in level if isinstance(item, (dict, list))]
        depth += bool(containers)
        level = [member for item in containers for member in (item.values() if isinstance(item, dict) else item)]
    return depth


def json_reply(status: int, value: Any, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    """A reply with `value` as compact JSON."""
    return Reply(status, encode(value), headers=headers)
