"""Conversion, currencies and the check of addresses: calls that need a key and no signature."""

from typing import Any

import httpx
import pytest

from emulator.engine import real_time
from emulator.testing import ControlRefused, Emulator
from tests.clients.basswallet import Client, refused

STAMP = "1735119737000"
UNSIGNED: dict[str, str | None] = {"Signature": None}


def convert(client: Client, kind: str, amount: str, given: str, wanted: str, method: str = "POST") -> httpx.Response:
    """A conversion with an old timestamp, and without a signature."""
    parameters = {"inCurrency": given, "inAmount": amount, "outCurrency": wanted, "timestamp": STAMP}
    return client.request(method, f"/v1/common/convert/{kind}", parameters, headers=UNSIGNED)


def currencies(client: Client, **parameters: str | None) -> httpx.Response:
    """The list of currencies, without a signature."""
    return client.request("GET", "/v1/common/supportedCurrencies", parameters, headers=UNSIGNED)


def is_legal(client: Client, chain: str, address: str) -> bool:
    """Whether the provider takes a text for an address; asks without timestamp and signature."""
    parameters = {"chainName": chain, "address": address, "timestamp": None}
    answer = client.request("POST", "/v1/common/address/legal", parameters, headers=UNSIGNED)
    result: bool = client.data(answer)["result"]
    return result


VECTORS = [
    ("fiatToCrypto", "45.00", "EUR", "ETH", "0.016667"),
    ("cryptoToFiat", "0.5", "BTC", "JPY", "4500000.00"),
    ("fiatToFiat", "100", "USD", "CNY", "720.00"),
    ("fiatToCrypto", "7", "CNY", "USDT", "0.97"),
    ("fiatToCrypto", "1", "USD", "BTC", "0.00001667"),
    ("cryptoToFiat", "0.005", "USDT", "USD", "0.01"),
    ("cryptoToFiat", "0.00499999999999999999999999999999999999", "USDT", "USD", "0.00"),
    ("fiatToFiat", "9" * 40, "USD", "USD", f"{'9' * 40}.00"),
]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(("kind", "amount", "given", "wanted", "out"), VECTORS)
def test_43_an_amount_is_converted_exactly_and_rounded_half_up(
    client: Client, method: str, kind: str, amount: str, given: str, wanted: str, out: str
) -> None:
    assert client.data(convert(client, kind, amount, given, wanted, method)) == {"outAmount": out}


def test_43_the_rates_are_those_of_the_settings(emulator: Emulator, client: Client) -> None:
    emulator.set("basswallet", fiat_rates={"EUR": "0.5", "CHF": "0.8"}, usd_rates={"ETH": "2000"})
    assert client.data(convert(client, "fiatToCrypto", "1", "EUR", "ETH")) == {"outAmount": "0.001000"}
    assert client.data(convert(client, "fiatToFiat", "10", "CHF", "USD")) == {"outAmount": "12.50"}


def test_43_a_custom_token_is_worth_a_dollar_unless_a_rate_is_set(emulator: Emulator, client: Client) -> None:
    (usdt,) = client.data(client.tokens(tokenName="USDT"))
    emulator.set("basswallet", catalogue=[{**usdt, "tokenName": "EURT"}])
    assert client.data(convert(client, "cryptoToFiat", "10", "EURT", "EUR")) == {"outAmount": "9.00"}
    emulator.set("basswallet", usd_rates={"EURT": "1.11"})
    assert client.data(convert(client, "cryptoToFiat", "10", "EURT", "EUR")) == {"outAmount": "9.99"}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("kind", "amount", "given", "wanted"),
    [
        ("fiatToCrypto", "1", "ETH", "EUR"),
        ("cryptoToFiat", "1", "EUR", "ETH"),
        ("fiatToFiat", "1", "EUR", "ETH"),
        ("fiatToFiat", "1", "eur", "USD"),
        ("fiatToFiat", "1", "", "USD"),
        ("cryptoToFiat", "1", "DOGE", "USD"),
        *(("cryptoToFiat", amount, "BTC", "USD") for amount in ("0", "-1", "1e3", "", " 1", "1,5", "9" * 41)),
    ],
)
def test_43_unknown_currencies_swapped_kinds_and_bad_amounts_are_parameter_errors(
    client: Client, method: str, kind: str, amount: str, given: str, wanted: str
) -> None:
    assert refused(convert(client, kind, amount, given, wanted, method)) == (400, "PARAM_ERROR")


