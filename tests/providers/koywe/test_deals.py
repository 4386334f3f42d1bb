"""Deals, merchants and organizations."""

from decimal import Decimal
from typing import Any

import pytest

from emulator.testing import Emulator
from tests.clients.koywe import Client
from tests.providers.koywe.samples import BANK_CO, COP, SCENARIO, WALLET_USDC, words

DEAL_MEMBERS = words(
    "id type quoteId destinationAccountId originCurrencySymbol destinationCurrencySymbol amountIn amountOut "
    "paidAmountIn exchangeRate orders status createdAt"
)


def quote(client: Client, order_type: str = "ONRAMP", amount: int = 400000) -> str:
    origin, destination = ("COP", "USDC") if order_type != "OFFRAMP" else ("USDC", "COP")
    if order_type == "BALANCE_TRANSFER":
        destination = "USD"
    body = {"orderType": order_type, "originCurrencySymbol": origin, "destinationCurrencySymbol": destination}
    return str(client.post("/quotes", {**body, "amountIn": amount})["id"])


def make(client: Client, order_type: str = "ONRAMP", account: str = WALLET_USDC, **changes: Any) -> Any:
    return client.post("/deals", {"quoteId": quote(client, order_type), "destinationAccountId": account, **changes})


def test_27_a_funded_onramp_deal_is_one_order(emulator: Emulator, client: Client) -> None:
    deal = make(client)
    assert list(deal) == DEAL_MEMBERS
    assert (deal["amountIn"], deal["amountOut"], deal["paidAmountIn"]) == (400000, Decimal("99.5"), 400000)
    assert deal["status"] == "PAID"
    order = client.get(f"/orders/{deal['orders'][0]}")
    assert (order["type"], order["quoteId"], order["amountOut"]) == ("ONRAMP", deal["quoteId"], Decimal("99.5"))
    assert client.balances()[2] == 400000
    emulator.advance("31s")
    assert client.get(f"/deals/{deal['id']}")["status"] == "COMPLETED"
    assert client.get("/deals") == [client.get(f"/deals/{deal['id']}")]


def test_27_an_onramp_deal_accepts_part_payments(emulator: Emulator, client: Client) -> None:
    emulator.command("koywe", "set_balance", account=COP, amount=0)
    deal = make(client)
    path = f"/deals/{deal['id']}"
    assert (deal["orders"], deal["paidAmountIn"], deal["status"]) == ([], 0, "OPEN")
    emulator.command("koywe", "deposit", account=COP, amount=100000)
    deal = client.get(path)
    assert (len(deal["orders"]), deal["paidAmountIn"], deal["status"]) == (1, 100000, "PARTIALLY_PAID")
    assert client.balances() == (0, 0, 100000)
    emulator.command("koywe", "deposit", account=COP, amount=333333.33)
    deal = client.get(path)
    assert (len(deal["orders"]), deal["paidAmountIn"]) == (2, 400000)
    assert deal["status"] == "PAID"
    assert client.balances() == (Decimal("33333.33"), 0, 400000)
    orders = [client.get(f"/orders/{order_id}") for order_id in deal["orders"]]
    assert [order["amountIn"] for order in orders] == [100000, 300000]
    assert sum(order["amountOut"] for order in orders) == deal["amountOut"]
    emulator.advance("31s")
    assert client.get(path)["status"] == "COMPLETED"
    emulator.command("koywe", "deposit", account=COP, amount=1000)
    assert len(client.get(path)["orders"]) == 2


def test_27_a_deal_acts_when_an_order_credits_the_account(emulator: Emulator, client: Client) -> None:
    emulator.command("koywe", "set_balance", account=COP, amount=0)
    deal = make(client)
    client.create()
    emulator.advance("2s")
    assert client.get(f"/deals/{deal['id']}")["orders"] == []
    emulator.advance("1s")
    deal = client.get(f"/deals/{deal['id']}")
    assert deal["paidAmountIn"] == 50000
    assert client.balances() == (0, 0, 50000)


def test_27_a_failed_order_ends_its_deal(emulator: Emulator, client: Client) -> None:
    emulator.command("koywe", "set_balance", account=COP, amount=100000)
    deal = make(client)
    emulator.fire(deal["orders"][0], "fail")
    deal = client.get(f"/deals/{deal['id']}")
    assert (deal["status"], len(deal["orders"])) == ("FAILED", 1)
    assert client.balances() == (100000, 0, 0)


def test_27_an_offramp_deal_is_one_order(emulator: Emulator, client: Client) -> None:
    deal = make(client, "OFFRAMP", BANK_CO, type="OFFRAMP")
    assert (deal["type"], len(deal["orders"]), deal["paidAmountIn"], deal["status"]) == ("OFFRAMP", 1, 400000, "PAID")
    order = client.get(f"/orders/{deal['orders'][0]}")
    assert (order["type"], order["providedActionType"]) == ("OFFRAMP", "CRYPTO_ADDRESS")
    emulator.advance("2s")
    deal = client.get(f"/deals/{deal['id']}")
    assert (deal["paidAmountIn"], deal["status"]) == (400000, "PAID")
    emulator.advance("31s")
    assert client.get(f"/deals/{deal['id']}")["status"] == "COMPLETED"


