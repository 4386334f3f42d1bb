"""Bearer tokens and refresh tokens: issuing them, and finding whose they are. Never decides what a user may do.

Sources: https://docs.baanx.com/api-reference/auth/login and https://docs.baanx.com/api-reference/auth/oauth-token,
seen 2026-11.
"""

from emulator.core.call import Call
from emulator.core.provider import Refusal
from emulator.providers.baanx import catalogue, identifiers, oauth
from emulator.providers.baanx.users import User, find_user

LOGIN_TOKEN_LIFETIME_S = 21_600
MAX_KEPT = 10_000
"""How many tokens of a kind, and how many codes, a sandbox keeps; beyond that the oldest are void. Assumed."""

_BEARERS = "baanx.tokens"
_REFRESHERS = "baanx.refresh-tokens"


def issue_login_token(call: Call, user: User) -> str:
    """A new bearer token for a login; older ones stay good."""
    token = identifiers.login_token(call.tx.chance.octets(identifiers.UUID_BYTES), user.seed.region)
    _keep(call, _BEARERS, token, user, LOGIN_TOKEN_LIFETIME_S)
    return token


def issue_pair(call: Call, user: User) -> tuple[str, str]:
    """A new bearer token and refresh token of an OAuth grant."""
    chance = call.tx.chance
    access = identifiers.oauth_access_token(chance.octets(identifiers.UUID_BYTES))
    refresh = identifiers.oauth_refresh_token(chance.octets(identifiers.UUID_BYTES))
    _keep(call, _BEARERS, access, user, oauth.ACCESS_TOKEN_LIFETIME_S)
    _keep(call, _REFRESHERS, refresh, user, oauth.REFRESH_TOKEN_LIFETIME_S)
    return access, refresh


def bearer_user(call: Call, token: str) -> User:
    """The user who bears this token. Refuses with `unauthenticated` if it is not good now."""
    word, generation = _ready_holder(call, token) or _holder(call, token)
    user = find_user(call, word)
    if user is None or user.generation != generation:
        raise Refusal(
            "unauthenticated", f"the tokens of {word} were made invalid (command expire_tokens); log in again"
        )
    return user


def use_refresh_token(call: Call, token: str) -> User:
    """The user whose refresh token this is, which is void from now on. Refuses with `invalid_grant`."""
    issued = call.tx.get(_REFRESHERS, token)
    if issued is None:
        raise Refusal("invalid_grant", "there is no such refresh token, or it has been used")
    if call.tx.now_ms >= issued["expires_ms"]:
        raise Refusal("invalid_grant", "the refresh token has expired")
    user = find_user(call, issued["user"])
    if user is None:
        raise Refusal("invalid_grant", "the user of the refresh token is gone")
    call.tx.forget(_REFRESHERS, token)
    return user


def _keep(call: Call, table: str, token: str, user: User, lifetime_s: int) -> None:
    expires_ms = call.tx.now_ms + lifetime_s * 1000
    issued = {"user": user.word, "generation": user.generation, "expires_ms": expires_ms}
    call.tx.put_passing(table, token, issued, MAX_KEPT, lambda each: call.tx.now_ms >= each["expires_ms"])


def _ready_holder(call: Call, token: str) -> tuple[str, int] | None:
    ready = catalogue.find_ready_token(call.tx.sandbox_name, token)
    if ready is None:
        return None
    if ready.expired:
        raise Refusal("unauthenticated", "this token is the one that has always expired")
    return ready.word, 0


def _holder(call: Call, token: str) -> tuple[str, int]:
    issued = call.tx.get(_BEARERS, token)
    if issued is None:
        raise Refusal("unauthenticated", f"no such token; a ready one is 'user-{call.tx.sandbox_name}'")
    if call.tx.now_ms >= issued["expires_ms"]:
        raise Refusal("unauthenticated", "the token has expired")
    return issued["user"], issued["generation"]
