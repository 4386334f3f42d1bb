"""Fields that only the catalogue can check, and the table of errors."""

from decimal import Decimal
from typing import Any

import pytest

from emulator.core import json_text
from emulator.providers.changelly.catalogue import Flow, load_catalogue
from emulator.providers.changelly.errors import (
    ERRORS,
    OFFER_ITEM_ERRORS,
    PROVIDER_FAULTS,
    REQUEST_FAULTS,
    incorrect,
    write_error,
)
from emulator.providers.changelly.rules.fields import find_address_problem, find_bad_fields, misses_extra_id
from emulator.providers.changelly.settings import SETTINGS

CATALOGUE = load_catalogue()
USUAL = {name: setting.default for name, setting in SETTINGS.items()}
ETH = "0x8cfbd31371e9bec8c82ae101e25bd9394c03a227"
XRP = "rPdvC6ccq8hCdPKSPJkPmyZ4Mi1oG2FFkT"
PURCHASE = {
    "providerCode": "moonpay",
    "currencyFrom": "USD",
    "currencyTo": "ETH",
    "amountFrom": "150",
    "country": "EE",
    "walletAddress": ETH,
}
SALE = {
    "providerCode": "moonpay",
    "currencyFrom": "ETH",
    "currencyTo": "EUR",
    "amountFrom": Decimal("0.5"),
    "country": "DE",
    "refundAddress": ETH,
}
RIPPLE = {"currencyTo": "XRP", "walletAddress": XRP}
LARGE = {"note": "ë" * 8185}


def bad(flow: Flow, change: dict[str, Any], **changed: bool) -> str:
    fields = {**(PURCHASE if flow == "buy" else SALE), **change}
    return " ".join(find_bad_fields(CATALOGUE, flow, fields, {**USUAL, **changed}))


@pytest.mark.parametrize(
    "flow, change, expected",
    [
        ("buy", {}, ""),
        ("sell", {}, ""),
        ("buy", {"providerCode": "nope"}, "providerCode"),
        ("sell", {"providerCode": "wert"}, "providerCode"),
        ("buy", {"country": "US", "state": "ZZ"}, "state"),
        ("buy", {"country": "US", "state": "US-CA"}, ""),
        ("buy", {"country": "US", "state": ""}, ""),
        ("buy", {"country": "EE", "state": "ZZ"}, ""),
        ("buy", {"walletAddress": ETH[:-1]}, "walletAddress"),
        ("buy", {"walletAddress": "anything", "currencyTo": "SHIB"}, ""),
        ("buy", {"walletAddress": "anything", "currencyTo": "EUR"}, ""),
        ("buy", {"walletExtraId": "1"}, "walletExtraId"),
        ("buy", {"walletExtraId": ""}, ""),
        ("buy", {"walletExtraId": None}, ""),
        ("buy", RIPPLE, ""),
        ("buy", {**RIPPLE, "walletExtraId": "123"}, ""),
        ("buy", {**RIPPLE, "walletExtraId": "abc"}, "walletExtraId"),
        ("buy", {"refundAddress": "anything"}, ""),
        ("sell", {"refundAddress": "anything"}, "refundAddress"),
        ("sell", {"refundAddress": None}, ""),
        ("sell", {"walletAddress": "anything", "walletExtraId": "1"}, ""),
        ("sell", {"amountFrom": json_text.decode(b"1e400")}, "amountFrom"),
        ("sell", {"amountFrom": json_text.decode(b"1e-400")}, "amountFrom"),
        ("buy", {"amountFrom": "150.123"}, ""),
        ("buy", {"metadata": {}}, ""),
        ("buy", {"metadata": {**LARGE, "a": 1}}, "metadata"),
        ("buy", {"metadata": LARGE}, ""),
        ("buy", {"providerCode": "nope", "walletAddress": "x"}, "providerCode walletAddress"),
        ("buy", dict.fromkeys((*PURCHASE, *SALE, "state", "walletExtraId", "metadata"), 1), ""),
    ],
)
def test_fields_that_break_a_rule_are_named(flow: Flow, change: dict[str, Any], expected: str) -> None:
    assert bad(flow, change) == expected


def test_metadata_of_exactly_the_largest_size_is_allowed() -> None:
    assert len(json_text.encode(LARGE)) <= 16 * 1024 < len(json_text.encode({**LARGE, "a": 1}))


def test_settings_make_the_rules_stricter_or_laxer() -> None:
    assert bad("buy", {"walletAddress": "x"}, validate_wallets=False) == ""
    assert bad("sell", {"refundAddress": "x"}, validate_wallets=False) == ""
    assert bad("buy", {"amountFrom": "150.123"}, strict_precision=True) == "amountFrom"
    assert bad("buy", {"amountFrom": "150.12"}, strict_precision=True) == ""
    assert bad("buy", {"amountFrom": "nonsense"}, strict_precision=True) == ""
    assert bad("sell", {"amountFrom": json_text.decode(b"0.123456789")}, strict_precision=True) == "amountFrom"
    assert bad("sell", {"amountFrom": json_text.decode(b"1.50000000000")}, strict_precision=True) == ""


