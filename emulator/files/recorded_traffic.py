"""Reads files of recorded traffic: HAR 1.2, lines of the journal, lists of webhooks, pairs of request and response.

A file of lines is read line by line; a file that is one document is read as a whole, and so is limited in size.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import IO, Any
from urllib.parse import urlencode, urlsplit

from emulator.core import json_text
from emulator.traffic.bodies import FORM_TYPE, read_body, read_value, unknown
from emulator.traffic.recorded import Body, Message, Recorded

MAX_DOCUMENT_BYTES = 256 * 1024 * 1024
"""The size limit of a file that is one document, and of each line in a file of lines."""
_FORMS = "give HAR, lines of `emulator tail --json`, the answer of `GET journal`, or objects with request and response"


class UnreadableRecord(ValueError):
    """The file cannot be read as a recording; the message says where and why."""


def read_recording(file: IO[bytes]) -> Iterator[Recorded]:
    """The calls and webhooks in a file, one by one. Raises UnreadableRecord."""
    first = _read_line(file, 1)
    while first and not first.strip():
        first = _read_line(file, 1)
    if not first:
        raise UnreadableRecord(f"the file is empty: {_FORMS}")
    try:
        document = json_text.decode(first)
    except json_text.MalformedJson:
        yield from _read_document(_decode(first + _read_rest(file, len(first)), "the file"), "")
        return
    yield from _read_document(document, "line 1")
    number = 1
    while line := _read_line(file, number + 1):
        number += 1
        if line.strip():
            yield from _read_document(_decode(line, f"line {number}"), f"line {number}")


def _read_line(file: IO[bytes], number: int) -> bytes:
    line = file.readline(MAX_DOCUMENT_BYTES + 1)
    if len(line) > MAX_DOCUMENT_BYTES:
        raise UnreadableRecord(f"line {number} is longer than {MAX_DOCUMENT_BYTES} bytes: record less at once")
    return line.removeprefix(b"\xef\xbb\xbf")


def _read_rest(file: IO[bytes], read_bytes: int) -> bytes:
    rest = file.read(MAX_DOCUMENT_BYTES - read_bytes + 1)
    if read_bytes + len(rest) > MAX_DOCUMENT_BYTES:
        raise UnreadableRecord(
            f"the file is longer than {MAX_DOCUMENT_BYTES} bytes: record less at once, or write lines"
        )
    return rest


def _decode(octets: bytes, what: str) -> Any:
    try:
        return json_text.decode(octets)
    except json_text.MalformedJson as error:
        raise UnreadableRecord(f"{what} is not JSON: {error}; {_FORMS}") from error


def _read_document(document: Any, place: str) -> Iterator[Recorded]:
    """What a JSON document records. `place`: where it is in the file; empty if it is the whole file."""
    if isinstance(document, list):
        for number, each in enumerate(document, 1):
            yield from _read_document(each, f"{place} item {number}".strip())
        return
    if not isinstance(document, dict):
        raise UnreadableRecord(f"{place or 'the file'} is not an object: {_FORMS}")
    for member in _LISTS:
        if isinstance(document.get(member), list):
            for number, each in enumerate(document[member], 1):
                yield from _read_one(each, f"{place} entry {number}".strip())
            return
    log = document.get("log")
    if isinstance(log, dict) and isinstance(log.get("entries"), list):
        for number, each in enumerate(log["entries"], 1):
            yield from _guarded(_read_har_entry, each, f"entry {number}")
        return
    yield from _read_one(document, place or "the file")


def _read_one(document: Any, place: str) -> Iterator[Recorded]:
    if isinstance(document, dict) and isinstance(document.get("kind"), str) and "number" in document:
        if document["kind"] == "request":
            yield from _guarded(_read_journal_entry, document, place)
        return
    if isinstance(document, dict) and "attempts" in document:
        yield from _guarded(_read_webhook, document, place)
    elif isinstance(document, dict) and "headers" in document and ("url" in document or "path" in document):
        yield from _guarded(_read_received, document, place)
    elif isinstance(document, dict) and ("request" in document or "webhook" in document):
        yield from _guarded(_read_pair, document, place)
    else:
        raise UnreadableRecord(f"{place} is not a record of a call: {_FORMS}")


_LISTS = ("entries", "webhooks", "received")
"""Members of the control API's answers that are lists of records."""


def _guarded(read: Any, document: Any, place: str) -> Iterator[Recorded]:
    """What `read` returns. Raises UnreadableRecord if the document does not have the expected form."""
    try:
        yield from read(document, place)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        what = f"it has no {error}" if isinstance(error, KeyError) else str(error)
        raise UnreadableRecord(f"{place} cannot be read: {what}") from error


def _read_har_entry(entry: Mapping[str, Any], place: str) -> Iterator[Recorded]:
    """A call in HAR 1.2. Source: http://www.softwareishard.com/blog/har-12-spec/, seen 2026-11."""
    request, response = entry["request"], entry["response"]
    url = urlsplit(str(request["url"]))
    sent, answered = _har_headers(request), _har_headers(response)
    data = request.get("postData") or {}
    octets = _har_octets(data.get("text"), data.get("encoding"))
    status = int(response.get("status") or 0)
    yield Recorded(
        place, str(request["method"]).upper(), url.hostname or "", url.path or "/", url.query,
        Message(sent, _read_post_data(request, sent), b"" if isinstance(octets, Body) else octets),
        Message(answered, _read_content(response, answered)),
        status or None, str(entry.get("_provider", "")),
    )  # fmt: skip