def test_43_the_first_broken_rule_decides(client: Client) -> None:
    for given, wanted, amount, named in (("x", "y", "z", "inCurrency"), ("EUR", "y", "z", "outCurrency")):
        parameters = {"inCurrency": given, "outCurrency": wanted, "inAmount": amount}
        headers = UNSIGNED | {"X-Emulator-Explain": "1"}
        answer = client.request("POST", "/v1/common/convert/fiatToFiat", parameters, headers=headers)
        assert answer.headers["x-emulator-reason"].startswith(named)


@pytest.mark.parametrize(
    ("setting", "good", "bad", "allowed"), [("post", "POST", "GET", "POST"), ("get", "GET", "POST", "GET, HEAD")]
)
def test_43_a_setting_allows_only_one_method(
    emulator: Emulator, client: Client, setting: Any, good: str, bad: str, allowed: str
) -> None:
    emulator.set("basswallet", convert_method=setting)
    assert convert(client, "fiatToFiat", "1", "USD", "USD", good).status_code == 200
    answer = convert(client, "fiatToFiat", "1", "USD", "USD", bad)
    assert refused(answer) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == allowed
    heads = convert(client, "fiatToFiat", "1", "USD", "USD", "HEAD")
    assert heads.status_code == (200 if "HEAD" in allowed else 405)
    assert client.tokens().status_code == client.create().status_code == 200


def test_43_a_body_may_have_any_form_that_orders_may_have(client: Client) -> None:
    parameters = {"inCurrency": "USD", "inAmount": "1", "outCurrency": "EUR"}
    for style in ("python", "php", "json"):
        path = "/api/v1/common/convert/fiatToFiat"
        assert client.data(client.request("POST", path, parameters, style=style)) == {"outAmount": "0.90"}


USUAL = [
    {"currency": "USD", "fullName": "United States Dollar", "symbol": "$"},
    {"currency": "JPY", "fullName": "Japanese Yen", "symbol": "¥"},
    {"currency": "EUR", "fullName": "Euro", "symbol": "€"},
    {"currency": "CNY", "fullName": "Chinese Yuan", "symbol": "¥"},
]


def test_44_the_usual_currencies_are_listed(client: Client) -> None:
    assert client.data(currencies(client)) == USUAL


def test_44_the_list_follows_the_rates(emulator: Emulator, client: Client) -> None:
    changed: dict[str, Any] = {
        "JPY": None, "EUR": "0.8", "CHF": "0.9", "SEK": {"rate": "10", "fullName": "Swedish Krona", "symbol": "kr"},
    }  # fmt: skip
    emulator.set("basswallet", fiat_rates=changed)
    assert client.data(currencies(client)) == [
        USUAL[0], USUAL[2], USUAL[3], {"currency": "CHF", "fullName": "CHF", "symbol": "CHF"},
        {"currency": "SEK", "fullName": "Swedish Krona", "symbol": "kr"},
    ]  # fmt: skip
    assert refused(convert(client, "fiatToFiat", "1", "JPY", "USD")) == (400, "PARAM_ERROR")


@pytest.mark.parametrize("stamp", [None, "", "now", "-1", "9" * 20])
def test_44_a_timestamp_of_any_age_is_required_unless_the_setting_says_otherwise(
    emulator: Emulator, client: Client, stamp: str | None
) -> None:
    assert currencies(client, timestamp="1").status_code == 200
    assert currencies(client, timestamp=str(real_time.now_ms() + 10**9)).status_code == 200
    assert refused(currencies(client, timestamp=stamp)) == (400, "PARAM_ERROR")
    emulator.set("basswallet", common_timestamp="ignored")
    assert currencies(client, timestamp=stamp).status_code == 200


