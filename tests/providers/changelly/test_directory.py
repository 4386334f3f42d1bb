"""Providers, currencies, countries and addresses, over HTTP."""

from typing import Any

import httpx
import pytest

from tests.clients.changelly import ETH, Client
from tests.providers.changelly.answers import causes

XRP = "rPdvC6ccq8hCdPKSPJkPmyZ4Mi1oG2FFkT"
FIATS = ["USD", "EUR", "GBP", "BRL", "NGN", "CAD", "AUD", "CHF", "PLN", "SEK", "MXN"]
CRYPTOS = [
    "BTC",
    "ETH",
    "USDTRX",
    "XRP",
    "XLM",
    "EOS",
    "BNB",
    "USDC",
    "USDCPOLYGON",
    "USDCSOL",
    "USDCBASE",
    "USDT",
    "USDTBSC",
    "USDTSOL",
    "SOL",
    "LTC",
    "TRX",
    "DOGE",
    "TON",
    "POL",
    "MATIC",
    "BNBBSC",
]
COUNTRIES = [
    "EE",
    "DE",
    "FR",
    "GB",
    "US",
    "BR",
    "NG",
    "IT",
    "NL",
    "ES",
    "PT",
    "AT",
    "BE",
    "IE",
    "FI",
    "LT",
    "PL",
    "SE",
    "CH",
    "CA",
    "AU",
    "MX",
]
EXTRA_IDS = {"XRP": "Destination Tag", "XLM": "Memo", "EOS": "Memo", "BNB": "Memo", "TON": "Memo"}


def rows(response: httpx.Response) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()
    return found


def test_17_there_are_four_providers(client: Client) -> None:
    found = rows(client.request("GET", "/v1/providers?whatever=1"))
    assert [(row["code"], row["name"], row["trustPilotRating"]) for row in found] == [
        ("moonpay", "MoonPay", "4.1"),
        ("banxa", "Banxa", "4.4"),
        ("wert", "Wert", "4.0"),
        ("transak", "Transak", "4.2"),
    ]
    assert list(found[0]) == ["code", "name", "trustPilotRating", "iconUrl"]
    assert found[0]["iconUrl"] == "https://assets.sandbox.invalid/providers/moonpay.svg"


def test_17_there_are_33_currencies(client: Client) -> None:
    found = rows(client.request("GET", "/v1/currencies"))
    assert [row["ticker"] for row in found] == [*FIATS, *CRYPTOS]
    assert all(isinstance(row["precision"], str) for row in found)
    assert {row["ticker"]: row["extraIdName"] for row in found if row["extraIdName"] is not None} == EXTRA_IDS
    xrp = found[14]
    assert xrp == {
        "ticker": "XRP",
        "name": "Ripple",
        "type": "crypto",
        "extraIdName": "Destination Tag",
        "iconUrl": "https://assets.sandbox.invalid/currencies/xrp.svg",
        "iconColoredUrl": "https://assets.sandbox.invalid/currencies/xrp-colored.svg",
        "precision": "6",
        "network": "ripple",
        "protocol": "",
        "providers": [
            {
                "providerCode": "moonpay",
                "supportedFlow": ["buy", "sell"],
                "limits": {"send": {"min": "60", "max": "14000"}},
            },
            {"providerCode": "banxa", "supportedFlow": ["buy"]},
            {
                "providerCode": "transak",
                "supportedFlow": ["buy", "sell"],
                "limits": {"send": {"min": "40", "max": "10000"}},
            },
        ],
    }


@pytest.mark.parametrize(
    ("query", "tickers"),
    [
        ("type=fiat", FIATS),
        ("type=crypto", CRYPTOS),
        ("providerCode=wert", ["USD", "EUR", "BTC", "ETH", "USDC", "USDCBASE", "POL"]),
        ("providerCode=wert&supportedFlow=sell", []),
        ("type=fiat&supportedFlow=sell", ["USD", "EUR", "GBP", "BRL", "CAD", "AUD", "CHF", "PLN"]),
        (
            "type=crypto&providerCode=banxa&supportedFlow=sell",
            ["BTC", "ETH", "USDTRX", "USDC", "USDT", "LTC", "TRX", "DOGE"],
        ),
    ],
)
def test_17_filters_select_currencies(client: Client, query: str, tickers: list[str]) -> None:
    assert [row["ticker"] for row in rows(client.request("GET", f"/v1/currencies?{query}"))] == tickers


