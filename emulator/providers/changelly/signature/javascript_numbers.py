"""Numbers as JavaScript prints them. Nothing is calculated with them: the only float of the package stays in here.

Source: ECMAScript, Number::toString (https://tc39.es/ecma262/#sec-numeric-types-number-tostring, seen 2026-11).
"""

from decimal import Decimal

LONGEST_EXACT_INTEGER_DIGITS = 15
"""A whole number of so many digits passes through a 64-bit float unchanged."""

NOT_FINITE = "null"
"""What JSON.stringify makes of a number that is too large."""


def write_number(literal: str) -> str:
    """What JSON.stringify(JSON.parse(literal)) gives for one JSON number literal.

    `1.0` gives `1`, `1e-07` gives `1e-7`, `-0` gives `0`, `1e999` gives `null`. Raises ValueError for other text.
    """
    if len(literal) <= LONGEST_EXACT_INTEGER_DIGITS and literal.isascii() and literal.isdigit():
        return literal
    value = float(literal)
    if value == 0:
        return "0"
    parts = Decimal(repr(value)).as_tuple()
    if not isinstance(parts.exponent, int):
        return NOT_FINITE
    printed = "".join(map(str, parts.digits))
    digits = printed.rstrip("0")
    point = len(printed) + parts.exponent
    return ("-" if parts.sign else "") + _place_point(digits, point)


def _place_point(digits: str, point: int) -> str:
    """`0.digits` times ten to the power of `point`, in the notation that JavaScript would choose."""
    if len(digits) <= point <= 21:
        return digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{fraction}e{point - 1:+d}"