def test_44_calls_without_a_signature_need_a_key_with_the_permission(emulator: Emulator, client: Client) -> None:
    with Client(emulator, word="noauth") as poor:
        assert refused(currencies(poor)) == (403, "NO_AUTH")
        assert refused(currencies(poor, timestamp=None)) == (400, "PARAM_ERROR")
    client.access_key = "nobody"
    assert refused(currencies(client)) == (401, "UNAUTHORIZED_ACCESS")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"EUR": "0"}, "/EUR: the rate must be above 0"),
        ({"EUR": 1}, "/EUR: write units per dollar as decimal text"),
        ({"EUR": {"rate": "1", "sign": "x"}}, "/EUR: write units per dollar as decimal text"),
        ({"a&b": "1"}, "/a&b: a code has 1 to 32 printable ASCII characters"),
        ([], "object"),
    ],
)
def test_44_impossible_rates_are_refused(emulator: Emulator, value: Any, words: str) -> None:
    with pytest.raises(ControlRefused, match=words):
        emulator.set("basswallet", fiat_rates=value)


GOOD = [
    ("Ethereum", "0x" + "aB" * 20),
    ("Bsc", "0x" + "1" * 40),
    ("Tron", "TBXSw8fM4jpQkGc6zZjsVABFpVN7UvXPdV"),
    ("Bitcoin", "12ZEw5Hcv1hTb6YUQJ69y1V7uhcoDz92PH"),
    ("Bitcoin", "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"),
    ("Bitcoin", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
    ("Bitcoin", "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"),
    ("Bitcoin", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"),
]
BAD = [
    ("Ethereum", "0x" + "a" * 39),
    ("Ethereum", "0x" + "g" * 40),
    ("Ethereum", "0X" + "a" * 40),
    ("Ethereum", "TBXSw8fM4jpQkGc6zZjsVABFpVN7UvXPdV"),
    ("Tron", "TBXSw8fM4jpQkGc6zZjsVABFpVN7UvXPdW"),
    ("Tron", "12ZEw5Hcv1hTb6YUQJ69y1V7uhcoDz92PH"),
    ("Tron", "TBXSw8fM4jpQkGc6zZjsVABFpVN7UvXPd"),
    ("Tron", "1" * 5000),
    ("Bitcoin", "12ZEw5Hcv1hTb6YUQJ69y1V7uhcoDz92PI"),
    ("Bitcoin", "112ZEw5Hcv1hTb6YUQJ69y1V7uhcoDz92PH"),
    ("Bitcoin", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"),
    ("Bitcoin", "bc1Qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
    ("Bitcoin", "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx"),
    ("Bitcoin", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd"),
    ("Bitcoin", "bc1"),
    ("Bitcoin", "金"),
]


@pytest.mark.parametrize(("chain", "address"), GOOD)
def test_45_an_address_of_the_chain_is_valid(client: Client, chain: str, address: str) -> None:
    assert is_legal(client, chain, address)


@pytest.mark.parametrize(("chain", "address"), BAD)
def test_45_anything_else_is_not_valid(client: Client, chain: str, address: str) -> None:
    assert not is_legal(client, chain, address)


def test_45_every_address_of_an_order_is_valid_on_its_chain(client: Client) -> None:
    for token, chain in (("USDT", "Ethereum"), ("USDT", "Tron"), ("USDT", "Bsc"), ("BTC", "Bitcoin")):
        assert is_legal(client, chain, client.data(client.create(tokenName=token, chainName=chain))["address"])


@pytest.mark.parametrize(
    "parameters", [{"chainName": "Polygon", "address": "x"}, {"chainName": "Tron"}, {"address": "x"}, {}]
)
def test_45_an_unknown_chain_and_a_missing_parameter_are_parameter_errors(
    client: Client, parameters: dict[str, str]
) -> None:
    answer = client.request("POST", "/v1/common/address/legal", {**parameters, "timestamp": None}, headers=UNSIGNED)
    assert refused(answer) == (400, "PARAM_ERROR")
