"""What a trade costs: a price for each payment method, and the best of them. In exact decimals, never in floats.

Source of the offer's members: https://fiat-api.changelly.com/docs/endpoints/get-offers-on-ramp and
.../get-offers-off-ramp (seen 2026-11). Assumed: the formula. When buying, the fee is taken from what is paid in;
when selling, from what is paid out. Fees are rounded half up to two decimals, amounts are cut down to the precision
of what is paid out, rates are rounded half up to ten decimals.
"""

from collections.abc import Mapping
from decimal import Context, Decimal
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from emulator.providers.changelly.catalogue import Catalogue, Flow, MethodFee, Provider
from emulator.providers.changelly.wire import write_amount

FIAT_DECIMALS = 2
RATE_DECIMALS = 10
HUNDRED = Decimal(100)
ZERO = Decimal(0)

EXACT = Context(prec=400, Emax=999_999, Emin=-999_999)
"""Products of amounts, prices and percentages have far fewer digits; quotients are only taken as whole numbers."""


class Trade(Struct, frozen=True):
    """What somebody wants to buy or sell at one provider."""

    flow: Flow
    provider: Provider
    currency_from: str
    currency_to: str
    amount: Decimal
    """What is paid in, above 0."""
    country: str = ""
    state: str | None = None
    """As sent, `CA` or `US-CA`."""
    payment_method: str | None = None

    @property
    def fiat(self) -> str:
        """The ticker of the fiat side."""
        return self.currency_from if self.flow == "buy" else self.currency_to

    @property
    def crypto(self) -> str:
        """The ticker of the crypto side."""
        return self.currency_to if self.flow == "buy" else self.currency_from


class MethodPrice(Struct, frozen=True):
    """The price with one payment method. Amounts are texts in plain digits."""

    method: str
    method_name: str
    rate: str
    inverted_rate: str
    fee: str
    amount_expected_to: str


class Price(Struct, frozen=True):
    """The price at one provider: rates and amount of the method that gives most, the lowest fee of any method, and the
    price with each method."""

    rate: str
    inverted_rate: str
    fee: str
    amount_expected_to: str
    methods: tuple[MethodPrice, ...]


def read_trade(fields: Mapping[str, Any], flow: Flow, provider: Provider, method_name: str = "paymentMethod") -> Trade:
    """The trade that a request or an order is about; the member `method_name` has its payment method."""
    return Trade(
        flow=flow,
        provider=provider,
        currency_from=fields["currencyFrom"],
        currency_to=fields["currencyTo"],
        amount=Decimal(fields["amountFrom"]),
        country=fields["country"],
        state=fields.get("state") or None,
        payment_method=fields.get(method_name) or None,
    )


def find_price(catalogue: Catalogue, trade: Trade) -> Price | None:
    """The price of a trade; where it names a payment method, with that method alone.

    None if a ticker is unknown or on the wrong side, or if no method works. Bounds are not looked at.
    """
    fiat, crypto = catalogue.find_fiat(trade.fiat), catalogue.find_crypto(trade.crypto)
    if fiat is None or crypto is None:
        return None
    fees = [
        fee
        for fee in catalogue.fees(trade.provider, trade.flow, trade.fiat)
        if trade.payment_method in (None, fee.method)
    ]
    if not fees:
        return None
    pay = _pay_out_crypto if trade.flow == "buy" else _pay_out_fiat
    decimals = crypto.precision if trade.flow == "buy" else FIAT_DECIMALS
    quotes = [(fee, *pay(trade.amount, fee, fiat.usd, crypto.usd, decimals)) for fee in fees]
    methods = tuple(_write_method(catalogue, trade, *quote) for quote in quotes)
    best = max(range(len(quotes)), key=lambda place: quotes[place][2])
    return Price(
        rate=methods[best].rate,
        inverted_rate=methods[best].inverted_rate,
        fee=write_amount(min(quote[1] for quote in quotes)),
        amount_expected_to=methods[best].amount_expected_to,
        methods=methods,
    )


def find_expected_amount(catalogue: Catalogue, trade: Trade) -> str | None:
    """What an order will pay out: with its method, or with the best one if it names none or one that does not work.

    None if there is no price.
    """
    price = find_price(catalogue, trade)
    if price is None and trade.payment_method is not None:
        price = find_price(catalogue, replace(trade, payment_method=None))
    return None if price is None else price.amount_expected_to


def divide_down(dividend: Decimal, divisor: Decimal, decimals: int) -> Decimal:
    """The exact quotient of two numbers that are not negative, cut down to so many decimals."""
    whole = EXACT.divide_int(EXACT.scaleb(dividend, decimals), divisor)
    return EXACT.scaleb(whole, -decimals)


def divide_half_up(dividend: Decimal, divisor: Decimal, decimals: int) -> Decimal:
    """The exact quotient of two numbers that are not negative, rounded half up to so many decimals."""
    doubled = EXACT.scaleb(EXACT.add(dividend, dividend), decimals)
    whole = EXACT.divide_int(EXACT.add(doubled, divisor), EXACT.add(divisor, divisor))
    return EXACT.scaleb(whole, -decimals)


def _pay_out_crypto(
    amount: Decimal, fee: MethodFee, fiat_usd: Decimal, crypto_usd: Decimal, decimals: int
) -> tuple[Decimal, Decimal]:
    """Fee and payout of a purchase."""
    charged = divide_half_up(EXACT.multiply(amount, fee.percent), HUNDRED, FIAT_DECIMALS)
    left = max(EXACT.subtract(amount, charged), ZERO)
    return charged, divide_down(EXACT.multiply(left, fiat_usd), crypto_usd, decimals)


def _pay_out_fiat(
    amount: Decimal, fee: MethodFee, fiat_usd: Decimal, crypto_usd: Decimal, decimals: int
) -> tuple[Decimal, Decimal]:
    """Fee and payout of a sale."""
    gross_usd = EXACT.multiply(amount, crypto_usd)
    charged = divide_half_up(EXACT.multiply(gross_usd, fee.percent), EXACT.multiply(fiat_usd, HUNDRED), FIAT_DECIMALS)
    left_usd = max(EXACT.subtract(gross_usd, EXACT.multiply(charged, fiat_usd)), ZERO)
    return charged, divide_down(left_usd, fiat_usd, decimals)


def _write_method(
    catalogue: Catalogue, trade: Trade, fee: MethodFee, charged: Decimal, expected: Decimal
) -> MethodPrice:
    inverted = divide_half_up(trade.amount, expected, RATE_DECIMALS) if expected else expected
    return MethodPrice(
        method=fee.method,
        method_name=catalogue.method_by_code[fee.method].name,
        rate=write_amount(divide_half_up(expected, trade.amount, RATE_DECIMALS)),
        inverted_rate=write_amount(inverted),
        fee=write_amount(charged),
        amount_expected_to=write_amount(expected),
    )
