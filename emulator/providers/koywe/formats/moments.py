"""Moments as the provider writes and reads them: ISO 8601, in UTC, with milliseconds.

Source: https://docs.koywe.com/getting-started/credentials (seen 2026-11) for the written form. Assumed: the forms that
are read, and that a time without an offset is UTC.
"""

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = _EPOCH.toordinal()
_DAY_MS = 86_400_000
_FIRST_MS = (1 - _EPOCH_DAY) * _DAY_MS
_LAST_MS = (date.max.toordinal() + 1 - _EPOCH_DAY) * _DAY_MS - 1

_MOMENT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:T([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:\.([0-9]{1,9}))?)?"
    r"(?:Z|([+-])([01][0-9]|2[0-3]):?([0-5][0-9]))?)?"
)


def write_moment(at_ms: int) -> str:
    """`2026-01-05T12:00:00.000Z`, in any year from 1 to 9999.

    `format_instant` is for clocks: its years have four digits only from 1000 on, and a due date may be earlier. Cached,
    because lists write many moments.
    """
    seconds, ms = divmod(at_ms, 1000)
    return f"{_write_second(seconds)}.{ms:03}Z"


@lru_cache(maxsize=1024)
def _write_second(seconds: int) -> str:
    moment = _EPOCH + timedelta(seconds=seconds)
    return moment.strftime("%Y").zfill(4) + moment.strftime("-%m-%dT%H:%M:%S")


def read_moment(text: str, *, end_of_day: bool = False) -> int | None:
    """An ISO 8601 date or time, in milliseconds since 1970; None for other text, for a day that the calendar does not
    have, and for a moment that in UTC is outside the years 1 to 9999.

    A bare date is the first millisecond of its UTC day; with `end_of_day` it is the last, as for `dueDate` and the ends
    of ranges. Digits after the milliseconds are dropped.
    """
    match = _MOMENT.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, sign, offset_hours, offset_minutes = match.groups()
    try:
        midnight_ms = (date(int(year), int(month), int(day)).toordinal() - _EPOCH_DAY) * _DAY_MS
    except ValueError:
        return None
    if hour is None:
        return midnight_ms + (_DAY_MS - 1 if end_of_day else 0)
    clock_ms = (
        (int(hour) * 60 + int(minute)) * 60_000 + int(second or 0) * 1000 + int((fraction or "").ljust(3, "0")[:3])
    )
    offset_ms = (int(offset_hours or 0) * 60 + int(offset_minutes or 0)) * 60_000
    at_ms = midnight_ms + clock_ms + (offset_ms if sign == "-" else -offset_ms)
    return at_ms if _FIRST_MS <= at_ms <= _LAST_MS else None


def require_moment(text: str, *, end_of_day: bool = False) -> int:
    """As `read_moment`, for a text that was checked before. Raises ValueError for one that is not a moment."""
    at_ms = read_moment(text, end_of_day=end_of_day)
    if at_ms is None:
        raise ValueError(f"{text!r} is not a moment")
    return at_ms