def test_27_a_deal_follows_the_scenario_that_was_chosen(emulator: Emulator, client: Client) -> None:
    body = {"quoteId": quote(client), "destinationAccountId": WALLET_USDC}
    deal = client.request("POST", f"{client.merchant}/deals", body, headers={SCENARIO: "fail"}).json()
    emulator.advance("2s")
    assert client.get(f"/deals/{deal['id']}")["status"] == "FAILED"


def test_27_deals_are_checked_like_orders_with_quotes(emulator: Emulator, client: Client) -> None:
    def refusal(**changes: Any) -> tuple[int, Any]:
        body = {"quoteId": quote(client), "destinationAccountId": WALLET_USDC} | changes
        present = {name: value for name, value in body.items() if value is not None}
        response = client.request("POST", f"{client.merchant}/deals", present)
        assert not response.is_success, response.text
        return response.status_code, response.json()["errorCode"]

    assert refusal(quoteId=None) == (422, "COM90003")
    assert refusal(destinationAccountId=None) == (422, "COM90003")
    assert refusal(type="PAYIN") == (422, "COM90003")
    assert client.request("POST", f"{client.merchant}/deals", {"type": "X"}).json()["message"] == (
        "quoteId must be a string, destinationAccountId must be a string, "
        "type must be one of the following values: ONRAMP, OFFRAMP"
    )
    assert refusal(quoteId="qte_nothing") == (404, "QE90001")
    assert refusal(type="OFFRAMP") == (400, "QE90005")
    assert refusal(quoteId=quote(client, "BALANCE_TRANSFER")) == (400, "QE90005")
    assert refusal(destinationAccountId=BANK_CO) == (400, "BAA90003")
    assert refusal(destinationAccountId="acc_nothing") == (404, "BAA90002")
    late = quote(client)
    emulator.advance("15s")
    assert refusal(quoteId=late) == (400, "QE90002")
    used = make(client)["quoteId"]
    assert refusal(quoteId=used) == (409, "QE90004")
    body = {"type": "ONRAMP", "quoteId": used, "destinationAccountId": WALLET_USDC}
    assert client.request("POST", f"{client.merchant}/orders", body).json()["errorCode"] == "QE90004"
    missing = client.request("GET", f"{client.merchant}/deals/deal_nothing")
    assert (missing.status_code, missing.json()["errorCode"]) == (404, "DL90001")
    assert missing.json()["message"] == "Deal not found"


def test_27_deals_work_even_if_crypto_orders_are_refused(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", crypto_on_orders="reject")
    assert len(make(client)["orders"]) == 1


def test_27_organizations_and_merchants_can_be_read_and_managed(emulator: Emulator, client: Client) -> None:
    assert client.request("GET", "/api/v1/organizations").json() == [
        {"id": client.organization_id, "name": "Emulator Org"}
    ]
    own = client.get("")
    assert own == {
        "id": client.merchant_id, "organizationId": client.organization_id, "name": "Emulator Store",
        "slug": "emulator-store", "countrySymbol": "CL", "profile": {"name": "Emulator Store"},
        "createdAt": "2026-01-05T12:00:00.000Z",
    }  # fmt: skip
    path = f"{client.organization}/merchants"
    made = client.request("POST", path, {"name": "Tienda Ñandú 2", "countrySymbol": "CO"})
    assert made.status_code == 201
    merchant = made.json()
    assert (merchant["slug"], merchant["countrySymbol"]) == ("tienda-and-2", "CO")
    assert client.request("GET", path).json() == [own, merchant]
    with Client(emulator, merchant_id=merchant["id"]) as other:
        assert other.get("") == merchant
        assert [row["balance"] for row in other.get("/accounts/balances")] == [
            "0.00", "0", "0.00", "0.00", "0.00", "0.00", "0.00", "0.00"]  # fmt: skip
        assert len(other.get("/accounts")) == 8
        assert other.get("/contacts") == {"contacts": []}
        assert other.create(paymentMethods=[{"method": "PSE"}]).status_code == 201
        changed = other.request("PUT", other.merchant, {"name": "Otra"}).json()
        assert (changed["name"], changed["countrySymbol"], changed["profile"]) == ("Otra", "CO", {"name": "Otra"})
        assert other.get("") == changed
        emulator.advance("3s")  # until its order has ended
        assert other.request("DELETE", other.merchant).status_code == 204
        assert other.request("GET", other.merchant).json()["errorCode"] == "MC90001"
        assert other.create().json()["errorCode"] == "MC90001"
    assert client.request("GET", path).json() == [own]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"countrySymbol": "CL"}, "name must be a string"),
        ({"name": "", "countrySymbol": "CL"}, "name should not be empty"),
        ({"name": "B"}, "countrySymbol must be one of the following values: CO, CL, MX, BR, AR, PE, BO, US"),
    ],
)
def test_27_the_body_of_a_merchant_is_validated(client: Client, body: dict[str, str], text: str) -> None:
    refused = client.request("POST", f"{client.organization}/merchants", body)
    assert (refused.status_code, refused.json()["message"]) == (422, text)


def test_27_the_event_of_a_deposit_comes_before_those_of_the_deal_it_pays(emulator: Emulator, client: Client) -> None:
    emulator.command("koywe", "set_balance", account=COP, amount=0)
    make(client)
    emulator.command("koywe", "deposit", account=COP, amount=100000)
    events = client.request("GET", f"{client.organization}/webhook-events").json()["events"]
    assert [event["type"] for event in events] == ["order.pending", "order.created", "bank_income.received"]
