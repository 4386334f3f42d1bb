"""Who asks, and whether they may: the client key of the app, the bearer token of the user, rates, permissions.

Sources: https://docs.baanx.com/guides/user/authentication and https://docs.baanx.com/api-reference/order/create, seen
2026-11. The pages of the order calls name X-Client-ID, all others x-client-key; real clients send x-client-key on order
calls too, and never X-Client-ID. Assumed: every call takes either name; paths, methods, sizes and CORS, about which the
pages say nothing; the order of all checks.
"""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from emulator.contract.card import Call, CheckWhere, Endpoint
from emulator.contract.reply import Refusal, Reply
from emulator.contract.request import Request, find_bearer
from emulator.contract.setting import Settings
from emulator.core import rate_limits
from emulator.providers.baanx import catalogue, mistakes, wire
from emulator.providers.baanx.accounts import tokens
from emulator.providers.baanx.oauth import parameters, sessions

PAGE_KEY = "pay:"
"""The beginning of the key by which a pay page finds its order; the request id follows."""
HOSTED_PAGE = "/oauth/ui"
_NEWER_OAUTH = "/v1/auth/oauth2/"

_HEADERS = {"either": ("x-client-id", "x-client-key"), "client_id": ("x-client-id",), "client_key": ("x-client-key",)}
_RATE_SETTINGS = {
    "create-order": "order_rate_limit",
    "get-order": "order_rate_limit",
    "list-products": "order_rate_limit",
    "sign-in": "login_rate_limit",
    "send-one-time-code": "login_rate_limit",
    "give-consent": "login_rate_limit",
}
"""Which setting limits an endpoint; endpoints with the same one are counted together."""

_PAGE = re.compile(r"/pay/([1-9A-Za-z]{43,44})")

_ALLOWED_HEADERS = "Authorization, Content-Type, X-Client-ID, x-client-key, x-us-env, x-secret-key"
_REMEMBERED_S = "600"

SECURITY = {
    "client": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Client-ID",
        "description": "the app's client key; may come as x-client-key instead",
    },
    "user": {"type": "http", "scheme": "bearer", "description": "a user's token, from a login or an OAuth grant"},
}
"""As OpenAPI security schemes."""

CLIENT_ONLY = ("client",)
BEARER_ONLY = ("user",)


def credentials(sandbox: str, settings: Settings) -> dict[str, Any]:
    """What a client of the sandbox needs."""
    user = catalogue.list_seed_users(sandbox)[0]
    return {
        "client_id": catalogue.client_key(sandbox),
        "token": f"{user.word}-{sandbox}",
        "partner_token": catalogue.partner_token(sandbox),
        "email": user.profile.email,
        "password": user.password,
    }


def find_sandbox(request: Request, holder: Callable[[str], str | None]) -> str | None:
    """The sandbox that the client key belongs to, in either header. Without a key: the ready token's, or the one that a
    browser's address or form names. For a pay page: the one that has the order."""
    page = _PAGE.fullmatch(request.path) if request.path.startswith("/pay/") else None
    if page is not None:
        return holder(f"baanx/{PAGE_KEY}{page[1]}")
    keys = [request.headers[name] for name in _HEADERS["either"] if name in request.headers]
    for key in keys:
        sandbox = catalogue.find_sandbox_of_client_key(key)
        if sandbox is not None:
            return sandbox
    if any(keys):
        return None
    return catalogue.find_sandbox_of_ready_token(find_bearer(request.headers) or "") or _find_named_sandbox(request)


def _find_named_sandbox(request: Request) -> str | None:
    """The sandbox that a browser's address or form, or a newer OAuth call, names."""
    if request.path == HOSTED_PAGE:
        form = parameters.read_form(request) if parameters.is_form(request) else {}
        token = form.get("token") or parameters.read_query(request).get("token", "")
        return sessions.find_sandbox_of_session(token)
    client = parameters.read_query(request).get("client_id") if request.query else None
    if client is None and request.path.startswith(_NEWER_OAUTH):
        client = parameters.find_member(request, "client_id")
    return catalogue.find_sandbox_of_client_key(client or "")


