"""Creating orders to buy, over HTTP."""

import re
from typing import Any

import pytest

from emulator.core import json_text
from emulator.testing import Emulator
from tests.clients.changelly import ETH, Client
from tests.providers.changelly.answers import bound, causes, refused

SEED: dict[str, Any] = {
    "externalOrderId": "71ahw34",
    "externalUserId": "122hd",
    "providerCode": "moonpay",
    "currencyFrom": "USD",
    "currencyTo": "ETH",
    "amountFrom": "150",
    "country": "EE",
    "walletAddress": ETH,
    "paymentMethod": "card",
}
SEED_KEYS = [
    "redirectUrl",
    "orderId",
    "externalUserId",
    "externalOrderId",
    "providerCode",
    "currencyFrom",
    "currencyTo",
    "amountFrom",
    "country",
    "state",
    "ip",
    "walletAddress",
    "walletExtraId",
    "paymentMethod",
    "userAgent",
    "metadata",
    "createdAt",
]
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
BTC = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
XRP = "rPdvC6ccq8hCdPKSPJkPmyZ4Mi1oG2FFkT"
USDT = "TJRyWwFs9wTFGZg3JbrVriFbNfCug5tDeC"
XLM = "G" + "A" * 55
JAPAN = {"country": "JP"}


def test_01_the_answer_to_the_sample_order_has_the_sample_s_keys(client: Client, emulator: Emulator) -> None:
    response = client.create(**SEED)
    assert response.status_code == 201
    body = response.json()
    assert list(body) == SEED_KEYS
    assert {name: body[name] for name in SEED} == SEED
    assert [name for name in SEED_KEYS if body[name] is None] == [
        "state",
        "ip",
        "walletExtraId",
        "userAgent",
        "metadata",
    ]
    assert body["createdAt"] == emulator.now.removesuffix("Z")
    assert UUID.fullmatch(body["orderId"])
    assert body["redirectUrl"] == (
        f"{emulator.changelly.url}/checkout/moonpay/{body['orderId']}?CurrencyCode=eth&baseCurrencyCode=usd"
        f"&currencyCode=eth&baseCurrencyAmount=150&externalTransactionId=71ahw34&walletAddress={ETH}"
    )


def test_01_the_keys_are_the_same_without_the_optional_fields(client: Client) -> None:
    body = client.create().json()
    assert list(body) == SEED_KEYS
    assert body["externalOrderId"] is None
    assert body["paymentMethod"] is None
    assert f"externalTransactionId={body['orderId']}&" in body["redirectUrl"]


def test_01_optional_fields_come_back_as_sent(client: Client) -> None:
    optional: dict[str, Any] = {
        "state": "whatever",
        "ip": "2001:db8::1",
        "userAgent": "Mozilla/5.0",
        "paymentMethod": "apple_pay",
    }
    body = client.create(**optional, amountFrom="150.00").json()
    assert {name: body[name] for name in optional} == optional
    assert body["amountFrom"] == "150.00"


@pytest.mark.parametrize("edition", ["C", "D"])
def test_02_newer_editions_require_an_order_id_and_always_return_both_urls(
    client: Client, emulator: Emulator, edition: Any
) -> None:
    emulator.set("changelly", edition=edition)
    assert causes(client.create()) == ["externalOrderId"]
    assert causes(client.create(externalOrderId="")) == ["externalOrderId"]
    url = "https://shop.example/thanks?order=1"
    body = client.create(externalOrderId="a", returnSuccessUrl=url).json()
    assert list(body) == [*SEED_KEYS[:-1], "returnSuccessUrl", "returnFailedUrl", "createdAt"]
    assert body["returnSuccessUrl"] == url
    assert body["returnFailedUrl"] is None
    assert body["createdAt"] == emulator.now


def test_02_the_oldest_edition_returns_only_the_urls_that_were_sent(client: Client) -> None:
    url = "http://localhost:3000/sorry"
    body = client.create(returnFailedUrl=url, returnSuccessUrl="").json()
    assert list(body) == [*SEED_KEYS[:-1], "returnFailedUrl", "createdAt"]
    assert body["returnFailedUrl"] == url


