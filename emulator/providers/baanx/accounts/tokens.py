"""Bearer tokens and refresh tokens: issuing them, finding whose they are, and ending them.

Sources: https://docs.baanx.com/api-reference/auth/login, https://docs.baanx.com/api-reference/auth/oauth-token,
https://docs.baanx.com/api-reference/auth/logout and https://docs.baanx.com/api-reference/auth/oauth-revoke, seen
2026-11.
"""

from collections.abc import Callable
from typing import Any

from msgspec import convert

from emulator.contract.card import Call
from emulator.contract.reply import Refusal
from emulator.contract.transaction import Transaction
from emulator.providers.baanx import catalogue, mistakes
from emulator.providers.baanx.accounts.users import User, expire_tokens, find_user
from emulator.providers.baanx.tables import CODES, ENDED_TOKENS, REFRESH_TOKENS, TOKENS, EndedToken, Family, Token

LOGIN_TOKEN_LIFETIME_S = 21_600
ACCESS_TOKEN_LIFETIME_S = 21_600
REFRESH_TOKEN_LIFETIME_S = 15_897_600
MAX_KEPT = 10_000
"""How many tokens of a kind, and how many codes, a sandbox keeps; then the oldest become void. Assumed."""


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


def issue_pair(call: Call, user: User, grant: str) -> tuple[str, str]:
    """A new bearer token and refresh token of an OAuth grant."""
    access = write_access_token(call.tx.chance.uuid())
    refresh = write_refresh_token(call.tx.chance.uuid())
    keep_access_token(call, access, user, "oauth", grant)
    keep_refresh_token(call, refresh, user, "oauth", grant)
    return access, refresh


def keep_access_token(call: Call, token: str, user: User, family: Family, grant: str, scope: str = "") -> None:
    """Makes a text a bearer token of an OAuth grant."""
    _keep(call, TOKENS, token, user, ACCESS_TOKEN_LIFETIME_S, family, grant, scope)


def keep_refresh_token(call: Call, token: str, user: User, family: Family, grant: str, scope: str = "") -> None:
    """Makes a text a refresh token of an OAuth grant."""
    _keep(call, REFRESH_TOKENS, token, user, REFRESH_TOKEN_LIFETIME_S, family, grant, scope)


def require_owner(call: Call, token: str) -> User:
    """The user whom this bearer token was issued to. Refuses with `unauthenticated` one that is not valid now."""
    word, generation = _find_ready(call, token) or _require_issued(call, token)
    user = find_user(call.tx, word)
    if user is None or user.state.generation != generation:
        told = f"the tokens of {word} were made invalid (command expire_tokens); log in again"
        raise Refusal("unauthenticated", mistakes.diagnose_old_token(call, told))
    if user.seed.disabled:
        raise Refusal("unauthenticated", f"the user {word} is disabled")
    return user


def require_grantor(call: Call, word: str) -> User:
    """The user behind an OAuth grant. Refuses with `invalid_grant` one who is gone or disabled."""
    user = find_user(call.tx, word)
    if user is None or user.seed.disabled:
        raise Refusal("invalid_grant", f"the user {word} is gone or disabled")
    return user


def use_refresh_token(call: Call, token: str, family: Family) -> tuple[User, Token]:
    """Whose refresh token this is, and what it was issued for; it is void from now on. Refuses with `invalid_grant`."""
    document = call.tx.get(REFRESH_TOKENS, token)
    issued = convert(document, Token) if document is not None else None
    if issued is None or issued.family != family:
        raise Refusal("invalid_grant", "there is no such refresh token here, or it has been used")
    if call.tx.now_ms >= issued.expires_ms:
        raise Refusal("invalid_grant", "the refresh token has expired")
    user = require_grantor(call, issued.user)
    call.tx.forget(REFRESH_TOKENS, token)
    return user, issued


def end_token(tx: Transaction, token: str, word: str) -> None:
    """Makes one bearer token of a user invalid, a ready one too."""
    if catalogue.find_ready_token(tx.sandbox_name, token) is not None:
        tx.put(ENDED_TOKENS, token, EndedToken(word))
    else:
        tx.forget(TOKENS, token)


def end_sessions(tx: Transaction, word: str) -> None:
    """Makes all bearer tokens and refresh tokens of a user invalid."""
    expire_tokens(tx, word)
    _forget(tx, REFRESH_TOKENS, lambda each: each["user"] == word)


def end_grants(tx: Transaction, word: str) -> None:
    """Makes everything that OAuth has issued for a user invalid: access tokens, refresh tokens, codes."""
    _forget(tx, TOKENS, lambda each: each["user"] == word and each.get("family", "login") != "login")
    for table in (REFRESH_TOKENS, CODES):
        _forget(tx, table, lambda each: each["user"] == word)


def revoke(tx: Transaction, token: str) -> None:
    """Ends a token of any kind, and with a refresh token all access tokens of its grant. Ignores an unknown one."""
    refresh = tx.get(REFRESH_TOKENS, token)
    if refresh is not None:
        tx.forget(REFRESH_TOKENS, token)
        grant = refresh.get("grant")
        _forget(tx, TOKENS, lambda each: bool(grant) and each.get("grant") == grant)
        return
    ready = catalogue.find_ready_token(tx.sandbox_name, token)
    if ready is not None:
        end_token(tx, token, ready.word)
    elif tx.get(TOKENS, token) is not None:
        tx.forget(TOKENS, token)


def _forget(tx: Transaction, table: str, is_meant: Callable[[Any], bool]) -> None:
    for key, document in list(tx.scan(table)):
        if is_meant(document):
            tx.forget(table, key)


def _keep(
    call: Call,
    table: str,
    token: str,
    user: User,
    lifetime_s: int,
    family: Family = "login",
    grant: str = "",
    scope: str = "",
) -> None:
    expires_ms = call.tx.now_ms + lifetime_s * 1000
    issued = Token(user.word, user.state.generation, expires_ms, family, grant, scope)
    call.tx.put_passing(table, token, issued, MAX_KEPT, lambda each: call.tx.now_ms >= each["expires_ms"])


def _find_ready(call: Call, token: str) -> tuple[str, int] | None:
    """Word of the user and generation of a token that exists from the start."""
    ready = catalogue.find_ready_token(call.tx.sandbox_name, token)
    if ready is None:
        return None
    if ready.expired:
        told = "this ready token has always been expired"
        raise Refusal("unauthenticated", mistakes.diagnose_old_token(call, told))
    if call.tx.get(ENDED_TOKENS, token) is not None:
        raise Refusal("unauthenticated", mistakes.diagnose_old_token(call, "this token was logged out"))
    return ready.word, 0


def _require_issued(call: Call, token: str) -> tuple[str, int]:
    """Word of the user and generation of a token that was issued."""
    document = call.tx.get(TOKENS, token)
    if document is None:
        raise Refusal("unauthenticated", mistakes.diagnose_token(call, token))
    issued = convert(document, Token)
    if call.tx.now_ms >= issued.expires_ms:
        raise Refusal("unauthenticated", mistakes.diagnose_expiry(call, issued.expires_ms))
    return issued.user, issued.generation
