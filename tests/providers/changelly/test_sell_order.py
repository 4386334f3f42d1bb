"""Creating orders to sell, over HTTP."""

from typing import Any

import pytest

from emulator.core import json_text
from emulator.testing import Emulator
from tests.clients.changelly import ETH, SELL, Client
from tests.providers.changelly.answers import bound, causes, refused

KEYS = [
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
    "refundAddress",
    "paymentMethod",
    "userAgent",
    "metadata",
    "createdAt",
]


def test_15_the_answer_to_the_sample_order_has_the_sample_s_keys(client: Client, emulator: Emulator) -> None:
    response = client.sell(refundAddress=ETH)
    assert response.status_code == 201
    body = response.json()
    assert list(body) == KEYS
    assert {name: body[name] for name in SELL} == SELL
    assert body["refundAddress"] == ETH
    assert body["createdAt"] == emulator.now
    assert body["redirectUrl"] == (
        f"{emulator.changelly.url}/checkout/moonpay/{body['orderId']}?CurrencyCode=eth&baseCurrencyCode=eur"
        f"&currencyCode=eth&baseCurrencyAmount=0.5&externalTransactionId=so-1&refundAddress={ETH}"
    )


def test_15_a_missing_refund_address_is_null_and_not_in_the_redirect_url(client: Client) -> None:
    body = client.sell(walletAddress="ignored", walletExtraId="ignored").json()
    assert list(body) == KEYS
    assert body["refundAddress"] is None
    assert "Address" not in body["redirectUrl"]


@pytest.mark.parametrize(
    ("sent", "shown", "text"),
    [
        ("1.50", '"1.50"', "1.50"),
        ("1", '"1"', "1"),
        ("1.0", "1", "1"),
        ("1.5", "1.5", "1.5"),
        ("5e-1", "0.5", "0.5"),
        ("2", "2", "2"),
        ("0.30000000000000004", "0.30000000000000004", "0.30000000000000004"),
        ("0.10000000000000000555", "0.1", "0.1"),
    ],
)
def test_15_an_amount_comes_back_in_the_type_in_which_it_was_sent(
    client: Client, sent: str, shown: str, text: str
) -> None:
    literal = f'"{sent}"' if shown.startswith('"') else sent
    content = json_text.encode({**SELL, "amountFrom": 0}).replace(b'"amountFrom":0', f'"amountFrom":{literal}'.encode())
    created = client.request("POST", "/v1/sell/orders", content=content)
    assert created.status_code == 201, created.text
    assert f'"amountFrom":{shown},' in created.text
    order_id = client.order_id(created)
    assert f'"amountFrom":"{text}",' in client.read(order_id).text
    assert f"baseCurrencyAmount={text}&" in created.json()["redirectUrl"]
    client.patch(order_id, status="pending")
    assert client.order(order_id)["payinAmount"] == text


@pytest.mark.parametrize("literal", ["0", "0.0", "-1", "true", "1e999", "1" * 400, "1e-400", "[]", '"1e3"', '"x"'])
def test_15_bad_amounts_are_refused(client: Client, literal: str) -> None:
    content = json_text.encode({**SELL, "amountFrom": 0}).replace(b'"amountFrom":0', f'"amountFrom":{literal}'.encode())
    assert causes(client.request("POST", "/v1/sell/orders", content=content)) == ["amountFrom"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("externalOrderId", None),
        ("externalOrderId", ""),
        ("externalUserId", None),
        ("providerCode", "wert"),
        ("currencyFrom", "eth"),
        ("country", "De"),
        ("refundAddress", ETH[:-1]),
        ("metadata", []),
        ("offerId", "x"),
        ("returnFailedUrl", "x"),
    ],
)
def test_15_bad_fields_are_refused(client: Client, name: str, value: Any) -> None:
    assert causes(client.sell(**{name: value})) == [name]


def test_15_all_bad_fields_are_named_in_table_order(client: Client) -> None:
    bad: dict[str, Any] = {"refundAddress": "x", "externalOrderId": None, "amountFrom": 0, "ip": "x"}
    assert causes(client.sell(**bad)) == ["externalOrderId", "amountFrom", "ip", "refundAddress"]