@pytest.mark.parametrize("edition", ["A", "C", "D"])
@pytest.mark.parametrize("url", ["shop.example/thanks", "ftp://shop.example", "/thanks", "https://", "https://a b"])
def test_02_bad_return_urls_are_refused(client: Client, emulator: Emulator, edition: Any, url: str) -> None:
    emulator.set("changelly", edition=edition)
    assert causes(client.create(externalOrderId="a", returnSuccessUrl=url)) == ["returnSuccessUrl"]


@pytest.mark.parametrize(
    "metadata", [{}, {"a": {"b": [1, 2.50, None, {"c": True}]}, "note": "Zoë – 5 €"}, {"n": 10**30, "é\u2028": "\x7f"}]
)
def test_03_metadata_comes_back_unchanged(client: Client, metadata: Any) -> None:
    created = client.create(metadata=metadata)
    assert json_text.decode(created.content)["metadata"] == json_text.decode(json_text.encode(metadata))
    assert client.order(client.order_id(created))["metadata"] == json_text.decode(json_text.encode(metadata))


def test_03_numbers_in_metadata_keep_their_spelling(client: Client) -> None:
    content = json_text.encode({**SEED, "metadata": 0}).replace(b'"metadata":0', b'"metadata":{"a":275.0,"b":1e-07}')
    created = client.request("POST", "/v1/orders", content=content)
    assert '"metadata":{"a":275.0,"b":1e-07}' in created.text
    assert '"metadata":{"a":275.0,"b":1e-07}' in client.read(client.order_id(created)).text


@pytest.mark.parametrize("metadata", [[], [1], "text", 5, True, {"long": "x" * 17_000}])
def test_03_metadata_must_be_a_small_object(client: Client, metadata: Any) -> None:
    assert causes(client.create(metadata=metadata)) == ["metadata"]


def test_03_unknown_properties_are_ignored(client: Client) -> None:
    body = client.create(surprise={"a": 1}, callbackUrl=7, orderId="mine").json()
    assert list(body) == SEED_KEYS


@pytest.mark.parametrize("name", ["externalOrderId", "paymentMethod", "state", "ip", "userAgent"])
def test_03_empty_text_counts_as_not_given(client: Client, name: str) -> None:
    for empty in ("", None):
        assert client.request("POST", "/v1/orders", {**SEED, name: empty}).json()[name] is None


def test_03_only_the_extra_id_must_not_be_empty(client: Client) -> None:
    assert causes(client.request("POST", "/v1/orders", {**SEED, "walletExtraId": ""})) == ["walletExtraId"]
    assert client.request("POST", "/v1/orders", {**SEED, "walletExtraId": None}).json()["walletExtraId"] is None


@pytest.mark.parametrize(
    "name",
    ["externalUserId", "providerCode", "currencyFrom", "currencyTo", "amountFrom", "country", "walletAddress"],
)
def test_07_missing_fields_are_refused(client: Client, name: str) -> None:
    assert causes(client.request("POST", "/v1/orders", {key: SEED[key] for key in SEED if key != name})) == [name]
    for empty in ("", None):
        assert causes(client.request("POST", "/v1/orders", {**SEED, name: empty})) == [name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("currencyFrom", "usd"),
        ("currencyFrom", "U"),
        ("currencyTo", "ETH "),
        ("country", "Ee"),
        ("country", "EST"),
        ("amountFrom", "0"),
        ("amountFrom", "0.00"),
        ("amountFrom", "-1"),
        ("amountFrom", "1e3"),
        ("amountFrom", "01"),
        ("amountFrom", ".5"),
        ("amountFrom", "1."),
        ("amountFrom", "1" * 19),
        ("amountFrom", 150),
        ("ip", "x"),
        ("ip", "256.1.1.1"),
        ("providerCode", "nope"),
        ("providerCode", "MoonPay"),
        ("walletAddress", ETH[:-1]),
        ("walletAddress", BTC),
        ("walletExtraId", "7"),
        ("externalUserId", "u" * 256),
        ("externalOrderId", 7),
        ("userAgent", "u" * 1025),
        ("offerId", "abc"),
    ],
)
def test_07_bad_fields_are_refused(client: Client, name: str, value: Any) -> None:
    assert causes(client.create(**{name: value})) == [name]


def test_07_all_bad_fields_are_named_in_table_order(client: Client) -> None:
    assert causes(client.create(walletAddress="0x1", amountFrom="x", ip="x", currencyFrom=None)) == [
        "currencyFrom",
        "amountFrom",
        "ip",
        "walletAddress",
    ]