def test_the_query_for_offers_has_no_wallet_to_check() -> None:
    query = {"currencyFrom": "USD", "currencyTo": "XRP", "amountFrom": "25", "country": "US", "state": "ZZ"}
    assert list(find_bad_fields(CATALOGUE, "buy", {**query, "walletExtraId": "x"}, USUAL, offer=True)) == ["state"]
    assert list(find_bad_fields(CATALOGUE, "buy", {**query, "walletExtraId": "x"}, USUAL)) == ["state", "walletExtraId"]


@pytest.mark.parametrize(
    "ticker, missing", [("XRP", True), ("BNB", True), ("TON", False), ("ETH", False), ("X", False)]
)
def test_four_coins_require_an_extra_id(ticker: str, missing: bool) -> None:
    assert misses_extra_id(CATALOGUE, "buy", {"currencyTo": ticker}) is missing
    assert misses_extra_id(CATALOGUE, "buy", {"currencyTo": ticker, "walletExtraId": None}) is missing
    assert not misses_extra_id(CATALOGUE, "buy", {"currencyTo": ticker, "walletExtraId": "7"})
    assert not misses_extra_id(CATALOGUE, "sell", {"currencyFrom": ticker})


@pytest.mark.parametrize(
    "ticker, address, extra_id, required, problem",
    [
        ("ETH", ETH, None, False, None),
        ("ETH", ETH, None, True, None),
        ("ETH", "x", "1", False, "walletAddress"),
        ("ETH", ETH, "1", False, "walletExtraId"),
        ("XRP", XRP, "abc", False, "walletExtraId"),
        ("XRP", XRP, "123", True, None),
        ("XRP", XRP, None, False, None),
        ("XRP", XRP, None, True, "walletExtraId"),
    ],
)
def test_addresses_are_checked_before_extra_ids(
    ticker: str, address: str, extra_id: str | None, required: bool, problem: str | None
) -> None:
    crypto = CATALOGUE.crypto_by_ticker[ticker]
    assert find_address_problem(crypto, address, extra_id, require_extra_id=required) == problem


ERROR_BODIES = """
400 {"errorType":"validation","errorMessage":"Validation error","errorDetails":USER}
400 {"errorType":"limits","errorMessage":"Limits error","errorDetails":MIN}
400 {"errorType":"country","errorMessage":"Country error","errorDetails":null}
400 {"errorType":"state","errorMessage":"State error","errorDetails":null}
400 {"errorType":"currency","errorMessage":"Currency error","errorDetails":null}
400 {"errorType":"paymentMethod","errorMessage":"Payment method error","errorDetails":null}
400 {"errorType":"timeout","errorMessage":"Timeout error","errorDetails":null}
400 {"errorType":"unavailable","errorMessage":"Unavailable error","errorDetails":null}
400 {"errorType":"invalidOffer","errorMessage":"Invalid offer error","errorDetails":null}
400 {"errorType":"unsupportedExchangePair","errorMessage":"Unsupported exchange pair error","errorDetails":null}
400 {"errorType":"unsupportedCommissionRate","errorMessage":"Unsupported commission rate error","errorDetails":null}
400 {"errorType":"initialize","errorMessage":"Initialize error","errorDetails":null}
400 {"errorType":"txType","errorMessage":"Transaction type is not test","errorDetails":TYPE}
401 {"errorType":"unauthorized","errorMessage":"Unauthorized","errorDetails":null}
403 {"errorType":"forbidden","errorMessage":"Forbidden","errorDetails":null}
404 {"errorType":"notFound","errorMessage":"Not found","errorDetails":null}
409 {"errorType":"conflict","errorMessage":"Conflict","errorDetails":null}
410 {"errorType":"offerExpired","errorMessage":"Offer expired","errorDetails":null}
422 {"errorType":"unprocessableEntity","errorMessage":"Unprocessable entity","errorDetails":null}
429 {"errorType":"tooManyRequests","errorMessage":"Too many requests","errorDetails":null}
500 {"errorType":"internalServerError","errorMessage":"Internal Server Error","errorDetails":null}
500 {"errorType":"internalServerError","errorMessage":"Internal Server Error","errorDetails":null}
"""


def test_every_error_has_its_exact_status_and_body() -> None:
    lines = [f"{case.status} {json_text.encode(write_error(case.name)).decode()}" for case in ERRORS.values()]
    expected = ERROR_BODIES.replace("TYPE", '[{"cause":"type","value":"production"}]')
    expected = expected.replace("USER", '[{"cause":"externalUserId","value":"Incorrect externalUserId"}]')
    assert lines == expected.replace("MIN", '[{"cause":"min","value":"20"}]').strip().splitlines()


def test_the_details_are_in_the_body() -> None:
    body = write_error("validation", [incorrect("currency"), incorrect("id"), incorrect("body")])
    assert body["errorDetails"] == [
        {"cause": "currency", "value": "Incorrect currency"},
        {"cause": "id", "value": "Incorrect order ID"},
        {"cause": "body", "value": "Incorrect body"},
    ]


def test_every_error_is_in_exactly_one_group_of_faults() -> None:
    assert sorted((*REQUEST_FAULTS, *PROVIDER_FAULTS, "internal")) == sorted(ERRORS)
    assert OFFER_ITEM_ERRORS < PROVIDER_FAULTS
