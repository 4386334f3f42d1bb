"""The arithmetic of quotes and orders, exact and in decimals, and how amounts are written.

Source: https://docs.koywe.com/core-concepts/quotes-and-exchange-rates (seen 2026-11): a rate is origin units for one
destination unit, and the fee is taken from `amountIn`. Assumed: the decimals of rates, the direction of each rounding,
and the fee's basis points.
"""

from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from msgspec import Struct

from emulator.core.json_text import Number

RATE_DECIMALS = 12
DEFAULT_FEE_BPS_CROSS = 50
DEFAULT_FEE_BPS_SAME = 0

_WHOLE_BPS = 10_000
# With a smaller exponent, Decimal prints some amounts in scientific notation.
_NO_EXPONENT_FROM = -6
_EXPONENT_LIMIT = 400


class Priced(Protocol):
    """What the arithmetic needs to know of a currency."""

    @property
    def symbol(self) -> str:
        """Such as `COP`."""
        ...

    @property
    def decimals(self) -> int:
        """How many decimals its amounts may have."""
        ...

    @property
    def units_per_usd(self) -> Decimal:
        """How many units one US dollar buys."""
        ...


class Conversion(Struct, frozen=True):
    """An exchange. `rate`: origin units for one destination unit; `fee`: in the origin currency, within `amount_in`."""

    rate: Decimal
    fee: Decimal
    amount_in: Decimal
    amount_out: Decimal


def fee_bps(origin: Priced, destination: Priced, *, cross: int, same: int) -> int:
    """The fee between two currencies, in basis points: `same` if they are the same, else `cross`."""
    return same if origin.symbol == destination.symbol else cross


def current_rate(origin: Priced, destination: Priced) -> Decimal:
    """Origin units for one destination unit, half up to 12 decimals, without trailing zeros."""
    exact = Fraction(origin.units_per_usd) / Fraction(destination.units_per_usd)
    return trim_amount(_round_half_up(exact, RATE_DECIMALS))


def convert_in(
    amount_in: Decimal, origin: Priced, destination: Priced, bps: int, rate: Decimal | None = None
) -> Conversion:
    """What `amount_in` gives: the fee half up to the origin's decimals, the result down to the destination's.

    `rate`: one that was fixed before; None: the current one. Raises ValueError for basis points outside 0..9999, a rate
    that is not positive, and an amount that is too large or too small for a JSON number in JavaScript.
    """
    rate = _checked_rate(rate, origin, destination)
    given = _exact(amount_in)
    fee = _find_fee(given, origin, bps)
    amount_out = _round_down((given - Fraction(fee)) / Fraction(rate), destination.decimals)
    return Conversion(rate, trim_amount(fee), amount_in, trim_amount(amount_out))


def convert_out(
    amount_out: Decimal, origin: Priced, destination: Priced, bps: int, rate: Decimal | None = None
) -> Conversion:
    """What has to be paid in for `amount_out`: rounded up to the origin's decimals, and the fee of that.

    `amount_out` stays as it is. Raises as `convert_in` does.
    """
    rate = _checked_rate(rate, origin, destination)
    needed = _exact(amount_out) * Fraction(rate) * _WHOLE_BPS / (_WHOLE_BPS - _checked_bps(bps))
    amount_in = _round_up(needed, origin.decimals)
    return Conversion(
        rate, trim_amount(_find_fee(Fraction(amount_in), origin, bps)), trim_amount(amount_in), amount_out
    )


def has_too_many_decimals(amount: Decimal, decimals: int) -> bool:
    """Whether the amount has more decimals than allowed; trailing zeros do not count."""
    if not amount.is_finite() or amount == 0:
        return False
    _, digits, exponent = _split(amount)
    zeros = next(place for place, digit in enumerate(reversed(digits)) if digit)
    return -(exponent + zeros) > decimals


def round_amount(amount: Decimal, decimals: int) -> Decimal:
    """The amount half up to so many decimals; it may become zero."""
    if amount.adjusted() < -decimals - 1:
        return Decimal(0).scaleb(-decimals)
    return _round_half_up(_exact(amount), decimals)


def trim_amount(amount: Decimal) -> Decimal:
    """The same amount without exponent and trailing zeros, never `-0`."""
    if amount == 0:
        return Decimal(0)
    sign, digits, exponent = _split(amount)
    if exponent > 0:
        return Decimal((sign, digits + (0,) * exponent, 0))
    kept = len(digits)
    while exponent < 0 and digits[kept - 1] == 0:
        kept, exponent = kept - 1, exponent + 1
    trimmed = Decimal((sign, digits[:kept], exponent))
    return Number(f"{trimmed:f}") if exponent < _NO_EXPONENT_FROM else trimmed


def write_amount(amount: Decimal) -> str:
    """The amount as a literal, without exponent and trailing zeros, never `-0`: `50000`, `248.75`."""
    return f"{trim_amount(amount):f}"


def write_balance(amount: Decimal, decimals: int) -> str:
    """The text of a balance, with exactly the currency's decimals, half up: `1000.50`, `5000000`."""
    return f"{round_amount(amount, decimals):f}"


def _split(amount: Decimal) -> tuple[int, tuple[int, ...], int]:
    sign, digits, exponent = amount.as_tuple()
    if not isinstance(exponent, int):
        raise TypeError(f"an amount must be a finite number, got {amount}")
    return sign, digits, exponent


def _exact(amount: Decimal) -> Fraction:
    if not amount.is_finite() or abs(amount.adjusted()) > _EXPONENT_LIMIT:
        raise ValueError(f"an amount must be a finite number of usual size, got {amount}")
    return Fraction(amount)


def _checked_bps(bps: int) -> int:
    if not 0 <= bps < _WHOLE_BPS:
        raise ValueError(f"the fee's basis points must be between 0 and {_WHOLE_BPS - 1}, got {bps}")
    return bps


def _checked_rate(rate: Decimal | None, origin: Priced, destination: Priced) -> Decimal:
    if rate is None:
        rate = current_rate(origin, destination)
    if not rate > 0:
        raise ValueError(f"a rate must be positive, got {rate}")
    return rate


def _find_fee(amount_in: Fraction, origin: Priced, bps: int) -> Decimal:
    return _round_half_up(amount_in * _checked_bps(bps) / _WHOLE_BPS, origin.decimals)


def _scaled(units: int, decimals: int) -> Decimal:
    digits = tuple(map(int, str(abs(units))))
    return Decimal((1 if units < 0 else 0, digits, -decimals))


def _round_down(value: Fraction, decimals: int) -> Decimal:
    numerator, denominator = (value * 10**decimals).as_integer_ratio()
    return _scaled(numerator // denominator, decimals)


def _round_up(value: Fraction, decimals: int) -> Decimal:
    numerator, denominator = (value * 10**decimals).as_integer_ratio()
    return _scaled(-(-numerator // denominator), decimals)


def _round_half_up(value: Fraction, decimals: int) -> Decimal:
    numerator, denominator = (abs(value) * 10**decimals).as_integer_ratio()
    units = (2 * numerator + denominator) // (2 * denominator)
    return _scaled(-units if value < 0 else units, decimals)