@pytest.mark.parametrize("state", ["XX", "US-XX", "ca", "California", "US-"])
def test_07_an_unknown_state_of_the_us_is_refused(client: Client, state: str) -> None:
    assert causes(client.create(country="US", state=state)) == ["state"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{", "not JSON"),
        (b'{"a":1}x', "not JSON"),
        (b"\xff", "not JSON"),
        (b"[]", "not an object"),
        (b'"text"', "not an object"),
        (b"null", "not an object"),
        (b'{"a":' + b"[" * 300 + b"]" * 300 + b"}", "nested"),
        (b'{"a":"' + b"x" * 1024 * 1024 + b'"}', "longer"),
        (b'{"a":"' + b"x" * 3 * 1024 * 1024 + b'"}', "longer"),
    ],
)
def test_07_a_body_that_is_not_an_object_is_refused(client: Client, content: bytes, reason: str) -> None:
    response = client.request("POST", "/v1/orders", content=content, headers={"X-Emulator-Explain": "1"})
    assert causes(response) == ["body"]
    assert reason in response.headers["X-Emulator-Reason"]


@pytest.mark.parametrize("content", [b'{"userAgent":"x\\ud83d"}', b'{"ignored":1e9999999999999999999}'])
def test_07_a_signed_unreadable_body_is_refused(client: Client, content: bytes) -> None:
    assert causes(client.request("POST", "/v1/orders", content=content)) == ["body"]


def test_07_a_missing_body_counts_as_an_empty_object(client: Client) -> None:
    assert "walletAddress" in causes(client.request("POST", "/v1/orders"))


@pytest.mark.parametrize(
    ("amount", "refusal"),
    [
        ("19.99", ("min", "20")),
        ("20", None),
        ("10000", None),
        ("10000.01", ("max", "10000")),
        ("999999999999999999.999999999999999999", ("max", "10000")),
    ],
)
def test_08_limits_are_inclusive(client: Client, amount: str, refusal: tuple[str, str] | None) -> None:
    response = client.create(amountFrom=amount)
    if refusal is None:
        assert response.status_code == 201
    else:
        assert bound(response) == refusal


@pytest.mark.parametrize(
    ("error", "changes"),
    [
        ("country", {"providerCode": "banxa", "country": "US", "state": "CA"}),
        ("country", JAPAN),
        ("country", {"providerCode": "wert", **JAPAN}),
        ("state", {"country": "US"}),
        ("state", {"country": "US", "state": ""}),
        ("state", {"providerCode": "wert", "country": "US", "state": "NY"}),
        ("state", {"providerCode": "transak", "country": "US", "state": "US-NY"}),
        ("currency", {"providerCode": "wert", "currencyTo": "XRP", "walletAddress": XRP, "walletExtraId": "7"}),
        ("currency", {"currencyTo": "SHIB", "walletAddress": "anything"}),
        ("currency", {"currencyTo": "EUR"}),
        ("currency", {"currencyFrom": "BTC"}),
        ("currency", {"currencyFrom": "NGN"}),
        ("paymentMethod", {"paymentMethod": "sepa_bank_transfer"}),
        ("paymentMethod", {"paymentMethod": "barter"}),
        ("unsupportedExchangePair", {"providerCode": "banxa", "currencyFrom": "GBP", "currencyTo": "EOS",
                                     "walletAddress": "sandboxacct1", "walletExtraId": "7"}),
        ("unsupportedExchangePair", {"currencyFrom": "BRL", "currencyTo": "XLM", "walletAddress": XLM,
                                     "walletExtraId": "7"}),
        ("unsupportedExchangePair", {"providerCode": "transak", "currencyFrom": "EUR", "currencyTo": "USDTRX",
                                     "walletAddress": USDT}),
    ],
)  # fmt: skip
def test_09_and_10_providers_refuse_trades_that_they_do_not_offer(
    client: Client, error: str, changes: dict[str, Any]
) -> None:
    response = client.create(**changes)
    assert refused(response) == (400, error)
    assert response.json()["errorDetails"] is None


@pytest.mark.parametrize("state", ["CA", "US-CA", "NY"])
def test_09_a_state_may_have_its_country_in_front(client: Client, state: str) -> None:
    assert client.create(country="US", state=state).json()["state"] == state


