# Made by scripts/generate_docs.py from emulator/testing/clients.py: edit that, and run it again.
"""What makes an httpx client one of a provider: it adds the credentials, signs, and signs in.

Written from what the providers' pages say, and shares no code with what checks it, so that neither hides a mistake.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Callable, Generator
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode

import httpx

from emulator_client import json_text
from emulator_client import real_time
from emulator_client.extra import require_cryptography
from emulator_client.access import ProviderAccess

Flow = Generator[httpx.Request, httpx.Response, None]

_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"
_SIGN_IN = "/api/v1/auth/sign-in"
_UNAUTHORIZED = 401


def auth_for(provider: str, access: ProviderAccess) -> httpx.Auth:
    """How a provider wants to be asked. Headers that a request already has are left as they are."""
    return _AUTHS[provider](access)


class BaanxAuth(httpx.Auth):
    """The client key and the bearer token of the user."""

    def __init__(self, access: ProviderAccess) -> None:
        self._headers = {
            "X-Client-ID": str(access.credentials["client_id"]),
            "Authorization": f"Bearer {access.credentials['token']}",
        }

    def auth_flow(self, request: httpx.Request) -> Flow:
        """Adds them."""
        for name, value in self._headers.items():
            request.headers.setdefault(name, value)
        yield request


class BassWalletAuth(httpx.Auth):
    """Stamps a request with the real time, unless it has a `timestamp`, and signs its parameters: hex HMAC-SHA256 over
    `name=value&...` in the order in which they are sent.

    Source: https://docs-en.basswallet.com/api-reference/info/sign-info, seen 2026-11.
    """

    requires_request_body = True

    def __init__(self, access: ProviderAccess) -> None:
        self._key = str(access.credentials["access_key"])
        self._secret = str(access.credentials["secret_key"]).encode()

    def auth_flow(self, request: httpx.Request) -> Flow:
        """Adds the stamp, the key and the signature."""
        if "signature" not in request.headers:
            request, text = _stamped(request)
            request.headers["Signature"] = hmac.digest(self._secret, text.encode(), "sha256").hex()
        request.headers.setdefault("API-Access-Key", self._key)
        yield request


class ChangellyAuth(httpx.Auth):
    """Signs the whole URL followed by the body as it is sent, `{}` where there is none: base64 of RSA-SHA256.

    Source: https://fiat-api.changelly.com/docs/Integration-guide/Authentication, seen 2026-11.
    """

    requires_request_body = True

    def __init__(self, access: ProviderAccess) -> None:
        self._key = str(access.credentials["api_key"])
        self._private_key = access.credentials["private_key"]

    def auth_flow(self, request: httpx.Request) -> Flow:
        """Adds the key and the signature."""
        if "x-api-signature" not in request.headers:
            if self._private_key is None:
                raise ValueError("the sandbox does not know the private key for the setting public_key: sign here")
            text = str(request.url).encode() + (request.content or b"{}")
            request.headers["X-Api-Signature"] = b64encode(_rsa(self._private_key)(text)).decode()
        request.headers.setdefault("X-Api-Key", self._key)
        yield request


class KoyweAuth(httpx.Auth):
    """Signs in before the first request, and again when the token is no longer good.

    Source: https://docs.koywe.com/accepting-payments/integration-guide, seen 2026-11.
    """

    requires_response_body = True

    def __init__(self, access: ProviderAccess) -> None:
        self._url = f"{access.url}{_SIGN_IN}"
        self._credentials = {"apiKey": access.credentials["api_key"], "secret": access.credentials["secret"]}
        self._token = ""

    def auth_flow(self, request: httpx.Request) -> Flow:
        """Adds the token."""
        if "authorization" in request.headers or request.url.path.endswith(_SIGN_IN):
            yield request
            return
        kept = self._token
        if not kept:
            yield from self._sign_in(request)
        request.headers["Authorization"] = f"Bearer {self._token}"
        answer = yield request
        if kept and answer.status_code == _UNAUTHORIZED:
            yield from self._sign_in(request)
            request.headers["Authorization"] = f"Bearer {self._token}"
            yield request

    def _sign_in(self, request: httpx.Request) -> Flow:
        answer = yield httpx.Request("POST", self._url, json=self._credentials, extensions=request.extensions)
        self._token = _read_token(answer)


def _read_token(answer: httpx.Response) -> str:
    """The token that a sign-in gives; empty where it gives none, as where the answer is not the provider's."""
    try:
        body = answer.json() if answer.is_success else None
    except ValueError:
        return ""
    return str(body.get("token", "")) if isinstance(body, dict) else ""


_AUTHS: dict[str, Callable[[ProviderAccess], httpx.Auth]] = {
    "baanx": BaanxAuth,
    "basswallet": BassWalletAuth,
    "changelly": ChangellyAuth,
    "koywe": KoyweAuth,
}


def _stamped(request: httpx.Request) -> tuple[httpx.Request, str]:
    """The request with a stamp among its parameters, and the text to sign. Raises ValueError for other bodies."""
    stamp, kind = ("timestamp", str(real_time.now_ms())), request.headers.get("content-type", "")
    if request.method == "GET":
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


@lru_cache(maxsize=16)
def _rsa(private_key: str) -> Callable[[bytes], bytes]:
    """What signs with a private key, PEM; to read one takes longer than to sign."""
    require_cryptography()
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key = load_pem_private_key(private_key.encode(), None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("the private key must be an RSA key")
    return lambda text: key.sign(text, PKCS1v15(), SHA256())
