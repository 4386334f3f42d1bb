"""Compact JSON Web Tokens (RFC 7519) with HS256: making one, and reading one that was made here."""

import base64
import binascii
import hashlib
import hmac
from typing import Literal


def write_base64url(octets: bytes) -> str:
    """Unpadded base64url."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


_HEADER = write_base64url(b'{"alg":"HS256","typ":"JWT"}')


class BadToken(ValueError):
    """The text is not a token signed with the key; `reason` is `malformed` or `signature`."""

    def __init__(self, reason: Literal["malformed", "signature"]) -> None:
        super().__init__(reason)
        self.reason = reason


def sign(payload: bytes, key: bytes) -> str:
    """The token with this payload."""
    signed = f"{_HEADER}.{write_base64url(payload)}"
    return f"{signed}.{make_signature(signed, key)}"


def make_signature(signed: str, key: bytes) -> str:
    """The last part of a token, over the two before it and the dot between them."""
    return write_base64url(hmac.digest(key, signed.encode("ascii"), hashlib.sha256))


def read_signed(token: str, key: bytes) -> bytes:
    """The payload of a token that was signed with this key. Raises BadToken."""
    signed, _, signature = token.rpartition(".")
    header, _, payload = signed.partition(".")
    if not token.isascii() or header != _HEADER or not payload or "." in payload:
        raise BadToken("malformed")
    if not hmac.compare_digest(make_signature(signed, key), signature):
        raise BadToken("signature")
    return read_payload(token)


def read_payload(token: str) -> bytes:
    """The payload of what looks like a token, whoever signed it. Raises BadToken."""
    try:
        payload = token.split(".")[1]
        return base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    except (IndexError, binascii.Error, ValueError) as error:
        raise BadToken("malformed") from error
