"""Points in time as the provider writes and reads them: ISO 8601, UTC, milliseconds.

Pure. It never asks what time it is. Everything inside is milliseconds since the epoch.

Source: https://docs.koywe.com/getting-started/credentials (seen 2026-11) for the printed form.
Assumed: the forms that are read; without an offset a time is UTC.
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

    The general `format_instant` is for clocks: its years have four digits only from 1000 on, and a due date may be
    earlier. Lists write many moments, hence the cache.
    """
    seconds, ms = divmod(at_ms, 1000)
    return f"{_write_second(seconds)}.{ms:03}Z"


@lru_cache(maxsize=1024)
def _write_second(seconds: int) -> str:
    moment = _EPOCH + timedelta(seconds=seconds)
    return moment.strftime("%Y").zfill(4) + moment.strftime("-%m-%dT%H:%M:%S")


def read_moment(text: str, *, end_of_day: bool = False) -> int | None:
    """The milliseconds of an ISO 8601 date or time.

    None when it is none, no day of the calendar, or in UTC not within the years 1 to 9999, which are all that four
    digits can print.

    A bare date is the first millisecond of its UTC day, with `end_of_day` the last one: `dueDate` and the ends of
    ranges are read so. Digits after the milliseconds are dropped.
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


def moment_ms(text: str, *, end_of_day: bool = False) -> int:
    """What `read_moment` gives, of a text that was found to be a moment. Raises ValueError for any other."""
    at_ms = read_moment(text, end_of_day=end_of_day)
    if at_ms is None:
        raise ValueError(f"{text!r} is no moment")
    return at_ms
