"""Durations and instants as people write them. Never reads a clock."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

_UNITS_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_WHOLE = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+")
_SECONDS = re.compile(r"\d+(?:\.\d+)?")
_LONGEST_MS = 100 * 366 * 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse_duration_ms(text: object) -> int:
    """Milliseconds of `250ms`, `30s`, `5m`, `1h30m`, `2d`, or of a number of seconds.

    Raises ValueError with the accepted forms for anything else, a negative number or more than a hundred years.
    """
    if isinstance(text, (int, Decimal)) and not isinstance(text, bool):
        text = str(text)
    if isinstance(text, float):
        text = repr(text)
    if isinstance(text, str):
        parts: list[tuple[str, str]] = []
        if _SECONDS.fullmatch(text):
            parts = [(text, "s")]
        elif _WHOLE.fullmatch(text):
            parts = _PART.findall(text)
        if parts:
            total = int(sum(Decimal(number) * _UNITS_MS[unit] for number, unit in parts))
            if total <= _LONGEST_MS:
                return total
    raise ValueError(f"{text!r} is not a duration: write 250ms, 30s, 5m, 1h30m, 2d or a number of seconds")


def parse_instant_ms(text: object) -> int:
    """Milliseconds since 1970 of an ISO 8601 instant (no zone means UTC) or of a whole number of milliseconds.

    Raises ValueError that says what to write.
    """
    if isinstance(text, int) and not isinstance(text, bool) and 0 <= text < 253_402_300_800_000:
        return text
    if isinstance(text, str):
        try:
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=UTC)
            moment_ms = (moment - _EPOCH) // timedelta(milliseconds=1)
        except (ValueError, OverflowError):
            moment_ms = -1
        if moment_ms >= 0:
            return moment_ms
    raise ValueError(f"{text!r} is not an instant: write 2026-01-05T12:00:00Z or milliseconds since 1970")


def format_instant(moment_ms: int) -> str:
    """`2026-01-05T12:00:00.000Z` of milliseconds since 1970."""
    seconds, ms = divmod(moment_ms, 1000)
    moment = _EPOCH + timedelta(seconds=seconds)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{ms:03d}Z"
