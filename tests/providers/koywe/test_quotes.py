"""Quotes over HTTP: the amounts, both forms of the body, and what can be done with a quote."""

from typing import Any

import pytest

from emulator.core import json_text
from emulator.testing import Emulator
from tests.clients.koywe import Client
from tests.providers.koywe.samples import BALANCE_TRANSFER, ONRAMP, SCENARIO, UNKNOWN_QUOTE, WALLET_USDC, words

CREATED_MEMBERS = words(
    "id orderType originCurrencySymbol destinationCurrencySymbol network exchangeRate requestedAmountIn "
    "requestedAmountOut finalAmountIn finalAmountOut amountIn amountOut fee taxes koyweFee components summary "
    "isExecutable createdAt validForSeconds validUntil validFor expiresAt"
)
READ_MEMBERS = words(
    "id merchantId userId createdAt validForSeconds validUntil isExecutable amountIn amountOut exchangeRate "
    "originCurrencySymbol destinationCurrencySymbol totalBaseFeesApplied totalTaxesOnAmountApplied "
    "totalTaxesOnFeesApplied feeDetailsJson taxDetailsJson orderType koyweQuotesJson userRequestJson"
)


def quote(client: Client, **changes: Any) -> Any:
    """A new quote; `changes` replace members of the body, None takes one out."""
    body = {
        "orderType": "BALANCE_TRANSFER",
        "originCurrencySymbol": "COP",
        "destinationCurrencySymbol": "USD",
        "amountIn": 1000000,
    } | changes
    return client.post("/quotes", {name: value for name, value in body.items() if value is not None})


def refusal(client: Client, path: str, body: dict[str, Any]) -> tuple[int, str, Any]:
    response = client.request("POST", client.merchant + path, body)
    assert not response.is_success, response.text
    return response.status_code, response.json()["errorCode"], response.json()["message"]


@pytest.mark.parametrize(
    ("order_type", "origin", "destination", "given", "rate", "fee", "result"),
    [
        ("BALANCE_TRANSFER", "COP", "USD", {"amountIn": 1000000}, "4000", "5000", "248.75"),
        ("BALANCE_TRANSFER", "COP", "USD", {"amountOut": 248.75}, "4000", "5000", "1000000"),
        ("BALANCE_TRANSFER", "COP", "USD", {"amountOut": 0.01}, "4000", "0.2", "40.21"),
        ("BALANCE_TRANSFER", "USD", "COP", {"amountIn": 100}, "0.00025", "0.5", "398000"),
        ("ONRAMP", "COP", "USDC", {"amountIn": 400000}, "4000", "2000", "99.5"),
        ("OFFRAMP", "USDC", "CLP", {"amountIn": 100}, "0.001", "0.5", "99500"),
        ("PAYIN", "CLP", "USD", {"amountIn": 9999}, "1000", "50", "9.94"),
        ("OFFRAMP", "BTC", "COP", {"amountIn": 0.01}, "0.000000005", "0.00005", "1990000"),
        ("PAYMENT_LINK", "COP", "COP", {"amountIn": 50000}, "1", "0", "50000"),
    ],
)
def test_18_the_amounts_of_quotes_are_right(
    client: Client, order_type: str, origin: str, destination: str, given: dict[str, Any], rate: str, fee: str,
    result: str,
) -> None:  # fmt: skip
    body = {"orderType": order_type, "originCurrencySymbol": origin, "destinationCurrencySymbol": destination, **given}
    created = client.request("POST", f"{client.merchant}/quotes", body)
    assert created.status_code == 201
    assert f'"exchangeRate":{rate},'.encode() in created.content
    assert f'"fee":{fee},'.encode() in created.content
    computed = "amountOut" if "amountIn" in given else "amountIn"
    assert f'"{computed}":{result},'.encode() in created.content
    made = json_text.decode(created.content)
    assert list(made) == CREATED_MEMBERS
    name = "requestedAmountIn" if "amountIn" in given else "requestedAmountOut"
    missing = {"requestedAmountIn", "requestedAmountOut"} - {name}
    assert float(made[name]) == next(iter(given.values()))
    assert [made[each] for each in missing] == [None]
    assert made["components"] == [{"name": "KOYWE_FEE", "amount": made["fee"], "currencySymbol": origin}]


