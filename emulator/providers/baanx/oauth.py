"""OAuth with PKCE: the challenge rules, the signed session token, the addresses, and what each grant needs.

It must never read a clock, draw chance or keep a session: key, time and identifiers come in, values go out.

Sources: https://docs.baanx.com/api-reference/auth/oauth-authorize-initiate,
https://docs.baanx.com/api-reference/auth/oauth-authorize, https://docs.baanx.com/api-reference/auth/oauth-token and
https://docs.baanx.com/guides/oauth/troubleshooting, seen 2026-11; RFC 7636 for PKCE, RFC 7519 for the token.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal
from urllib.parse import urlencode

import msgspec

ACCESS_TOKEN_LIFETIME_S = 21_600
REFRESH_TOKEN_LIFETIME_S = 15_897_600
SESSION_LIFETIME_S = 600
# Assumed: the provider says only that a code serves once.
CODE_LIFETIME_S = 600

INITIATE_PARAMETERS: tuple[str, ...] = (
    "response_type",
    "client_id",
    "redirect_uri",
    "state",
    "code_challenge",
    "code_challenge_method",
)
"""What the start of an authorization must carry, in the order in which a missing one is named."""

GRANT_PARAMETERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "authorization_code": ("code", "redirect_uri", "code_verifier"),
        "refresh_token": ("refresh_token",),
    }
)
"""What the token call must carry beside `grant_type`, for each grant that exists."""

_VERIFIER_FORM = re.compile(r"[A-Za-z0-9\-._~]{43,128}")
_CHALLENGE_FORM = re.compile(r"[A-Za-z0-9\-_]{43}")


@dataclass(frozen=True, slots=True)
class AuthorizationSession:
    """What the start of an authorization fixed: `session_id` is the caller's, the rest is the client's."""

    session_id: str
    client_id: str
    redirect_uri: str
    state: str
    code_challenge: str


@dataclass(frozen=True, slots=True)
class SessionRefused:
    """Why a session token does not count: its form, its signature, or its age."""

    reason: Literal["malformed", "signature", "expired"]


class _Claims(msgspec.Struct, frozen=True):
    sid: str
    client_id: str
    redirect_uri: str
    state: str
    code_challenge: str
    iat: int
    exp: int
    # Standard claims count whole seconds; the sandbox's clock counts milliseconds, so this one decides.
    exp_ms: int


def is_code_verifier(text: str) -> bool:
    """Tells whether the text may be a PKCE verifier: 43 to 128 letters, digits, `-`, `.`, `_` or `~`."""
    return _VERIFIER_FORM.fullmatch(text) is not None


def is_code_challenge(text: str) -> bool:
    """Tells whether the text may be an S256 challenge: 43 characters of unpadded base64url."""
    return _CHALLENGE_FORM.fullmatch(text) is not None


def code_challenge(code_verifier: str) -> str:
    """Gives the S256 challenge of a verifier. Raises ValueError when the verifier has not the form of one."""
    if not is_code_verifier(code_verifier):
        raise ValueError("a code verifier has 43 to 128 characters out of A-Z a-z 0-9 - . _ ~")
    return _encode(hashlib.sha256(code_verifier.encode("ascii")).digest())


def verifier_matches(code_verifier: str, challenge: str) -> bool:
    """Tells whether this verifier proves this challenge; a malformed verifier proves nothing."""
    return is_code_verifier(code_verifier) and code_challenge(code_verifier) == challenge


def first_missing(parameters: Mapping[str, object], names: Sequence[str]) -> str | None:
    """Gives the first name without a value (absent, null or empty), or None when all are there."""
    return next((name for name in names if parameters.get(name) in (None, "")), None)


def sign_session(session: AuthorizationSession, key: bytes, now_ms: int) -> str:
    """Gives the compact JWT (HS256) that carries the session and dies `SESSION_LIFETIME_S` after `now_ms`.

    Assumed: claims and algorithm; to clients the token is opaque.
    """
    expires_ms = now_ms + SESSION_LIFETIME_S * 1000
    claims = _Claims(
        sid=session.session_id,
        client_id=session.client_id,
        redirect_uri=session.redirect_uri,
        state=session.state,
        code_challenge=session.code_challenge,
        iat=now_ms // 1000,
        exp=-(-expires_ms // 1000),
        exp_ms=expires_ms,
    )
    signed = f"{_HEADER}.{_encode(msgspec.json.encode(claims))}"
    return f"{signed}.{_signature(signed, key)}"


def read_session(token: str, key: bytes, now_ms: int) -> AuthorizationSession | SessionRefused:
    """Gives the session of a token that `sign_session` made with this key and that still lives, else why not.

    From the very millisecond of its end on, a token counts as expired.
    """
    parts = token.split(".")
    if len(parts) != 3 or not token.isascii() or parts[0] != _HEADER:
        return SessionRefused("malformed")
    signed = f"{parts[0]}.{parts[1]}"
    if not hmac.compare_digest(_signature(signed, key), parts[2]):
        return SessionRefused("signature")
    try:
        claims = msgspec.json.decode(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)), type=_Claims)
    except ValueError:
        return SessionRefused("malformed")
    if now_ms >= claims.exp_ms:
        return SessionRefused("expired")
    return AuthorizationSession(
        session_id=claims.sid,
        client_id=claims.client_id,
        redirect_uri=claims.redirect_uri,
        state=claims.state,
        code_challenge=claims.code_challenge,
    )


def hosted_url(base_url: str, token: str) -> str:
    """Gives the address of the hosted consent page, `<base>/oauth/ui?token=<JWT>`."""
    return f"{base_url.rstrip('/')}/oauth/ui?{urlencode({'token': token})}"


def redirect_url(redirect_uri: str, state: str, code: str) -> str:
    """Gives the client's address with `state` and `code`, in this order, added to whatever query it has."""
    address, hash_mark, fragment = redirect_uri.partition("#")
    joint = "&" if "?" in address else "?"
    return f"{address}{joint}{urlencode({'state': state, 'code': code})}{hash_mark}{fragment}"


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _signature(signed: str, key: bytes) -> str:
    return _encode(hmac.new(key, signed.encode("ascii"), hashlib.sha256).digest())


_HEADER = _encode(b'{"alg":"HS256","typ":"JWT"}')
