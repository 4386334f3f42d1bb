"""What is wrong with the bytes of a request's body, so that nobody could read them as intended: compressed, in another
encoding, half of a surrogate pair, a repeated member. For the true reason of a refusal; it never decides about one."""

import json
from collections.abc import Iterator
from typing import Any

from emulator.contract.request import Request
from emulator.core.json_text import UNPAIRED
from emulator.core.wording import LONGEST_SHOWN, cut

_LONGEST_PARSED_BYTES = 256 * 1024
_COMPRESSED = ((b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"))
_ENCODINGS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_UTF_8_MARK = b"\xef\xbb\xbf"
_UTF_8 = frozenset({"utf-8", "utf8", "us-ascii", "ascii", ""})


def with_body_problems(request: Request, reason: str) -> str:
    """The reason of a refusal, preceded by what is wrong with the request's body, if anything is."""
    if not request.body:
        return reason
    found = list(body_problems(request))
    if UNPAIRED in reason and any(each.startswith(UNPAIRED) for each in found):
        return "; ".join(found)  # the problems say it with its pointer
    return "; ".join([*found, reason])


def body_problems(request: Request) -> Iterator[str]:
    """What is wrong with the body of a request, and what to do about it."""
    body = request.body
    unread = request.method in ("GET", "HEAD") and body
    if unread:
        yield f"a body came with {request.method}, which is ignored"
    unreadable = _wrapping(request.headers.get("content-encoding", ""), body)
    if unreadable:
        yield f"unreadable body: {unreadable}"
        return
    charset = _charset(request.headers.get("content-type", ""))
    if charset not in _UTF_8:
        yield f"Content-Type says charset={cut(charset)}, but bodies are read as UTF-8"
    if body.startswith(_UTF_8_MARK):
        yield "unreadable body: a UTF-8 byte order mark comes first (leave it out)"
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        yield f"unreadable body: not UTF-8 at byte {error.start}"
        return
    if not unread and body[:1] in (b"{", b"[") and len(body) <= _LONGEST_PARSED_BYTES:
        yield from _json_problems(text)


def _wrapping(content_encoding: str, body: bytes) -> str:
    """The compression or encoding that makes a body unreadable, and what to do; empty if there is none."""
    named = content_encoding.strip().lower()
    packed = next((name for start, name in _COMPRESSED if body.startswith(start)), "")
    if not packed and named not in ("", "identity"):
        packed = cut(named)
    if packed:
        return f"{packed} (send it uncompressed)"
    encoding = next((name for start, name in _ENCODINGS if body.startswith(start)), "")
    if not encoding and b"\x00" in body[:2] and len(body) > 1:
        encoding = "UTF-16"
    return f"{encoding} (send it as UTF-8)" if encoding else ""


def _charset(content_type: str) -> str:
    for parameter in content_type.lower().split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset":
            return value.strip().strip("\"'")
    return ""


class _Members(list[tuple[str, Any]]):
    """The members of a JSON object, repeated ones included."""


def _json_problems(text: str) -> Iterator[str]:
    decoder = json.JSONDecoder(object_pairs_hook=_Members, parse_int=str, parse_float=str, parse_constant=str)
    try:
        value, end = decoder.raw_decode(text)
    except (ValueError, RecursionError):
        return
    if text[end:].strip():
        yield f"more follows after the JSON document, at byte {len(text[:end].encode(errors='surrogatepass'))}"
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        pointer, item = waiting.pop()
        if isinstance(item, str):
            half = next((character for character in item if "\ud800" <= character <= "\udfff"), None)
            if half is not None:
                yield f"{UNPAIRED} \\u{ord(half):04x} at {_shown(pointer) or 'the top'}"
        elif isinstance(item, _Members):
            names: set[str] = set()
            for name, member in item:
                if name in names:
                    yield f"the member {_shown(f'{pointer}/{name}')} appears twice"
                names.add(name)
                waiting += [(f"{pointer}/{name}", member), (f"{pointer}/{name}", name)]
        elif isinstance(item, list):
            waiting += [(f"{pointer}/{place}", member) for place, member in enumerate(item)]


def _shown(pointer: str) -> str:
    return cut(pointer.encode("ascii", "backslashreplace").decode(), LONGEST_SHOWN)
