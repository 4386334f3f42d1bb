"""Exact amounts and block heights."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.providers.basswallet.chain.addresses import BLOCK_COUNT_START_MS, count_block_height
from emulator.providers.basswallet.chain.amounts import (
    add,
    count_decimals,
    multiply,
    read_amount,
    write_decimal,
    write_usd,
)

amounts = st.decimals(min_value=0, max_value=Decimal(10) ** 20, allow_nan=False, allow_infinity=False, places=18)
LONGEST = "9" * 21 + "." + "9" * 18


@pytest.mark.parametrize("text", ["99.99", "25.50", "1", "0.01", "007.5", LONGEST, "9" * 40])
def test_a_decimal_above_zero_is_an_amount(text: str) -> None:
    assert read_amount(text) == Decimal(text)


@pytest.mark.parametrize(
    "text",
    ["", "0", "0.00", "-1", "+1", "1.", ".5", "1e3", "1,5", " 1", "1 ", "1\n", "NaN", "0x1", "١", "1.2.3", "9" * 41],
)
def test_anything_else_is_not_an_amount(text: str) -> None:
    assert read_amount(text) is None


@pytest.mark.parametrize(
    ("text", "count"), [("25", 0), ("25.00", 0), ("25.5", 1), ("25.50", 1), ("25.505", 3), ("1000", 0), ("0.010", 2)]
)
def test_trailing_zeros_do_not_count_as_decimals(text: str, count: int) -> None:
    assert count_decimals(text) == count


@pytest.mark.parametrize(
    ("amount", "times", "display_decimal", "product"),
    [
        ("99.99", "0.5", 2, "49.99"),
        ("100", "0.5", 2, "50"),
        ("0.01", "0.5", 2, "0"),
        ("0.000003", "0.5", 6, "0.000001"),
        ("5", "0.5", 0, "2"),
        ("99.99", "1.001", 2, "100.08"),
        ("0.123456", "2", 2, "0.246912"),
        ("0.123456", "2.0", 2, "0.246912"),
        ("99.99", "1", 0, "99.99"),
    ],
)
def test_a_fraction_is_cut_to_the_shown_decimals_and_a_multiple_is_not(
    amount: str, times: str, display_decimal: int, product: str
) -> None:
    assert multiply(Decimal(amount), Decimal(times), display_decimal) == Decimal(product)


def test_totals_of_the_longest_amounts_are_exact() -> None:
    longest = Decimal(LONGEST)
    assert write_decimal(multiply(longest, Decimal(2), 2)) == "1" + "9" * 21 + "." + "9" * 17 + "8"
    assert add(longest, longest) == multiply(longest, Decimal(2), 2)
    assert add(Decimal(50), Decimal("49.99")) == Decimal("99.99")


@pytest.mark.parametrize(
    ("amount", "rate", "usd"),
    [
        ("99.99", "0.9998", "99.97"),
        ("25.5", "1", "25.50"),
        ("0.0001", "60000", "6.00"),
        ("0.1", "0.25", "0.03"),
        ("0.02", "0.25", "0.01"),
        ("0.01", "0.25", "0.00"),
        ("1.005", "1", "1.01"),
    ],
)
def test_us_dollars_have_two_decimals_rounded_half_up(amount: str, rate: str, usd: str) -> None:
    assert write_usd(Decimal(amount), Decimal(rate)) == usd


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("25.50", "25.5"),
        ("120", "120"),
        ("120.00", "120"),
        ("1E+3", "1000"),
        ("1E-8", "0.00000001"),
        ("0.00", "0"),
        ("0", "0"),
        (LONGEST, LONGEST),
    ],
)
def test_a_decimal_is_written_without_exponent_and_trailing_zeros(amount: str, text: str) -> None:
    assert write_decimal(Decimal(amount)) == text


@given(amounts)
def test_writing_keeps_the_value(amount: Decimal) -> None:
    assert Decimal(write_decimal(amount)) == amount
    assert count_decimals(write_decimal(amount)) == len(write_decimal(amount).partition(".")[2])


@given(amounts, st.integers(min_value=0, max_value=18))
def test_two_halves_are_at_most_the_whole(amount: Decimal, display_decimal: int) -> None:
    half = multiply(amount, Decimal("0.5"), display_decimal)
    assert add(half, half) <= amount
    assert count_decimals(write_decimal(half)) <= display_decimal


@pytest.mark.parametrize(
    ("after_ms", "height"),
    [(-1, 21000000), (0, 21000000), (11_999, 21000000), (12_000, 21000001), (86_400_000, 21007200)],
)
def test_blocks_are_counted_from_the_base(after_ms: int, height: int) -> None:
    assert count_block_height(BLOCK_COUNT_START_MS + after_ms, 21000000, 12_000) == height


def test_a_clock_before_the_start_is_at_the_base_height() -> None:
    assert count_block_height(0, 875000, 600_000) == 875000
