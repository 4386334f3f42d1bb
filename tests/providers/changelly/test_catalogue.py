"""The catalogue, and the three lists that show it."""

from decimal import Decimal
from typing import Any

import pytest

from emulator.core import json_text
from emulator.providers.changelly.catalogue import Flow, load_catalogue, load_document
from emulator.providers.changelly.directory import lists
from emulator.providers.changelly.overlay.entries import BrokenCatalogue, require_good

CATALOGUE = load_catalogue()
FIATS = "USD EUR GBP BRL NGN CAD AUD CHF PLN SEK MXN"
CRYPTOS = (
    "BTC ETH USDTRX XRP XLM EOS BNB USDC USDCPOLYGON USDCSOL USDCBASE USDT USDTBSC USDTSOL SOL LTC TRX DOGE TON POL"
    " MATIC BNBBSC"
)
COUNTRIES = "EE DE FR GB US BR NG IT NL ES PT AT BE IE FI LT PL SE CH CA AU MX"


def codes(rows: list[dict[str, Any]], key: str = "code") -> str:
    return " ".join(row[key] for row in rows)


def test_the_catalogue_has_everything_in_order() -> None:
    assert [provider.code for provider in CATALOGUE.providers] == ["moonpay", "banxa", "wert", "transak"]
    assert [fiat.ticker for fiat in CATALOGUE.fiats] == FIATS.split()
    assert [crypto.ticker for crypto in CATALOGUE.cryptos] == CRYPTOS.split()
    assert [country.code for country in CATALOGUE.countries] == COUNTRIES.split()
    assert len(CATALOGUE.state_codes) == 51


@pytest.mark.parametrize(
    "provider, flow, ticker, bounds",
    [
        ("moonpay", "buy", "USD", "20 10000"),
        ("banxa", "buy", "EUR", "30 15000"),
        ("wert", "buy", "USD", "5 1000"),
        ("wert", "buy", "GBP", None),
        ("transak", "buy", "NGN", "20000 5000000"),
        ("moonpay", "buy", "NGN", None),
        ("moonpay", "buy", "ETH", None),
        ("moonpay", "sell", "ETH", "0.02 10"),
        ("transak", "sell", "BTC", "0.0005 0.25"),
        ("banxa", "sell", "XRP", None),
        ("wert", "sell", "ETH", None),
        ("moonpay", "sell", "XLM", None),
        ("moonpay", "sell", "EUR", None),
        ("nobody", "buy", "USD", None),
        ("moonpay", "buy", "SHIB", None),
    ],
)
def test_limits_are_those_of_the_currency_paid_in(provider: str, flow: Flow, ticker: str, bounds: str | None) -> None:
    limits = CATALOGUE.find_pay_in_limits(provider, flow, ticker)
    assert (limits and f"{limits.min} {limits.max}") == bounds


@pytest.mark.parametrize(
    "provider, ticker, flows",
    [
        ("moonpay", "EUR", ("buy", "sell")),
        ("wert", "EUR", ("buy",)),
        ("moonpay", "BRL", ("buy", "sell")),
        ("wert", "NGN", ()),
        ("banxa", "XRP", ("buy",)),
        ("transak", "XRP", ("buy", "sell")),
        ("transak", "EOS", ()),
        ("moonpay", "SEK", ("buy",)),
        ("transak", "USDCSOL", ("buy",)),
        ("banxa", "MATIC", ()),
        ("moonpay", "SHIB", ()),
    ],
)
def test_a_provider_accepts_a_currency_in_certain_flows(provider: str, ticker: str, flows: tuple[Flow, ...]) -> None:
    assert CATALOGUE.list_flows(provider, ticker) == flows


@pytest.mark.parametrize(
    "provider, flow, fiat, methods",
    [
        ("moonpay", "buy", "EUR", "card 4.5 apple_pay 4.5 sepa_bank_transfer 1"),
        ("moonpay", "buy", "BRL", "card 4.5 apple_pay 4.5 pix 3"),
        ("banxa", "buy", "USD", "card 2"),
        ("transak", "buy", "NGN", "yellow_card_bank_transfer 1.5"),
        ("banxa", "sell", "EUR", "card 2.5 sepa_bank_transfer 1.5"),
        ("moonpay", "sell", "EUR", "card 2 sepa_bank_transfer 1 apple_pay 2.5"),
        ("moonpay", "sell", "BRL", "card 2 apple_pay 2.5 pix 1.5"),
        ("wert", "sell", "EUR", ""),
    ],
)
def test_methods_work_with_certain_fiat_currencies(provider: str, flow: Flow, fiat: str, methods: str) -> None:
    fees = CATALOGUE.fees(CATALOGUE.provider_by_code[provider], flow, fiat)
    assert " ".join(f"{fee.method} {fee.percent}" for fee in fees) == methods


