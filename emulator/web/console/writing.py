"""Instants, spans of time, ids, JSON and bytes, as the console writes them."""

from emulator.core.durations import format_duration, format_instant

_LONGEST_ID = 22
_MOST_DUMPED = 16_384


def write_clock(moment_ms: int) -> str:
    """The time of day in UTC, to the second."""
    return format_instant(moment_ms)[11:19]


def write_moment(moment_ms: int) -> str:
    """The time of day in UTC, to the millisecond."""
    return format_instant(moment_ms)[11:23]


def write_span(span_ms: int) -> str:
    """A span of time in its two largest units, such as `34.5s` or `2h5m`."""
    return format_duration(span_ms, 2)


def write_id(key: str) -> str:
    """An id that fits on a line: its beginning and its end."""
    return key if len(key) <= _LONGEST_ID else f"{key[:12]}\N{HORIZONTAL ELLIPSIS}{key[-6:]}"


def write_sentence(text: str) -> str:
    """A text that begins with a capital and ends with a full stop; all else as it is."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""


def write_dump(raw: bytes) -> str:
    """The beginning of some bytes, 16 a line: their position, in hexadecimal, and as letters."""
    lines = []
    for place in range(0, min(len(raw), _MOST_DUMPED), 16):
        part = raw[place : place + 16]
        letters = "".join(chr(octet) if 32 <= octet < 127 else "." for octet in part)
        lines.append(f"{place:04x}  {part.hex(' '):<47}  {letters}")
    return "\n".join(lines)