def _allow_request(call: Call) -> Reply:
    return Reply(
        204,
        b"",
        headers=(
            *wire.ANY_ORIGIN,
            ("Access-Control-Allow-Methods", ", ".join(call.methods)),
            ("Access-Control-Allow-Headers", _ALLOWED_HEADERS),
            ("Access-Control-Max-Age", _REMEMBERED_S),
        ),
    )


PREFLIGHT = Endpoint(
    name="preflight",
    method="OPTIONS",
    path="*",
    handle=_allow_request,
    about="Answers a browser that asks whether it may send a request; only with the setting cors.",
    success=204,
)
"""What answers OPTIONS at every path while the setting `cors` is on. It asks for no credential."""


def require_route(call: Call) -> None:
    """Refuses an unknown path with `not_found`, and another method with `method_not_allowed`; with the setting `cors` a
    preflight request finds its own endpoint."""
    if call.endpoint is not None:
        return
    path, method = call.request.path, call.request.method
    if not call.methods:
        raise Refusal("not_found", f"there is no {path}")
    if method != PREFLIGHT.method or not call.settings["cors"]:
        raise Refusal("method_not_allowed", f"{path} takes {', '.join(call.methods)}, not {method}")
    call.endpoint = PREFLIGHT


def require_small_body(call: Call) -> None:
    """Refuses a body over the limit with `payload_too_large`."""
    if len(call.request.body) > wire.BODY_LIMIT_BYTES:
        raise Refusal("payload_too_large", f"the body is longer than {wire.BODY_LIMIT_BYTES} bytes")


def inject_faults(call: Call) -> None:
    """Injects faults into calls of the API; a preflight request is the browser's own, and uses none up."""
    if call.endpoint is not PREFLIGHT:
        call.inject_faults()


def require_client_key(call: Call) -> None:
    """Refuses a request without a client key with `client_missing`, and with `client_invalid` one whose key is unknown,
    was sent twice, or differs between the two headers."""
    if not _is_client_named(call):
        names = _HEADERS[call.settings["client_header"]]
        raise Refusal("client_missing", mistakes.diagnose_missing_client(call, names))


def require_good_client_key(call: Call) -> None:
    """Refuses a wrong client key with `client_invalid`; a request without one passes."""
    _is_client_named(call)


def _is_client_named(call: Call) -> bool:
    """Whether a client key was sent. Refuses a wrong one."""
    names = _HEADERS[call.settings["client_header"]]
    headers = call.request.headers
    sent = [headers[name] for name in names if headers.get(name)]
    if not sent:
        return False
    if sent[0] != sent[-1] or (call.request.repeated and call.request.repeated.intersection(names)):
        raise Refusal("client_invalid", mistakes.diagnose_two_clients(call, names))
    if sent[0] != catalogue.client_key(call.tx.sandbox_name):
        raise Refusal("client_invalid", mistakes.diagnose_client(call, sent[0], names))
    return True


def require_client_key_of_app(call: Call) -> None:
    """As `require_client_key`, but a browser on its way to the hosted page passes without: it can send no header."""
    if parameters.read_query(call.request).get("mode") == "api":
        require_client_key(call)
    else:
        require_good_client_key(call)


def require_client_of_body(call: Call) -> None:
    """As `require_client_key`, but `client_id` in the body may stand in for the header. Refuses with `invalid_client`
    one that is unknown or differs from the header."""
    client = parameters.find_member(call.request, "client_id")
    if client is None:
        require_client_key(call)
        return
    require_good_client_key(call)
    expected = catalogue.client_key(call.tx.sandbox_name)
    if client != expected:
        raise Refusal("invalid_client", f"client_id must be {expected!r} in this sandbox")


