"""The arithmetic of quotes: known results, and what must always hold."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.providers.koywe.catalogue import CATALOGUE, Currency, find_currency
from emulator.providers.koywe.quotes import rates
from emulator.providers.koywe.quotes.rates import (
    Conversion,
    convert_in,
    convert_out,
    current_rate,
    write_amount,
    write_balance,
)


def currency(symbol: str) -> Currency:
    found = find_currency(symbol)
    assert found is not None
    return found


def bps(origin: str, destination: str) -> int:
    return rates.fee_bps(
        currency(origin), currency(destination), cross=rates.DEFAULT_FEE_BPS_CROSS, same=rates.DEFAULT_FEE_BPS_SAME
    )


def printed(conversion: Conversion) -> tuple[str, str, str, str]:
    return (
        write_amount(conversion.rate),
        write_amount(conversion.fee),
        write_amount(conversion.amount_in),
        write_amount(conversion.amount_out),
    )


@pytest.mark.parametrize(
    ("origin", "destination", "amount_in", "rate", "fee", "amount_out"),
    [
        ("COP", "USD", "1000000", "4000", "5000", "248.75"),
        ("USD", "COP", "100", "0.00025", "0.5", "398000"),
        ("COP", "USDC", "400000", "4000", "2000", "99.5"),
        ("USDC", "CLP", "100", "0.001", "0.5", "99500"),
        ("CLP", "USD", "9999", "1000", "50", "9.94"),
        ("BTC", "COP", "0.01", "0.000000005", "0.00005", "1990000"),
        ("COP", "COP", "50000", "1", "0", "50000"),
    ],
)
def test_the_amount_out_follows_from_the_amount_in(
    origin: str, destination: str, amount_in: str, rate: str, fee: str, amount_out: str
) -> None:
    conversion = convert_in(Decimal(amount_in), currency(origin), currency(destination), bps(origin, destination))
    assert printed(conversion) == (rate, fee, amount_in, amount_out)


@pytest.mark.parametrize(
    ("origin", "destination", "amount_out", "rate", "fee", "amount_in"),
    [("COP", "USD", "248.75", "4000", "5000", "1000000"), ("COP", "USD", "0.01", "4000", "0.2", "40.21")],
)
def test_the_amount_in_follows_from_the_amount_out(
    origin: str, destination: str, amount_out: str, rate: str, fee: str, amount_in: str
) -> None:
    conversion = convert_out(Decimal(amount_out), currency(origin), currency(destination), bps(origin, destination))
    assert printed(conversion) == (rate, fee, amount_in, amount_out)


def test_a_rate_that_was_fixed_before_is_used() -> None:
    conversion = convert_in(Decimal(1000), currency("COP"), currency("USD"), 0, rate=Decimal(500))
    assert printed(conversion) == ("500", "0", "1000", "2")
    assert printed(convert_out(Decimal(2), currency("COP"), currency("USD"), 0, rate=Decimal(500)))[2] == "1000"


def test_the_requested_amount_keeps_its_spelling() -> None:
    assert str(convert_in(Decimal("275.0"), currency("COP"), currency("COP"), 0).amount_in) == "275.0"
    assert str(convert_out(Decimal("275.0"), currency("COP"), currency("COP"), 0).amount_out) == "275.0"


def test_the_fee_depends_on_whether_the_currencies_differ() -> None:
    assert rates.fee_bps(currency("COP"), currency("USD"), cross=50, same=0) == 50
    assert rates.fee_bps(currency("COP"), currency("COP"), cross=50, same=7) == 7


@pytest.mark.parametrize("wrong", [-1, 10_000])
def test_impossible_basis_points_are_refused(wrong: int) -> None:
    with pytest.raises(ValueError, match="basis points"):
        convert_in(Decimal(1), currency("COP"), currency("USD"), wrong)
    with pytest.raises(ValueError, match="basis points"):
        convert_out(Decimal(1), currency("COP"), currency("USD"), wrong)


@pytest.mark.parametrize("wrong", ["1e401", "1e-999999", "Infinity", "NaN"])
def test_amounts_of_absurd_size_are_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="usual size"):
        convert_in(Decimal(wrong), currency("COP"), currency("USD"), 50)


def test_a_rate_must_be_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        convert_in(Decimal(1), currency("COP"), currency("USD"), 50, rate=Decimal(0))


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("50000", "50000"), ("248.7500", "248.75"), ("5E+4", "50000"), ("5E-9", "0.000000005"), ("0.00", "0"),
        ("-0", "0"), ("0E+3", "0"), ("-1.50", "-1.5"), ("100", "100"), ("1" * 40 + ".10", "1" * 40 + ".1"),
    ],
)  # fmt: skip
def test_an_amount_is_written_without_exponent_and_trailing_zeros(amount: str, text: str) -> None:
    assert write_amount(Decimal(amount)) == text


@pytest.mark.parametrize(
    ("amount", "decimals", "text"),
    [
        ("1000.5", 2, "1000.50"),
        ("5000000", 0, "5000000"),
        ("0", 2, "0.00"),
        ("10000000", 2, "10000000.00"),
        ("1E+3", 2, "1000.00"),
        ("1", 8, "1.00000000"),
        ("-2.5", 2, "-2.50"),
    ],
)
def test_a_balance_is_written_with_all_decimals_of_its_currency(amount: str, decimals: int, text: str) -> None:
    assert write_balance(Decimal(amount), decimals) == text


@pytest.mark.parametrize(
    ("amount", "decimals", "too_many"),
    [
        ("1.23", 2, False),
        ("1.230", 2, False),
        ("1.234", 2, True),
        ("275.0", 0, False),
        ("275.5", 0, True),
        ("5e4", 0, False),
        ("1e-7", 6, True),
        ("0.000", 0, False),
        ("1e-999999", 8, True),
        ("NaN", 2, False),
    ],
)
def test_decimals_are_counted_by_value(amount: str, decimals: int, too_many: bool) -> None:
    assert rates.has_too_many_decimals(Decimal(amount), decimals) is too_many


@pytest.mark.parametrize(
    ("amount", "decimals", "rounded"),
    [("1.005", 2, "1.01"), ("1.004", 2, "1.00"), ("0.5", 0, "1"), ("0.005", 2, "0.01"), ("0.0049", 2, "0.00"),
     ("1e-999999", 2, "0.00")],
)  # fmt: skip
def test_rounding_is_half_up(amount: str, decimals: int, rounded: str) -> None:
    assert str(rates.round_amount(Decimal(amount), decimals)) == rounded


currencies = st.sampled_from(CATALOGUE.currencies)
basis_points = st.integers(0, 9_999)
amounts = st.decimals(min_value="0.00000001", max_value="1000000000000", places=8)


@given(currencies, currencies, amounts, basis_points)
def test_nobody_gains_by_converting(origin: Currency, destination: Currency, amount: Decimal, bps: int) -> None:
    amount_in = rates.round_amount(amount, origin.decimals)
    conversion = convert_in(amount_in, origin, destination, bps)
    assert 0 <= conversion.fee <= amount_in
    assert conversion.amount_out >= 0
    assert conversion.amount_out * conversion.rate <= amount_in - conversion.fee
    assert not rates.has_too_many_decimals(conversion.amount_out, destination.decimals)
    assert not rates.has_too_many_decimals(conversion.fee, origin.decimals)


@given(currencies, currencies, amounts, basis_points)
def test_the_amount_in_is_rounded_up_by_less_than_one_unit(
    origin: Currency, destination: Currency, amount: Decimal, bps: int
) -> None:
    amount_out = rates.round_amount(amount, destination.decimals)
    conversion = convert_out(amount_out, origin, destination, bps)
    unit = Decimal(1).scaleb(-origin.decimals)
    exact = amount_out * conversion.rate * 10_000 / (10_000 - bps)
    assert -Decimal("1e-9") <= conversion.amount_in - exact < unit + Decimal("1e-9")
    assert not rates.has_too_many_decimals(conversion.amount_in, origin.decimals)
    assert conversion.amount_out == amount_out


@given(currencies, currencies)
def test_every_pair_has_a_positive_rate_of_at_most_twelve_decimals(origin: Currency, destination: Currency) -> None:
    rate = current_rate(origin, destination)
    assert rate > 0
    assert not rates.has_too_many_decimals(rate, rates.RATE_DECIMALS)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30))
def test_writing_never_changes_the_value(amount: Decimal) -> None:
    text = write_amount(amount)
    assert Decimal(text) == amount
    assert "E" not in text.upper()
    assert not ("." in text and text.endswith("0"))
