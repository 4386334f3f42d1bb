"""How a client of BassWallet signs, and where it reads an order.

Written from what the pages say, and shares no code with what checks it, so that neither hides a mistake.
"""

import hmac
from collections.abc import Callable, Generator
from urllib.parse import parse_qsl, urlencode

import httpx

from emulator.contract.client_side import ProviderAccess
from emulator.core import json_text

Flow = Generator[httpx.Request, httpx.Response, None]

_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"


def order_path(access: ProviderAccess, order_id: str) -> str:
    """Where an order is read."""
    return f"/v1/account/order/query?id={order_id}"


class Auth(httpx.Auth):
    """Stamps a request with the real time, unless it has a `timestamp`, and signs its parameters: hex HMAC-SHA256 over
    `name=value&...` in the order in which they are sent.

    Source: https://docs-en.basswallet.com/api-reference/info/sign-info, seen 2026-11.
    """

    requires_request_body = True

    def __init__(self, access: ProviderAccess, now_ms: Callable[[], int]) -> None:
        self._key = str(access.credentials["access_key"])
        self._secret = str(access.credentials["secret_key"]).encode()
        self._now_ms = now_ms

    def auth_flow(self, request: httpx.Request) -> Flow:
        """Adds the stamp, the key and the signature."""
        if "signature" not in request.headers:
            request, text = _stamped(request, self._now_ms())
            request.headers["Signature"] = hmac.digest(self._secret, text.encode(), "sha256").hex()
        request.headers.setdefault("API-Access-Key", self._key)
        yield request


def _stamped(request: httpx.Request, now_ms: int) -> tuple[httpx.Request, str]:
    """The request with a stamp among its parameters, and the text to sign. Raises ValueError for other bodies."""
    stamp, kind = ("timestamp", str(now_ms)), request.headers.get("content-type", "")
    if request.method in ("GET", "HEAD"):
        pairs = _with(stamp, parse_qsl(request.url.query.decode(), keep_blank_values=True))
        return _rewritten(request, request.url.copy_with(query=urlencode(pairs).encode()), b""), _plain(pairs)
    if kind.startswith(_JSON):
        members = json_text.decode(request.content)
        if not isinstance(members, dict):
            return request, request.content.decode()
        members.setdefault("timestamp", int(stamp[1]))
        texts = [
            (name, each if isinstance(each, str) else json_text.encode(each).decode()) for name, each in members.items()
        ]
        return _rewritten(request, request.url, json_text.encode(members)), _plain(texts)
    if kind.startswith(_FORM) or not request.content:
        pairs = _with(stamp, parse_qsl(request.content.decode(), keep_blank_values=True))
        request.headers["Content-Type"] = _FORM
        return _rewritten(request, request.url, urlencode(pairs).encode()), _plain(pairs)
    raise ValueError(
        f"a body of {kind or 'no type'} is not signed here: send data=..., json=..., or a Signature of your own"
    )


def _with(stamp: tuple[str, str], pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return pairs if stamp[0] in dict(pairs) else [*pairs, stamp]


def _plain(pairs: list[tuple[str, str]]) -> str:
    return "&".join(f"{name}={value}" for name, value in pairs)


def _rewritten(request: httpx.Request, url: httpx.URL, content: bytes) -> httpx.Request:
    """The same request with another URL and body."""
    headers = [(name, value) for name, value in request.headers.raw if name.lower() != b"content-length"]
    return httpx.Request(request.method, url, headers=headers, content=content, extensions=request.extensions)
