"""Access: client keys, bearer tokens, permissions; and what is refused before they are checked."""

from collections.abc import Mapping
from typing import Any, cast

import httpx
import pytest

from emulator import providers
from emulator.testing import Emulator
from tests.clients.baanx import Client

CARD = providers.load("baanx")
UUID = "3d0f6c1e-9b7a-4f12-8c55-b7a1e2d94c01"
ORDER = {"productId": "PRODUCT_ID_ABC", "paymentMethod": "CRYPTO_EXTERNAL_DAIMO"}
# Method and path of every route, a body that is good enough to get past the checks, and its status then.
ROUTES: dict[str, tuple[str, str, object, int]] = {
    "create-order": ("POST", "/v1/order", ORDER, 200),
    "get-order": ("GET", "/v1/order/ord_0", None, 404),
    "list-products": ("GET", "/v1/order/products/available", None, 200),
    "sign-in": ("POST", "/v1/auth/login", {"email": "a@b.test", "password": "x"}, 401),
    "send-one-time-code": ("POST", "/v1/auth/login/otp", {"userId": "x"}, 404),
    "initiate-oauth": ("GET", "/v1/auth/oauth/authorize/initiate?mode=api", None, 400),
    "authorize-oauth": ("POST", "/v1/auth/oauth/authorize", {}, 400),
    "create-oauth-token": ("POST", "/v1/auth/oauth/token", {}, 400),
    "revoke-oauth": ("DELETE", "/v1/auth/oauth/revoke", None, 200),
    "get-user": ("GET", "/v1/user", None, 200),
    "get-card-status": ("GET", "/v1/card/status", None, 200),
    "order-card": ("POST", "/v1/card/order", {"type": "VIRTUAL"}, 400),
    "unfreeze-card": ("POST", "/v1/card/unfreeze", None, 400),
    "freeze-card": ("POST", "/v1/card/freeze", None, 200),
    "create-card-details-token": ("POST", "/v1/card/details/token", None, 200),
    "create-card-pin-token": ("POST", "/v1/card/pin/token", {}, 200),
    "create-oauth2-token": ("POST", "/v1/auth/oauth2/token", {}, 400),
    "revoke-oauth2-token": ("POST", "/v1/auth/oauth2/revoke", {}, 400),
    "create-webhook": ("POST", "/v1/webhooks", {}, 400),
    "list-webhooks": ("GET", "/v1/webhooks", None, 200),
    "get-webhook": ("GET", f"/v1/webhooks/{UUID}", None, 404),
    "update-webhook": ("PUT", f"/v1/webhooks/{UUID}", {}, 404),
    "delete-webhook": ("DELETE", f"/v1/webhooks/{UUID}", None, 404),
    "rotate-webhook-key": ("POST", f"/v1/webhooks/{UUID}/rotate-key", None, 404),
    "list-webhook-logs": ("GET", f"/v1/webhooks/{UUID}/logs", None, 404),
    "list-webhook-events": ("GET", "/v1/webhooks/events", None, 200),
    "get-webhook-event-status": ("GET", f"/v1/webhooks/events/{UUID}/status", None, 404),
    "list-webhook-event-logs": ("GET", f"/v1/webhooks/events/{UUID}/logs", None, 404),
    "retry-webhook-event": ("POST", f"/v1/webhooks/events/{UUID}/retry", {}, 404),
    "sign-out": ("POST", "/v1/auth/logout", None, 200),
}
# Of these a browser asks, which can send no client key.
BROWSER_ROUTES = {"authorize-oauth2", "show-consent-page", "give-consent", "get-card-image"}
ORDER_ROUTES = ("create-order", "get-order", "list-products")
CARD_ROUTES = (
    "get-card-status", "order-card", "freeze-card", "unfreeze-card", "create-card-details-token",
    "create-card-pin-token",
)  # fmt: skip
WEBHOOK_ROUTES = tuple(name for name, (_, path, *_) in ROUTES.items() if path.startswith("/v1/webhooks"))
BEARER_ROUTES = (
    *ORDER_ROUTES, "authorize-oauth", "sign-out", "revoke-oauth", "get-user", *CARD_ROUTES, *WEBHOOK_ROUTES,
)  # fmt: skip
MISSING = (499, {"message": "Missing client key"})
INVALID = (498, {"message": "Invalid client key"})
UNAUTHENTICATED = (401, {"message": "Not authenticated"})
FORBIDDEN = (403, {"message": "Not authorized"})


def ask(client: Client, route: str, headers: Mapping[str, str | None] | None = None) -> tuple[int, object]:
    method, path, body, _ = ROUTES[route]
    response = client.request(method, path, body, headers=headers)
    return response.status_code, response.json()


