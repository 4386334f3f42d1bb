"""The settings that no other file tests: what a client sees of each."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from emulator import providers
from emulator.core.common_settings import COMMON
from emulator.core.problems import setting_problem
from emulator.testing import ControlRefused, Emulator
from tests.clients.baanx import Client

SETTINGS = providers.load("baanx").settings
OWN = SETTINGS.keys() - {each.name for each in COMMON}
ALLOW_ORIGIN = "access-control-allow-origin"


def told(response: httpx.Response) -> tuple[int, Any]:
    return response.status_code, response.json()


def test_every_setting_is_put_to_use_in_a_test() -> None:
    tests = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    assert [name for name in OWN if f'set("baanx", {name}=' not in tests and f", {name}=" not in tests] == []


@pytest.mark.parametrize("name", SETTINGS)
def test_the_default_of_a_setting_is_a_valid_value(name: str) -> None:
    assert setting_problem(SETTINGS[name], SETTINGS[name].default) is None


@pytest.mark.parametrize(
    ("value", "by_id", "by_key", "by_both"),
    [("either", 200, 200, 498), ("client_id", 200, 499, 200), ("client_key", 499, 200, 498)],
)
def test_a_setting_admits_only_one_of_the_headers(
    emulator: Emulator, client: Client, value: Any, by_id: int, by_key: int, by_both: int
) -> None:
    emulator.set("baanx", client_header=value)

    def ask(**sent: str | None) -> int:
        headers = {name.replace("_", "-"): text for name, text in sent.items()}
        return client.request("GET", "/v1/user", headers={"X-Client-ID": None, **headers}).status_code

    assert ask(**{"X-Client-ID": client.client_id}) == by_id
    assert ask(**{"x-client-key": client.client_id}) == by_key
    assert ask(**{"X-Client-ID": client.client_id, "x-client-key": "other"}) == by_both


def test_a_key_is_found_beside_a_header_that_is_ignored(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", client_header="client_key")
    headers = {"X-Client-ID": "other", "x-client-key": client.client_id}
    assert client.request("GET", "/v1/user", headers=headers).status_code == 200


# What the request says of its region, and whether that is the United States.
REGIONS: list[tuple[str | None, dict[str, str], bool]] = [
    (None, {}, False),
    ("true", {}, True),
    ("false", {}, False),
    ("TRUE", {}, False),
    ("1", {}, False),
    (None, {"region": "us"}, True),
    (None, {"region": "US"}, False),
    ("false", {"region": "us"}, False),
    ("true", {"region": "eu"}, True),
]


@pytest.mark.parametrize(("header", "query", "is_us"), REGIONS)
@pytest.mark.parametrize("login_failure_status", [401, 400])
def test_users_can_be_kept_to_their_region(
    emulator: Emulator,
    client: Client,
    header: str | None,
    query: dict[str, str],
    is_us: bool,
    login_failure_status: Any,
) -> None:
    def ask(word: str) -> tuple[int, int]:
        sent = {"x-us-env": header, "Authorization": f"Bearer {word}-{emulator.name}"}
        user = client.request("GET", "/v1/user", headers=sent, params=query)
        login = {"email": f"{word}@{emulator.name}.test", "password": "sandbox"}
        entered = client.request("POST", "/v1/auth/login", login, headers=sent, params=query)
        return user.status_code, entered.status_code

    assert (ask("us"), ask("user")) == ((200, 200), (200, 200))
    emulator.set("baanx", enforce_region=True, login_failure_status=login_failure_status)
    assert ask("us") == ((200, 200) if is_us else (401, 401))
    assert ask("user") == ((401, 401) if is_us else (200, 200))


def test_the_request_id_can_be_left_out(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", omit_request_id=True)
    created = client.create()
    assert list(created.json()) == ["orderId", "paymentConfig"]
    assert list(client.read(client.order_id(created)).json()) == ["orderId", "status"]


def test_all_orders_can_have_one_address(emulator: Emulator, client: Client) -> None:
    address = "0x52a7C0E4b1D98F6033ab7e21cc4d5f90a8b1e6d2"
    emulator.set("baanx", destination_address=address)
    for _ in range(2):
        assert client.create().json()["paymentConfig"]["destinationAddress"] == address


def test_a_user_can_be_kept_to_one_open_order(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", one_open_order=True)
    order_id = client.start()
    expected = (400, {"message": "User already has an open order"})
    assert told(client.create()) == expected
    emulator.move(order_id, "PENDING")
    assert told(client.create(productId="METAL_CARD")) == expected
    with Client(emulator, token=f"us-{emulator.name}") as other:
        assert other.create().status_code == 200
    emulator.fire(order_id, "fail")
    assert client.create().status_code == 200


@pytest.mark.parametrize(
    ("value", "text"), [("postgres", "2026-01-05 12:00:00.000+00"), ("iso", "2026-01-05T12:00:00.000Z")]
)
def test_the_time_of_payment_can_have_two_forms(emulator: Emulator, client: Client, value: Any, text: str) -> None:
    emulator.set("baanx", paid_at_format=value)
    order_id = client.start()
    emulator.fire(order_id, "pay")
    assert client.read(order_id).json()["paidAt"] == text


@pytest.mark.parametrize(("value", "text"), [("omit", ""), ("object", ',"metadata":{}'), ("null", ',"metadata":null')])
def test_empty_metadata_can_have_three_forms(emulator: Emulator, client: Client, value: Any, text: str) -> None:
    emulator.set("baanx", empty_metadata=value)
    order_id = client.start()
    assert client.read(order_id).text.endswith(f'"status":"STARTED"{text}}}')
    emulator.fire(order_id, "expire")
    assert client.read(order_id).text.endswith(f'"status":"EXPIRED"{text}}}')


@pytest.mark.parametrize("status", [422, 404, 400])
def test_an_unknown_product_can_have_three_statuses(emulator: Emulator, client: Client, status: Any) -> None:
    emulator.set("baanx", unknown_product_status=status)
    assert told(client.create(productId="X")) == (status, {"message": "Unknown productId"})


@pytest.mark.parametrize("status", [403, 400, 409, 422])
def test_an_ineligible_product_can_have_four_statuses(emulator: Emulator, client: Client, status: Any) -> None:
    emulator.set("baanx", ineligible_status=status, users={"user": {"eligible": {"METAL_CARD": False}}})
    expected = (status, {"message": "Product not available for this user"})
    assert told(client.create(productId="METAL_CARD")) == expected


@pytest.mark.parametrize(("status", "message"), [(404, "Order not found"), (403, "Not authorized")])
def test_another_user_s_order_can_have_two_statuses(
    emulator: Emulator, client: Client, status: Any, message: str
) -> None:
    emulator.set("baanx", foreign_order_status=status)
    order_id = client.start()
    with Client(emulator, token=f"us-{emulator.name}") as other:
        assert told(other.read(order_id)) == (status, {"message": message})
        assert other.read("ord_0").status_code == 404


@pytest.mark.parametrize("status", [422, 400])
@pytest.mark.parametrize("path", ["/v1/order", "/v1/auth/login", "/v1/auth/login/otp"])
def test_a_body_that_is_not_json_can_have_two_statuses(
    emulator: Emulator, client: Client, status: Any, path: str
) -> None:
    emulator.set("baanx", malformed_json_status=status)
    expected = (status, {"message": "Request body is not valid JSON"})
    assert told(client.request("POST", path, content=b"{")) == expected
    assert client.request("POST", path, content=b"[]").status_code == 422


def test_the_messages_of_errors_can_be_changed(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", messages={"order_not_found": "Nothing here", "validation": "Bad", "invalid_grant": "No"})
    assert told(client.read("ord_0")) == (404, {"message": "Nothing here"})
    assert told(client.create(productId=None)) == (422, {"message": "Bad"})
    assert told(client.create(productId="X")) == (422, {"message": "Unknown productId"})
    grant = {"grant_type": "refresh_token", "refresh_token": "x"}
    expected = (400, {"error": "invalid_grant", "error_description": "No"})
    assert told(client.request("POST", "/v1/auth/oauth/token", grant)) == expected


def test_browsers_are_allowed_only_by_a_setting(emulator: Emulator, client: Client) -> None:
    assert ALLOW_ORIGIN not in client.request("GET", "/v1/user").headers
    assert client.request("OPTIONS", "/v1/order").status_code == 405
    emulator.set("baanx", cors=True)
    for response in (client.create(), client.request("GET", "/nowhere"), client.read("ord_0")):
        assert response.headers[ALLOW_ORIGIN] == "*"
        assert response.headers["access-control-expose-headers"] == "Retry-After"


def test_a_preflight_request_needs_no_bearer(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", cors=True)
    headers = {"X-Client-ID": client.client_id, "Origin": "https://app.example.test"}
    response = httpx.options(f"{emulator.baanx.url}/v1/order", headers=headers, verify=False)
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers[ALLOW_ORIGIN] == "*"
    assert response.headers["access-control-allow-methods"] == "POST"
    allowed = response.headers["access-control-allow-headers"].lower().split(", ")
    assert {"authorization", "content-type", "x-client-id", "x-client-key", "x-us-env"} <= set(allowed)
    assert client.request("OPTIONS", "/nowhere").status_code == 404


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("client_header", "x-client-id"),
        ("order_rate_limit", "10"),
        ("order_rate_limit", "0/10"),
        ("login_rate_limit", 5),
        ("order_expiry_seconds", 0),
        ("order_expiry_seconds", 1.5),
        ("destination_address", "0x12"),
        ("unknown_product_status", 500),
        ("messages", {"no_such_error": "x"}),
        ("messages", {"forbidden": ""}),
        ("redirect_uris", "https://a.test"),
        ("cors", "*"),
        ("totp_clock", "mine"),
    ],
)
def test_a_bad_value_is_refused(emulator: Emulator, name: str, value: Any) -> None:
    with pytest.raises(ControlRefused, match="bad-request"):
        emulator.set("baanx", **{name: value})
