"""The partner's own products: what can be ordered, on which terms, and by whom."""

from typing import Any

import httpx
import pytest

from emulator.providers.baanx.offer import products as offer
from emulator.testing import ControlRefused, Emulator
from emulator.testing.types.arguments import Settings
from tests.clients.baanx import Client

ADDRESS = "0x52A7c0e4b1d98f6033ab7e21cc4d5f90a8b1e6d2"
TOKEN = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"
BASIC = {"id": "BASIC", "amount": "5"}
GOLD: dict[str, Any] = {
    "id": "gold plan",
    "description": "Gold",
    "amount": "1234.50",
    "currency": "USDC",
    "chainId": 8453,
    "token": "USDbC",
    "tokenAddress": TOKEN,
    "destinationAddress": ADDRESS,
    "needsKyc": True,
    "oncePerUser": True,
}
UNKNOWN = (422, {"message": "Unknown productId"})
INELIGIBLE = (403, {"message": "Product not available for this user"})


def told(response: httpx.Response) -> tuple[int, Any]:
    return response.status_code, response.json()


def listed(client: Client) -> list[tuple[str, str, bool]]:
    answer = client.request("GET", "/v1/order/products/available").json()
    return [(each["id"], each["description"], each["isEligible"]) for each in answer]


def payment(response: httpx.Response) -> dict[str, Any]:
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()["paymentConfig"]
    return found


def test_22_custom_products_are_listed_in_their_order_and_replace_all_others(
    emulator: Emulator, client: Client
) -> None:
    emulator.set(
        "baanx", products=[GOLD, {**BASIC, "listed": False}, {"id": "Z", "amount": 1}, {"id": "A", "amount": 1}]
    )
    assert listed(client) == [("gold plan", "Gold", True), ("Z", "Z", True), ("A", "A", True)]
    for product in ("gold plan", "BASIC", "Z", "A"):
        assert client.create(productId=product).status_code == 200
    for product in ("PREMIUM_SUBSCRIPTION", "SANDBOX_COMPLETE", "basic", "BASIC "):
        assert told(client.create(productId=product)) == UNKNOWN
    emulator.set("baanx", products=None)
    assert client.create(productId="PREMIUM_SUBSCRIPTION").status_code == 200