ASKED = ["unsupportedCommissionRate", "timeout", "unavailable", "invalidOffer", "initialize", "unsupportedExchangePair"]


@pytest.mark.parametrize("error", ASKED)
def test_10_an_error_that_is_asked_for_creates_no_order(client: Client, emulator: Emulator, error: str) -> None:
    client.create()
    assert refused(client.create(externalUserId=f"sandbox-error-{error}")) == (400, error)
    assert client.request("GET", "/v1/orders").json()["total"] == 1
    assert len(emulator.orders(provider="changelly")) == 1


def test_11_the_reserved_offer_has_always_expired(client: Client) -> None:
    response = client.create(offerId="00000000-0000-0000-0000-000000000410")
    assert refused(response) == (410, "offerExpired")


def test_11_an_offer_expires(client: Client, emulator: Emulator) -> None:
    [offer] = client.offers(providerCode="moonpay").json()
    ids = [offer["offerId"], offer["paymentMethodOffers"][0]["offerId"]]
    emulator.advance("300s")
    assert [client.create(offerId=each.upper()).status_code for each in ids] == [201, 201]
    emulator.advance("1ms")
    assert [refused(client.create(offerId=each)) for each in ids] == [(410, "offerExpired")] * 2
    emulator.set("changelly", offerTtlMs=300_001)
    assert client.create(offerId=ids[0]).status_code == 201


def test_11_an_unknown_offer_is_ignored(client: Client, emulator: Emulator) -> None:
    emulator.advance("1d")
    assert client.create(offerId="77aa0d1e-3c44-4d7e-9b1a-5e0c6d2f8a02").status_code == 201


def test_16_checks_are_made_in_order_and_the_first_failure_decides(client: Client, emulator: Emulator) -> None:
    """Each step takes away the reason for the answer before."""
    emulator.set("changelly", suspended=True, rateLimitPerMinute=100)
    trouble: dict[str, Any] = {
        "externalUserId": "sandbox-error-forbidden@moonpay",
        "ip": "x",
        "offerId": "00000000-0000-0000-0000-000000000410",
        "country": "US",
        "currencyTo": "SHIB",
        "walletAddress": "anything",
        "paymentMethod": "barter",
        "amountFrom": "1",
    }
    headers: dict[str, str | None] = {"X-Api-Signature": "x", "X-Sandbox-Fault": "conflict"}
    assert refused(client.create(headers, **trouble)) == (401, "unauthorized")
    del headers["X-Api-Signature"]
    assert refused(client.create(headers, **trouble)) == (403, "forbidden")
    emulator.set("changelly", suspended=False)
    assert refused(client.create(headers, **trouble)) == (409, "conflict")
    headers["X-Sandbox-Fault"] = "timeout"
    steps: list[tuple[str, dict[str, Any]]] = [
        ("forbidden", {"externalUserId": "sandbox-error-unavailable"}),
        ("validation", {"ip": None}),
        ("offerExpired", {"offerId": None}),
        ("state", {"country": "JP"}),
        ("country", {"country": "EE"}),
        ("currency", {"currencyTo": "ETH", "walletAddress": ETH}),
        ("paymentMethod", {"paymentMethod": None}),
        ("limits", {"amountFrom": "150"}),
        ("timeout", {}),
    ]
    for error, change in steps:
        assert refused(client.create(headers, **trouble))[1] == error
        trouble |= change
    assert refused(client.create(**trouble))[1] == "unavailable"


def test_37_the_extra_id_is_the_last_parameter_of_the_redirect_url(client: Client) -> None:
    memo = "a b&c=ë/7"
    ton: dict[str, Any] = {"currencyTo": "TON", "walletAddress": "0:" + "ab" * 32}
    xrp: dict[str, Any] = {"currencyTo": "XRP", "walletAddress": XRP}
    assert (
        client.create(**xrp, walletExtraId="12345")
        .json()["redirectUrl"]
        .endswith(f"&walletAddress={XRP}&walletAddressTag=12345")
    )
    url = client.create(**ton, walletExtraId=memo).json()["redirectUrl"]
    assert url.endswith("&walletAddressTag=a%20b%26c%3D%C3%AB%2F7")
    for untagged in (client.create(**ton), client.create(), client.sell(refundAddress=ETH)):
        assert "walletAddressTag" not in untagged.json()["redirectUrl"]
