"""Bodies as they were recorded, and what they mean."""

import re
import zlib
from typing import Any
from urllib.parse import parse_qsl

from emulator.core import json_text
from emulator.traffic.recorded import NOTHING, Body

FORM_TYPE = "application/x-www-form-urlencoded"
MAX_BODY_BYTES = 8 * 1024 * 1024
"""How much of a body is looked at; a longer one is not judged."""
_GZIP = b"\x1f\x8b"
_DECOMPRESSING = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""Content-Encoding -> what zlib calls it."""
_LEFT_OUT = re.compile(r"\[\d+ bytes\]")
"""What the journal shows instead of a long body."""


def read_body(octets: bytes, content_type: str = "", encoding: str = "", whole_bytes: int | None = None) -> Body:
    """The body with these bytes. `content_type`, `encoding`: as the headers say, in lower case. `whole_bytes`: how long
    it was, if that is known to be more than was recorded."""
    if not octets:
        return unknown("it was not recorded") if whole_bytes else NOTHING
    if len(octets) > MAX_BODY_BYTES:
        return unknown(f"it is longer than {MAX_BODY_BYTES} bytes")
    packed = "gzip" if octets.startswith(_GZIP) else encoding
    if packed not in ("", "identity"):
        unpacked = _unpack(octets, packed)
        if isinstance(unpacked, Body):
            return unpacked
        octets = unpacked
    body = _read_plain(octets, content_type)
    if body.form == "text" and whole_bytes is not None and whole_bytes > len(octets):
        return unknown(f"it was cut off: {len(octets)} of {whole_bytes} bytes were recorded")
    return body


def read_value(value: Any, content_type: str = "") -> Body:
    """The body that a record has as JSON: what was JSON as it is, all else as text."""
    if value is None:
        return NOTHING
    if not isinstance(value, str):
        return Body("json", value)
    if _LEFT_OUT.fullmatch(value):
        return unknown(f"the record has only its length: {value}")
    return read_body(value.encode("utf-8", "surrogatepass"), content_type)


def unknown(why: str) -> Body:
    """A body that cannot be judged."""
    return Body("unknown", why=why)


def _unpack(octets: bytes, encoding: str) -> bytes | Body:
    """The unpacked bytes. Recorders often write down the unpacked body, and leave the header as it was."""
    window = _DECOMPRESSING.get(encoding)
    if window is None:
        return octets if _is_json(octets) else unknown(f"it is compressed with {encoding}, which is not read here")
    unpacking = zlib.decompressobj(window)
    try:
        unpacked = unpacking.decompress(octets, MAX_BODY_BYTES)
    except zlib.error:
        return octets
    if unpacking.unconsumed_tail:
        return unknown(f"it is longer than {MAX_BODY_BYTES} bytes")
    return unpacked if unpacking.eof else unknown("it was cut off within the compressed part")


def _read_plain(octets: bytes, content_type: str) -> Body:
    if content_type == FORM_TYPE:
        return Body("form", dict(parse_qsl(octets.decode("utf-8", "replace"), keep_blank_values=True)))
    try:
        return Body("json", json_text.decode(octets))
    except json_text.MalformedJson:
        return Body("text", octets.decode("utf-8", "replace"))


def _is_json(octets: bytes) -> bool:
    try:
        json_text.decode(octets)
    except json_text.MalformedJson:
        return False
    return True
