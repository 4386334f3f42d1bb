"""Creating and reading orders over HTTP."""

import json
import re
from typing import Any

import pytest

from emulator.core import json_text
from emulator.testing import Emulator
from tests.clients.baanx import Client

METHOD = "CRYPTO_EXTERNAL_DAIMO"
REQUEST_ID = re.compile(r"[1-9A-HJ-NP-Za-km-z]{43,44}")


def test_01_the_sample_order_gets_everything_a_payment_needs(client: Client) -> None:
    response = client.create(productId="PRODUCT_ID_ABC")
    assert response.status_code == 200
    body = response.json()
    assert list(body) == ["requestId", "orderId", "paymentConfig"]
    assert REQUEST_ID.fullmatch(body["requestId"])
    assert re.fullmatch(r"ord_[0-9a-f]{24}", body["orderId"])
    address = body["paymentConfig"]["destinationAddress"]
    assert re.fullmatch(r"0x[0-9a-f]{40}", address)
    assert list(body["paymentConfig"].items()) == [
        ("paymentAmount", 199),
        ("paymentCurrency", "USD"),
        ("destinationAddress", address),
        ("destinationChainId", "59144"),
        ("destinationTokenSymbol", "USDC"),
        ("destinationTokenAddress", "0x176211869cA2b568f2A7D4EE941E073a821EE1ff"),
    ]


@pytest.mark.parametrize(
    ("product", "literal"), [("PREMIUM_SUBSCRIPTION", "199"), ("METAL_CARD", "99"), ("SANDBOX_COMPLETE", "9.99")]
)
def test_01_the_amount_is_written_as_the_catalogue_has_it(client: Client, product: str, literal: str) -> None:
    assert f'"paymentAmount":{literal},' in client.create(productId=product).text


def test_01_unknown_members_and_parameters_are_ignored(client: Client) -> None:
    body = {"productId": "PRODUCT_ID_ABC", "paymentMethod": METHOD, "amount": 1, "reference": {"a": []}}
    response = client.request(
        "POST",
        "/v1/order",
        body,
        params={"x": "1", "region": "us"},
        headers={"Content-Type": "Application/JSON; charset=utf-8", "x-secret-key": "s", "x-us-env": "maybe"},
    )
    assert response.status_code == 200


def test_01_the_request_on_the_provider_s_page_succeeds_as_printed(client: Client) -> None:
    content = b'{"productId":"PRODUCT_ID_ABC","paymentMethod":"CRYPTO_EXTERNAL_DAIMO"}'
    headers = {"x-us-env": None, "Authorization": f"Bearer {client.token}"}
    assert client.request("POST", "/v1/order", content=content, headers=headers).status_code == 200


def test_01_a_mobile_wallet_is_served(client: Client) -> None:
    headers = {"X-Client-ID": None, "x-client-key": client.client_id, "x-us-env": "true"}
    content = b'{"productId":"PREMIUM_SUBSCRIPTION","paymentMethod":"CRYPTO_EXTERNAL_DAIMO"}'
    created = client.request("POST", "/v1/order", content=content, headers=headers)
    read = client.request("GET", f"/v1/order/{client.order_id(created)}", headers=headers)
    assert read.json()["status"] == "STARTED"


def test_02_equal_requests_make_two_orders(client: Client) -> None:
    first, second = client.create().json(), client.create().json()
    assert first["orderId"] != second["orderId"]
    assert first["requestId"] != second["requestId"]
    assert first["paymentConfig"]["destinationAddress"] != second["paymentConfig"]["destinationAddress"]
    for created in (first, second):
        assert client.read(created["orderId"]).json() == {
            "requestId": created["requestId"],
            "orderId": created["orderId"],
            "status": "STARTED",
        }


# What is sent for the member, and the message; a value of None leaves the member out.
BROKEN_MEMBERS: list[tuple[str, Any, str]] = [
    (member, value, f"{member} {text}")
    for member in ("productId", "paymentMethod")
    for value, text in [
        (..., "is required"),
        (None, "is required"),
        ("", "is required"),
        (1, "must be a string"),
        (0, "must be a string"),
        (False, "must be a string"),
        (["x"], "must be a string"),
        ({"x": "y"}, "must be a string"),
    ]
]
BROKEN_MEMBERS += [
    ("paymentMethod", value, "paymentMethod must be one of: CRYPTO_EXTERNAL_DAIMO")
    for value in ("crypto_external_daimo", "CARD", " CRYPTO_EXTERNAL_DAIMO")
]


@pytest.mark.parametrize(("member", "value", "message"), BROKEN_MEMBERS)
def test_06_an_invalid_member_is_named(client: Client, member: str, value: Any, message: str) -> None:
    body: dict[str, Any] = {"productId": "PRODUCT_ID_ABC", "paymentMethod": METHOD, member: value}
    if value is ...:
        del body[member]
    response = client.request("POST", "/v1/order", body)
    assert (response.status_code, response.json()) == (422, {"message": message})


