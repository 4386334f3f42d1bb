"""Bearer tokens: what sign-in hands out and what every other call brings back.

Pure. It never looks at a clock and never raises on what a client sends: any text gives one of three readings.
A credential that no longer exists is not noticed here; whoever holds the credentials must look the subject up.

Source: https://docs.koywe.com/accepting-payments/integration-guide (seen 2026-11): a JWT in `token`, one hour of life.
Assumed: the token's form. It is fixed so that two runs with the same clock give the same bytes.
"""

import base64
import hashlib
import hmac
from functools import lru_cache
from typing import TypeAlias

import msgspec

SIGNING_KEY = b"koywe-emulator-jwt-key"
DEFAULT_TTL_S = 3600

_LONGEST = 1000
_HEADER = b'{"alg":"HS256","typ":"JWT"}'


class Claims(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a token says, in wire order: the api key, its organization, issue and expiry in seconds since the epoch."""

    sub: str
    org: str
    iat: int
    exp: int


class TokenAccepted(msgspec.Struct, frozen=True):
    """The token is ours and still valid."""

    claims: Claims


class TokenExpired(msgspec.Struct, frozen=True):
    """The token is ours, but its time is over."""

    claims: Claims


class TokenUnknown(msgspec.Struct, frozen=True):
    """The text is not a token of ours; `reason` is for the journal, not for the wire."""

    reason: str


TokenReading: TypeAlias = TokenAccepted | TokenExpired | TokenUnknown


def _encode_base64url(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def _sign(signing_input: bytes) -> bytes:
    return _encode_base64url(hmac.new(SIGNING_KEY, signing_input, hashlib.sha256).digest())


def _write_token(claims: Claims) -> bytes:
    signing_input = _encode_base64url(_HEADER) + b"." + _encode_base64url(msgspec.json.encode(claims))
    return signing_input + b"." + _sign(signing_input)


def make_token(api_key: str, organization_id: str, now_ms: int, ttl_s: int = DEFAULT_TTL_S) -> str:
    """The token of a sign-in at `now_ms`, valid for `ttl_s` seconds. Same arguments, same token."""
    issued_s = now_ms // 1000
    return _write_token(Claims(sub=api_key, org=organization_id, iat=issued_s, exp=issued_s + ttl_s)).decode("ascii")


def read_token(token: str, now_ms: int) -> TokenReading:
    """Whether `token` is ours and valid at `now_ms`. Expired means `now >= exp`. Never raises."""
    reading = read_claims(token)
    if isinstance(reading, TokenUnknown):
        return reading
    return TokenExpired(reading) if now_ms >= reading.exp * 1000 else TokenAccepted(reading)


@lru_cache(maxsize=2048)
def read_claims(token: str) -> Claims | TokenUnknown:
    """The claims of a token of ours, whether or not its time is over; otherwise why it is none. Never raises."""
    if len(token) > _LONGEST:
        return TokenUnknown(f"a token of ours has at most {_LONGEST} characters, this has {len(token)}")
    try:
        received = token.encode("ascii")
    except UnicodeEncodeError:
        return TokenUnknown("the token has characters outside ASCII")
    parts = received.split(b".")
    if len(parts) != 3:
        return TokenUnknown(f"a token has 3 parts separated by dots, this has {len(parts)}")
    if not hmac.compare_digest(_sign(parts[0] + b"." + parts[1]), parts[2]):
        return TokenUnknown("the token's signature is not ours")
    claims = _decode_claims(parts[1])
    if claims is None or not hmac.compare_digest(_write_token(claims), received):
        return TokenUnknown("the token carries our signature, but not the header and claims that sign-in writes")
    return claims


def _decode_claims(part: bytes) -> Claims | None:
    try:
        content = base64.b64decode(part + b"=" * (-len(part) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(content, type=Claims)
    except (ValueError, RecursionError, msgspec.MsgspecError):
        return None


def find_bearer(authorization: str | None) -> str | None:
    """The token in an `Authorization` header, or None when the header is missing or is not `Bearer <token>`.

    Assumed: the scheme's case does not matter.
    """
    if authorization is None:
        return None
    scheme, _, token = authorization.strip(" \t").partition(" ")
    token = token.strip(" \t")
    if scheme.lower() != "bearer" or not token:
        return None
    return token
