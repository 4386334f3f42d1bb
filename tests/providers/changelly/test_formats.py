"""Times, ids, redirect URLs and query strings, as they are written and read."""

import hashlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.core import json_text
from emulator.providers.changelly import wire
from emulator.providers.changelly.wire import Query, read_list, read_query, write_redirect_url

AT_MS = 1_767_323_045_678
ORDER_ID = "0f4c2a7e-5d0b-4b1e-9a55-3c1f9f2d8e11"
ADDRESS = "0x8cfbd31371e9bec8c82ae101e25bd9394c03a227"
LISTS = ("orderId", "externalUserId", "externalOrderId", "status")


def test_a_time_is_written_with_and_without_a_time_zone() -> None:
    assert wire.write_instant(AT_MS) == "2026-01-02T03:04:05.678Z"
    assert wire.write_instant(AT_MS, zone=False) == "2026-01-02T03:04:05.678"
    assert wire.write_instant(1_563_790_209_000, zone=False) == "2019-07-22T10:10:09.000"
    assert wire.write_instant(0) == "1970-01-01T00:00:00.000Z"


@given(st.integers(0, 253_402_300_799_999), st.booleans())
def test_a_written_time_can_be_read(at_ms: int, zone: bool) -> None:
    assert wire.read_instant(wire.write_instant(at_ms, zone=zone)) == at_ms


@pytest.mark.parametrize(
    "text, at_ms",
    [
        ("2026-01-02T03:04:05.678Z", AT_MS),
        ("2026-01-02T03:04:05.678", AT_MS),
        ("2026-01-02T03:04:05.678999Z", AT_MS),
        ("2026-01-02T05:34:05.678+02:30", AT_MS),
        ("2026-01-01T22:04:05.678-0500", AT_MS),
        ("2026-01-02T03:04:05,6Z", AT_MS - 78),
        ("2026-01-02T03:04:05", AT_MS - 678),
        ("2026-01-02T03:04Z", AT_MS - 5678),
        ("2026-01-02", 1_767_312_000_000),
        ("1969-12-31T23:59:59.999Z", -1),
        ("2024-02-29", 1_709_164_800_000),
    ],
)
def test_a_date_is_read(text: str, at_ms: int) -> None:
    assert wire.read_instant(text) == at_ms


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026",
        "2026-1-2",
        "20260102",
        "2026-02-30",
        "2026-13-01",
        "0000-01-01",
        "2026-01-02T24:00:00Z",
        "2026-01-02T03:60Z",
        "2026-01-02T03:04:60Z",
        "2026-01-02T03Z",
        "2026-01-02 03:04:05",
        "2026-01-02T03:04:05+99:00",
        "2026-01-02Z",
        "1767323045678",
        "2026-01-02\n",
        "２０２６-01-02",
    ],
)
def test_anything_but_a_date_is_refused(text: str) -> None:
    assert wire.read_instant(text) is None


@given(st.text())
def test_any_text_is_read_as_a_date_without_an_exception(text: str) -> None:
    wire.read_instant(text)


@pytest.mark.parametrize(
    "amount, printed",
    [
        ("0.04775", "0.04775"),
        ("10000.00", "10000"),
        ("1E+4", "10000"),
        ("1E-10", "0.0000000001"),
        ("0.000", "0"),
        ("3.10", "3.1"),
    ],
)
def test_an_amount_is_plain_digits(amount: str, printed: str) -> None:
    assert wire.write_amount(Decimal(amount)) == printed


@pytest.mark.parametrize(
    "literal, printed",
    [("1.0", "1"), ("0.5", "0.5"), ("1e-07", "1e-7"), ("2", "2"), ("12345678901234567890", "12345678901234567000")],
)
def test_a_number_from_a_body_is_written_as_javascript_writes_it(literal: str, printed: str) -> None:
    assert wire.write_sent_number(json_text.decode(literal.encode())) == printed


