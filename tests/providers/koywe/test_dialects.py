"""Bodies of the older guides, and decimals of single currencies."""

from decimal import Decimal
from typing import Any

import httpx
import pytest

from emulator.providers.koywe.catalogue import CATALOGUE
from emulator.testing import ControlRefused, Emulator
from tests.clients.koywe import Client
from tests.providers.koywe.samples import COP, PAYOUT, SCENARIO, WALLET_USDC

EXPLAIN = {"X-Emulator-Explain": "1"}
CONTACT = {"fullName": "Ana María Prueba", "countrySymbol": "CO", "businessType": "PERSON"}


def of_method(method: str, currency: str, amount: Any = 5000, **more: Any) -> dict[str, Any]:
    return {
        "originCurrencySymbol": currency,
        "destinationCurrencySymbol": currency,
        "amountIn": amount,
        "paymentMethods": [{"method": method}],
        **more,
    }


# -- body_dialect


@pytest.mark.parametrize(
    ("method", "currency", "action"),
    [("PIX", "BRL", "QR"), ("CARD", "CLP", "PAYMENT_LINK"), ("CARD", "MXN", "PAYMENT_LINK"), ("QRI", "ARS", "QR")],
)
def test_39_the_guides_names_of_methods_are_known_only_in_their_dialect(
    emulator: Emulator, client: Client, method: str, currency: str, action: str
) -> None:
    refused = client.create(EXPLAIN, **of_method(method, currency))
    assert (refused.status_code, refused.json()["errorCode"]) == (400, "PMP90001")
    assert f'{currency} has no method "{method}"' in refused.headers["x-emulator-reason"]
    emulator.set("koywe", body_dialect="guides")
    for body in (of_method(method, currency), of_method(method, currency, type="PAYMENT_LINK")):
        created = client.create(**body)
        assert created.status_code == 201
        assert created.json()["paymentMethods"] == [{"method": method}]
    assert client.create(**of_method(method, currency)).json()["providedActionType"] == action
    emulator.advance("3s")
    assert {order["status"] for order in client.get("/orders")["orders"]} == {"COMPLETED"}


@pytest.mark.parametrize(
    ("method", "currency", "least", "most"),
    [("PIX", "BRL", 1, 50000), ("CARD", "CLP", 1000, 2000000), ("CARD", "MXN", 10, 100000),
     ("QRI", "ARS", 1000, 5000000)],
)  # fmt: skip
def test_39_the_guides_methods_have_the_limits_of_those_they_stand_for(
    emulator: Emulator, client: Client, method: str, currency: str, least: int, most: int
) -> None:
    emulator.set("koywe", body_dialect="guides")
    assert client.create(**of_method(method, currency, least)).status_code == 201
    assert client.create(**of_method(method, currency, most)).status_code == 201
    below, above = (client.create(**of_method(method, currency, each)) for each in (least - 1 or 0.99, most + 1))
    assert below.json()["message"] == f"Amount is below the minimum of {least} {currency} for {method}"
    assert above.json()["message"] == f"Amount is above the maximum of {most} {currency} for {method}"
    assert [(each.method, each.currency) for each in CATALOGUE.guide_methods].count((method, currency)) == 1


