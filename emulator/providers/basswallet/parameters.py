"""Reads what a client sent (query string, form body, multipart body, JSON body) into ordered names and values.

Must never raise anything but `ParameterError`, whatever the bytes are, and never change a value: no trimming, no case
folding, no reordering, because the signature is made over exactly these names and values in exactly this order.

Source: https://docs-en.basswallet.com/api-reference/info/request-info (seen 2026-11).
Assumed: the limits, and what happens with repeated parameters, files, broken escapes and JSON; the page is silent.
"""

import json
import re
from collections.abc import Iterable
from typing import NoReturn
from urllib.parse import unquote_to_bytes

from msgspec import Struct

BODY_LIMIT_BYTES = 100 * 1024
"""A longer body is refused. Assumed."""

PART_HEADER_LIMIT_BYTES = 8 * 1024
"""Longest header block of one multipart part."""

_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")
_HEADER_PARAMETER = re.compile(r';[ \t]*([^\s;="]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))[ \t]*')
_PLAIN_TRANSFER_ENCODINGS = frozenset({"7bit", "8bit", "binary"})


class ParameterError(ValueError):
    """The client's parameters cannot be read; on the wire this is PARAM_ERROR. `reason` is one ASCII sentence part."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Parameters(Struct, frozen=True):
    """The parameters of one request, in the order in which they were sent; every name occurs once.

    `raw` is the query string or urlencoded body exactly as received, `None` for multipart and JSON bodies.
    """

    values: dict[str, str]
    raw: str | None = None

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Gives names and values in the order in which they were sent."""
        return tuple(self.values.items())

    def value(self, name: str) -> str:
        """Gives the value as sent, or `""` when the parameter is absent: the two mean the same everywhere."""
        return self.values.get(name, "")


def read_query(query_string: bytes) -> Parameters:
    """Reads a query string without its question mark."""
    return _read_urlencoded(query_string)


def read_body(content_type: str | None, body: bytes, *, accept_json: bool = True) -> Parameters:
    """Reads a POST body by its Content-Type; without one it counts as urlencoded."""
    if len(body) > BODY_LIMIT_BYTES:
        raise ParameterError(f"the body has {len(body)} bytes, the limit is {BODY_LIMIT_BYTES}")
    media_type = (content_type or "").partition(";")[0].strip().lower()
    match media_type:
        case "" | "application/x-www-form-urlencoded":
            return _read_urlencoded(body)
        case "multipart/form-data":
            return _read_multipart(content_type or "", body)
        case "application/json" if accept_json:
            return _read_json(body)
        case _:
            raise ParameterError(f"a body of type {_shown(media_type)} is not accepted")


def _read_urlencoded(raw: bytes) -> Parameters:
    text = _decode(raw)
    has_escapes = "%" in text or "+" in text
    pairs: list[tuple[str, str]] = []
    for piece in text.split("&"):
        if piece:
            name, _, value = piece.partition("=")
            pairs.append((_unescape(name), _unescape(value)) if has_escapes else (name, value))
    return _collect(pairs, text)


def _collect(pairs: list[tuple[str, str]], raw: str | None = None) -> Parameters:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ParameterError(f"parameter {_first_repeated(pairs)} was sent more than once")
    return Parameters(values, raw)


def _unescape(text: str) -> str:
    text = text.replace("+", " ")
    if "%" not in text:
        return text
    return _decode(unquote_to_bytes(text))


def _read_json(body: bytes) -> Parameters:
    text = _decode(body)
    try:
        document = json.loads(
            text, object_pairs_hook=_Members, parse_int=str, parse_float=str, parse_constant=_refuse_constant
        )
    except RecursionError:
        raise ParameterError("the JSON body is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise ParameterError(f"the body is not JSON: wrong at character {error.pos}") from None
    if not isinstance(document, _Members):
        raise ParameterError("the JSON body is not an object")
    return _collect([(_check_text(name), _json_text(name, value)) for name, value in document])


class _Members(list[tuple[str, object]]):
    """The members of one JSON object in document order, repeated ones included."""


def _refuse_constant(constant: str) -> NoReturn:
    raise ParameterError(f"{constant} is not a JSON number")


def _json_text(name: str, value: object) -> str:
    if isinstance(value, str):
        return _check_text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    kind = "null" if value is None else "an object" if isinstance(value, _Members) else "an array"
    raise ParameterError(f"JSON member {_shown(name)} is {kind}, not a string, number or boolean")


def _check_text(text: str) -> str:
    # JSON escapes can spell half of a surrogate pair, which no UTF-8 text can hold and no signature can cover.
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ParameterError("a JSON string has an unpaired surrogate escape") from None
    return text


def _read_multipart(content_type: str, body: bytes) -> Parameters:
    boundary = _header_parameters(content_type.partition(";")[2]).get("boundary", "")
    if not _BOUNDARY.fullmatch(boundary):
        raise ParameterError("the multipart Content-Type has no usable boundary")
    _, *chunks = (b"\r\n" + body).split(b"\r\n--" + boundary.encode("ascii"))
    pairs: list[tuple[str, str]] = []
    for chunk in chunks:
        if chunk.startswith(b"--"):
            return _collect(pairs)
        pairs.append(_read_part(chunk))
    raise ParameterError("the multipart body has no closing boundary")


def _read_part(chunk: bytes) -> tuple[str, str]:
    padding, line_end, rest = chunk.partition(b"\r\n")
    if not line_end or padding.strip(b" \t"):
        raise ParameterError("a multipart boundary is not alone on its line")
    header_block, blank_line, value = (b"\r\n" + rest).partition(b"\r\n\r\n")
    if not blank_line or len(header_block) > PART_HEADER_LIMIT_BYTES:
        raise ParameterError("a multipart part has no end of its headers")
    headers = _part_headers(_decode(header_block))
    disposition, _, rest_of_disposition = headers.get("content-disposition", "").partition(";")
    if disposition.strip().lower() != "form-data":
        raise ParameterError("a multipart part has no form-data Content-Disposition")
    names = _header_parameters(rest_of_disposition)
    if "filename" in names or "filename*" in names:
        raise ParameterError("a multipart part is a file")
    if "name" not in names:
        raise ParameterError("a multipart part has no name")
    if headers.get("content-transfer-encoding", "8bit").lower() not in _PLAIN_TRANSFER_ENCODINGS:
        raise ParameterError("a multipart part has a transfer encoding")
    return names["name"], _decode(value)


def _part_headers(block: str) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in filter(None, block.split("\r\n")):
        name, colon, value = line.partition(":")
        if not colon or name.lower() in headers:
            raise ParameterError("a multipart part has a malformed header")
        headers[name.lower()] = value.strip(" \t")
    return headers


def _header_parameters(text: str) -> dict[str, str]:
    """Gives the `; name=value` parameters of a header; names in lower case."""
    text = ";" + text if text.strip() else ""
    found: dict[str, str] = {}
    position = 0
    while position < len(text):
        match = _HEADER_PARAMETER.match(text, position)
        if match is None or match[1].lower() in found:
            raise ParameterError("a multipart header has malformed parameters")
        found[match[1].lower()] = match[3] if match[2] is None else re.sub(r"\\(.)", r"\1", match[2])
        position = match.end()
    return found


def _decode(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise ParameterError(f"the text is not valid UTF-8 at byte {error.start}") from None


def _first_repeated(pairs: Iterable[tuple[str, str]]) -> str:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            return _shown(name)
        seen.add(name)
    raise AssertionError("no name is repeated")


def _shown(text: str) -> str:
    return ascii(text[:60])
