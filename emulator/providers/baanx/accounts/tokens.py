"""Bearer tokens and refresh tokens: issuing them, finding whose they are, and ending them.

Sources: https://docs.baanx.com/api-reference/auth/login, https://docs.baanx.com/api-reference/auth/oauth-token,
https://docs.baanx.com/api-reference/auth/logout and https://docs.baanx.com/api-reference/auth/oauth-revoke, seen
2026-11.
"""

from collections.abc import Callable
from typing import TypeVar

from emulator.contract.card import Call
from emulator.contract.reply import Refusal
from emulator.contract.transaction import Transaction
from emulator.core.collection import Collection
from emulator.providers.baanx import catalogue, mistakes
from emulator.providers.baanx.accounts.users import User, expire_tokens, find_user
from emulator.providers.baanx.tables import CODES, ENDED_TOKENS, REFRESH_TOKENS, TOKENS, EndedToken, Family, Token

T = TypeVar("T")

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
    issued = REFRESH_TOKENS.find(call.tx, token)
    if issued is None or issued.family != family:
        raise Refusal("invalid_grant", "there is no such refresh token here, or it has been used")
    if call.tx.now_ms >= issued.expires_ms:
        raise Refusal("invalid_grant", "the refresh token has expired")
    user = require_grantor(call, issued.user)
    REFRESH_TOKENS.remove(call.tx, token)
    return user, issued


def end_token(tx: Transaction, token: str, word: str) -> None:
    """Makes one bearer token of a user invalid, a ready one too."""
    if catalogue.find_ready_token(tx.sandbox_name, token) is not None:
        ENDED_TOKENS.put(tx, token, EndedToken(word))
    else:
        TOKENS.remove(tx, token)


def end_sessions(tx: Transaction, word: str) -> None:
    """Makes all bearer tokens and refresh tokens of a user invalid."""
    expire_tokens(tx, word)
    _remove(tx, REFRESH_TOKENS, lambda each: each.user == word)


def end_grants(tx: Transaction, word: str) -> None:
    """Makes everything that OAuth has issued for a user invalid: access tokens, refresh tokens, codes."""
    _remove(tx, TOKENS, lambda each: each.user == word and each.family != "login")
    _remove(tx, REFRESH_TOKENS, lambda each: each.user == word)
    _remove(tx, CODES, lambda each: each.user == word)


def revoke(tx: Transaction, token: str) -> None:
    """Ends a token of any kind, and with a refresh token all access tokens of its grant. Ignores an unknown one."""
    refresh = REFRESH_TOKENS.find(tx, token)
    if refresh is not None:
        REFRESH_TOKENS.remove(tx, token)
        _remove(tx, TOKENS, lambda each: each.grant == refresh.grant != "")
        return
    ready = catalogue.find_ready_token(tx.sandbox_name, token)
    if ready is not None:
        end_token(tx, token, ready.word)
    elif TOKENS.find(tx, token) is not None:
        TOKENS.remove(tx, token)


def _remove(tx: Transaction, collection: Collection[T], is_meant: Callable[[T], bool]) -> None:
    for key, document in list(collection.scan(tx)):
        if is_meant(document):
            collection.remove(tx, key)


def _keep(
    call: Call,
    collection: Collection[Token],
    token: str,
    user: User,
    lifetime_s: int,
    family: Family = "login",
    grant: str = "",
    scope: str = "",
) -> None:
    expires_ms = call.tx.now_ms + lifetime_s * 1000
    issued = Token(user.word, user.state.generation, expires_ms, family, grant, scope)
    call.tx.put_passing(collection.table, token, issued, MAX_KEPT, lambda each: call.tx.now_ms >= each["expires_ms"])


def _find_ready(call: Call, token: str) -> tuple[str, int] | None:
    """Word of the user and generation of a token that exists from the start."""
    ready = catalogue.find_ready_token(call.tx.sandbox_name, token)
    if ready is None:
        return None
    if ready.expired:
        told = "this ready token has always been expired"
        raise Refusal("unauthenticated", mistakes.diagnose_old_token(call, told))
    if call.tx.get(ENDED_TOKENS.table, token) is not None:
        raise Refusal("unauthenticated", mistakes.diagnose_old_token(call, "this token was logged out"))
    return ready.word, 0


def _require_issued(call: Call, token: str) -> tuple[str, int]:
    """Word of the user and generation of a token that was issued."""
    issued = TOKENS.find(call.tx, token)
    if issued is None:
        raise Refusal("unauthenticated", mistakes.diagnose_token(call, token))
    if call.tx.now_ms >= issued.expires_ms:
        raise Refusal("unauthenticated", mistakes.diagnose_expiry(call, issued.expires_ms))
    return issued.user, issued.generation
