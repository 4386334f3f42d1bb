"""Compact JSON Web Tokens (RFC 7519) with HS256: making one, and reading one that was made here.

Assumed: the algorithm. To clients such tokens are opaque, or they read the payload without checking the signature.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, Literal

from emulator.core import json_text
from emulator.providers.baanx.oauth.pkce import write_base64url

_HEADER = write_base64url(b'{"alg":"HS256","typ":"JWT"}')


class BadToken(ValueError):
    """The text is not a token signed with the key; `reason` is `malformed` or `signature`."""

    def __init__(self, reason: Literal["malformed", "signature"]) -> None:
        super().__init__(reason)
        self.reason = reason


def sign(claims: Mapping[str, Any], key: bytes) -> str:
    """The token that carries these claims."""
    signed = f"{_HEADER}.{write_base64url(json_text.encode(claims))}"
    return f"{signed}.{_signature(signed, key)}"


def read_signed(token: str, key: bytes) -> bytes:
    """The payload of a token that was signed with this key. Raises BadToken."""
    signed, _, signature = token.rpartition(".")
    header, _, payload = signed.partition(".")
    if not token.isascii() or header != _HEADER or not payload or "." in payload:
        raise BadToken("malformed")
    if not hmac.compare_digest(_signature(signed, key), signature):
        raise BadToken("signature")
    return read_payload(token)


def read_payload(token: str) -> bytes:
    """The payload of what looks like a token, whoever signed it. Raises BadToken."""
    try:
        payload = token.split(".")[1]
        return base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    except (IndexError, binascii.Error, ValueError) as error:
        raise BadToken("malformed") from error


def _signature(signed: str, key: bytes) -> str:
    return write_base64url(hmac.new(key, signed.encode("ascii"), hashlib.sha256).digest())