def test_22_an_empty_list_has_nothing_to_order(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", products=[])
    assert listed(client) == []
    assert told(client.create(productId="PRODUCT_ID_ABC")) == UNKNOWN


def test_22_a_product_needs_only_id_and_amount(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", products=[BASIC])
    assert listed(client) == [("BASIC", "BASIC", True)]
    found = payment(client.create(productId="BASIC"))
    address = found.pop("destinationAddress")
    assert found == {
        "paymentAmount": 5,
        "paymentCurrency": "USD",
        "destinationChainId": "59144",
        "destinationTokenSymbol": "USDC",
        "destinationTokenAddress": "0x176211869cA2b568f2A7D4EE941E073a821EE1ff",
    }
    assert address != payment(client.create(productId="BASIC"))["destinationAddress"]


def test_22_products_can_be_given_when_a_sandbox_is_created(emulator: Emulator) -> None:
    settings: Settings = {"baanx": {"products": [BASIC]}}
    with (
        Emulator.create(emulator.control_url, name=f"{emulator.name}-b", settings=settings) as other,
        Client(other) as app,
    ):
        assert listed(app) == [("BASIC", "BASIC", True)]


def test_22_the_flags_of_a_custom_product_decide_who_may_order_it(emulator: Emulator, client: Client) -> None:
    shut = {"id": "SHUT", "amount": 1, "eligible": False}
    emulator.set("baanx", products=[GOLD, BASIC, shut])
    assert listed(client)[2] == ("SHUT", "SHUT", False)
    assert told(client.create(productId="SHUT")) == INELIGIBLE
    first = client.start("gold plan")
    emulator.fire(first, "pay")
    emulator.fire(client.start("BASIC"), "pay")
    assert [each[2] for each in listed(client)] == [False, True, False]
    assert told(client.create(productId="gold plan")) == INELIGIBLE
    with Client(emulator, token=client.login(f"unverified@{emulator.name}.test").json()["accessToken"]) as other:
        assert [each[2] for each in listed(other)] == [False, True, False]
    override = {"user": {"eligible": {"gold plan": True, "SHUT": True, "BASIC": False}}}
    emulator.set("baanx", users=override)
    assert [each[2] for each in listed(client)] == [True, False, True]
    assert client.create(productId="gold plan").status_code == 200
    assert told(client.create(productId="BASIC")) == INELIGIBLE


def test_22_once_per_user_is_counted_by_the_product_s_id(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", products=[BASIC])
    emulator.fire(client.start("BASIC"), "pay")
    emulator.set("baanx", products=[{"id": "BASIC", "amount": 7, "oncePerUser": True}])
    assert listed(client) == [("BASIC", "BASIC", False)]


def test_22_the_example_has_every_member_of_a_product() -> None:
    schema = offer.SETTING.schema
    assert [list(each) for each in schema["examples"][0]] == [list(schema["items"]["properties"])]


@pytest.mark.parametrize(
    ("products", "place"),
    [
        ([BASIC, GOLD, BASIC], "/2/id: an earlier product has it"),
        ([{"id": "A", "amount": 0}], "/0/amount: "),
        ([BASIC, {"id": "A", "amount": "ten"}], "/1/amount: "),
        ([{"id": "A", "amount": "0.00"}], "/0/amount: "),
        ([{"id": "A", "amount": -1}], "/0/amount: "),
        ([{"id": "A", "amount": "1e3"}], "/0/amount: "),
        ([{"id": "A", "amount": "1234567890123456789"}], "/0/amount: "),
        ([{"id": "A", "amount": 1e-19}], "/0/amount: "),
        ([{"id": "A", "amount": True}], "/0/amount: not a string or a number"),
        ([{"id": "A"}], "/0/amount: missing"),
        ([{"amount": 1}], "/0/id: missing"),
        ([{"id": " A", "amount": 1}], "/0/id: "),
        ([{"id": "", "amount": 1}], "/0/id: "),
        ([{"id": "x" * 101, "amount": 1}], "/0/id: "),
        ([{**BASIC, "currency": "usd"}], "/0/currency: "),
        ([{**BASIC, "chainId": "linea"}], "/0/chainId: "),
        ([{**BASIC, "token": ""}], "/0/token: "),
        ([{**BASIC, "tokenAddress": "0x12"}], "/0/tokenAddress: "),
        ([{**BASIC, "destinationAddress": ADDRESS + "0"}], "/0/destinationAddress: "),
        ([{**BASIC, "listed": "yes"}], "/0/listed: not true or false"),
        ([{**BASIC, "cardType": "WOOD"}], "/0/cardType: "),
        ([{**BASIC, "colour": "red"}], "/0: unknown: colour"),
        ([{**BASIC, "scenario": "no-such"}], "/0/scenario: no scenario 'no-such': use one of "),
        ({"BASIC": 5}, "not a list or null"),
    ],
)
def test_22_a_bad_list_is_refused_as_a_whole(emulator: Emulator, client: Client, products: Any, place: str) -> None:
    emulator.set("baanx", products=[GOLD])
    with pytest.raises(ControlRefused) as refused:
        emulator.set("baanx", products=products)
    assert place in str(refused.value)
    assert len(str(refused.value)) < 800
    assert "redacted" not in str(refused.value)
    assert listed(client) == [("gold plan", "Gold", True)]
    with pytest.raises(ControlRefused):
        Emulator.create(emulator.control_url, name="never", settings={"baanx": {"products": products}})


@pytest.mark.parametrize(
    ("amount", "literal"),
    [("1234.50", b"1234.5"), ("0.000001", b"0.000001"), (10, b"10"), ("100", b"100"), ("9.990", b"9.99"),
     ("123456789012345678.123456789012345678", b"123456789012345678.123456789012345678")],
)  # fmt: skip
def test_23_the_amount_is_exactly_that_of_the_product(
    emulator: Emulator, client: Client, amount: Any, literal: bytes
) -> None:
    emulator.set("baanx", products=[{"id": "A", "amount": amount}])
    assert b'"paymentAmount":%b,' % literal in client.create(productId="A").content


def test_23_all_terms_are_those_of_the_product(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", products=[GOLD], destination_address="0x" + "1" * 40)
    assert payment(client.create(productId="gold plan")) == {
        "paymentAmount": 1234.5,
        "paymentCurrency": "USDC",
        "destinationAddress": ADDRESS,
        "destinationChainId": "8453",
        "destinationTokenSymbol": "USDbC",
        "destinationTokenAddress": TOKEN,
    }
    emulator.set("baanx", products=[BASIC])
    assert payment(client.create(productId="BASIC"))["destinationAddress"] == "0x" + "1" * 40


def test_23_a_later_change_of_the_product_does_not_affect_an_order(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", products=[{"id": "A", "amount": "10"}])
    short, exact = client.start("A"), client.start("A")
    emulator.set("baanx", products=[{"id": "A", "amount": "3"}])
    emulator.fire(short, "pay", amount="9.99")
    emulator.fire(exact, "pay", amount="10")
    assert (client.status(short), client.status(exact)) == ("FAILED", "COMPLETED")
    whole = client.start("A")
    emulator.set("baanx", products=[])
    emulator.fire(whole, "pay")
    assert client.status(whole) == "COMPLETED"


def test_24_a_product_can_have_its_own_scenario(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", products=[{**BASIC, "scenario": "payment-fails"}, {"id": "PLAIN", "amount": 1}])
    failing, plain = (
        client.order_id(client.create(productId="BASIC")),
        client.order_id(client.create(productId="PLAIN")),
    )
    named = client.start("BASIC", scenario="manual")
    emulator.advance("5s")
    assert (client.status(failing), client.status(plain), client.status(named)) == ("FAILED", "COMPLETED", "STARTED")


def test_24_a_product_may_follow_a_scenario_of_the_sandbox(emulator: Emulator, client: Client) -> None:
    document = {"version": 1, "provider": "baanx", "about": "x", "timeline": [{"after": "2s", "to": "PENDING"}]}
    emulator.scenario("baanx", "mine", document)
    emulator.set("baanx", products=[{**BASIC, "scenario": "mine"}])
    order_id = client.order_id(client.create(productId="BASIC"))
    emulator.advance("2s")
    assert client.status(order_id) == "PENDING"


def test_24_the_terms_of_a_scenario_apply_only_to_its_orders(emulator: Emulator, client: Client) -> None:
    created = client.create({"X-Emulator-Scenario": "priced-in-usdc"}, productId="PREMIUM_SUBSCRIPTION")
    assert b'"paymentAmount":1234.5,"paymentCurrency":"USDC",' in created.content
    found = payment(created)
    assert (found["destinationChainId"], found["destinationTokenAddress"]) == ("8453", TOKEN)
    assert found["destinationTokenSymbol"] == "USDC"
    assert payment(client.create(productId="PREMIUM_SUBSCRIPTION"))["paymentAmount"] == 199
    short = client.order_id(client.create({"X-Emulator-Scenario": "priced-in-usdc"}))
    emulator.fire(short, "pay", amount="1234.49")
    assert client.status(short) == "FAILED"


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({"amount": 0}, "write a number above 0"),
        ({"price": "5"}, "no such term 'price': use one of amount, chainId, currency"),
        ({"tokenAddress": "0x1"}, "does not match"),
        ({}, "must not be empty"),
    ],
)
def test_24_impossible_terms_are_refused(emulator: Emulator, terms: Any, words: str) -> None:
    document = {"version": 1, "provider": "baanx", "about": "x", "terms": terms}
    with pytest.raises(ControlRefused, match=words):
        emulator.scenario("baanx", "mine", document)


def test_25_an_order_can_be_in_usdc_without_request_id_as_in_a_wallet_s_fixture(
    emulator: Emulator, client: Client
) -> None:
    emulator.set("baanx", products=[{"id": "A", "amount": 5, "currency": "USDC"}], omit_request_id=True)
    body = client.create(productId="A").json()
    assert list(body) == ["orderId", "paymentConfig"]
    assert body["paymentConfig"]["paymentCurrency"] == "USDC"


@pytest.mark.parametrize(("empty", "extra"), [("omit", {}), ("object", {"metadata": {}}), ("null", {"metadata": None})])
def test_25_a_pending_order_can_consist_of_id_and_status(
    emulator: Emulator, client: Client, empty: Any, extra: dict[str, Any]
) -> None:
    emulator.set("baanx", omit_request_id=True, pending_metadata="omit", use_pending=True, empty_metadata=empty)
    order_id = client.start()
    emulator.fire(order_id, "payment_started", txHash="0x" + "a" * 64)
    assert client.read(order_id).json() == {"orderId": order_id, "status": "PENDING", **extra}
    emulator.set("baanx", pending_metadata="present")
    assert client.read(order_id).json()["metadata"]["txHash"] == "0x" + "a" * 64