def test_18_the_answer_has_all_documented_members(client: Client) -> None:
    made = quote(client)
    assert {name: value for name, value in made.items() if name != "id"} == {
        "orderType": "BALANCE_TRANSFER", "originCurrencySymbol": "COP", "destinationCurrencySymbol": "USD",
        "network": None, "exchangeRate": 4000, "requestedAmountIn": 1000000, "requestedAmountOut": None,
        "finalAmountIn": 1000000, "finalAmountOut": json_text.read_number("248.75"), "amountIn": 1000000,
        "amountOut": json_text.read_number("248.75"), "fee": 5000, "taxes": 0, "koyweFee": 5000,
        "components": [{"name": "KOYWE_FEE", "amount": 5000, "currencySymbol": "COP"}],
        "summary": {"totalFees": 5000, "totalTaxes": 0}, "isExecutable": True,
        "createdAt": "2026-01-05T12:00:00.000Z", "validForSeconds": 15, "validUntil": "2026-01-05T12:00:15.000Z",
        "validFor": 15, "expiresAt": "2026-01-05T12:00:15.000Z",
    }  # fmt: skip


def test_18_a_quote_can_be_read_later(emulator: Emulator, client: Client) -> None:
    made = quote(client, executable=False, paymentMethod="PSE")
    emulator.advance("1h")
    read = client.get(f"/quotes/{made['id']}")
    assert list(read) == READ_MEMBERS
    assert read["merchantId"] == client.merchant_id
    assert read["userId"] == f"api-{emulator.name}"
    assert read["feeDetailsJson"] == made["components"]
    assert (read["isExecutable"], read["taxDetailsJson"], read["koyweQuotesJson"]) == (False, [], [])
    assert read["userRequestJson"] == {
        "orderType": "BALANCE_TRANSFER", "originCurrencySymbol": "COP", "destinationCurrencySymbol": "USD",
        "amountIn": 1000000, "executable": False, "paymentMethod": "PSE",
    }  # fmt: skip
    response = client.request("GET", f"{client.merchant}/quotes/{UNKNOWN_QUOTE}")
    assert (response.status_code, response.json()["errorCode"]) == (404, "QE90001")


def test_18_the_type_can_be_given_under_both_names(client: Client) -> None:
    assert quote(client, orderType=None, type="BALANCE_TRANSFER")["orderType"] == "BALANCE_TRANSFER"
    assert quote(client, type="PAYIN")["orderType"] == "BALANCE_TRANSFER"
    body = {"originCurrencySymbol": "COP", "destinationCurrencySymbol": "USD", "amountIn": 1}
    text = "must be one of the following values: PAYIN, PAYOUT, BALANCE_TRANSFER, ONRAMP, OFFRAMP, PAYMENT_LINK"
    assert refusal(client, "/quotes", body) == (422, "COM90003", f"orderType {text}")
    assert refusal(client, "/quotes", {**body, "type": "X"}) == (422, "COM90003", f"type {text}")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"amountOut": 1}, (400, "OR90004", "Only one of amountIn and amountOut is allowed")),
        ({"amountIn": None}, (400, "OR90003", "Either amountIn or amountOut is required")),
        ({"originCurrencySymbol": "XXX"}, (400, "CU90001", "Currency XXX is not supported")),
        ({"destinationCurrencySymbol": "USDC"},
         (400, "CU90002", "destinationCurrencySymbol must be a fiat currency for BALANCE_TRANSFER")),
        ({"destinationCurrencySymbol": "COP"}, (400, "BT90001", "Origin and destination currencies must be different")),
        ({"amountIn": 1.005}, (422, "COM90003", "amountIn must be a number conforming to the specified constraints")),
    ],
)  # fmt: skip
def test_18_quotes_are_checked_like_orders(
    client: Client, changes: dict[str, Any], expected: tuple[int, str, str]
) -> None:
    body = {"orderType": "BALANCE_TRANSFER", "originCurrencySymbol": "COP", "destinationCurrencySymbol": "USD",
            "amountIn": 1000, **changes}  # fmt: skip
    present = {name: value for name, value in body.items() if value is not None}
    assert refusal(client, "/quotes", present) == expected


def test_18_a_quote_can_be_used_once(client: Client) -> None:
    made = quote(client, orderType="ONRAMP", destinationCurrencySymbol="USDC", amountIn=None, amountOut=99.5)
    body = {"type": "ONRAMP", "quoteId": made["id"], "destinationAccountId": WALLET_USDC}
    assert refusal(client, "/orders", {**body, "sendEmail": True})[1] == "CT90002"
    order = client.post("/orders", body)
    assert (order["amountIn"], order["amountOut"]) == (400000, made["amountOut"])
    assert (order["originCurrencySymbol"], order["destinationCurrencySymbol"]) == ("COP", "USDC")
    assert refusal(client, "/orders", body) == (409, "QE90004", "Quote has already been used")
    assert client.get(f"/quotes/{made['id']}")["id"] == made["id"]