def _har_headers(message: Mapping[str, Any]) -> dict[str, str]:
    return {str(each["name"]).lower(): str(each["value"]) for each in message.get("headers") or ()}


def _read_post_data(request: Mapping[str, Any], headers: Mapping[str, str]) -> Body:
    data = request.get("postData") or {}
    content_type = _media_type(headers.get("content-type") or data.get("mimeType", ""))
    size = int(request.get("bodySize") or 0)
    if not data.get("text") and data.get("params") and content_type == FORM_TYPE:
        pairs = [(str(each["name"]), str(each.get("value", ""))) for each in data["params"]]
        return read_body(urlencode(pairs).encode(), content_type)
    octets = _har_octets(data.get("text"), data.get("encoding"))
    return octets if isinstance(octets, Body) else read_body(octets, content_type, "", max(size, 0))


def _read_content(response: Mapping[str, Any], headers: Mapping[str, str]) -> Body:
    content = response.get("content") or {}
    content_type = _media_type(headers.get("content-type") or content.get("mimeType", ""))
    octets = _har_octets(content.get("text"), content.get("encoding"))
    if isinstance(octets, Body):
        return octets
    size = max(int(content.get("size") or 0), 0)
    return read_body(octets, content_type, headers.get("content-encoding", "").lower(), size)


def _har_octets(text: Any, encoding: Any) -> bytes | Body:
    if not text:
        return b""
    if encoding == "base64":
        try:
            return base64.b64decode(str(text), validate=True)
        except binascii.Error:
            return unknown("it is marked as base64, but is not")
    return str(text).encode("utf-8", "surrogatepass")


def _read_journal_entry(entry: Mapping[str, Any], place: str) -> Iterator[Recorded]:
    headers = dict(entry.get("header") or {})
    answer = entry.get("answer") or {}
    answered = dict(answer.get("header") or {})
    yield Recorded(
        place, entry["method"], _host(headers.get("host", "")), entry["path"], entry.get("query") or "",
        Message(headers, read_value(entry.get("body"), _media_type(headers.get("content-type", "")))),
        Message(answered, read_value(answer.get("body"), _media_type(answered.get("content-type", "")))),
        entry["status"] if entry.get("sent", True) else None, provider=entry["provider"],
    )  # fmt: skip


def _read_webhook(webhook: Mapping[str, Any], place: str) -> Iterator[Recorded]:
    """Each attempt to send a webhook."""
    for attempt in webhook["attempts"]:
        message = _read_message(attempt)
        url = urlsplit(str(attempt["url"]))
        yield Recorded(
            place, "POST", url.hostname or "", url.path, url.query, message, status=attempt["status"],
            provider=webhook["provider"], is_webhook=True, event=webhook["event"],
        )  # fmt: skip


def _read_received(received: Mapping[str, Any], place: str) -> Iterator[Recorded]:
    """A webhook that a receiver got."""
    url = urlsplit(str(received.get("url") or received["path"]))
    yield Recorded(
        place, "POST", url.hostname or "", url.path, url.query, _read_message(received),
        provider=str(received.get("provider") or ""), is_webhook=True,
    )  # fmt: skip


def _read_pair(pair: Mapping[str, Any], place: str) -> Iterator[Recorded]:
    """`{request: {method, url, headers, body}, response: {status, headers, body}}`, or `{webhook: {headers, body}}`."""
    is_webhook = "webhook" in pair
    request, response = pair["webhook" if is_webhook else "request"], pair.get("response") or {}
    url = urlsplit(str(request.get("url", "")))
    status = response.get("status")
    yield Recorded(
        place, str(request.get("method", "POST" if is_webhook else "GET")).upper(), url.hostname or "",
        url.path or "/", url.query, _read_message(request), _read_message(response),
        None if status is None else int(status), provider=str(pair.get("provider") or ""), is_webhook=is_webhook,
        event=str(pair.get("event") or ""),
    )  # fmt: skip


def _read_message(message: Mapping[str, Any]) -> Message:
    headers = _lowered(message.get("headers") or {})
    content_type = _media_type(headers.get("content-type", ""))
    if message.get("body_base64") is not None:
        octets = base64.b64decode(message["body_base64"], validate=True)
        encoding = headers.get("content-encoding", "").lower()
        return Message(headers, read_body(octets, content_type, encoding), octets)
    body = message.get("body")
    written = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else b""
    return Message(headers, read_value(body, content_type), written)


def _lowered(headers: Mapping[str, Any]) -> dict[str, str]:
    return {str(name).lower(): str(value) for name, value in headers.items()}


def _media_type(header: Any) -> str:
    return str(header).partition(";")[0].strip().lower()


def _host(header: str) -> str:
    return urlsplit(f"//{header}").hostname or ""
