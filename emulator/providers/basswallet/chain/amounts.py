"""Exact amounts of money: no float is ever used, and nothing is rounded but what the provider rounds.

Sources: the amount fields of https://docs-en.basswallet.com/api-reference/endpoint/receive/create_payment and
https://docs-en.basswallet.com/api-reference/endpoint/receive/payment-webhook, seen 2026-11. Assumed: the form of an
amount, and the rounding.
"""

import re
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from math import floor

AMOUNT_LENGTH_LIMIT = 40
"""How many characters a requested amount may have."""

_AMOUNT = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_HUNDRED = Decimal(100)
_MICRO = Decimal("0.000001")
_CENT = Decimal("0.01")
# The default context would round to 28 digits, and an amount may have 40.
_EXACT = Context(prec=200)


def read_amount(text: str) -> Decimal | None:
    """The amount that a parameter names; None if it is not a decimal, not above 0, or too long."""
    if len(text) > AMOUNT_LENGTH_LIMIT or not _AMOUNT.fullmatch(text):
        return None
    amount = Decimal(text)
    return amount if amount > 0 else None


def count_decimals(text: str) -> int:
    """How many decimals an amount has, trailing zeros left out. Example: `25.50` has 1."""
    return len(text.partition(".")[2].rstrip("0"))


def add(first: Decimal, second: Decimal) -> Decimal:
    """The exact sum."""
    return _EXACT.add(first, second)


def is_within(paid: Decimal, asked: Decimal, tolerance_percent: Decimal) -> bool:
    """Whether an amount reaches what is asked for, less so many percent of it; compared exactly."""
    return _EXACT.multiply(paid, _HUNDRED) >= _EXACT.multiply(asked, _EXACT.subtract(_HUNDRED, tolerance_percent))


def multiply(amount: Decimal, times: Decimal, display_decimal: int) -> Decimal:
    """A multiple of an amount; unless `times` is a whole number, cut (not rounded) to so many decimals.

    Half of `99.99` with two decimals is `49.99`; the half of a very small amount is 0.
    """
    product = _EXACT.multiply(amount, times)
    if times == times.to_integral_value():
        return product
    return product.quantize(Decimal((0, (1,), -display_decimal)), rounding=ROUND_DOWN, context=_EXACT)


def write_usd(amount: Decimal, usd_rate: Decimal) -> str:
    """The `amountUSD`: amount times rate with two decimals, rounded half up. Example: `99.97`."""
    return format(_EXACT.multiply(amount, usd_rate).quantize(_CENT, rounding=ROUND_HALF_UP, context=_EXACT), "f")


def write_fee(amount: Decimal, rate: Decimal) -> str:
    """A share of an amount, rounded half up to six decimals, without trailing zeros. Example: `0.15`."""
    fee = _EXACT.multiply(amount, rate).quantize(_MICRO, rounding=ROUND_HALF_UP, context=_EXACT)
    return write_decimal(fee)


def write_rounded(amount: Fraction, decimals: int) -> str:
    """The amount with so many decimals, rounded half up, trailing zeros included. Example: `720.00`."""
    units = floor(amount * 10**decimals + Fraction(1, 2))
    whole, part = divmod(units, 10**decimals)
    return f"{whole}.{part:0{decimals}}" if decimals else str(whole)


def write_decimal(amount: Decimal) -> str:
    """The exact decimal without exponent and trailing zeros, which is also a JSON number. Example: `25.5`."""
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