def test_a_provider_is_found_by_code_and_flow() -> None:
    assert CATALOGUE.find_provider("wert") is CATALOGUE.find_provider("wert", "buy") is CATALOGUE.providers[2]
    assert CATALOGUE.find_provider("wert", "sell") is CATALOGUE.find_provider("nope") is None
    assert [provider.code for provider in CATALOGUE.list_providers("sell")] == ["moonpay", "banxa", "transak"]


def test_excluded_pairs_belong_to_one_provider_and_direction() -> None:
    assert CATALOGUE.is_excluded("banxa", "buy", "GBP", "EOS")
    assert CATALOGUE.is_excluded("moonpay", "buy", "BRL", "XLM")
    assert CATALOGUE.is_excluded("transak", "buy", "EUR", "USDTRX")
    assert CATALOGUE.is_excluded("banxa", "sell", "ETH", "GBP")
    assert not CATALOGUE.is_excluded("moonpay", "buy", "GBP", "EOS")
    assert not CATALOGUE.is_excluded("banxa", "buy", "ETH", "GBP")
    assert len(CATALOGUE.excluded_pairs) == 4


@pytest.mark.parametrize("state, code", [("CA", "CA"), ("US-NY", "NY"), ("ZZ", None), ("ca", None), ("US-", None)])
def test_a_state_is_written_with_and_without_its_country(state: str, code: str | None) -> None:
    assert CATALOGUE.find_state_code(state) == code


ETH = "0x8cfbd31371e9bec8c82ae101e25bd9394c03a227"


