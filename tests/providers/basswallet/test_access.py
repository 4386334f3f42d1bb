"""Keys, signatures, timestamps, limits and paths, over HTTP."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from emulator.engine import real_time
from emulator.testing import BackgroundServer, Emulator
from tests.clients.basswallet import FORM_TYPE, STYLES, Client, plain, refused, sign

CREATE = "/v1/account/payment"
QUERY = "/v1/account/order/query"
GOLD = {
    "amount": "99.99",
    "tokenName": "USDT",
    "chainName": "Ethereum",
    "displayInfo": "Gold plan",
    "returnUrl": "https://shop.example/return?o=1",
}
ENDPOINTS = [("POST", CREATE), ("GET", QUERY), ("GET", "/v1/account/order/history"), ("GET", "/v1/common/tokens")]
SIGNED = ENDPOINTS[:3]

VECTORS = [
    pytest.param("POST", "amount=99.99&tokenName=USDT&chainName=Ethereum&businessId=Order0001&timestamp=1735119737000"),
    pytest.param("GET", "businessId=Order0001&timestamp=1735119738000"),
    pytest.param("GET", "type=Payment&timestamp=1735119739000"),
    pytest.param("POST", "tokenName=USDT&chainName=Tron&displayInfo=金牌会员&timestamp=1735119737000"),
    pytest.param("POST", "amount=&tokenName=USDT&chainName=Tron&timestamp=1735119737000"),
]


def send_text(client: Client, text: str, signature: str | None, body: str | None = None) -> httpx.Response:
    """A form whose body is `body`, by default the signed text itself."""
    content = (text if body is None else body).encode()
    return client.send("POST", CREATE, content, {"Signature": signature, "Content-Type": FORM_TYPE})


def stamped(parameters: Mapping[str, str]) -> dict[str, str]:
    return {**parameters, "timestamp": str(real_time.now_ms())}


# -- 2. signatures


@pytest.mark.parametrize("style", STYLES)
def test_02_every_sample_program_can_create_an_order(client: Client, style: str) -> None:
    created = client.data(client.request("POST", CREATE, GOLD, style=style))
    assert created["displayInfo"] == "Gold plan"
    assert created["returnUrl"] == "https://shop.example/return?o=1"


@pytest.mark.parametrize("style", ["python", "php", "curl"])
def test_02_a_query_string_may_be_signed_plain_raw_or_encoded(client: Client, style: str) -> None:
    client.create(businessId="Order0001")
    response = client.request("GET", QUERY, {"businessId": "Order0001", "note": "Gold plan/1"}, style=style)
    assert client.data(response)["businessId"] == "Order0001"


@pytest.mark.parametrize(("method", "text"), VECTORS)
def test_02_the_signed_texts_of_the_vectors_are_accepted(
    emulator_server: BackgroundServer, method: str, text: str
) -> None:
    with (
        emulator_server.sandbox(clock={"mode": "manual", "now": 1735119739000}) as emulator,
        Client(emulator) as client,
    ):
        emulator.set("basswallet", timestamp_clock="emulator", order_not_found="null_data")
        signature = sign(text, client.secret)
        if method == "POST":
            assert client.data(send_text(client, text, signature))["createdDate"] == 1735119739000
            return
        path = QUERY if "businessId" in text else "/v1/account/order/history"
        assert client.data(client.send("GET", f"{path}?{text}", None, {"Signature": signature})) in (None, [])


def test_02_the_signature_may_be_written_in_upper_case(client: Client) -> None:
    text = plain(stamped(GOLD))
    assert send_text(client, text, sign(text, client.secret).upper()).status_code == 200


SIGN_ERRORS = {
    "reordered": lambda p: (plain(p), plain(dict(reversed(p.items())))),
    "another value": lambda p: (plain(p), plain({**p, "amount": "99.98"})),
    "a parameter more": lambda p: (plain(p), plain({**p, "extra": "1"})),
    "a parameter less": lambda p: (plain(p), plain({name: p[name] for name in p if name != "displayInfo"})),
    "a new line at the end": lambda p: (plain(p) + "\n", plain(p)),
    "sorted, as others do": lambda p: (plain(dict(sorted(p.items()))), plain(p)),
    "the query is not signed": lambda p: ("a=1&" + plain(p), plain(p)),
}


@pytest.mark.parametrize("change", SIGN_ERRORS)
def test_02_a_signature_of_another_text_is_refused(client: Client, change: str) -> None:
    signed, body = SIGN_ERRORS[change](stamped(GOLD))
    response = send_text(client, signed, sign(signed, client.secret), body)
    assert refused(response) == (401, "SIGN_ERROR")


@pytest.mark.parametrize("signature", [None, "", "0" * 64, "0" * 63, "nonsense"])
@pytest.mark.parametrize(("method", "path"), SIGNED)
def test_02_a_signature_that_is_missing_or_wrong_is_refused(
    client: Client, method: str, path: str, signature: str | None
) -> None:
    response = client.request(method, path, GOLD, headers={"Signature": signature})
    assert refused(response) == (401, "SIGN_ERROR")


def test_02_a_signature_with_the_secret_of_another_key_is_refused(client: Client) -> None:
    text = plain(stamped(GOLD))
    assert refused(send_text(client, text, sign(text, "secret-default"))) == (401, "SIGN_ERROR")


def test_02_the_reason_for_a_wrong_signature_is_the_text_to_sign(emulator: Emulator, client: Client) -> None:
    text = plain(stamped(GOLD))
    headers = {"Signature": "0" * 64, "Content-Type": FORM_TYPE, "X-Emulator-Explain": "1"}
    response = client.send("POST", CREATE, text.encode(), headers)
    assert text in response.headers["x-emulator-reason"]
    assert text in str(emulator.journal(kind="request")[-1]["reason"])


@pytest.mark.parametrize(
    ("setting", "good"),
    [("plain", {"python", "java", "json"}), ("raw", {"java", "curl"}), ("encoded", {"php"})],
)
def test_02_each_strict_signature_text_accepts_only_its_own(
    emulator: Emulator, client: Client, setting: Any, good: set[str]
) -> None:
    emulator.set("basswallet", signature_text=setting)
    taken = {style for style in STYLES if client.request("POST", CREATE, GOLD, style=style).status_code == 200}
    assert taken == good


# -- 3. timestamps


@pytest.mark.parametrize(
    ("age_ms", "answer"),
    [(0, 200), (10_000, 200), (10_001, "TIME_OUT"), (86_400_000, "TIME_OUT"), (-10_000, 200), (-10_001, "TIME_OUT")],
)
@pytest.mark.parametrize(("method", "path"), [("POST", CREATE), ("GET", "/v1/account/order/history")])
def test_03_a_timestamp_is_valid_for_ten_seconds(
    emulator: Emulator, client: Client, method: str, path: str, age_ms: int, answer: int | str
) -> None:
    emulator.set("basswallet", timestamp_clock="emulator")
    now_ms = emulator.call("GET", "clock")["now_ms"]
    parameters = {**GOLD, "type": "Payment", "timestamp": str(now_ms - age_ms)}
    response = client.request(method, path, parameters)
    assert response.status_code == 200 if answer == 200 else refused(response) == (400, answer)


@pytest.mark.parametrize("timestamp", [None, "", "now", "-1", "1735119737000.0", "9" * 20])
def test_03_a_missing_or_malformed_timestamp_is_a_parameter_error(client: Client, timestamp: str | None) -> None:
    assert refused(client.create(timestamp=timestamp)) == (400, "PARAM_ERROR")


def test_03_a_jump_of_the_sandbox_s_clock_does_not_age_a_request(emulator: Emulator, client: Client) -> None:
    emulator.advance("1d")
    assert client.create().status_code == 200
    assert refused(client.create(timestamp=str(real_time.now_ms() - 11_000))) == (400, "TIME_OUT")


def test_03_the_future_is_limited_by_the_setting(emulator: Emulator, client: Client) -> None:
    emulator.set("basswallet", timestamp_clock="emulator", future_tolerance_ms=1000)
    now_ms = emulator.call("GET", "clock")["now_ms"]
    assert client.create(timestamp=str(now_ms + 1000)).status_code == 200
    assert refused(client.create(timestamp=str(now_ms + 1001))) == (400, "TIME_OUT")


@pytest.mark.parametrize("factor", [1000, 1_000_000])
def test_03_timestamps_in_finer_units_are_refused_unless_any_future_is_allowed(
    emulator: Emulator, client: Client, factor: int
) -> None:
    stamp = str(real_time.now_ms() * factor)
    assert refused(client.create(timestamp=stamp)) == (400, "TIME_OUT")
    emulator.set("basswallet", future_tolerance_ms=None)
    assert client.create(timestamp=stamp).status_code == 200


# -- 4. keys and permissions


@pytest.mark.parametrize("key", [None, "", "access-of-nobody", "nonsense", "ACCESS-default", "secret-default"])
@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_04_a_missing_or_unknown_key_is_refused(client: Client, method: str, path: str, key: str | None) -> None:
    response = client.request(method, path, GOLD, headers={"API-Access-Key": key})
    assert refused(response) == (401, "UNAUTHORIZED_ACCESS")


def test_04_the_key_of_another_sandbox_leads_to_that_sandbox(
    emulator_server: BackgroundServer, emulator: Emulator, client: Client
) -> None:
    with emulator_server.sandbox() as elsewhere:
        client.secret = elsewhere.basswallet.credentials["secret_key"]
        created = client.create({"API-Access-Key": elsewhere.basswallet.credentials["access_key"]})
        assert [order["id"] for order in elsewhere.orders()] == [client.order_id(created)]
    assert emulator.orders() == []


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_04_a_key_without_permission_may_do_nothing(emulator: Emulator, method: str, path: str) -> None:
    with Client(emulator, word="noauth") as client:
        assert refused(client.request(method, path, GOLD)) == (403, "NO_AUTH")


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_04_a_key_bound_to_another_address_may_do_nothing(emulator: Emulator, method: str, path: str) -> None:
    with Client(emulator, word="ip") as client:
        assert refused(client.request(method, path, GOLD)) == (401, "IP_NOT_IN_WHITELIST")


PERMISSIONS = dict(zip(("payment", "query", "history", "common"), ENDPOINTS, strict=True))


@pytest.mark.parametrize("permission", PERMISSIONS)
def test_04_each_permission_allows_one_endpoint(emulator: Emulator, client: Client, permission: str) -> None:
    emulator.set("basswallet", keys={"access": {"permissions": [permission]}}, order_not_found="null_data")
    parameters = {**GOLD, "id": "1", "type": "Payment"}
    allowed = {
        name
        for name, (method, path) in PERMISSIONS.items()
        if client.request(method, path, parameters).status_code == 200
    }
    assert allowed == {permission}


@pytest.mark.parametrize(
    ("networks", "good"),
    [
        ([], True),
        (["127.0.0.1"], True),
        (["192.0.2.1", "127.0.0.0/8"], True),
        (["127.0.0.1/8"], True),
        (["10.0.0.0/8"], False),
        (["::1"], False),
    ],
)
def test_04_a_key_may_be_bound_to_addresses_and_networks(
    emulator: Emulator, client: Client, networks: list[str], good: bool
) -> None:
    emulator.set("basswallet", keys={"access": {"ip_list": networks}})
    response = client.create()
    assert response.status_code == 200 if good else refused(response) == (401, "IP_NOT_IN_WHITELIST")


def test_04_a_key_can_be_switched_off_and_on(emulator: Emulator, client: Client) -> None:
    emulator.set("basswallet", keys={"access": {"enabled": False}})
    assert refused(client.create()) == (401, "UNAUTHORIZED_ACCESS")
    emulator.set("basswallet", keys={})
    assert client.create().status_code == 200


def test_04_the_old_key_header_is_accepted_only_by_setting(emulator: Emulator, client: Client) -> None:
    old = {"API-Access-Key": None, "X-BS-APIKEY": client.access_key}
    assert refused(client.create(old)) == (401, "UNAUTHORIZED_ACCESS")
    emulator.set("basswallet", legacy_key_header=True)
    assert client.create(old).status_code == 200
    assert client.create().status_code == 200


@pytest.mark.parametrize(
    ("settings", "status", "message"),
    [
        ({}, 401, "SIGN_ERROR"),
        ({"error_msg": "text"}, 401, "Wrong signature"),
        ({"error_http_status": "always_200"}, 200, "SIGN_ERROR"),
        ({"error_http_status": "always_200", "error_msg": "text"}, 200, "Wrong signature"),
    ],
)
def test_04_errors_have_the_status_and_text_that_the_settings_say(
    emulator: Emulator, client: Client, settings: dict[str, Any], status: int, message: str
) -> None:
    emulator.set("basswallet", **settings)
    response = client.create({"Signature": None})
    assert response.status_code == status
    now_ms = emulator.call("GET", "clock")["now_ms"]
    assert response.json() == {"code": 401, "msg": message, "timestamp": str(now_ms), "data": None}
    assert list(response.json()) == ["code", "msg", "timestamp", "data"]


# -- 8. what may be left out


def test_08_without_a_signature_check_a_key_is_enough(emulator: Emulator, client: Client) -> None:
    emulator.set("basswallet", signature_check="off")
    body = b"tokenName=USDT&chainName=Tron"
    assert client.send("POST", CREATE, body, {"Content-Type": FORM_TYPE}).status_code == 200
    assert client.send("POST", CREATE, body + b"&timestamp=1", {"Signature": "nonsense"}).status_code == 200
    response = client.send("POST", CREATE, body, {"API-Access-Key": None})
    assert refused(response) == (401, "UNAUTHORIZED_ACCESS")


# -- 19. the rate limit


def test_19_a_key_is_limited_in_fixed_windows(emulator: Emulator, client: Client, other: Client) -> None:
    emulator.set("basswallet", rate_limit="2/10")
    assert client.create().status_code == 200
    emulator.advance("9999ms")
    assert refused(client.create(amount="none")) == (400, "PARAM_ERROR")
    limited = client.create()
    assert refused(limited) == (429, "FREQUENCY_LIMITED")
    assert "retry-after" not in limited.headers
    assert refused(client.tokens()) == (429, "FREQUENCY_LIMITED")
    assert other.create().status_code == 200
    emulator.advance("1ms")
    assert client.create().status_code == 200


# -- 20. paths and methods


@pytest.mark.parametrize("path", ["/", "/v1", f"{CREATE}/", f"/api{QUERY}/", "/api", "/v2/account/payment", "/payin"])
def test_20_an_unknown_path_is_not_found(client: Client, path: str) -> None:
    assert refused(client.send("POST", path)) == (404, "NOT_FOUND")
    assert refused(client.send("GET", path, None, {"API-Access-Key": None})) == (404, "NOT_FOUND")


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
@pytest.mark.parametrize("prefix", ["", "/api"])
def test_20_another_method_is_not_allowed(client: Client, method: str, path: str, prefix: str) -> None:
    for wrong in {"GET", "POST", "PUT", "DELETE", "PATCH"} - {method}:
        response = client.send(wrong, prefix + path, None, {"API-Access-Key": None})
        assert refused(response) == (405, "METHOD_NOT_ALLOWED")
        assert response.headers["allow"] == ("GET, HEAD" if method == "GET" else method)
