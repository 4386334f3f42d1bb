"""Instants and spans of time as the console writes them."""

from emulator.core.durations import format_instant

_SECOND_MS, _MINUTE_MS, _HOUR_MS, _DAY_MS = 1000, 60_000, 3_600_000, 86_400_000


def write_clock(moment_ms: int) -> str:
    """The time of day in UTC, to the second."""
    return format_instant(moment_ms)[11:19]


def write_moment(moment_ms: int) -> str:
    """The time of day in UTC, to the millisecond."""
    return format_instant(moment_ms)[11:23]


def write_span(span_ms: int) -> str:
    """A span of time in its two largest units, as `34.5 s` or `2 h 5 min`."""
    if span_ms < _SECOND_MS:
        return f"{span_ms} ms"
    if span_ms < _MINUTE_MS:
        return f"{span_ms / _SECOND_MS:.1f} s".replace(".0 s", " s")
    for unit_ms, name, next_ms, next_name in (
        (_DAY_MS, "d", _HOUR_MS, "h"), (_HOUR_MS, "h", _MINUTE_MS, "min"), (_MINUTE_MS, "min", _SECOND_MS, "s"),
    ):  # fmt: skip
        if span_ms >= unit_ms:
            whole, rest = divmod(span_ms, unit_ms)
            more = rest // next_ms
            return f"{whole} {name} {more} {next_name}" if more else f"{whole} {name}"
    return ""
