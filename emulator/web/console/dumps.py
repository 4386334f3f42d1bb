"""Bytes for people."""

_MOST_DUMPED = 16_384


def write_dump(raw: bytes) -> str:
    """The beginning of some bytes, by sixteen: where they begin, in hexadecimal, as letters."""
    lines = []
    for place in range(0, min(len(raw), _MOST_DUMPED), 16):
        part = raw[place : place + 16]
        letters = "".join(chr(octet) if 32 <= octet < 127 else "." for octet in part)
        lines.append(f"{place:04x}  {part.hex(' '):<47}  {letters}")
    return "\n".join(lines)
