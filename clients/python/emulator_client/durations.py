# Made by scripts/generate_docs.py from emulator/core/durations.py: edit that, and run it again.
"""Durations and instants as people write them. Never reads a clock."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

UTC = timezone.utc
from decimal import Decimal
from functools import lru_cache

_UNITS_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)")
_WHOLE = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?(?:ms|s|m|h|d))+")
_SECONDS = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_LONGEST_TEXT = 60
_LONGEST_MS = 100 * 366 * 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST_INSTANT_MS = (datetime(9000, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)
"""Where every clock stops: anything planned from there can still be written with a four-digit year."""


def read_duration_ms(text: object) -> int:
    """The milliseconds in `250ms`, `30s`, `5m`, `1h30m`, `2d`, or a number of seconds.

    Raises ValueError with the accepted forms for anything else, including negative numbers and more than a hundred
    years.
    """
    if isinstance(text, float):
        text = repr(text)
    if (
        isinstance(text, (int, Decimal))
        and not isinstance(text, bool)
        and abs(Decimal(text).adjusted()) < _LONGEST_TEXT
    ):
        text = f"{Decimal(text):f}"
    if isinstance(text, str) and len(text) <= _LONGEST_TEXT:
        parts: list[tuple[str, str]] = []
        if _SECONDS.fullmatch(text):
            parts = [(text, "s")]
        elif _WHOLE.fullmatch(text):
            parts = _PART.findall(text)
        if parts:
            total = int(sum(Decimal(number) * _UNITS_MS[unit] for number, unit in parts))
            if total <= _LONGEST_MS:
                return total
    raise ValueError(f"{_shown(text)} is not a duration: write 250ms, 30s, 5m, 1h30m, 2d or a number of seconds")


def format_duration(span_ms: int, units: int | None = None) -> str:
    """A duration as `read_duration_ms` reads it: `1h`, `1h30m`, `34.5s` or `250ms`. `units`: round down to this many
    of the largest units, and seconds to one decimal."""
    if span_ms < _UNITS_MS["s"]:
        return f"{span_ms}ms"
    parts: list[str] = []
    rest_ms = span_ms
    for unit in ("d", "h", "m"):
        whole, rest_ms = divmod(rest_ms, _UNITS_MS[unit])
        if whole or parts:
            parts.append(f"{whole}{unit}" if whole else "")
    if units is not None:
        rest_ms -= rest_ms % (_UNITS_MS["s"] if parts else _UNITS_MS["s"] // 10)
    parts.append(f"{Decimal(rest_ms) / 1000:f}s" if rest_ms else "")
    return "".join(parts[:units])


def read_instant_ms(text: object) -> int:
    """The milliseconds since 1970 of an ISO 8601 instant (UTC if it has no zone), or a whole number of them as it is.

    Raises ValueError, which says what to write, for anything else and for instants before 1970 or after 8999.
    """
    if isinstance(text, int) and not isinstance(text, bool) and 0 <= text <= LAST_INSTANT_MS:
        return text
    if isinstance(text, str) and len(text) <= _LONGEST_TEXT:
        try:
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=UTC)
            moment_ms = (moment - _EPOCH) // timedelta(milliseconds=1)
        except (ValueError, OverflowError):
            moment_ms = -1
        if 0 <= moment_ms <= LAST_INSTANT_MS:
            return moment_ms
    raise ValueError(f"{_shown(text)} is not an instant: write 2026-01-05T12:00:00Z or milliseconds since 1970")


def format_instant(moment_ms: int) -> str:
    """An instant (ms since 1970) as `2026-01-05T12:00:00.000Z`."""
    seconds, ms = divmod(moment_ms, 1000)
    return f"{_format_second(seconds)}.{ms:03d}Z"


@lru_cache(maxsize=4096)
def _format_second(seconds: int) -> str:
    """The part before the point. Cached, because each poll of a list of orders writes the same seconds again."""
    return f"{_EPOCH + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S}"


def _shown(value: object) -> str:
    """A value as a message quotes it, cut if it is long."""
    if not isinstance(value, str):
        return "that"
    return repr(value) if len(value) <= _LONGEST_TEXT else f"{value[:_LONGEST_TEXT]!r}..."
