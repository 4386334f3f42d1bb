"""Bearer tokens and refresh tokens: issuing them, and finding whose they are.

Sources: https://docs.baanx.com/api-reference/auth/login and https://docs.baanx.com/api-reference/auth/oauth-token,
seen 2026-11.
"""

from msgspec import convert

from emulator.contract.card import Call
from emulator.contract.reply import Refusal
from emulator.providers.baanx import catalogue
from emulator.providers.baanx.accounts.users import User, find_user
from emulator.providers.baanx.tables import REFRESH_TOKENS, TOKENS, Token

LOGIN_TOKEN_LIFETIME_S = 21_600
ACCESS_TOKEN_LIFETIME_S = 21_600
REFRESH_TOKEN_LIFETIME_S = 15_897_600
MAX_KEPT = 10_000
"""How many tokens of a kind, and how many codes, a sandbox keeps; beyond that the oldest are void. Assumed."""


def write_login_token(uuid: str, region: str) -> str:
    """The bearer token of a login: `US_` and a UUID for users of region `us`, else the UUID alone.

    Assumed: the form without the prefix; the page shows only the first one.
    """
    return f"US_{uuid}" if region == "us" else uuid


def write_access_token(uuid: str) -> str:
    """The access token of an OAuth grant, such as `access_token_3d0f6c1e-9b7a-4f12-8c55-b7a1e2d94c01`."""
    return f"access_token_{uuid}"


def write_refresh_token(uuid: str) -> str:
    """The refresh token of an OAuth grant, such as `refresh_token_3d0f6c1e-9b7a-4f12-8c55-b7a1e2d94c01`."""
    return f"refresh_token_{uuid}"


def issue_login_token(call: Call, user: User) -> str:
    """A new bearer token for a login; older ones stay good."""
    token = write_login_token(call.tx.chance.uuid(), user.seed.region)
    _keep(call, TOKENS, token, user, LOGIN_TOKEN_LIFETIME_S)
    return token


def issue_pair(call: Call, user: User) -> tuple[str, str]:
    """A new bearer token and refresh token of an OAuth grant."""
    access = write_access_token(call.tx.chance.uuid())
    refresh = write_refresh_token(call.tx.chance.uuid())
    _keep(call, TOKENS, access, user, ACCESS_TOKEN_LIFETIME_S)
    _keep(call, REFRESH_TOKENS, refresh, user, REFRESH_TOKEN_LIFETIME_S)
    return access, refresh


def require_bearer(call: Call, token: str) -> User:
    """The user who bears this token. Refuses with `unauthenticated` if it is not good now."""
    word, generation = _find_ready(call, token) or _require_issued(call, token)
    user = find_user(call, word)
    if user is None or user.state.generation != generation:
        raise Refusal(
            "unauthenticated", f"the tokens of {word} were made invalid (command expire_tokens); log in again"
        )
    return user


def use_refresh_token(call: Call, token: str) -> User:
    """The user whose refresh token this is, which is void from now on. Refuses with `invalid_grant`."""
    document = call.tx.get(REFRESH_TOKENS, token)
    if document is None:
        raise Refusal("invalid_grant", "there is no such refresh token, or it has been used")
    issued = convert(document, Token)
    if call.tx.now_ms >= issued.expires_ms:
        raise Refusal("invalid_grant", "the refresh token has expired")
    user = find_user(call, issued.user)
    if user is None:
        raise Refusal("invalid_grant", "the user of the refresh token is gone")
    call.tx.forget(REFRESH_TOKENS, token)
    return user


def _keep(call: Call, table: str, token: str, user: User, lifetime_s: int) -> None:
    expires_ms = call.tx.now_ms + lifetime_s * 1000
    issued = Token(user.word, user.state.generation, expires_ms)
    call.tx.put_passing(table, token, issued, MAX_KEPT, lambda each: call.tx.now_ms >= each["expires_ms"])


def _find_ready(call: Call, token: str) -> tuple[str, int] | None:
    """Word of the user and generation of a token that exists from the start."""
    ready = catalogue.find_ready_token(call.tx.sandbox_name, token)
    if ready is None:
        return None
    if ready.expired:
        raise Refusal("unauthenticated", "this token is the one that has always expired")
    return ready.word, 0


def _require_issued(call: Call, token: str) -> tuple[str, int]:
    """Word of the user and generation of a token that was issued."""
    document = call.tx.get(TOKENS, token)
    if document is None:
        raise Refusal("unauthenticated", f"no such token; a ready one is 'user-{call.tx.sandbox_name}'")
    issued = convert(document, Token)
    if call.tx.now_ms >= issued.expires_ms:
        raise Refusal("unauthenticated", "the token has expired")
    return issued.user, issued.generation
