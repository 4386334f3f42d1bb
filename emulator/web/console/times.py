"""Instants and spans of time as the console writes them."""

from emulator.core.durations import format_duration, format_instant


def write_clock(moment_ms: int) -> str:
    """The time of day in UTC, to the second."""
    return format_instant(moment_ms)[11:19]


def write_moment(moment_ms: int) -> str:
    """The time of day in UTC, to the millisecond."""
    return format_instant(moment_ms)[11:23]


def write_span(span_ms: int) -> str:
    """A span of time in its two largest units, as `34.5s` or `2h5m`."""
    return format_duration(span_ms, 2)
