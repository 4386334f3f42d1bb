"""The shipped catalogue over HTTP: who serves which country, coin and currency, within which limits, at which price."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from emulator.providers.changelly.wire import write_amount
from tests.clients.changelly import ETH, SELL, Client
from tests.providers.changelly.answers import bound, causes

GOLDEN: list[dict[str, Any]] = json.loads(Path(__file__).with_name("golden_offers.json").read_text("utf-8"))
"""Prices worked out by hand: for each provider `rate / invertedRate / fee / amountExpectedTo`, or the item's error."""

PROVIDERS = ["moonpay", "banxa", "wert", "transak"]
SELLERS = ["moonpay", "banxa", "transak"]

COUNTRIES = {
    **dict.fromkeys(["EE", "DE", "FR", "IT", "NL", "ES", "PT", "AT", "BE", "IE", "FI"], "moonpay banxa wert transak"),
    "GB": "moonpay banxa transak",
    "US": "moonpay wert transak",
    "BR": "moonpay transak",
    "NG": "transak",
    "LT": "moonpay wert transak",
    "PL": "moonpay banxa wert transak",
    "SE": "moonpay wert transak",
    "CH": "moonpay wert transak",
    "CA": "moonpay banxa transak",
    "AU": "moonpay banxa",
    "MX": "moonpay wert transak",
}

FIATS = {
    "USD": "20-10000 30-15000 5-1000 15-5000",
    "EUR": "20-10000 30-15000 5-1000 15-5000",
    "GBP": "20-8000 25-12000 - 12-4000",
    "BRL": "100-50000 - - 80-25000",
    "NGN": "- - - 20000-5000000",
    "CAD": "30-13000 40-20000 - 20-6500",
    "AUD": "30-15000 45-22000 - 25-7500",
    "CHF": "20-9000 - - 15-4500",
    "PLN": "80-40000 120-60000 - 60-20000",
    "SEK": "200-100000 - - 150-50000",
    "MXN": "400-200000 - - 300-100000",
}
"""Bounds of purchases at moonpay, banxa, wert and transak."""

SOLD_FOR = {
    "moonpay": "USD EUR GBP BRL CAD AUD CHF PLN",
    "banxa": "USD EUR GBP CAD AUD",
    "transak": "USD EUR GBP CHF PLN",
}

COINS = {
    "BTC": "Bitcoin, bitcoin, 8: 0.001-0.5 0.002-1 0.0005-0.25",
    "ETH": "Ethereum, ethereum, 8: 0.02-10 0.03-15 0.01-5",
    "USDTRX": "Tether USD TRC20, tron, 6: 30-7000 50-15000 20-5000",
    "XRP": "Ripple, ripple, 6: 60-14000 - 40-10000",
    "XLM": "Stellar, stellar, 7: - - -",
    "EOS": "EOS, eos, 4: - - -",
    "BNB": "Binance Coin, bnb, 8: - - -",
    "USDC": "USD Coin, ethereum, 6: 20-10000 30-15000 15-5000",
    "USDCPOLYGON": "USD Coin Polygon, polygon, 6: 20-8000 - 15-4000",
    "USDCSOL": "USD Coin Solana, solana, 6: 25-8000 - -",
    "USDCBASE": "USD Coin Base, base, 6: - - -",
    "USDT": "Tether USD, ethereum, 6: 30-7000 50-15000 20-5000",
    "USDTBSC": "Tether USD BEP20, binance_smart_chain, 8: - - -",
    "USDTSOL": "Tether USD Solana, solana, 6: - - -",
    "SOL": "Solana, solana, 8: 0.2-100 - 0.1-50",
    "LTC": "Litecoin, litecoin, 8: 0.3-150 0.5-200 -",
    "TRX": "Tron, tron, 6: 100-40000 150-60000 80-20000",
    "DOGE": "Dogecoin, dogecoin, 8: 100-50000 200-70000 -",
    "TON": "Toncoin, ton, 8: 5-2500 - 4-1200",
    "POL": "Polygon, polygon, 8: 60-15000 - 40-10000",
    "MATIC": "Polygon (old ticker), polygon, 8: - - -",
    "BNBBSC": "BNB Smart Chain, binance_smart_chain, 8: 0.1-30 - 0.05-20",
}
"""Name, network and precision, then the bounds of sales at moonpay, banxa and transak."""

