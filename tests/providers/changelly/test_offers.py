"""Offers to buy and to sell, over HTTP."""

import re
from typing import Any

import httpx
import pytest

from emulator.testing import Emulator
from tests.clients.changelly import Client
from tests.providers.changelly.answers import MESSAGES, causes, refused

PROVIDERS = ["moonpay", "banxa", "wert", "transak"]
ITEM_ERRORS = ["timeout", "unavailable", "limits", "country", "state", "currency", "paymentMethod", "invalidOffer"]
OFFER_KEYS = ["providerCode", "offerId", "rate", "invertedRate", "fee", "amountFrom", "amountExpectedTo"]
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
GOLDEN = [
    ("moonpay", "0.0003183333", "3141.3612565445", "6.75", "0.04775"),
    ("banxa", "0.0003266667", "3061.2244897959", "3", "0.049"),
    ("wert", "0.0003166667", "3157.8947368421", "7.5", "0.0475"),
    ("transak", "0.0003216667", "3108.8082901554", "5.25", "0.04825"),
]


def items(response: httpx.Response) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()
    return found


def errors(response: httpx.Response) -> list[str | None]:
    """The errorType of each item, None for a success."""
    for item in items(response):
        if "errorType" in item:
            assert list(item) == ["providerCode", "errorType", "errorMessage", "errorDetails"]
            assert item["errorMessage"] == MESSAGES[item["errorType"]]
    return [item.get("errorType") for item in items(response)]


def test_12_four_providers_offer_the_golden_numbers(client: Client) -> None:
    found = items(client.offers())
    shown = [
        (item["providerCode"], item["rate"], item["invertedRate"], item["fee"], item["amountExpectedTo"])
        for item in found
    ]
    assert shown == GOLDEN
    assert all(item["amountFrom"] == "150" for item in found)


def test_12_a_small_amount_is_below_the_limits_of_one_provider(client: Client) -> None:
    found = items(client.offers(amountFrom="25"))
    assert errors(client.offers(amountFrom="25")) == [None, "limits", None, None]
    assert found[1]["errorDetails"] == [{"cause": "min", "value": "30"}]
    moonpay = found[0]
    assert (moonpay["rate"], moonpay["invertedRate"], moonpay["fee"]) == ("0.0003182664", "3142.0219036631", "1.13")
    assert moonpay["amountExpectedTo"] == "0.00795666"
    assert [(method["method"], method["methodName"]) for method in moonpay["paymentMethodOffers"]] == [
        ("card", "Visa / Mastercard"),
        ("apple_pay", "Apple Pay / Google Pay"),
    ]


def test_12_an_offer_has_ids_at_both_levels_and_both_spellings(client: Client) -> None:
    for item in items(client.offers()):
        assert list(item) == [*OFFER_KEYS, "paymentMethodOffers", "paymentMethodOffer"]
        assert item["paymentMethodOffers"] == item["paymentMethodOffer"]
        ids = [item["offerId"], *(method["offerId"] for method in item["paymentMethodOffers"])]
        assert all(UUID.fullmatch(each) for each in ids)
        assert len(set(ids)) == len(ids)


def test_12_ids_differ_by_request_and_not_by_chance(client: Client, emulator: Emulator) -> None:
    first, again = client.offers().content, client.offers().content
    assert first == again
    assert items(client.offers(amountFrom="151"))[0]["offerId"] != items(client.offers())[0]["offerId"]
    emulator.advance("1ms")
    assert client.offers().content != first


@pytest.mark.parametrize("provider", PROVIDERS)
def test_12_one_provider_can_be_asked_alone(client: Client, provider: str) -> None:
    assert [item["providerCode"] for item in items(client.offers(providerCode=provider))] == [provider]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("providerCode", "nope"),
        ("currencyFrom", None),
        ("currencyTo", None),
        ("amountFrom", None),
        ("country", None),
        ("currencyFrom", "usd"),
        ("amountFrom", "0"),
        ("amountFrom", "1e2"),
        ("country", "Ee"),
        ("ip", "x"),
        ("country", ""),
    ],
)
def test_12_bad_parameters_are_refused(client: Client, name: str, value: str | None) -> None:
    assert causes(client.offers(**{name: value})) == [name]


def test_12_repeated_parameters_are_refused_and_unknown_ones_ignored(client: Client) -> None:
    query = "currencyFrom=USD&currencyTo=ETH&amountFrom=150&country=EE"
    assert causes(client.request("GET", f"/v1/offers?{query}&country=DE")) == ["country"]
    assert len(items(client.request("GET", f"/v1/offers?{query}&paymentMethod=pix&walletAddress=x&a[]=1&&=2"))) == 4


@pytest.mark.parametrize("name", ["externalUserId", "externalUserID"])
def test_12_the_user_can_be_spelt_in_two_ways(client: Client, name: str) -> None:
    assert errors(client.offers(**{name: "u"})) == [None] * 4
    assert errors(client.offers(**{name: "sandbox-error-timeout@banxa"})) == [None, "timeout", None, None]
    assert causes(client.offers(**{name: "u" * 256})) == ["externalUserId"]