@pytest.mark.parametrize(
    "ticker, address, right",
    [
        ("BTC", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", True),
        ("BTC", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT", True),
        ("BTC", "bc1QW", False),
        ("ETH", ETH, True),
        ("ETH", ETH[:-1], False),
        ("ETH", ETH + "\n", False),
        ("ETH", ETH.upper(), False),
        ("USDTRX", "T" + "a" * 33, True),
        ("USDTRX", "T" + "0" * 33, False),
        ("XRP", "rPdvC6ccq8hCdPKSPJkPmyZ4Mi1oG2FFkT", True),
        ("XLM", "G" + "A2" * 27 + "A", True),
        ("XLM", "G" + "A1" * 27 + "A", False),
        ("EOS", "sandboxacct1", True),
        ("EOS", "sandboxacct9", False),
        ("BNB", "bnb1" + "q" * 38, True),
        ("BNB", ETH, True),
        ("BNB", "bnb1", False),
    ],
)
def test_addresses_are_recognized_by_their_form(ticker: str, address: str, right: bool) -> None:
    assert CATALOGUE.crypto_by_ticker[ticker].is_address(address) is right


@pytest.mark.parametrize(
    "ticker, extra_id, right",
    [
        ("XRP", "1234567890", True),
        ("XRP", "12345678901", False),
        ("XRP", "abc", False),
        ("XRP", "١٢٣", False),
        ("XLM", "x" * 28, True),
        ("XLM", "x" * 29, False),
        ("XLM", "two\nlines", True),
        ("EOS", "x" * 256, True),
        ("EOS", "x" * 257, False),
        ("BNB", "x" * 128, True),
        ("BNB", "x" * 129, False),
        ("ETH", "1", False),
    ],
)
def test_only_coins_with_a_memo_have_one(ticker: str, extra_id: str, right: bool) -> None:
    assert CATALOGUE.crypto_by_ticker[ticker].is_extra_id(extra_id) is right


def test_the_catalogue_is_read_once_and_never_changes() -> None:
    assert load_catalogue() is CATALOGUE
    with pytest.raises(AttributeError):
        CATALOGUE.providers[0].code = "other"  # type: ignore[misc]
    assert isinstance(CATALOGUE.fiats[1].usd, Decimal)


def test_the_shipped_catalogue_follows_the_rules_for_custom_ones() -> None:
    require_good(load_document())
    broken = {**load_document(), "providers": []}
    with pytest.raises(BrokenCatalogue, match="fiats USD: buyLimits.moonpay: unknown"):
        require_good(broken)


def test_the_providers_are_these() -> None:
    rows = lists.write_providers(CATALOGUE)
    icon = "https://assets.sandbox.invalid/providers/moonpay.svg"
    assert rows[0] == {"code": "moonpay", "name": "MoonPay", "trustPilotRating": "4.1", "iconUrl": icon}
    assert [row["trustPilotRating"] for row in rows] == ["4.1", "4.4", "4.0", "4.2"]


def test_a_currency_is_written_as_on_the_wire() -> None:
    rows = lists.write_currencies(CATALOGUE)
    assert len(rows) == 33
    assert json_text.encode(rows[14]).decode() == (
        '{"ticker":"XRP","name":"Ripple","type":"crypto","extraIdName":"Destination Tag",'
        '"iconUrl":"https://assets.sandbox.invalid/currencies/xrp.svg",'
        '"iconColoredUrl":"https://assets.sandbox.invalid/currencies/xrp-colored.svg",'
        '"precision":"6","network":"ripple","protocol":"","providers":['
        '{"providerCode":"moonpay","supportedFlow":["buy","sell"],"limits":{"send":{"min":"60","max":"14000"}}},'
        '{"providerCode":"banxa","supportedFlow":["buy"]},'
        '{"providerCode":"transak","supportedFlow":["buy","sell"],"limits":{"send":{"min":"40","max":"10000"}}}]}'
    )
    assert rows[0]["network"] == rows[0]["protocol"] == ""
    assert rows[0]["providers"][2] == {
        "providerCode": "wert",
        "supportedFlow": ["buy"],
        "limits": {"send": {"min": "5", "max": "1000"}},
    }
    assert [row["ticker"] for row in rows if row["extraIdName"]] == ["XRP", "XLM", "EOS", "BNB", "TON"]


@pytest.mark.parametrize(
    "filters, tickers",
    [
        ({"kind": "fiat"}, FIATS),
        ({"kind": "crypto"}, CRYPTOS),
        ({"provider_code": "wert"}, "USD EUR BTC ETH USDC USDCBASE POL"),
        ({"kind": "fiat", "flow": "sell"}, "USD EUR GBP BRL CAD AUD CHF PLN"),
        ({"kind": "crypto", "provider_code": "banxa", "flow": "sell"}, "BTC ETH USDTRX USDC USDT LTC TRX DOGE"),
        ({"provider_code": "wert", "flow": "sell"}, ""),
    ],
)
def test_currencies_are_filtered_as_a_whole(filters: dict[str, Any], tickers: str) -> None:
    rows = lists.write_currencies(CATALOGUE, **filters)
    assert codes(rows, "ticker") == tickers
    unfiltered = {row["ticker"]: row for row in lists.write_currencies(CATALOGUE)}
    assert all(row == unfiltered[row["ticker"]] for row in rows)


@pytest.mark.parametrize(
    "filters, expected",
    [
        ({}, COUNTRIES),
        ({"provider_code": "banxa"}, "EE DE FR GB IT NL ES PT AT BE IE FI PL CA AU"),
        ({"provider_code": "wert", "flow": "sell"}, ""),
        ({"provider_code": "transak", "flow": "sell"}, COUNTRIES.replace(" AU", "")),
    ],
)
def test_countries_are_filtered_as_a_whole(filters: dict[str, Any], expected: str) -> None:
    assert codes(lists.write_countries(CATALOGUE, **filters)) == expected


def test_only_the_us_has_states_and_all_of_them() -> None:
    rows = lists.write_countries(CATALOGUE)
    assert [row["code"] for row in rows if "states" in row] == ["US"]
    assert len(rows[4]["states"]) == 51
    assert rows[4]["states"][0] == {"code": "AL", "name": "Alabama"}
    assert list(rows[4]) == ["code", "name", "states", "providers"]


def test_the_flows_of_a_country_are_written_under_two_names() -> None:
    both = lists.write_countries(CATALOGUE)[6]["providers"]
    one = lists.write_countries(CATALOGUE, emit_aliases=False)[6]["providers"]
    flows = ["buy", "sell"]
    assert both == [{"providerCode": "transak", "supportedFlow": flows, "supportedFlows": flows}]
    assert one == [{"providerCode": "transak", "supportedFlow": flows}]
