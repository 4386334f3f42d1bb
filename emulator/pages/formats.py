"""Amounts and dates as people write them in a country."""

from datetime import UTC, datetime
from decimal import Decimal, localcontext
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel import Locale


def write_number(text: str, locale: str, decimals: int | None = None) -> str:
    """A decimal number in groups of digits; with as many decimals as it was written with, or with `decimals`."""
    from babel.numbers import format_decimal

    if decimals is None:
        decimals = len(text.partition(".")[2])
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    with localcontext(prec=len(text) + decimals + 1):
        return format_decimal(Decimal(text), pattern, _locale(locale), decimal_quantization=False)


def write_day(at_ms: int, locale: str) -> str:
    """The day of an instant in UTC, in full."""
    from babel.dates import format_date

    return format_date(_moment(at_ms), "long", _locale(locale))


def write_minute(at_ms: int, locale: str) -> str:
    """An instant in UTC, to the minute; it says that it is UTC."""
    from babel.dates import format_date, format_time

    moment, place = _moment(at_ms), _locale(locale)
    return f"{format_date(moment, 'medium', place)} {format_time(moment, 'HH:mm', locale=place)} UTC"


def write_duration(left_ms: int) -> str:
    """Minutes and seconds, such as `4:59`, with hours if there are any; `0:00` once it is over."""
    minutes, seconds = divmod(max(0, left_ms) // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _moment(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)


@lru_cache(maxsize=64)
def _locale(tag: str) -> "Locale":
    """The locale of a tag such as `es_CL`, or `und_CL` for whatever most people there speak; English if it is
    unknown."""
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(tag.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")