def test_17_there_are_22_countries_and_only_one_has_states(client: Client) -> None:
    found = rows(client.request("GET", "/v1/available-countries"))
    assert [row["code"] for row in found] == COUNTRIES
    assert [row["code"] for row in found if "states" in row] == ["US"]
    states = found[4]["states"]
    assert len(states) == 51
    assert (states[0], states[-1]) == ({"code": "AL", "name": "Alabama"}, {"code": "WY", "name": "Wyoming"})
    assert found[6] == {
        "code": "NG",
        "name": "Nigeria",
        "providers": [{"providerCode": "transak", "supportedFlow": ["buy", "sell"], "supportedFlows": ["buy", "sell"]}],
    }


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        (
            "providerCode=wert",
            ["EE", "DE", "FR", "US", "IT", "NL", "ES", "PT", "AT", "BE", "IE", "FI", "LT", "PL", "SE", "CH", "MX"],
        ),
        ("providerCode=wert&supportedFlow=sell", []),
        ("supportedFlow=sell&providerCode=transak", [code for code in COUNTRIES if code != "AU"]),
    ],
)
def test_17_filters_select_countries(client: Client, query: str, codes: list[str]) -> None:
    assert [row["code"] for row in rows(client.request("GET", f"/v1/available-countries?{query}"))] == codes


@pytest.mark.parametrize("path", ["/v1/currencies", "/v1/available-countries"])
@pytest.mark.parametrize(("name", "value"), [("providerCode", "nope"), ("providerCode", ""), ("supportedFlow", "swap")])
def test_17_bad_filters_are_refused(client: Client, path: str, name: str, value: str) -> None:
    assert causes(client.request("GET", f"{path}?{name}={value}")) == [name]


def test_17_a_bad_type_is_refused(client: Client) -> None:
    assert causes(client.request("GET", "/v1/currencies?type=stock&providerCode=nope")) == ["type", "providerCode"]


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        ({"currency": "ETH", "walletAddress": ETH}, None),
        ({"currency": "ETH", "walletAddress": ETH, "walletExtraId": None}, None),
        ({"currency": "XRP", "walletAddress": XRP}, "walletExtraId"),
        ({"currency": "XRP", "walletAddress": XRP, "walletExtraId": "1234567"}, None),
        ({"currency": "XRP", "walletAddress": XRP, "extraId": "1234567"}, None),
        ({"currency": "ETH", "walletAddress": ETH[:-1]}, "walletAddress"),
        ({"currency": "BTC", "walletAddress": ETH}, "walletAddress"),
        ({"currency": "XRP", "walletAddress": "x", "walletExtraId": "abc"}, "walletAddress"),
        ({"currency": "XRP", "walletAddress": XRP, "walletExtraId": "abc"}, "walletExtraId"),
        ({"currency": "XRP", "walletAddress": XRP, "extraId": "abc"}, "walletExtraId"),
        ({"currency": "ETH", "walletAddress": ETH, "walletExtraId": "1"}, "walletExtraId"),
    ],
)
def test_18_addresses_are_checked(client: Client, body: dict[str, Any], cause: str | None) -> None:
    response = client.request("POST", "/v1/validate-address", body)
    assert (response.status_code, response.json()) == (200, {"result": cause is None, "cause": cause})
    assert list(response.json()) == ["result", "cause"]


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"currency": "eth", "walletAddress": ETH}, "currency"),
        ({"currency": "USD", "walletAddress": ETH}, "currency"),
        ({"currency": "NOPE", "walletAddress": ETH}, "currency"),
        ({"walletAddress": ETH}, "currency"),
        ({"currency": "ETH", "address": ETH}, "walletAddress"),
        ({"currency": "ETH", "walletAddress": ETH, "walletExtraId": 7}, "walletExtraId"),
        ({"currency": "XRP", "walletAddress": XRP, "extraId": 7}, "walletExtraId"),
    ],
)
def test_18_a_malformed_check_of_an_address_is_refused(client: Client, body: dict[str, Any], name: str) -> None:
    assert causes(client.request("POST", "/v1/validate-address", body)) == [name]
