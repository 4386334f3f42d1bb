"""What the start of an authorization has fixed, in a signed session token; and the addresses that carry it on.

Sources: https://docs.baanx.com/api-reference/auth/oauth-authorize-initiate and
https://docs.baanx.com/api-reference/auth/oauth-authorize, seen 2026-11; RFC 7519 for the token.
"""

import base64
import hashlib
import hmac
from typing import Literal
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from emulator.providers.baanx.oauth.pkce import write_base64url

SESSION_LIFETIME_S = 600

_HEADER = write_base64url(b'{"alg":"HS256","typ":"JWT"}')


class AuthorizationSession(Struct, frozen=True):
    """What the start of an authorization fixed: `session_id` is the caller's, the rest is the client's."""

    session_id: str
    client_id: str
    redirect_uri: str
    state: str
    code_challenge: str


class SessionRefused(Struct, frozen=True):
    """Why a session token does not count: its form, its signature, or its age."""

    reason: Literal["malformed", "signature", "expired"]


class _Claims(Struct, frozen=True):
    sid: str
    client_id: str
    redirect_uri: str
    state: str
    code_challenge: str
    iat: int
    exp: int
    exp_ms: int
    """The claim that decides: the others count whole seconds, the sandbox's clock milliseconds."""


def sign_session(session: AuthorizationSession, key: bytes, now_ms: int) -> str:
    """The compact JWT (HS256) that carries the session and dies `SESSION_LIFETIME_S` after `now_ms`.

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
    signed = f"{_HEADER}.{write_base64url(msgspec.json.encode(claims))}"
    return f"{signed}.{_signature(signed, key)}"


def read_session(token: str, key: bytes, now_ms: int) -> AuthorizationSession | SessionRefused:
    """The session of a token that `sign_session` made with this key and that still lives, else why not.

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


def write_hosted_url(base_url: str, token: str) -> str:
    """The address of the hosted consent page, `<base>/oauth/ui?token=<JWT>`."""
    return f"{base_url.rstrip('/')}/oauth/ui?{urlencode({'token': token})}"


def write_redirect_url(redirect_uri: str, state: str, code: str) -> str:
    """The client's address with `state` and `code`, in this order, added to whatever query it has."""
    address, hash_mark, fragment = redirect_uri.partition("#")
    joint = "&" if "?" in address else "?"
    return f"{address}{joint}{urlencode({'state': state, 'code': code})}{hash_mark}{fragment}"


def _signature(signed: str, key: bytes) -> str:
    return write_base64url(hmac.new(key, signed.encode("ascii"), hashlib.sha256).digest())
