"""What the start of an authorization has fixed, in a signed session token.

Sources: https://docs.baanx.com/api-reference/auth/oauth-authorize-initiate and
https://docs.baanx.com/api-reference/auth/oauth-authorize, seen 2026-11; RFC 7519 for the token. Assumed: its algorithm
and its claims; to clients it is opaque.
"""

from typing import Literal
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from emulator.core import jwt
from emulator.providers.baanx import catalogue

SESSION_LIFETIME_S = 600


class AuthorizationSession(Struct, frozen=True):
    """What the start of an authorization has fixed: `session_id` is drawn, the rest is the client's."""

    session_id: str
    client_id: str
    redirect_uri: str
    state: str | None
    """None: the client sent none, and gets none back."""
    code_challenge: str
    family: Literal["oauth", "oauth2"] = "oauth"
    """Which of the two ways of OAuth it belongs to; codes and tokens of one are not valid in the other."""
    scope: str = ""


class SessionRefused(Struct, frozen=True):
    """Why a session token is not valid: its form, its signature, or its age."""

    reason: Literal["malformed", "signature", "expired"]


class _Claims(Struct, frozen=True, omit_defaults=True):
    sid: str
    client_id: str
    redirect_uri: str
    state: str | None
    code_challenge: str
    iat: int
    exp: int
    exp_ms: int
    """The claim that decides: the others count whole seconds, the sandbox's clock milliseconds."""
    family: Literal["oauth", "oauth2"] = "oauth"
    scope: str = ""


class _Client(Struct, frozen=True):
    client_id: str


def sign_session(session: AuthorizationSession, key: bytes, now_ms: int) -> str:
    """The compact JWT (HS256) that carries the session and expires `SESSION_LIFETIME_S` after `now_ms`.

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
        family=session.family,
        scope=session.scope,
    )
    return jwt.sign(msgspec.json.encode(claims), key)


def read_session(token: str, key: bytes, now_ms: int) -> AuthorizationSession | SessionRefused:
    """The session of a token that `sign_session` made with this key and that is still valid, else why not.

    At the very millisecond of its end, a token counts as expired.
    """
    try:
        claims = msgspec.json.decode(jwt.read_signed(token, key), type=_Claims)
    except jwt.BadToken as error:
        return SessionRefused(error.reason)
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
        family=claims.family,
        scope=claims.scope,
    )


def find_sandbox_of_session(token: str) -> str | None:
    """The sandbox whose client a session token names, whether or not it is valid there."""
    try:
        client = msgspec.json.decode(jwt.read_payload(token), type=_Client)
    except ValueError:
        return None
    return catalogue.find_sandbox_of_client_key(client.client_id)


def session_key(sandbox: str) -> bytes:
    """The key that signs the session tokens of a sandbox: they mean nothing in another one."""
    return f"baanx session of {sandbox}".encode()


def write_hosted_url(base_url: str, token: str) -> str:
    """The address of the hosted consent page, `<base>/oauth/ui?token=<JWT>`."""
    return f"{base_url.rstrip('/')}/oauth/ui?{urlencode({'token': token})}"