def test_the_routes_are_exactly_these() -> None:
    pages = {endpoint.name for endpoint in CARD.endpoints if endpoint.page}
    assert {endpoint.name for endpoint in CARD.endpoints} == ROUTES.keys() | pages | {"get-card-image"}


@pytest.mark.parametrize("route", ROUTES)
def test_03_either_header_carries_the_client_key(client: Client, route: str) -> None:
    key, good = client.client_id, ROUTES[route][3]
    one: dict[str, str | None] = {"X-Client-ID": key, "x-client-key": None}
    other: dict[str, str | None] = {"X-Client-ID": None, "x-client-key": key}
    assert ask(client, route, one)[0] == good
    both: dict[str, str | None] = {"X-Client-ID": key, "x-client-key": key}
    for headers in (other, both, {"X-Client-ID": key, "x-client-key": ""}):
        assert ask(client, route, headers)[0] not in (498, 499)


@pytest.mark.parametrize("route", ROUTES)
def test_03_a_bad_client_key_is_refused_everywhere(client: Client, route: str) -> None:
    key = client.client_id
    anonymous = {"Authorization": None} if route in WEBHOOK_ROUTES else {}  # their token may identify the sandbox
    assert ask(client, route, {"X-Client-ID": None, **anonymous}) == MISSING
    assert ask(client, route, {"X-Client-ID": "", "x-client-key": "", **anonymous}) == MISSING
    assert ask(client, route, {"X-Client-ID": "nobody"}) == INVALID
    assert ask(client, route, {"X-Client-ID": "client-no-such-sandbox"}) == INVALID
    assert ask(client, route, {"X-Client-ID": key.upper()}) == INVALID
    assert ask(client, route, {"X-Client-ID": key, "x-client-key": "other"}) == INVALID
    assert ask(client, route, {"X-Client-ID": "other", "x-client-key": key}) == INVALID


def test_03_a_client_key_that_is_sent_twice_is_invalid(client: Client) -> None:
    key = client.client_id
    assert ask(client, "get-user", {"X-Client-ID": key, "x-client-id": key}) == INVALID


@pytest.mark.parametrize("route", BEARER_ROUTES)
@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Basic dXNlcjp4", "user", "Bearer no-such-token", "Bearer user user"]
)
def test_04_without_a_valid_bearer_a_request_is_not_authenticated(
    client: Client, route: str, authorization: str | None
) -> None:
    assert ask(client, route, {"Authorization": authorization}) == UNAUTHENTICATED


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_04_the_word_bearer_may_be_in_any_case(client: Client, scheme: str) -> None:
    assert ask(client, "get-user", {"Authorization": f"{scheme} {client.token}"})[0] == 200


def test_04_no_www_authenticate_header_is_sent(client: Client) -> None:
    response = client.request("GET", "/v1/user", headers={"Authorization": None})
    assert "www-authenticate" not in response.headers


def test_04_a_token_is_valid_for_six_hours(emulator: Emulator, client: Client) -> None:
    client.token = client.login(f"user@{emulator.name}.test").json()["accessToken"]
    emulator.advance("21599999ms")
    assert ask(client, "get-user")[0] == 200
    emulator.advance("1ms")
    assert ask(client, "get-user") == UNAUTHENTICATED


def test_04_the_ready_tokens_never_expire_except_one_that_always_has(emulator: Emulator, client: Client) -> None:
    emulator.advance("2000d")
    for word, status in (("user", 200), ("us", 200), ("restricted", 200), ("expired", 401)):
        assert ask(client, "get-user", {"Authorization": f"Bearer {word}-{emulator.name}"})[0] == status


def test_04_expire_tokens_ends_all_issued_tokens(emulator: Emulator, client: Client) -> None:
    issued = client.login(f"user@{emulator.name}.test").json()["accessToken"]
    emulator.command("baanx", "expire_tokens", user="user")
    assert ask(client, "get-user") == UNAUTHENTICATED
    assert ask(client, "get-user", {"Authorization": f"Bearer {issued}"}) == UNAUTHENTICATED
    assert ask(client, "get-user", {"Authorization": f"Bearer us-{emulator.name}"})[0] == 200
    client.token = client.login(f"user@{emulator.name}.test").json()["accessToken"]
    assert ask(client, "get-user")[0] == 200


def test_04_a_token_is_valid_only_with_its_own_client_key(emulator: Emulator, client: Client) -> None:
    issued = client.login(f"user@{emulator.name}.test").json()["accessToken"]
    with Emulator.create(emulator.control_url, name=f"{emulator.name}-b") as neighbour, Client(neighbour) as other:
        for token in (issued, client.token):
            assert ask(other, "get-user", {"Authorization": f"Bearer {token}"}) == UNAUTHENTICATED