BOUGHT_AT = {
    "moonpay": "BTC ETH USDTRX XRP XLM BNB USDC USDCPOLYGON USDCSOL USDCBASE USDT USDTBSC USDTSOL SOL LTC TRX DOGE TON"
    " POL MATIC BNBBSC",
    "banxa": "BTC ETH USDTRX XRP XLM EOS USDC USDT SOL LTC TRX DOGE",
    "wert": "BTC ETH USDC USDCBASE POL",
    "transak": "BTC ETH USDTRX XRP BNB USDC USDCPOLYGON USDCSOL USDCBASE USDT USDTBSC USDTSOL SOL LTC TRX DOGE TON POL"
    " MATIC BNBBSC",
}

EVM = (ETH, ETH[:-1])
TRON = ("T" + "a" * 33, "T" + "a" * 32)
SOLANA = ("9" * 32, "0" * 32)
ADDRESSES = {
    "BTC": ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", ETH),
    "XRP": ("rPdvC6ccq8hCdPKSPJkPmyZ4Mi1oG2FFkT", "xPdvC6ccq8hCdPKSPJkPmyZ4Mi1oG2FFkT"),
    "XLM": ("G" + "A2" * 27 + "A", "G" + "A1" * 27 + "A"),
    "EOS": ("sandboxacct1", "sandboxacct9"),
    "BNB": ("bnb1" + "q" * 38, "bnb1" + "q" * 37),
    "LTC": ("ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7k", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
    "DOGE": ("D" + "8" * 33, "E" + "8" * 33),
    "TON": ("UQ" + "a-_9" * 11 + "zz", "TQ" + "a-_9" * 11 + "zz"),
    **dict.fromkeys(["USDTRX", "TRX"], TRON),
    **dict.fromkeys(["USDCSOL", "USDTSOL", "SOL"], SOLANA),
    **dict.fromkeys(["ETH", "USDC", "USDCPOLYGON", "USDCBASE", "USDT", "USDTBSC", "POL", "MATIC", "BNBBSC"], EVM),
}
"""A good and a bad address of each coin."""

NEEDS_EXTRA_ID = ("XRP", "XLM", "EOS", "BNB")


def offers(client: Client, flow: str, **parameters: str | None) -> dict[str, dict[str, Any]]:
    """The item of each provider."""
    response = client.offers(**parameters) if flow == "buy" else client.sell_offers(**parameters)
    assert response.status_code == 200, response.text
    return {item["providerCode"]: item for item in response.json()}


def outcome(item: dict[str, Any]) -> str:
    """The numbers of an item, or its error."""
    numbers = (item.get(name) for name in ("rate", "invertedRate", "fee", "amountExpectedTo"))
    return str(item["errorType"]) if "errorType" in item else " / ".join(map(str, numbers))


@pytest.mark.parametrize("row", GOLDEN, ids=lambda row: f"{row['flow']}-{row['currencyFrom']}-{row['currencyTo']}")
def test_31_prices_are_exact(client: Client, row: dict[str, Any]) -> None:
    asked = {name: value for name, value in row.items() if name not in ("flow", "offers")}
    found = offers(client, row["flow"], **asked)
    assert {code: outcome(item) for code, item in found.items()} == row["offers"]
    assert all(item["amountFrom"] == row["amountFrom"] for item in found.values() if "errorType" not in item)


def bounds(client: Client, flow: str, code: str, written: str, **pair: str) -> None:
    """Holds the bounds of a provider: what they are, that they pass, and that what is just outside does not."""
    least, most = written.split("-")
    step = Decimal("0.00000001")
    for amount, expected in (
        (least, None),
        (most, None),
        (format(Decimal(least) - step, "f"), ("min", least)),
        (format(Decimal(most) + step, "f"), ("max", most)),
    ):
        item = offers(client, flow, providerCode=code, amountFrom=amount, **pair)[code]
        if expected is None:
            assert "errorType" not in item, item
        else:
            assert (item["errorType"], item["errorDetails"]) == (
                "limits",
                [{"cause": expected[0], "value": expected[1]}],
            )


@pytest.mark.parametrize("ticker", FIATS)
def test_31_amounts_paid_for_coins_have_limits(client: Client, ticker: str) -> None:
    for code, written in zip(PROVIDERS, FIATS[ticker].split(), strict=True):
        pair = {"currencyFrom": ticker, "currencyTo": "ETH", "country": "DE"}
        if written == "-":
            found = offers(client, "buy", amountFrom="150", **pair)[code]
            assert found["errorType"] == "currency"
        else:
            bounds(client, "buy", code, written, **pair)


@pytest.mark.parametrize("ticker", COINS)
def test_31_amounts_of_coins_sold_have_limits(client: Client, ticker: str) -> None:
    for code, written in zip(SELLERS, COINS[ticker].split(": ")[1].split(), strict=True):
        pair = {"currencyFrom": ticker, "currencyTo": "EUR", "country": "DE"}
        if written == "-":
            assert offers(client, "sell", amountFrom="150", **pair)[code]["errorType"] == "currency"
        else:
            bounds(client, "sell", code, written, **pair)


@pytest.mark.parametrize("code", PROVIDERS)
def test_31_a_provider_sells_certain_coins(client: Client, code: str) -> None:
    """Asked for in dollars, for which no pair of a coin is excluded."""
    bought = [
        ticker
        for ticker in COINS
        if "errorType" not in offers(client, "buy", providerCode=code, currencyTo=ticker, country="DE")[code]
    ]
    assert bought == BOUGHT_AT[code].split()


@pytest.mark.parametrize("code", SELLERS)
def test_31_a_provider_pays_certain_currencies_for_a_coin(client: Client, code: str) -> None:
    paid = [
        ticker
        for ticker in FIATS
        if "errorType"
        not in offers(client, "sell", providerCode=code, currencyFrom="BTC", currencyTo=ticker, amountFrom="0.1")[code]
    ]
    assert paid == SOLD_FOR[code].split()


@pytest.mark.parametrize("ticker", COINS)
def test_31_a_coin_has_its_form_of_address(client: Client, ticker: str) -> None:
    good, bad = ADDRESSES[ticker]
    code = next(code for code in PROVIDERS if ticker in BOUGHT_AT[code].split())
    extra = {"walletExtraId": "7"} if ticker in NEEDS_EXTRA_ID else {}
    order: dict[str, Any] = {
        "providerCode": code,
        "currencyFrom": "EUR",
        "currencyTo": ticker,
        "country": "DE",
        **extra,
    }
    assert client.create(**order, walletAddress=good).json()["walletAddress"] == good
    assert causes(client.create(**order, walletAddress=bad)) == ["walletAddress"]
    for address, answer in (
        (good, {"result": True, "cause": None}),
        (bad, {"result": False, "cause": "walletAddress"}),
    ):
        asked = {"currency": ticker, "walletAddress": address, **extra}
        assert client.request("POST", "/v1/validate-address", asked).json() == answer


def test_31_currencies_have_names_networks_and_precisions(client: Client) -> None:
    rows = client.request("GET", "/v1/currencies").json()
    shown = {row["ticker"]: f"{row['name']}, {row['network']}, {row['precision']}" for row in rows}
    assert {ticker: shown[ticker] for ticker in COINS} == {ticker: row.split(":")[0] for ticker, row in COINS.items()}
    assert {ticker: shown[ticker] for ticker in FIATS} == {
        "USD": "US Dollar, , 2",
        "EUR": "Euro, , 2",
        "GBP": "British Pound, , 2",
        "BRL": "Brazilian Real, , 2",
        "NGN": "Nigerian Naira, , 2",
        "CAD": "Canadian Dollar, , 2",
        "AUD": "Australian Dollar, , 2",
        "CHF": "Swiss Franc, , 2",
        "PLN": "Polish Zloty, , 2",
        "SEK": "Swedish Krona, , 2",
        "MXN": "Mexican Peso, , 2",
    }


@pytest.mark.parametrize("country", [*COUNTRIES, "JP"])
def test_32_a_country_is_served_by_certain_providers(client: Client, country: str) -> None:
    serving = COUNTRIES.get(country, "").split()
    state = "CA" if country == "US" else None
    bought = offers(client, "buy", country=country, state=state)
    sold = offers(client, "sell", country=country, state=state)
    assert {code: item.get("errorType") for code, item in bought.items()} == {
        code: None if code in serving else "country" for code in PROVIDERS
    }
    assert {code: item.get("errorType") for code, item in sold.items()} == {
        code: None if code in serving else "country" for code in SELLERS
    }


@pytest.mark.parametrize(("code", "error"), [("moonpay", None), ("wert", "state"), ("transak", "state")])
def test_32_new_york_is_not_served_by_all(client: Client, code: str, error: str | None) -> None:
    assert offers(client, "buy", country="US", state="NY")[code].get("errorType") == error


def methods(item: dict[str, Any]) -> dict[str, str]:
    return {each["method"]: each["methodName"] for each in item["paymentMethodOffers"]}


def test_32_methods_have_names_and_currencies(client: Client) -> None:
    naira = offers(client, "buy", currencyFrom="NGN", amountFrom="30000", country="NG")["transak"]
    assert methods(naira) == {"yellow_card_bank_transfer": "Yellow Card"}
    assert methods(offers(client, "sell")["moonpay"]) == {
        "card": "Visa / Mastercard",
        "sepa_bank_transfer": "SEPA Bank Transfer",
        "apple_pay": "Apple Pay / Google Pay",
    }
    real = offers(client, "sell", currencyTo="BRL", country="BR")["moonpay"]
    assert methods(real) == {"card": "Visa / Mastercard", "apple_pay": "Apple Pay / Google Pay", "pix": "PIX"}


FEES = {
    "moonpay": "card 4.5 apple_pay 4.5 sepa_bank_transfer 1 pix 3 / card 2 sepa_bank_transfer 1 apple_pay 2.5 pix 1.5",
    "banxa": "card 2 sepa_bank_transfer 1.5 / card 2.5 sepa_bank_transfer 1.5",
    "wert": "card 5 /",
    "transak": "card 3.5 apple_pay 3.5 sepa_bank_transfer 1 pix 2 yellow_card_bank_transfer 1.5 / card 3"
    " sepa_bank_transfer 1",
}
"""Methods with their fees in percent, of purchases and of sales."""


@pytest.mark.parametrize("code", FEES)
def test_32_each_method_has_its_fee(client: Client, code: str) -> None:
    """Of what is worth a hundred, so that the fee is the percentage."""
    fees: dict[str, dict[str, str]] = {"buy": {}, "sell": {}}
    asked = [("buy", {"currencyFrom": fiat, "amountFrom": "100"}) for fiat in ("EUR", "BRL")]
    for fiat, amount in (("EUR", "120"), ("BRL", "20")):
        asked.append(("sell", {"currencyFrom": "USDC", "currencyTo": fiat, "amountFrom": amount}))
    for flow, pair in asked:
        item = offers(client, flow, country="DE", **pair).get(code, {})
        for method in item.get("paymentMethodOffers", ()):
            fees[flow][method["method"]] = method["fee"]
    naira = offers(client, "buy", currencyFrom="NGN", amountFrom="20000", country="NG")[code]
    for method in naira.get("paymentMethodOffers", ()):
        fees["buy"][method["method"]] = write_amount(Decimal(method["fee"]) / 200)
    written = " / ".join(" ".join(f"{name} {fee}" for name, fee in fees[flow].items()) for flow in ("buy", "sell"))
    assert written.strip() == FEES[code]


@pytest.mark.parametrize(("method", "fiat"), [("apple_pay", "EUR"), ("pix", "BRL")])
def test_32_moonpay_sells_by_apple_pay_and_pix(client: Client, method: str, fiat: str) -> None:
    sold = client.sell(paymentMethod=method, currencyTo=fiat)
    assert (sold.status_code, sold.json()["paymentMethod"]) == (201, method)


@pytest.mark.parametrize(("amount", "country"), [("0.002", "IT"), ("0.1", "NL")])
def test_30_the_sales_of_the_page_succeed(client: Client, amount: str, country: str) -> None:
    body = json.dumps({**SELL, "currencyFrom": "BTC", "country": country, "amountFrom": 0}).replace(
        '"amountFrom": 0', f'"amountFrom": {amount}'
    )
    sold = client.request("POST", "/v1/sell/orders", content=body.encode())
    assert sold.status_code == 201
    assert f'"amountFrom":{amount},' in sold.text
    assert sold.json()["refundAddress"] is None


def test_30_the_offers_of_the_page_succeed(client: Client) -> None:
    bought = offers(client, "buy", currencyFrom="EUR", currencyTo="ETH", amountFrom="150", country="FR")
    assert [code for code, item in bought.items() if "errorType" not in item] == PROVIDERS
    sold = offers(client, "sell", currencyFrom="ETH", currencyTo="EUR", amountFrom="0.1", country="IT")
    assert [code for code, item in sold.items() if "errorType" not in item] == SELLERS


def test_30_the_patch_of_the_page_succeeds(client: Client) -> None:
    patched = client.patch(client.start(), status="expired", currencyFrom="USD")
    assert (patched.status_code, patched.json()["status"], patched.json()["currencyFrom"]) == (200, "expired", "USD")


def test_08_orders_and_offers_report_the_same_limit(client: Client) -> None:
    order: dict[str, Any] = {
        "currencyFrom": "SEK",
        "currencyTo": "TON",
        "walletAddress": ADDRESSES["TON"][0],
        "country": "SE",
    }
    assert bound(client.create(**order, amountFrom="199.99")) == ("min", "200")
    assert client.create(**order, amountFrom="200").status_code == 201
