"""How Baanx writes instants and amounts. Pure text from numbers; it must never read a clock or use a float.

Sources: https://docs.baanx.com/api-reference/order/status, https://docs.baanx.com/api-reference/order/create and
https://docs.baanx.com/api-reference/user/get-user, seen 2026-11.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def iso_instant(epoch_ms: int) -> str:
    """Gives an instant as ISO 8601 in UTC with milliseconds, such as `2026-02-03T10:22:41.118Z`.

    The form of `createdAt` and `orderedAt`. Raises OverflowError beyond the year 9999.
    """
    instant = _instant(epoch_ms)
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{epoch_ms % 1000:03d}Z"


def postgres_instant(epoch_ms: int) -> str:
    """Gives an instant as PostgreSQL prints it, in UTC, such as `2026-02-03 10:22:41.118+00`.

    The provider's example of `paidAt` has this form with another offset. Assumed: UTC, and always three decimals.
    Raises OverflowError beyond the year 9999.
    """
    instant = _instant(epoch_ms)
    return f"{instant:%Y-%m-%d %H:%M:%S}.{epoch_ms % 1000:03d}+00"


PAID_AT_FORMATS: Mapping[str, Callable[[int], str]] = MappingProxyType(
    {"postgres": postgres_instant, "iso": iso_instant}
)
"""The writer of `paidAt` for each value of the setting `paid_at_format`."""


@lru_cache(maxsize=1000)
def write_amount(amount: Decimal) -> str:
    """Gives the JSON number literal of an amount in major units: `199`, `9.99`; never `199.0`, never an exponent.

    Raises ValueError when the amount is not finite.
    """
    if not amount.is_finite():
        raise ValueError(f"an amount must be finite, not {amount}")
    literal = f"{amount:f}"
    if "." not in literal:
        return literal
    return literal.rstrip("0").rstrip(".")


def _instant(epoch_ms: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=epoch_ms)