@pytest.mark.parametrize("route", [*ORDER_ROUTES, *CARD_ROUTES, *WEBHOOK_ROUTES])
def test_05_a_user_without_permission_is_forbidden(emulator: Emulator, client: Client, route: str) -> None:
    client.token = f"restricted-{emulator.name}"
    assert ask(client, route) == FORBIDDEN
    client.token = client.login(f"noorder@{emulator.name}.test").json()["accessToken"]
    assert ask(client, route) == FORBIDDEN
    assert ask(client, "get-user")[0] == 200


@pytest.mark.parametrize(
    ("setting", "routes", "forbidden"),
    [
        ("canOrder", (*ORDER_ROUTES, *WEBHOOK_ROUTES), True),
        ("canReadCard", CARD_ROUTES, True),
        ("disabled", ORDER_ROUTES, False),
    ],
)
def test_05_set_user_takes_effect_at_once(
    emulator: Emulator, client: Client, setting: str, routes: tuple[str, ...], forbidden: bool
) -> None:
    emulator.set("baanx", users={"user": {setting: False}})
    for route in ROUTES:
        if route in BEARER_ROUTES:
            expected = 403 if forbidden and route in routes else ROUTES[route][3]
            assert ask(client, route)[0] == expected


# Name of the scenario's error, and the answer.
REFUSALS = {
    "client_missing": MISSING,
    "client_invalid": INVALID,
    "rate_limited": (429, {"message": "Too many requests"}),
    "unauthenticated": UNAUTHENTICATED,
    "forbidden": FORBIDDEN,
    "malformed_json": (422, {"message": "Request body is not valid JSON"}),
    "validation": (422, {"message": "productId is required"}),
    "unknown_product": (422, {"message": "Unknown productId"}),
    "ineligible": (403, {"message": "Product not available for this user"}),
    "open_order": (400, {"message": "User already has an open order"}),
    "internal": (500, {"message": "Internal server error"}),
}


def test_19_every_error_of_the_create_call_can_be_scripted() -> None:
    assert CARD.answers == REFUSALS.keys()


@pytest.mark.parametrize("error", REFUSALS)
def test_19_a_scenario_refuses_the_create_call(emulator: Emulator, client: Client, error: str) -> None:
    scenario = f"refused-{error.replace('_', '-')}"
    response = client.create({"X-Emulator-Scenario": scenario})
    assert (response.status_code, response.json()) == REFUSALS[error]
    assert response.headers.get("retry-after") == ("30" if error == "rate_limited" else None)
    assert emulator.orders() == []
    assert emulator.journal(kind="request")[0]["error"] == error


@pytest.mark.parametrize("error", ["unauthenticated", "validation"])
def test_19_scripted_errors_of_early_checks_do_not_need_a_valid_body(client: Client, error: str) -> None:
    headers = {"X-Emulator-Scenario": f"refused-{error}"}
    response = client.request("POST", "/v1/order", content=b"{", headers=headers)
    assert (response.status_code, response.json()) == REFUSALS[error]


@pytest.mark.parametrize("route", ROUTES)
def test_19_a_fault_refuses_the_next_requests_to_a_call(emulator: Emulator, client: Client, route: Any) -> None:
    on_demand = (UNAUTHENTICATED, FORBIDDEN, REFUSALS["rate_limited"], INVALID, MISSING, REFUSALS["internal"])
    for expected in on_demand:
        fault = "rate-limit" if expected[0] == 429 else "status"
        more = {"retry_after": 7} if fault == "rate-limit" else {"status": expected[0]}
        emulator.inject(cast(Any, fault), provider="baanx", endpoint=route, times=2, **cast(Any, more))
        for _ in range(2):
            method, path, body, _ = ROUTES[route]
            refused = client.request(method, path, body)
            assert (refused.status_code, refused.json()) == expected
            assert refused.headers.get("retry-after") == ("7" if fault == "rate-limit" else None)
    assert ask(client, route)[0] == ROUTES[route][3]


def test_19_a_fault_with_status_404_answers_order_not_found(client: Client) -> None:
    refused = client.request("GET", "/v1/order/ord_0", headers={"X-Emulator-Fault": "status; status=404"})
    assert (refused.status_code, refused.json()) == (404, {"message": "Order not found"})


