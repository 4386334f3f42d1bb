"""Writes calls to a file as they are made: as HAR, or as JSON lines. The file is complete after each call."""

from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from emulator import __version__
from emulator.core import json_text
from emulator.core.durations import format_instant
from emulator.traffic.proxied_call import Headers, ProxiedCall, find_header

_HAR_END = b"\n]}}\n"


class Recorder:
    """A file that grows by one call at a time."""

    def __init__(self, path: Path, provider: str, base_url: str) -> None:
        """A name that ends in `.har` means HAR, any other JSON lines. `base_url`: the provider's. Replaces an existing
        file. Raises OSError."""
        self._is_har = path.suffix.lower() == ".har"
        self._provider, self._base_url = provider, base_url
        self._file = path.open("w+b")
        self._count = 0
        if self._is_har:
            creator = {"name": "emulator proxy", "version": __version__}
            head = json_text.encode({"version": "1.2", "creator": creator, "entries": []}).removesuffix(b"]}")
            self._file.write(b'{"log":' + head + _HAR_END)
            self._file.flush()

    def write(self, call: ProxiedCall) -> None:
        """Adds a call, whose secrets must already be hidden. Raises OSError."""
        if self._is_har:
            entry = json_text.encode(_har_entry(call, self._provider, self._base_url))
            self._file.seek(-len(_HAR_END), 2)
            self._file.write((b",\n" if self._count else b"\n") + entry + _HAR_END)
        else:
            self._file.write(json_text.encode(_line(call, self._provider, self._base_url)) + b"\n")
        self._count += 1
        self._file.flush()

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def _line(call: ProxiedCall, provider: str, base_url: str) -> dict[str, Any]:
    """A call in the plain JSON form that `emulator check` reads."""
    request = {"method": call.method, "url": base_url + call.target, **_plain(call.headers, call.body)}
    answer: Mapping[str, Any] = {}
    if call.status is not None:
        answer = {"status": call.status, **_plain(call.answer_headers, call.answer)}
    at = format_instant(call.began_ms)
    return {"provider": provider, "at": at, "ms": call.took_ms, "request": request, "response": answer}


def _plain(headers: Headers, body: bytes) -> dict[str, Any]:
    return {"headers": dict(headers), "body": body.decode("utf-8", "replace") if body else None}


def _har_entry(call: ProxiedCall, provider: str, base_url: str) -> dict[str, Any]:
    """A call as HAR 1.2. Source: http://www.softwareishard.com/blog/har-12-spec/, seen 2026-11."""
    query = parse_qsl(call.target.partition("?")[2], keep_blank_values=True)
    request: dict[str, Any] = {
        "method": call.method,
        "url": base_url + call.target,
        **_har_message(call.headers, call.body),
        "queryString": [{"name": name, "value": value} for name, value in query],
    }
    if call.body:
        request["postData"] = {
            "mimeType": find_header(call.headers, "content-type"),
            "text": call.body.decode("utf-8", "replace"),
        }
    status = call.status or 0
    response = {
        "status": status,
        "statusText": HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "",
        **_har_message(call.answer_headers, call.answer),
        "redirectURL": find_header(call.answer_headers, "location"),
        "content": {
            "size": len(call.answer),
            "mimeType": find_header(call.answer_headers, "content-type"),
            "text": call.answer.decode("utf-8", "replace"),
        },
    }
    return {
        "_provider": provider,
        "startedDateTime": format_instant(call.began_ms),
        "time": call.took_ms,
        "request": request,
        "response": response,
        "cache": {},
        "timings": {"send": 0, "wait": call.took_ms, "receive": 0},
    }


def _har_message(headers: Headers, body: bytes) -> dict[str, Any]:
    return {
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [{"name": name, "value": value} for name, value in headers],
        "headersSize": -1,
        "bodySize": len(body),
    }