def test_empty_text_counts_as_not_given() -> None:
    assert wire.read_optional("") is wire.read_optional(None) is None
    assert wire.read_optional("x") == "x"
    assert wire.read_optional({}) == {}


def test_the_transaction_hash_is_derived_from_the_order() -> None:
    assert wire.write_transaction_hash(ORDER_ID) == hashlib.sha256(ORDER_ID.encode()).hexdigest()


def test_the_redirect_url_of_a_purchase_has_the_known_form() -> None:
    url = write_redirect_url(
        "http://localhost:8080/checkout",
        "buy",
        provider_code="moonpay",
        order_id=ORDER_ID,
        currency_from="USD",
        currency_to="ETH",
        amount_from="150",
        external_order_id="71ahw34",
        address=ADDRESS,
    )
    assert url == (
        f"http://localhost:8080/checkout/moonpay/{ORDER_ID}?CurrencyCode=eth&baseCurrencyCode=usd&currencyCode=eth"
        f"&baseCurrencyAmount=150&externalTransactionId=71ahw34&walletAddress={ADDRESS}"
    )


def test_the_redirect_url_of_a_sale_has_the_known_form() -> None:
    def build(address: str | None, external_order_id: str | None) -> str:
        return write_redirect_url(
            "https://pay.example/",
            "sell",
            provider_code="banxa",
            order_id=ORDER_ID,
            currency_from="ETH",
            currency_to="EUR",
            amount_from="0.50",
            external_order_id=external_order_id,
            address=address,
        )

    start = f"https://pay.example/banxa/{ORDER_ID}?CurrencyCode=eth&baseCurrencyCode=eur&currencyCode=eth"
    assert build(None, None) == f"{start}&baseCurrencyAmount=0.50&externalTransactionId={ORDER_ID}"
    assert build(ADDRESS, "a b&c=ë/\ud800").endswith(
        f"&externalTransactionId=a%20b%26c%3D%C3%AB%2F%3F&refundAddress={ADDRESS}"
    )


@pytest.mark.parametrize(
    "query",
    [
        "orderId[0]=a&orderId[1]=b",
        "orderId[]=a&orderId[]=b",
        "orderId=a&orderId=b",
        "orderId%5B0%5D=a&orderId%5b1%5d=b",
        "orderId%5B%5D=a&orderId%5B%5D=b",
        "orderId=a&orderId[]=b",
        "&orderId[7]=a&&orderId[2]=b&",
    ],
)
def test_a_list_can_be_written_in_several_ways(query: str) -> None:
    assert read_query(query, LISTS) == {"orderId": ["a", "b"]}


@pytest.mark.parametrize(
    "query, expected",
    [
        ("", {}),
        ("orderId=a", {"orderId": ["a"]}),
        ("orderId=", {"orderId": [""]}),
        ("status=pending&limit=10", {"status": ["pending"], "limit": "10"}),
        ("limit=10&limit=20&limit=30", {"limit": ["10", "20", "30"]}),
        ("limit[0]=10", {"limit[0]": "10"}),
        ("orderId[x]=a", {"orderId[x]": "a"}),
        ("orderId[0][1]=a", {"orderId[0][1]": "a"}),
        ("a=b+c%20d%2B&e", {"a": "b c d+", "e": ""}),
        ("a=x=y", {"a": "x=y"}),
        ("a=%C3%AB&b=%FF&c=\u00c3\u00ab", {"a": "ë", "b": "\ufffd", "c": "ë"}),
    ],
)
def test_the_other_parameters_are_read(query: str, expected: Query) -> None:
    assert read_query(query, LISTS) == expected


def test_a_list_that_was_not_sent_is_none() -> None:
    query = read_query("orderId=a&limit=1", LISTS)
    assert read_list(query, "status") is None
    assert read_list(query, "orderId") == ("a",)
    assert read_list(query, "limit") == ("1",)


@given(st.text())
def test_any_query_is_read_without_an_exception(query: str) -> None:
    for value in read_query(query, LISTS).values():
        assert isinstance(value, str | list)