def test_15_return_urls_come_back_only_if_they_were_sent(client: Client) -> None:
    url = "https://shop.example/thanks"
    body = client.sell(returnSuccessUrl=url).json()
    assert list(body) == [*KEYS[:-1], "returnSuccessUrl", "createdAt"]
    assert body["returnSuccessUrl"] == url


@pytest.mark.parametrize(
    ("amount", "refusal"),
    [("0.01", ("min", "0.02")), ("0.02", None), ("10", None), ("11", ("max", "10"))],
)
def test_08_the_limits_of_a_sale_apply(client: Client, amount: str, refusal: tuple[str, str] | None) -> None:
    response = client.sell(amountFrom=amount)
    if refusal is None:
        assert response.status_code == 201
    else:
        assert bound(response) == refusal


@pytest.mark.parametrize(
    ("error", "changes"),
    [
        ("country", {"providerCode": "banxa", "country": "US", "state": "CA"}),
        ("country", {"country": "JP"}),
        ("state", {"country": "US"}),
        ("state", {"providerCode": "transak", "country": "US", "state": "NY"}),
        ("currency", {"currencyTo": "SEK"}),
        ("currency", {"currencyFrom": "XLM", "amountFrom": "100"}),
        ("currency", {"currencyFrom": "USD"}),
        ("paymentMethod", {"paymentMethod": "pix"}),
        ("unsupportedExchangePair", {"providerCode": "banxa", "currencyTo": "GBP", "country": "GB"}),
        *[
            (error, {"externalUserId": f"sandbox-error-{error}"})
            for error in ("unsupportedCommissionRate", "timeout", "unavailable", "invalidOffer", "initialize")
        ],
    ],
)
def test_15_providers_refuse_sales_that_they_do_not_offer(client: Client, error: str, changes: dict[str, Any]) -> None:
    response = client.sell(**changes)
    assert refused(response) == (400, error)
    assert response.json()["errorDetails"] is None
    assert client.request("GET", "/v1/orders").json()["total"] == 0


def test_15_an_expired_offer_is_refused_for_a_sale_too(client: Client) -> None:
    assert refused(client.sell(offerId="00000000-0000-0000-0000-000000000410")) == (410, "offerExpired")


def test_15_edition_c_does_not_change_the_answer_to_a_sale(client: Client, emulator: Emulator) -> None:
    emulator.set("changelly", edition="C")
    assert list(client.sell().json()) == KEYS


def test_38_the_newest_edition_accepts_a_number_and_returns_its_digits_as_text(
    client: Client, emulator: Emulator
) -> None:
    emulator.set("changelly", edition="D")
    assert causes(client.sell(amountFrom="0.5")) == ["amountFrom"]
    body = json_text.encode({**SELL, "amountFrom": 0}).replace(b'"amountFrom":0', b'"amountFrom":0.50')
    sold = client.request("POST", "/v1/sell/orders", content=body)
    assert (sold.status_code, sold.json()["amountFrom"], sold.json()["refundAddress"]) == (201, "0.5", None)
    assert client.order(client.order_id(sold))["amountFrom"] == "0.5"
    assert causes(client.sell(amountFrom=0)) == causes(client.sell(amountFrom=-1)) == ["amountFrom"]


@pytest.mark.parametrize("edition", ["A", "C", "D"])
def test_38_by_setting_a_refund_address_is_required(client: Client, emulator: Emulator, edition: Any) -> None:
    emulator.set("changelly", edition=edition)
    sale: dict[str, Any] = {"amountFrom": 0.5}
    assert client.sell(**sale).status_code == 201
    emulator.set("changelly", requireRefundAddress=True)
    assert causes(client.sell(**sale)) == causes(client.sell(**sale, refundAddress="")) == ["refundAddress"]
    body = {**SELL, **sale, "refundAddress": None}
    assert causes(client.request("POST", "/v1/sell/orders", body)) == ["refundAddress"]
    assert client.sell(**sale, refundAddress=ETH).status_code == 201
    assert client.create(externalOrderId="x").status_code == 201