@pytest.mark.parametrize(
    ("content", "content_type", "message"),
    [
        (b'{"productId":1}', None, "Content-Type must be application/json"),
        (b"", "text/plain", "Content-Type must be application/json"),
        (b"{}", "application/json-patch+json", "Content-Type must be application/json"),
        (b"productId=x", "application/x-www-form-urlencoded", "Content-Type must be application/json"),
        (b"", "application/json", "Request body is not valid JSON"),
        (b"{", "application/json", "Request body is not valid JSON"),
        (b"{'a':1}", "application/json", "Request body is not valid JSON"),
        (b'{"a":NaN}', "application/json", "Request body is not valid JSON"),
        (b"\xff\xfe", "application/json", "Request body is not valid JSON"),
        (b'"\\ud800"', "application/json", "Request body is not valid JSON"),
        (b"[" * 5000, "application/json", "Request body is not valid JSON"),
        (b"[]", "application/json", "Request body must be a JSON object"),
        (b"null", "application/json", "Request body must be a JSON object"),
        (b'"text"', "application/json", "Request body must be a JSON object"),
        (b"1e999", "application/json", "Request body must be a JSON object"),
        (b"{}", "application/json", "productId is required"),
    ],
)
def test_06_the_body_is_checked_before_its_members(
    client: Client, content: bytes, content_type: str | None, message: str
) -> None:
    response = client.request("POST", "/v1/order", content=content, headers={"Content-Type": content_type})
    assert (response.status_code, response.json()) == (422, {"message": message})


def test_06_the_first_broken_rule_decides(client: Client) -> None:
    def message(**body: Any) -> str:
        return str(client.request("POST", "/v1/order", body).json()["message"])

    assert message(paymentMethod=1) == "productId is required"
    assert message(productId=1) == "productId must be a string"
    assert message(productId="NO_SUCH") == "paymentMethod is required"
    assert message(productId="NO_SUCH", paymentMethod="CARD").startswith("paymentMethod must be one of")
    assert message(productId="NO_SUCH", paymentMethod=METHOD) == "Unknown productId"


@pytest.mark.parametrize("product", ["NO_SUCH", "premium_subscription", " METAL_CARD", "METAL_CARD "])
def test_06_a_product_outside_the_catalogue_is_unknown(client: Client, product: str) -> None:
    response = client.create(productId=product)
    assert (response.status_code, response.json()) == (422, {"message": "Unknown productId"})


def test_06_a_product_that_needs_an_identity_check_is_refused_to_unverified_users(
    emulator: Emulator, client: Client
) -> None:
    client.token = client.login(f"unverified@{emulator.name}.test").json()["accessToken"]
    response = client.create(productId="METAL_CARD")
    assert (response.status_code, response.json()) == (403, {"message": "Product not available for this user"})
    assert client.create(productId="PRODUCT_ID_ABC").status_code == 200


def test_06_a_subscription_can_be_bought_once(emulator: Emulator, client: Client) -> None:
    first = client.start("PREMIUM_SUBSCRIPTION")
    assert client.create(productId="PREMIUM_SUBSCRIPTION").status_code == 200
    emulator.fire(first, "pay")
    response = client.create(productId="PREMIUM_SUBSCRIPTION")
    assert (response.status_code, response.json()) == (403, {"message": "Product not available for this user"})
    assert client.create(productId="METAL_CARD").status_code == 200
    with Client(emulator, token=f"us-{emulator.name}") as other:
        assert other.create(productId="PREMIUM_SUBSCRIPTION").status_code == 200


def test_07_a_new_order_is_started_and_nothing_more(client: Client) -> None:
    created = client.create().json()
    response = client.read(created["orderId"])
    assert response.status_code == 200
    assert list(response.json()) == ["requestId", "orderId", "status"]
    assert response.json()["status"] == "STARTED"


def test_07_unknown_orders_and_other_users_orders_are_not_found(emulator: Emulator, client: Client) -> None:
    order_id = client.start()
    with Client(emulator, token=f"us-{emulator.name}") as other:
        foreign = other.read(order_id)
    for response in (foreign, client.read("ord_0"), client.read("%00"), client.read("a%2Fb"), client.read("x" * 5000)):
        assert (response.status_code, response.json()) == (404, {"message": "Order not found"})


def test_07_the_orders_of_another_client_key_are_not_found(emulator: Emulator, client: Client) -> None:
    order_id = client.start()
    with Emulator.create(emulator.control_url, name=f"{emulator.name}-b") as neighbour, Client(neighbour) as other:
        assert other.read(order_id).status_code == 404
        assert other.status(other.start()) == "STARTED"


def test_07_the_path_products_is_an_unknown_order_and_not_the_list(client: Client) -> None:
    response = client.request("GET", "/v1/order/products")
    assert (response.status_code, response.json()) == (404, {"message": "Order not found"})


def test_an_order_is_written_as_compact_json(client: Client) -> None:
    response = client.read(client.start())
    assert response.text == json.dumps(response.json(), separators=(",", ":"))


def test_the_control_api_shows_the_region_of_an_order(emulator: Emulator, client: Client) -> None:
    us, international = (
        client.order_id(client.create({"x-us-env": value, "X-Emulator-Scenario": "manual"})) for value in ("true", "1")
    )
    assert emulator.order(us)["fields"]["region"] == "us"
    assert emulator.order(international)["fields"]["region"] == "international"


def test_the_same_seed_gives_the_same_orders(emulator: Emulator, client: Client) -> None:
    first = client.create().content
    emulator.reset()
    assert client.create().content == first
    assert json_text.decode(client.create().content) != json_text.decode(first)