def test_18_a_quote_expires_after_its_time(emulator: Emulator, client: Client) -> None:
    emulator.choose(koywe="manual")
    first, second = quote(client)["id"], quote(client)["id"]
    emulator.advance("14999ms")
    assert client.post("/orders", {"type": "BALANCE_TRANSFER", "quoteId": first})["quoteId"] == first
    emulator.advance("1ms")
    body = {"type": "BALANCE_TRANSFER", "quoteId": second}
    assert refusal(client, "/orders", body) == (400, "QE90002", "Quote has expired")
    emulator.set("koywe", quote_ttl_s=60)
    third = quote(client)
    assert (third["validFor"], third["validUntil"]) == (60, "2026-01-05T12:01:15.000Z")
    emulator.advance("59s")
    assert client.post("/orders", {"type": "BALANCE_TRANSFER", "quoteId": third["id"]})["quoteId"] == third["id"]


def test_18_a_quote_is_for_one_type_and_one_merchant(emulator: Emulator, client: Client) -> None:
    body = {"type": "PAYOUT", "quoteId": quote(client)["id"]}
    assert refusal(client, "/orders", body) == (400, "QE90005", "Quote was created for BALANCE_TRANSFER orders")
    body = {"type": "BALANCE_TRANSFER", "quoteId": quote(client, executable=False)["id"]}
    assert refusal(client, "/orders", body) == (400, "QE90003", "Quote is not executable")
    body["quoteId"] = UNKNOWN_QUOTE
    assert refusal(client, "/orders", body) == (404, "QE90001", "Quote not found")
    made = client.request("POST", f"{client.organization}/merchants", {"name": "B", "countrySymbol": "CL"}).json()
    own = quote(client)["id"]
    with Client(emulator, merchant_id=made["id"]) as other:
        assert refusal(other, "/orders", {**body, "quoteId": own}) == (404, "QE90001", "Quote not found")
        assert other.request("GET", f"{other.merchant}/quotes/{own}").status_code == 404


@pytest.mark.parametrize(
    ("order_type", "symbol", "default", "other", "wrong"),
    [
        ("ONRAMP", "USDC", "ETHEREUM", "polygon", "BITCOIN"),
        ("OFFRAMP", "USDT", "ETHEREUM", "TRON", "SOLANA"),
        ("ONRAMP", "BTC", "BITCOIN", "BITCOIN", "ETHEREUM"),
        ("ONRAMP", "BNB", "BSC", "BSC", "POLYGON"),
    ],
)
def test_18_the_network_of_a_quote_must_carry_the_currency(
    emulator: Emulator, client: Client, order_type: str, symbol: str, default: str, other: str, wrong: str
) -> None:
    crypto, fiat = ("destinationCurrencySymbol", "originCurrencySymbol")[:: 1 if order_type == "ONRAMP" else -1]
    body: dict[str, Any] = {"orderType": order_type, crypto: symbol, fiat: "COP", "amountIn": 400000}
    assert client.post("/quotes", body)["network"] == default
    assert client.post("/quotes", {**body, "network": other})["network"] == other.upper()
    assert refusal(client, "/quotes", {**body, "network": wrong}) == (
        400, "QE90006", f"Network {wrong} does not support {symbol}")  # fmt: skip
    emulator.set("koywe", quote_network_required=True)
    assert refusal(client, "/quotes", body) == (400, "QE90006", f"network is required for {order_type} quotes")
    assert client.post("/quotes", {**body, "network": other})["network"] == other.upper()
    assert quote(client)["network"] is None


def test_18_the_network_of_a_quote_decides_the_deposit_address(client: Client) -> None:
    made = quote(client, orderType="OFFRAMP", originCurrencySymbol="USDT", amountIn=5, network="TRON")
    order = client.post("/orders", {"type": "OFFRAMP", "quoteId": made["id"]})
    assert order["providedAction"] == "TDeposit11111111111111111111111111"


def test_28_fees_are_settings(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", fee_bps_cross=0, fee_bps_same=100)
    assert (quote(client)["fee"], quote(client)["amountOut"]) == (0, 250)
    same = quote(client, orderType="PAYIN", destinationCurrencySymbol="COP", amountIn=50000)
    assert (same["fee"], same["amountOut"], same["exchangeRate"]) == (500, 49500, 1)
    assert client.create().json()["amountOut"] == 49500
    assert client.create({SCENARIO: "manual"}, **ONRAMP).json()["amountOut"] == 12.5
    assert client.create({SCENARIO: "manual"}, **BALANCE_TRANSFER).json()["amountOut"] == 12.5
