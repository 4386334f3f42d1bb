"""Prices are exact, and the best method makes the offer."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.providers.changelly.catalogue import Flow, load_catalogue
from emulator.providers.changelly.offers.prices import (
    MethodPrice,
    Price,
    Trade,
    divide_down,
    divide_half_up,
    find_expected_amount,
    find_price,
)
from emulator.providers.changelly.wire import write_amount

CATALOGUE = load_catalogue()
AMOUNTS = st.decimals(min_value="0.000000000000000001", max_value="999999999999999999", places=18)


def trade(
    provider: str, pair: str, amount: str | Decimal, flow: Flow = "buy", payment_method: str | None = None
) -> Trade:
    currency_from, currency_to = pair.split()
    found = CATALOGUE.provider_by_code[provider]
    return Trade(flow, found, currency_from, currency_to, Decimal(amount), "EE", payment_method=payment_method)


def price_of(provider: str, pair: str, amount: str, flow: Flow = "buy", payment_method: str | None = None) -> Price:
    price = find_price(CATALOGUE, trade(provider, pair, amount, flow, payment_method))
    assert price is not None
    return price


@pytest.mark.parametrize(
    "provider, rate, inverted_rate, fee, amount",
    [
        ("moonpay", "0.0003183333", "3141.3612565445", "6.75", "0.04775"),
        ("banxa", "0.0003266667", "3061.2244897959", "3", "0.049"),
        ("wert", "0.0003166667", "3157.8947368421", "7.5", "0.0475"),
        ("transak", "0.0003216667", "3108.8082901554", "5.25", "0.04825"),
    ],
)
def test_the_price_for_150_dollars_is_the_documented_one(
    provider: str, rate: str, inverted_rate: str, fee: str, amount: str
) -> None:
    price = price_of(provider, "USD ETH", "150")
    assert (price.rate, price.inverted_rate, price.fee, price.amount_expected_to) == (rate, inverted_rate, fee, amount)


def test_the_price_for_25_dollars_at_moonpay_is_the_documented_one() -> None:
    card = MethodPrice("card", "Visa / Mastercard", "0.0003182664", "3142.0219036631", "1.13", "0.00795666")
    apple_pay = MethodPrice("apple_pay", "Apple Pay / Google Pay", *card_numbers(card))
    assert price_of("moonpay", "USD ETH", "25") == Price(*card_numbers(card), (card, apple_pay))


def card_numbers(card: MethodPrice) -> tuple[str, str, str, str]:
    return card.rate, card.inverted_rate, card.fee, card.amount_expected_to


def test_the_price_for_half_an_ether_is_the_documented_one() -> None:
    price = price_of("moonpay", "ETH EUR", "0.5", "sell")
    assert (price.rate, price.inverted_rate, price.fee) == ("2475", "0.0004040404", "12.5")
    assert price.amount_expected_to == "1237.5"
    assert {each.method: each.amount_expected_to for each in price.methods} == {
        "card": "1225",
        "sepa_bank_transfer": "1237.5",
        "apple_pay": "1218.75",
    }
    assert price_of("banxa", "ETH EUR", "0.5", "sell").amount_expected_to == "1231.25"


def test_the_best_method_sets_rate_and_amount_and_the_cheapest_the_fee() -> None:
    price = price_of("moonpay", "EUR BTC", "100")
    assert [each.method for each in price.methods] == ["card", "apple_pay", "sepa_bank_transfer"]
    assert price.fee == price.methods[2].fee == "1"
    assert (price.rate, price.amount_expected_to) == (price.methods[2].rate, price.methods[2].amount_expected_to)


def test_the_prices_can_be_limited_to_one_method() -> None:
    price = price_of("moonpay", "ETH EUR", "0.5", "sell", "card")
    assert [each.method for each in price.methods] == ["card"]
    assert (price.fee, price.amount_expected_to) == ("25", "1225")


@pytest.mark.parametrize(
    "provider, pair, method",
    [
        ("moonpay", "USD SHIB", None),
        ("moonpay", "ETH USD", None),
        ("moonpay", "USD EUR", None),
        ("moonpay", "USD ETH", "sepa_bank_transfer"),
        ("moonpay", "NGN ETH", None),
    ],
)
def test_some_trades_have_no_price(provider: str, pair: str, method: str | None) -> None:
    assert find_price(CATALOGUE, trade(provider, pair, "100", payment_method=method)) is None


def test_an_order_expects_the_amount_of_its_method_or_of_the_best() -> None:
    def expected(pair: str, method: str | None) -> str | None:
        return find_expected_amount(CATALOGUE, trade("moonpay", pair, "100", payment_method=method))

    assert expected("EUR ETH", "card") == "0.0382"
    assert (
        expected("EUR ETH", "sepa_bank_transfer")
        == expected("EUR ETH", None)
        == expected("EUR ETH", "nope")
        == "0.0396"
    )
    assert expected("EUR SHIB", None) is None


def test_a_tiny_amount_buys_nothing_without_an_error() -> None:
    price = price_of("moonpay", "USD BTC", "0.000000000000000001")
    assert (price.amount_expected_to, price.rate, price.inverted_rate) == ("0", "0", "0")


@given(AMOUNTS, st.sampled_from(["USD BTC", "EUR ETH", "GBP XRP", "BRL USDTRX"]))
def test_buying_follows_the_formula_exactly(amount: Decimal, pair: str) -> None:
    price = price_of("moonpay", pair, str(amount))
    fiat, crypto = CATALOGUE.fiat_by_ticker[pair[:3]], CATALOGUE.crypto_by_ticker[pair[4:]]
    for each in price.methods:
        percent = next(fee.percent for fee in CATALOGUE.providers[0].methods.buy if fee.method == each.method)
        fee = Fraction(int(Fraction(amount) * Fraction(percent) + Fraction(1, 2)), 100)
        unit = Fraction(1, 10**crypto.precision)
        exact = (Fraction(amount) - fee) * Fraction(fiat.usd) / Fraction(crypto.usd)
        assert Fraction(each.fee) == fee
        assert Fraction(each.amount_expected_to) == exact // unit * unit
        assert_rates(amount, each)


@given(AMOUNTS, st.sampled_from(["BTC USD", "ETH EUR", "XRP GBP"]))
def test_selling_follows_the_formula_exactly(amount: Decimal, pair: str) -> None:
    price = price_of("transak", pair, str(amount), "sell")
    crypto, fiat = CATALOGUE.crypto_by_ticker[pair[:3]], CATALOGUE.fiat_by_ticker[pair[4:]]
    for each in price.methods:
        percent = next(fee.percent for fee in CATALOGUE.providers[3].methods.sell if fee.method == each.method)
        gross = Fraction(amount) * Fraction(crypto.usd) / Fraction(fiat.usd)
        fee = Fraction(int(gross * Fraction(percent) + Fraction(1, 2)), 100)
        assert Fraction(each.fee) == fee
        assert Fraction(each.amount_expected_to) == Fraction(int((gross - fee) * 100), 100)
        assert_rates(amount, each)


def assert_rates(amount: Decimal, price: MethodPrice) -> None:
    expected = Fraction(price.amount_expected_to)
    assert Fraction(price.rate) == int(expected / Fraction(amount) * 10**10 + Fraction(1, 2)) / Fraction(10**10)
    if expected:
        inverted = int(Fraction(amount) / expected * 10**10 + Fraction(1, 2)) / Fraction(10**10)
        assert Fraction(price.inverted_rate) == inverted


@given(AMOUNTS, AMOUNTS, st.integers(0, 20))
def test_quotients_are_exact(dividend: Decimal, divisor: Decimal, decimals: int) -> None:
    scaled = Fraction(dividend) / Fraction(divisor) * 10**decimals
    assert Fraction(divide_down(dividend, divisor, decimals)) * 10**decimals == int(scaled)
    assert Fraction(divide_half_up(dividend, divisor, decimals)) * 10**decimals == int(scaled + Fraction(1, 2))


@given(AMOUNTS)
def test_amounts_are_written_as_plain_digits(amount: Decimal) -> None:
    printed = write_amount(amount)
    assert Decimal(printed) == amount
    assert "E" not in printed
    assert not (("." in printed) and printed.endswith(("0", ".")))
