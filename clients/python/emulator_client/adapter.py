# Made by scripts/generate_docs.py from emulator/testing/adapter.py: edit that, and run it again.
"""The emulator as an adapter of requests."""

from __future__ import annotations

from http.client import responses
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers

from emulator_client.link import Answered, Asked, Broken, Cut, Link, Silent, Unreachable

__tracebackhide__ = True
_WORDS: dict[type[ConnectionError], type[requests.RequestException]] = {
    Unreachable: requests.ConnectionError,
    Broken: requests.ConnectionError,
    Cut: requests.exceptions.ChunkedEncodingError,
    Silent: requests.ReadTimeout,
}
"""What requests calls it."""


class Adapter(BaseAdapter):
    """Hands requests to a link."""

    def __init__(self, link: Link) -> None:
        super().__init__()
        self._link = link

    def send(self, request: requests.PreparedRequest, *_: Any, timeout: Any = None, **__: Any) -> requests.Response:
        """The answer. Raises what requests raises when a server breaks or holds a connection."""
        try:
            answered = self._link.exchange(_asked(request, timeout))
        except tuple(_WORDS) as error:
            raise _WORDS[type(error)](str(error), request=request) from error
        return _response(request, answered)

    def close(self) -> None:
        """The link is not its own."""


def _asked(request: requests.PreparedRequest, timeout: Any) -> Asked:
    url = urlsplit(request.url or "")
    content = _read_body(request.body)
    headers = {"Host": url.netloc.rpartition("@")[2], **request.headers}
    headers.pop("Transfer-Encoding", None)
    headers["Content-Length"] = str(len(content))
    raw = [(_to_bytes(name), _to_bytes(value)) for name, value in headers.items()]
    timeout_s = timeout[1] if isinstance(timeout, tuple) else timeout
    method = request.method or "GET"
    path = (request.path_url or "/").encode()
    return Asked(method, url.scheme, url.hostname or "", url.port, path, raw, content, timeout_s)


def _read_body(body: Any) -> bytes:
    """The bytes of what requests takes for a body: text, bytes, a file, or pieces of it."""
    if body is None or isinstance(body, (str, bytes)):
        return body.encode() if isinstance(body, str) else body or b""
    if hasattr(body, "read"):
        return _read_body(body.read())
    return b"".join(map(_read_body, body))


def _to_bytes(text: Any) -> bytes:
    return text if isinstance(text, bytes) else str(text).encode("latin-1")


def _response(request: requests.PreparedRequest, answered: Answered) -> requests.Response:
    response = requests.Response()
    response.status_code = answered.status
    response.headers = CaseInsensitiveDict(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in answered.headers
    )
    response.encoding = get_encoding_from_headers(response.headers)
    response.raw = BytesIO(answered.body)
    response.reason = responses.get(answered.status, "")
    response.url, response.request = request.url or "", request
    return response