@pytest.mark.parametrize("error", ITEM_ERRORS)
def test_13_an_error_of_one_item_can_be_asked_for(client: Client, error: str) -> None:
    assert errors(client.offers(externalUserId=f"sandbox-error-{error}")) == [error] * 4
    assert errors(client.offers(externalUserId=f"sandbox-error-{error}@wert")) == [None, None, error, None]
    response = client.request(
        "GET",
        "/v1/offers",
        params={"currencyFrom": "USD", "currencyTo": "ETH", "amountFrom": "150", "country": "EE"},
        headers={"X-Sandbox-Fault": f"{error}@transak"},
    )
    assert errors(response) == [None, None, None, error]


def test_13_a_limits_error_that_is_asked_for_names_the_real_limit(client: Client) -> None:
    found = items(client.offers(externalUserId="sandbox-error-limits"))
    assert [item["errorDetails"][0]["value"] for item in found] == ["20", "30", "5", "15"]


def test_13_without_a_state_no_provider_serves_the_us(client: Client) -> None:
    assert errors(client.offers(country="US")) == ["state"] * 4
    assert errors(client.offers(country="US", state="CA")) == [None, "country", None, None]
    assert errors(client.offers(country="US", state="US-NY")) == [None, "country", "state", "state"]
    assert causes(client.offers(country="US", state="XX")) == ["state"]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"country": "JP"}, ["country"] * 4),
        ({"currencyTo": "XRP"}, [None, None, "currency", None]),
        ({"currencyTo": "SHIB"}, ["currency"] * 4),
        (
            {"currencyFrom": "GBP", "currencyTo": "EOS", "country": "GB"},
            ["currency", "currency", "country", "currency"],
        ),
        ({"currencyFrom": "NGN", "amountFrom": "30000", "country": "NG"}, ["country", "country", "country", None]),
    ],
)
def test_13_providers_have_their_own_reasons(
    client: Client, parameters: dict[str, str], expected: list[str | None]
) -> None:
    assert errors(client.offers(**parameters)) == expected


@pytest.mark.parametrize("error", ["initialize", "unsupportedExchangePair", "unsupportedCommissionRate"])
def test_13_other_errors_refuse_the_whole_call(client: Client, error: str) -> None:
    assert refused(client.offers(externalUserId=f"sandbox-error-{error}")) == (400, error)
    assert refused(client.offers(externalUserId=f"sandbox-error-{error}", country="JP")) == (400, error)
    assert causes(client.offers(externalUserId=f"sandbox-error-{error}", country="x")) == ["country"]


@pytest.mark.parametrize(("error", "status"), [("forbidden", 403), ("offerExpired", 410), ("tooManyRequests", 429)])
def test_13_request_errors_come_before_the_parameters_are_checked(client: Client, error: str, status: int) -> None:
    assert refused(client.offers(externalUserId=f"sandbox-error-{error}", country="x")) == (status, error)
    assert refused(client.offers(externalUserId=f"sandbox-error-{error}@wert")) == (status, error)
    assert errors(client.offers(externalUserId=f"sandbox-error-{error}@wert", providerCode="banxa")) == [None]
    assert errors(client.offers(externalUserId=f"sandbox-error-{error}@kado")) == [None] * 4


def test_13_a_scenario_that_refuses_orders_does_not_affect_offers(client: Client, emulator: Emulator) -> None:
    emulator.choose(changelly="refused-timeout")
    assert errors(client.offers()) == [None] * 4
    assert refused(client.create()) == (400, "timeout")


def test_14_three_providers_offer_the_golden_numbers(client: Client) -> None:
    found = items(client.sell_offers())
    assert [item["providerCode"] for item in found] == ["moonpay", "banxa", "transak"]
    moonpay, banxa, _ = found
    assert list(moonpay) == [
        *(key for key in OFFER_KEYS if key != "offerId"),
        "paymentMethodOffers",
        "paymentMethodOffer",
    ]
    assert (moonpay["rate"], moonpay["invertedRate"], moonpay["fee"]) == ("2475", "0.0004040404", "12.5")
    assert moonpay["amountExpectedTo"] == "1237.5"
    by_method = {each["method"]: each["amountExpectedTo"] for each in moonpay["paymentMethodOffers"]}
    assert by_method == {"card": "1225", "sepa_bank_transfer": "1237.5", "apple_pay": "1218.75"}
    assert banxa["amountExpectedTo"] == "1231.25"


def test_14_one_method_can_be_asked_for(client: Client) -> None:
    for item in items(client.sell_offers(paymentMethodCode="card")):
        assert [each["method"] for each in item["paymentMethodOffers"]] == ["card"]
    assert errors(client.sell_offers(paymentMethodCode="sepa_bank_transfer", currencyTo="USD")) == ["paymentMethod"] * 3
    assert errors(client.sell_offers(paymentMethodCode="pix")) == ["paymentMethod"] * 3


def test_14_a_provider_without_sales_is_refused(client: Client) -> None:
    assert causes(client.sell_offers(providerCode="wert")) == ["providerCode"]
    assert errors(client.sell_offers(externalUserId="sandbox-error-timeout@wert")) == [None] * 3


def test_14_excluded_pairs_and_limits_apply_to_sales(client: Client) -> None:
    assert errors(client.sell_offers(currencyTo="GBP", country="GB")) == [None, "currency", None]
    found = items(client.sell_offers(amountFrom="0.02"))
    assert errors(client.sell_offers(amountFrom="0.02")) == [None, "limits", None]
    assert found[1]["errorDetails"] == [{"cause": "min", "value": "0.03"}]
