"""Who is asking: the client key of the app, the bearer token of the user, and what the user may do.

Source: https://docs.baanx.com/guides/user/authentication, seen 2026-11. Real clients send either header name.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from emulator.core import limits
from emulator.core.call import Call
from emulator.core.provider import Refusal, Request
from emulator.providers.baanx import catalogue

_HEADERS = {"either": ("x-client-id", "x-client-key"), "client_id": ("x-client-id",), "client_key": ("x-client-key",)}
TOKENS = "baanx.tokens"
USERS = "baanx.users"


@dataclass(frozen=True, slots=True)
class User:
    """The user whose token the request bears, as the sandbox and its settings have them now."""

    seed: catalogue.SeedUser
    changed: dict[str, Any]
    """What the setting `users` changes."""
    completed: tuple[str, ...]
    """Ids of the products that the user has completed an order for."""

    @property
    def word(self) -> str:
        """The part of the e-mail before the @, which names the user within the sandbox."""
        return self.seed.word

    @property
    def can_order(self) -> bool:
        """Whether the order routes are allowed."""
        return bool(self.changed.get("canOrder", self.seed.can_order))

    def is_eligible(self, product: catalogue.Product) -> bool:
        """Whether the user may order the product now."""
        state = self.changed.get("verificationState", self.seed.profile.verification_state)
        override = self.changed.get("eligible", {}).get(product.id)
        return catalogue.is_eligible(product, state, product.id in self.completed, override)


def credentials(sandbox: str) -> dict[str, Any]:
    """What a client of the sandbox needs."""
    return {
        "client_id": catalogue.client_key(sandbox),
        "token": f"user-{sandbox}",
        "email": f"user@{sandbox}.test",
        "password": "sandbox",
    }


def find_sandbox(request: Request, holder: Callable[[str], str | None]) -> str | None:
    """The sandbox that the client key belongs to."""
    key = request.headers.get("x-client-id") or request.headers.get("x-client-key") or ""
    return catalogue.sandbox_of_client_key(key)


def require_client_key(call: Call) -> None:
    """499 without a client key, 498 with an unknown one or with two that differ."""
    names = _HEADERS[call.settings["client_header"]]
    sent = [value for name in names if (value := call.header(name))]
    if not sent:
        raise Refusal("client_missing", f"send the client key in {' or '.join(names)}")
    if len(set(sent)) > 1 or call.request.repeated.intersection(names):
        raise Refusal("client_invalid", f"{' and '.join(names)} differ, or one was sent twice")
    expected = catalogue.client_key(call.tx.sandbox_name)
    if sent[0] != expected:
        raise Refusal("client_invalid", f"{sent[0]!r} is not a known client key; that of this sandbox is {expected!r}")


def require_rate(call: Call) -> None:
    """429 when the order routes are asked more often than the setting allows."""
    limit = call.settings["order_rate_limit"]
    if limit is None or not call.request.path.startswith("/v1/order"):
        return
    count, seconds = map(int, limit.split("/"))
    wait_ms = limits.take(call.tx, "baanx.orders", count, seconds * 1000)
    if wait_ms is not None:
        raise Refusal(
            "rate_limited", f"more than {limit} s (setting order_rate_limit)", retry_after_s=-(-wait_ms // 1000)
        )


def require_user(call: Call) -> None:
    """401 unless the request bears a token that is valid now; finds the user."""
    scheme, _, token = (call.header("authorization") or "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise Refusal("unauthenticated", "send Authorization: Bearer with a user's token")
    call.caller = _user_of(call, token)


def _user_of(call: Call, token: str) -> User:
    sandbox = call.tx.sandbox_name
    ready = catalogue.find_ready_token(sandbox, token)
    if ready is not None:
        if ready.expired:
            raise Refusal("unauthenticated", f"the token {token!r} is the one that has always expired")
        word = ready.word
    else:
        issued = call.tx.get(TOKENS, token)
        if issued is None:
            raise Refusal("unauthenticated", f"no such token; a ready one is {credentials(sandbox)['token']!r}")
        if call.tx.now_ms >= issued["expires_ms"]:
            raise Refusal("unauthenticated", "the token has expired")
        word = issued["user"]
    user = find_user(call, word)
    if user is None or user.changed.get("tokensExpired"):
        raise Refusal("unauthenticated", "all tokens of this user have expired (setting users)")
    if call.settings["enforce_region"] and user.seed.region != region_of(call.request):
        raise Refusal("unauthenticated", f"the user belongs to the region {user.seed.region} (setting enforce_region)")
    return user


def find_user(call: Call, word: str) -> User | None:
    """The user of the sandbox with this word."""
    seed = catalogue.find_seed_user(call.tx.sandbox_name, word)
    if seed is None:
        return None
    kept = call.tx.get(USERS, word) or {}
    return User(seed, call.settings["users"].get(word, {}), tuple(kept.get("completed", ())))


def region_of(request: Request) -> str:
    """`us` or `international`: the header wins over the query."""
    header = request.headers.get("x-us-env")
    if header is not None:
        return "us" if header == "true" else "international"
    return "us" if "region=us" in request.query.split("&") else "international"


def require_order_permission(call: Call) -> None:
    """403 for a user who may not order."""
    if not call.caller.can_order:
        raise Refusal("forbidden", f"the user {call.caller.word} has canOrder false")