def require_rate(call: Call) -> None:
    """Refuses with `rate_limited` when endpoints with a limit are called more often than its setting allows."""
    name = _RATE_SETTINGS.get(call.endpoint.name) if call.endpoint else None
    limit = call.settings[name] if name else None
    if limit is None:
        return
    rate = rate_limits.read_rate(limit)
    wait_ms = rate_limits.take(call.tx, f"baanx.{name}", rate)
    if wait_ms is not None:
        raise Refusal("rate_limited", f"more than {rate} (setting {name})", retry_after_s=-(-wait_ms // 1000))


def _has_rate_limit(settings: Settings, endpoint: Endpoint | None) -> bool:
    name = _RATE_SETTINGS.get(endpoint.name) if endpoint else None
    return name is not None and settings[name] is not None


def require_bearer(call: Call) -> str:
    """The bearer token of the request. Refuses with `unauthenticated` a request without one."""
    token = find_bearer(call.request.headers)
    if token is None:
        raise Refusal("unauthenticated", mistakes.diagnose_missing_token(call))
    return token


def require_user(call: Call) -> None:
    """Finds the user whose token the request carries. Refuses with `unauthenticated` a token that is not valid now, and
    with `forbidden` the partner's."""
    token = require_bearer(call)
    if token == catalogue.partner_token(call.tx.sandbox_name):
        raise Refusal("forbidden", "the partner's token is for the webhook routes only")
    user = tokens.require_owner(call, token)
    if is_wrong_region(call, user.seed.region):
        raise Refusal("unauthenticated", mistakes.diagnose_region(call, user.seed.region))
    call.caller = user


def require_client_key_or_ready_token(call: Call) -> None:
    """As `require_client_key`, but a ready token does as well."""
    if catalogue.find_sandbox_of_ready_token(find_bearer(call.request.headers) or "") == call.tx.sandbox_name:
        require_good_client_key(call)
    else:
        require_client_key(call)


def require_manager(call: Call) -> None:
    """Refuses with `unauthenticated` or `forbidden` whoever may not manage webhooks."""
    token = require_bearer(call)
    if token == catalogue.partner_token(call.tx.sandbox_name):
        return
    require_user(call)
    if call.settings["webhook_token"] == "partner" or not call.caller.seed.can_order:
        raise Refusal("forbidden", f"{call.caller.word} may not manage webhooks (canOrder, setting webhook_token)")


def require_order_permission(call: Call) -> None:
    """Refuses a user who may not order with `forbidden`."""
    if not call.caller.seed.can_order:
        raise Refusal("forbidden", f"the user {call.caller.word} has canOrder false")


def require_card_permission(call: Call) -> None:
    """Refuses a user who may not read the card with `forbidden`."""
    if not call.caller.seed.can_read_card:
        raise Refusal("forbidden", f"the user {call.caller.word} has canReadCard false")


def read_region(request: Request) -> str:
    """`us` or `international`; the header wins over the query."""
    header = request.headers.get("x-us-env")
    if header is not None:
        return "us" if header == "true" else "international"
    if not request.query:
        return "international"
    return "us" if ("region", "us") in parse_qsl(request.query) else "international"


def is_wrong_region(call: Call, region: str) -> bool:
    """Whether the setting `enforce_region` is on and the request is for another region than the user's."""
    return bool(call.settings["enforce_region"]) and region != read_region(call.request)


RATE = CheckWhere(require_rate, _has_rate_limit)

BROWSER = (require_client_key_of_app, RATE)
"""Checks of an endpoint that apps and browsers may call."""

BODY_CLIENT = (require_client_of_body, RATE)
"""Checks of an endpoint at which an app may name itself in the body."""

CLIENT = (require_client_key, RATE)
"""Checks of an endpoint that any app may call."""

USER = (*CLIENT, require_user)
"""Checks of an endpoint that needs a user, too."""

BUYER = (*USER, require_order_permission)
"""Checks of an endpoint for users who may order."""

MANAGER = (require_client_key_or_ready_token, RATE, require_manager)
"""Checks of an endpoint that manages webhooks."""

CARDHOLDER = (*USER, require_card_permission)
"""Checks of an endpoint for users who may read the card."""
