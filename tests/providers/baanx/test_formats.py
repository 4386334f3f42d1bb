"""Instants and amounts as Baanx writes them."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.providers.baanx import wire

PAID_AT_MS = 1_770_114_161_118
LAST_MS = 253_402_300_799_999
INSTANTS = st.integers(min_value=0, max_value=LAST_MS)


@pytest.mark.parametrize(
    ("epoch_ms", "postgres", "iso"),
    [
        (0, "1970-01-01 00:00:00.000+00", "1970-01-01T00:00:00.000Z"),
        (PAID_AT_MS, "2026-02-03 10:22:41.118+00", "2026-02-03T10:22:41.118Z"),
        (1_735_787_045_000, "2025-01-02 03:04:05.000+00", "2025-01-02T03:04:05.000Z"),
        (-1, "1969-12-31 23:59:59.999+00", "1969-12-31T23:59:59.999Z"),
        (LAST_MS, "9999-12-31 23:59:59.999+00", "9999-12-31T23:59:59.999Z"),
    ],
)
def test_an_instant_can_be_written_in_two_forms(epoch_ms: int, postgres: str, iso: str) -> None:
    assert wire.write_postgres_instant(epoch_ms) == postgres
    assert wire.PAID_AT_FORMATS["iso"](epoch_ms) == iso


def test_each_value_of_the_setting_names_its_form() -> None:
    written = {name: write(PAID_AT_MS) for name, write in wire.PAID_AT_FORMATS.items()}
    assert written == {"postgres": "2026-02-03 10:22:41.118+00", "iso": "2026-02-03T10:22:41.118Z"}


@given(INSTANTS)
def test_both_forms_can_be_read_back_to_the_millisecond(epoch_ms: int) -> None:
    for write in wire.PAID_AT_FORMATS.values():
        elapsed = datetime.fromisoformat(write(epoch_ms)) - datetime(1970, 1, 1, tzinfo=UTC)
        assert elapsed.days * 86_400_000 + elapsed.seconds * 1000 + elapsed.microseconds // 1000 == epoch_ms


@given(INSTANTS, INSTANTS)
def test_the_text_sorts_as_time_does(left_ms: int, right_ms: int) -> None:
    for write in wire.PAID_AT_FORMATS.values():
        assert (write(left_ms) < write(right_ms)) == (left_ms < right_ms)


def test_a_year_of_five_digits_is_refused() -> None:
    with pytest.raises(OverflowError):
        wire.PAID_AT_FORMATS["iso"](LAST_MS + 1)


@pytest.mark.parametrize(
    ("amount", "literal"),
    [
        ("199", "199"),
        ("199.0", "199"),
        ("199.00", "199"),
        ("9.99", "9.99"),
        ("9.90", "9.9"),
        ("1E+2", "100"),
        ("100", "100"),
        ("0.10", "0.1"),
        ("0.00", "0"),
    ],
)
def test_an_amount_has_no_trailing_zeros(amount: str, literal: str) -> None:
    assert wire.write_amount(Decimal(amount)) == literal


@given(st.decimals(min_value=0, max_value=10**12, places=6))
def test_an_amount_keeps_its_value_as_a_json_number(amount: Decimal) -> None:
    assert json.loads(wire.write_amount(amount), parse_float=Decimal, parse_int=Decimal) == amount


@pytest.mark.parametrize("amount", ["NaN", "Infinity"])
def test_an_amount_that_is_not_a_number_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="finite"):
        wire.write_amount(Decimal(amount))