def test_39_the_list_of_methods_is_always_that_of_the_reference(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", body_dialect="guides")
    query = {"countrySymbol": "BR", "currencySymbol": "BRL"}
    listed = client.request("GET", "/api/v1/payment-method", params=query).json()["paymentMethods"]
    assert [each["method"] for each in listed] == ["PIX_STATIC", "PIX_DYNAMIC"]


def test_39_in_the_provider_s_sandbox_qri_works_in_argentina_and_not_in_chile(
    emulator: Emulator, client: Client
) -> None:
    emulator.set("koywe", body_dialect="guides", profile="sandbox")
    assert client.create(**of_method("QRI", "ARS")).status_code == 201
    assert client.create(**of_method("QRI", "CLP")).json()["errorCode"] == "OR00007"


def test_39_symbols_and_amounts_beside_a_quote_are_ignored_in_the_guides_dialect(
    emulator: Emulator, client: Client
) -> None:
    emulator.set("koywe", quote_exclusivity="strict", body_dialect="guides")
    quote = client.post("/quotes", {"type": "BALANCE_TRANSFER", "originCurrencySymbol": "COP",
                                    "destinationCurrencySymbol": "USD", "amountIn": 1000000})  # fmt: skip
    body = {"type": "BALANCE_TRANSFER", "quoteId": quote["id"], "originCurrencySymbol": "COP",
            "destinationCurrencySymbol": "USD", "amountIn": 7, "amountOut": 0.001}  # fmt: skip
    created = client.post("/orders", body)
    assert (created["amountIn"], created["amountOut"]) == (1000000, Decimal("248.75"))
    emulator.set("koywe", body_dialect="reference")
    assert client.request("POST", f"{client.merchant}/orders", body).json()["errorCode"] == "OR90005"


def test_39_cc_is_a_document_type_in_the_guides_dialect(emulator: Emulator, client: Client) -> None:
    body = {**CONTACT, "documentType": "CC", "documentNumber": "1020304055"}
    assert client.request("POST", f"{client.merchant}/contacts", body).json()["errorCode"] == "COM90003"
    emulator.set("koywe", document_type_cc="reject", body_dialect="guides")
    made = client.post("/contacts", body)
    assert (made["documentType"], made["firstName"], made["lastName"]) == ("CC", "Ana", "María Prueba")
    path = f"{client.merchant}/contacts/{made['id']}"
    assert client.request("PUT", path, {"documentType": "CC", "documentNumber": "1"}).json()["errorCode"] == "DC00010"


def test_39_the_guides_card_method_is_paid_with_a_test_card_on_the_page(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", body_dialect="guides")
    created = client.create({SCENARIO: "interactive"}, **of_method("CARD", "CLP")).json()
    page = httpx.get(created["providedAction"]).text
    assert 'name="cardNumber"' in page
    assert "4000000000000002" in page
    refused = httpx.post(created["providedAction"], json={"cardNumber": "1"})
    assert refused.json()["errorCode"] == "COM90003"
    httpx.post(created["providedAction"], data={"cardNumber": "4242 4242 4242 4242"})
    assert client.status(created["id"]) == "PAID"
    pix = client.create({SCENARIO: "interactive"}, **of_method("PIX", "BRL")).json()
    assert 'name="cardNumber"' not in httpx.get(f"{client.url}/pay/{pix['id']}").text


# -- currency_decimals


def test_39_the_decimals_of_a_currency_are_a_setting(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", currency_decimals={"COP": 0, "CLP": 2})
    refused = client.create(EXPLAIN, amountIn=50000.5)
    assert (refused.status_code, refused.json()["errorCode"]) == (422, "COM90003")
    assert refused.headers["x-emulator-reason"] == "/amountIn: 1 decimal, at most 0 for COP, got 50000.5"
    assert client.create(**of_method("KHIPU", "CLP", 5000.25)).status_code == 201
    rows = {row["currency"]: row["balance"] for row in client.get("/accounts/balances")}
    assert (rows["COP"], rows["CLP"], rows["USD"]) == ("10000000", "5000000.00", "10000.00")
    assert client.get(f"/accounts/{COP}/balance")["balance"] == "10000000"
    totals = client.request("GET", f"{client.organization}/balances").json()
    assert {"currency": "COP", "balance": "10000000"} in totals


def test_39_amounts_are_rounded_to_the_decimals_that_are_set(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", currency_decimals={"COP": 0}, amount_precision="round")
    assert client.create(amountIn=50000.5).json()["amountIn"] == 50001
    quote = {"orderType": "BALANCE_TRANSFER", "originCurrencySymbol": "USD", "destinationCurrencySymbol": "COP"}
    assert client.post("/quotes", {**quote, "amountIn": Decimal("0.01")})["amountOut"] == 40
    emulator.set("koywe", currency_decimals={"COP": 3, "USD": 4})
    assert client.post("/quotes", {**quote, "amountIn": Decimal("0.0123")})["amountOut"] == Decimal("48.8")
    back = {"orderType": "BALANCE_TRANSFER", "originCurrencySymbol": "COP", "destinationCurrencySymbol": "USD"}
    assert client.post("/quotes", {**back, "amountIn": 1000})["amountOut"] == Decimal("0.2487")


def test_39_the_decimals_apply_to_deposits_payouts_and_deals(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", currency_decimals={"COP": 0, "USDC": 2})
    with pytest.raises(ControlRefused, match="COP has 0 decimals"):
        emulator.command("koywe", "deposit", account=COP, amount=0.5)
    with pytest.raises(ControlRefused, match=r"COP has 1 decimal$"):
        emulator.set("koywe", currency_decimals={"COP": 1})
        emulator.command("koywe", "deposit", account=COP, amount=0.55)
    emulator.set("koywe", currency_decimals={"COP": 0, "USDC": 2})
    assert emulator.command("koywe", "deposit", account=COP, amount=1)["result"]["available"] == "10000001"
    assert client.create(**{**PAYOUT, "amountIn": 1.5}).json()["errorCode"] == "COM90003"
    body = {"orderType": "ONRAMP", "originCurrencySymbol": "COP", "destinationCurrencySymbol": "USDC"}
    quote = client.post("/quotes", {**body, "amountIn": 1000})
    assert quote["amountOut"] == Decimal("0.24")
    emulator.command("koywe", "set_balance", account=COP, amount=500)
    deal = client.post("/deals", {"quoteId": quote["id"], "destinationAccountId": WALLET_USDC})
    part = client.read(deal["orders"][0]).json()
    assert (part["amountIn"], part["amountOut"]) == (500, 0.12)


def test_39_the_pay_page_shows_the_decimals_that_are_set(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", currency_decimals={"COP": 0, "CLP": 2, "BRL": 3})
    for method, currency, amount, shown in (
        ("PSE", "COP", 1250000, "1.250.000"),
        ("KHIPU", "CLP", 15000, "15.000,00"),
        ("PIX_STATIC", "BRL", Decimal("12.345"), "12,345"),
    ):
        order_id = client.order_id(client.create({SCENARIO: "interactive"}, **of_method(method, currency, amount)))
        page = httpx.get(f"{client.url}/pay/{order_id}").text
        assert f'<p class="amount">{shown} <span class="unit">{currency}' in page
    below = client.create({SCENARIO: "interactive"}, **{**of_method("PSE", "COP", 1), "type": "PAYMENT_LINK",
                                                        "paymentMethods": []}).json()  # fmt: skip
    refused = httpx.post(below["providedAction"], data={"outcome": "succeed", "method": "PSE"})
    assert (refused.status_code, "PSE acepta de 2.000 a 20.000.000 COP." in refused.text) == (400, True)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({"COP": 9}, "/COP: above 8 "),
        ({"COP": -1}, "/COP: below 0 "),
        ({"COP": 1.5}, "/COP: not a whole number "),
        ({"cop": 0}, "unknown: cop "),
        ([], "not an object "),
    ],
)
def test_39_impossible_decimals_are_refused(emulator: Emulator, value: Any, problem: str) -> None:
    with pytest.raises(ControlRefused, match=rf"koywe.currency_decimals cannot be .*: {problem}"):
        emulator.set("koywe", currency_decimals=value)
