"""The provider's refusals of a trade, and which of several comes first."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from emulator.providers.changelly.catalogue import Flow, load_catalogue
from emulator.providers.changelly.offers.prices import Trade, find_price
from emulator.providers.changelly.rules.trades import find_trade_error, make_limits_error

CATALOGUE = load_catalogue()


def trade(provider: str, pair: str, amount: str, where: str, flow: Flow = "buy", method: str | None = None) -> Trade:
    currency_from, currency_to = pair.split()
    country, _, state = where.partition(" ")
    found = CATALOGUE.provider_by_code[provider]
    return Trade(flow, found, currency_from, currency_to, Decimal(amount), country, state or None, method)


def error_of(trade: Trade, *, offer: bool = False) -> str | None:
    """Type and details of the error in one text."""
    error = find_trade_error(CATALOGUE, trade, offer=offer)
    if error is None:
        return None
    assert error.reason
    return " ".join([error.type, *(f"{detail['cause']} {detail['value']}" for detail in error.details)])


@pytest.mark.parametrize(
    "bought, expected",
    [
        (("moonpay", "USD ETH", "150", "EE"), None),
        (("moonpay", "USD ETH", "150", "US CA"), None),
        (("moonpay", "USD ETH", "150", "US US-NY"), None),
        (("moonpay", "USD ETH", "150", "EE anything"), None),
        (("moonpay", "USD ETH", "150", "US"), "state"),
        (("banxa", "USD ETH", "150", "US"), "state"),
        (("banxa", "USD ETH", "150", "US CA"), "country"),
        (("moonpay", "USD ETH", "150", "JP"), "country"),
        (("transak", "USD ETH", "150", "JP"), "country"),
        (("wert", "USD ETH", "150", "US NY"), "state"),
        (("wert", "USD ETH", "150", "US US-NY"), "state"),
        (("transak", "USD ETH", "150", "US NY"), "state"),
        (("wert", "EUR XRP", "150", "EE"), "currency"),
        (("moonpay", "USD SHIB", "150", "EE"), "currency"),
        (("moonpay", "XXX ETH", "150", "EE"), "currency"),
        (("moonpay", "USD EUR", "150", "EE"), "currency"),
        (("moonpay", "ETH BTC", "150", "EE"), "currency"),
        (("moonpay", "NGN ETH", "150", "EE"), "currency"),
        (("banxa", "GBP EOS", "150", "EE"), "unsupportedExchangePair"),
        (("moonpay", "BRL XLM", "150", "EE"), "unsupportedExchangePair"),
        (("transak", "EUR USDTRX", "150", "EE"), "unsupportedExchangePair"),
        (("moonpay", "USD ETH", "19.99", "EE"), "limits min 20"),
        (("moonpay", "USD ETH", "20", "EE"), None),
        (("moonpay", "USD ETH", "10000.00", "EE"), None),
        (("moonpay", "USD ETH", "10000.01", "EE"), "limits max 10000"),
        (("transak", "NGN ETH", "1", "NG"), "limits min 20000"),
    ],
)
def test_purchases_follow_the_rules(bought: tuple[str, str, str, str], expected: str | None) -> None:
    assert error_of(trade(*bought)) == expected


@pytest.mark.parametrize(
    "sold, expected",
    [
        (("moonpay", "ETH EUR", "0.5", "DE"), None),
        (("moonpay", "ETH EUR", "0.01", "DE"), "limits min 0.02"),
        (("moonpay", "ETH EUR", "11", "DE"), "limits max 10"),
        (("moonpay", "ETH SEK", "0.5", "DE"), "currency"),
        (("moonpay", "XLM EUR", "100", "DE"), "currency"),
        (("moonpay", "USD ETH", "100", "DE"), "currency"),
        (("banxa", "XRP EUR", "100", "DE"), "currency"),
        (("wert", "ETH EUR", "0.5", "DE"), "currency"),
        (("banxa", "ETH GBP", "0.5", "DE"), "unsupportedExchangePair"),
        (("banxa", "ETH USD", "0.5", "US"), "state"),
        (("banxa", "ETH USD", "0.5", "US CA"), "country"),
    ],
)
def test_sales_follow_the_rules(sold: tuple[str, str, str, str], expected: str | None) -> None:
    assert error_of(trade(*sold, flow="sell")) == expected


@pytest.mark.parametrize(
    "method, pair, expected",
    [
        ("card", "USD ETH", None),
        ("sepa_bank_transfer", "USD ETH", "paymentMethod"),
        ("sepa_bank_transfer", "EUR ETH", None),
        ("pix", "EUR ETH", "paymentMethod"),
        ("pix", "BRL ETH", None),
        ("nope", "USD ETH", "paymentMethod"),
    ],
)
def test_methods_follow_the_rules(method: str, pair: str, expected: str | None) -> None:
    assert error_of(trade("moonpay", pair, "150", "EE", method=method)) == expected


def test_an_excluded_pair_is_a_currency_error_among_offers() -> None:
    assert error_of(trade("banxa", "GBP EOS", "150", "EE"), offer=True) == "currency"
    assert error_of(trade("moonpay", "USD ETH", "1", "EE"), offer=True) == "limits min 20"


def test_the_first_broken_rule_decides() -> None:
    wrong = trade("banxa", "GBP EOS", "1", "US", method="nope")
    steps = [
        ("state", {"state": "CA"}),
        ("country", {"country": "GB"}),
        ("unsupportedExchangePair", {"currency_to": "SHIB"}),
        ("currency", {"currency_to": "ETH"}),
        ("paymentMethod", {"payment_method": "card"}),
        ("limits min 25", {"amount": Decimal(25)}),
        (None, {}),
    ]
    for expected, repair in steps:
        assert error_of(wrong) == expected
        wrong = replace(wrong, **repair)  # type: ignore[arg-type]


def test_an_unserved_state_comes_before_the_currency() -> None:
    assert error_of(trade("wert", "USD SHIB", "1", "US NY")) == "state"


@pytest.mark.parametrize("flow", ["buy", "sell"])
def test_whatever_is_not_refused_has_a_price(flow: Flow) -> None:
    tickers = [*CATALOGUE.fiat_by_ticker, *CATALOGUE.crypto_by_ticker]
    taken = 0
    for provider in CATALOGUE.providers:
        for pair in (f"{one} {other}" for one in tickers for other in tickers):
            limits = CATALOGUE.find_pay_in_limits(provider.code, flow, pair.split()[0])
            for amount in (limits.min, limits.max) if limits else (Decimal(100),):
                wanted = trade(provider.code, pair, str(amount), "EE", flow)
                if find_trade_error(CATALOGUE, wanted) is None:
                    taken += 1
                    assert find_price(CATALOGUE, wanted) is not None
    assert taken > 20


@pytest.mark.parametrize(
    "provider, pair, flow, bound",
    [
        ("banxa", "USD ETH", "buy", "30"),
        ("banxa", "NGN ETH", "buy", "20"),
        ("moonpay", "ETH EUR", "sell", "0.02"),
        ("moonpay", "XLM EUR", "sell", "20"),
    ],
)
def test_a_limits_error_that_was_asked_for_names_the_minimum(provider: str, pair: str, flow: Flow, bound: str) -> None:
    error = make_limits_error(CATALOGUE, trade(provider, pair, "1", "EE", flow))
    assert (error.type, error.details) == ("limits", ({"cause": "min", "value": bound},))