def test_19_a_fault_comes_after_the_check_of_the_body_s_size(emulator: Emulator, client: Client) -> None:
    emulator.inject("status", status=500, provider="baanx", times=1)
    assert client.request("POST", "/v1/order", content=b" " * 102_401).status_code == 413
    assert client.create({"x-client-key": "another"}).status_code == 500
    assert client.create({"x-client-key": "another"}).status_code == 498


def test_19_a_preflight_request_uses_up_no_fault(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", cors=True)
    emulator.inject("status", status=500, provider="baanx", times=1)
    preflight = httpx.options(f"{emulator.baanx.url}/v1/order", headers={"X-Client-ID": client.client_id})
    assert preflight.status_code == 204
    assert client.create().status_code == 500


def test_19_a_rate_limit_by_a_fault_follows_the_setting_retry_after(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", retry_after=False)
    emulator.inject("rate-limit", provider="baanx", retry_after="90s")
    refused = client.create()
    assert refused.status_code == 429
    assert "retry-after" not in refused.headers


@pytest.mark.parametrize(
    ("setting", "routes", "free"),
    [
        ("order_rate_limit", ORDER_ROUTES, "get-user"),
        ("login_rate_limit", ("sign-in", "send-one-time-code"), "create-order"),
    ],
)
def test_19_a_rate_limit_counts_its_calls_together(
    emulator: Emulator, client: Client, setting: Any, routes: tuple[str, ...], free: str
) -> None:
    emulator.set("baanx", **cast(Any, {setting: "3/60"}))
    emulator.advance("10s")
    for place in range(3):
        assert ask(client, routes[place % len(routes)])[0] != 429
    emulator.advance("20500ms")
    for route in routes:
        method, path, body, _ = ROUTES[route]
        refused = client.request(method, path, body)
        assert (refused.status_code, refused.json()) == (429, {"message": "Too many requests"})
        assert refused.headers["retry-after"] == "40"
    assert ask(client, free)[0] == ROUTES[free][3]
    emulator.advance("39500ms")
    assert ask(client, routes[0])[0] == ROUTES[routes[0]][3]


def test_19_each_rate_limit_counts_separately(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", login_rate_limit="1/60", order_rate_limit="2/60")
    assert [ask(client, "sign-in")[0] for _ in range(2)] == [401, 429]
    assert [ask(client, "get-order")[0] for _ in range(3)] == [404, 404, 429]


def test_19_a_rate_limit_is_checked_before_the_bearer(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", order_rate_limit="1/60", retry_after=False)
    assert ask(client, "get-order", {"Authorization": None}) == UNAUTHENTICATED
    refused = client.request("GET", "/v1/order/ord_0", headers={"Authorization": None})
    assert refused.status_code == 429
    assert "retry-after" not in refused.headers
    assert ask(client, "get-order", {"X-Client-ID": "nobody"}) == INVALID


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/orders", "/v1/order/", "/v1/user/", "/V1/user", "/v1/order/a/b", "/oauth/ui/", "/%"]
)
def test_20_an_unknown_path_is_not_found(client: Client, path: str) -> None:
    response = client.request("GET", path, headers={"X-Client-ID": None, "Authorization": None})
    assert (response.status_code, response.json()) == (404, {"message": "Not found"})


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_20_another_method_is_not_allowed(client: Client, route: str, method: str) -> None:
    path = ROUTES[route][1].partition("?")[0]
    good = {each for each, other, *_ in ROUTES.values() if other.partition("?")[0] == path}
    if method in good:
        return
    response = client.request(method, path, headers={"X-Client-ID": None, "Authorization": None})
    assert (response.status_code, response.json()) == (405, {"message": "Method not allowed"})
    expected = good | ({"HEAD"} if "GET" in good else set())
    assert set(response.headers["allow"].split(", ")) == expected


def test_20_a_body_over_100_kib_is_too_large(client: Client) -> None:
    limit = 100 * 1024
    filler = b'{"productId":"PRODUCT_ID_ABC","paymentMethod":"CRYPTO_EXTERNAL_DAIMO","x":"%s"}'
    fitting = filler % (b"y" * (limit - len(filler) + 2))
    assert len(fitting) == limit
    assert client.request("POST", "/v1/order", content=fitting).status_code == 200
    response = client.request("POST", "/v1/order", content=fitting + b" ", headers={"X-Client-ID": None})
    assert (response.status_code, response.json()) == (413, {"message": "Payload too large"})


def test_the_true_reason_is_told_on_request(client: Client) -> None:
    response = client.request("GET", "/v1/user", headers={"X-Client-ID": "nobody", "X-Emulator-Explain": "1"})
    assert response.headers["x-emulator-reason"].endswith("that of this sandbox is 'client-default'")
