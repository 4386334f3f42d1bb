"""Bearer tokens: sign-in gives one, and every other call brings it.

Whether a token's credential still exists is not looked at here.

Source: https://docs.koywe.com/accepting-payments/integration-guide (seen 2026-11): a JWT in `token`, valid for one
hour. Assumed: its claims; they are chosen so that two runs with the same clock give the same bytes.
"""

import hmac
from functools import lru_cache

import msgspec
from msgspec import Struct

from emulator.core import jwt

SIGNING_KEY = b"koywe-emulator-jwt-key"
DEFAULT_TTL_S = 3600

_LONGEST = 1000


class Claims(Struct, frozen=True, forbid_unknown_fields=True):
    """What a token says, in wire order: api key, organization, issue and expiry in seconds since 1970."""

    sub: str
    org: str
    iat: int
    exp: int


class TokenAccepted(Struct, frozen=True):
    """The token is the emulator's, and valid."""

    claims: Claims


class TokenExpired(Struct, frozen=True):
    """The token is the emulator's, but has expired."""

    claims: Claims


class TokenUnknown(Struct, frozen=True):
    """The text is not a token of the emulator's; `reason`: why, for the journal alone."""

    reason: str


TokenReading = TokenAccepted | TokenExpired | TokenUnknown


def _write_token(claims: Claims) -> str:
    return jwt.sign(msgspec.json.encode(claims), SIGNING_KEY)


def make_token(api_key: str, organization_id: str, now_ms: int, ttl_s: int = DEFAULT_TTL_S) -> str:
    """The token of a sign-in at `now_ms`, valid for `ttl_s` seconds; the same arguments give the same token."""
    issued_s = now_ms // 1000
    return _write_token(Claims(sub=api_key, org=organization_id, iat=issued_s, exp=issued_s + ttl_s))


def read_token(token: str, now_ms: int) -> TokenReading:
    """Whether `token` is the emulator's, and valid at `now_ms`; it expires at the instant of `exp`. Never raises."""
    reading = read_claims(token)
    if isinstance(reading, TokenUnknown):
        return reading
    return TokenExpired(reading) if now_ms >= reading.exp * 1000 else TokenAccepted(reading)


@lru_cache(maxsize=2048)
def read_claims(token: str) -> Claims | TokenUnknown:
    """The claims of a token of the emulator's, expired or not; for any other text why it is not one. Never raises."""
    if len(token) > _LONGEST:
        return TokenUnknown(f"a token has at most {_LONGEST} characters, this has {len(token)}")
    if not token.isascii():
        return TokenUnknown("the token has characters outside ASCII")
    parts = token.split(".")
    if len(parts) != 3:
        return TokenUnknown(f"a token has 3 parts separated by dots, this has {len(parts)}")
    if not hmac.compare_digest(jwt.make_signature(f"{parts[0]}.{parts[1]}", SIGNING_KEY), parts[2]):
        return TokenUnknown("the token's signature is not the emulator's")
    claims = _decode_claims(token)
    if claims is None or not hmac.compare_digest(_write_token(claims), token):
        return TokenUnknown("the token has the emulator's signature, but not the header and claims of a sign-in")
    return claims


def _decode_claims(token: str) -> Claims | None:
    try:
        return msgspec.json.decode(jwt.read_payload(token), type=Claims)
    except (ValueError, RecursionError, msgspec.MsgspecError):
        return None
