"""Pictures of QR codes: valid PNGs in which a reader finds a code."""

import base64
import struct
import zlib

import pytest

from emulator.providers.koywe.ordering.actions import PLACEHOLDER, write_qr_code

LINK = "http://127.0.0.1:8904/pay/ord_00000000-0000-4000-8000-000000000801"
FINDER = ["1111111", "1000001", "1011101", "1011101", "1011101", "1000001", "1111111"]


def chunks(picture: bytes) -> dict[bytes, bytes]:
    """The parts of a PNG by name; each must have its checksum."""
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    position, found = 8, dict[bytes, bytes]()
    while position < len(picture):
        (length,) = struct.unpack_from(">I", picture, position)
        chunk = picture[position + 4 : position + 8 + length]
        assert struct.unpack_from(">I", picture, position + 8 + length) == (zlib.crc32(chunk),)
        found[chunk[:4]] = chunk[4:]
        position += 12 + length
    return found


def modules(text: str) -> list[str]:
    """The code's modules without the quiet zone, rows of 1 (dark) and 0."""
    parts = chunks(base64.b64decode(write_qr_code(text), validate=True))
    width, height, depth, colour = struct.unpack_from(">IIBB", parts[b"IHDR"])
    assert (width, depth, colour) == (height, 1, 0)
    stride = 1 + -(-width // 8)
    raw = zlib.decompress(parts[b"IDAT"])
    above, pixels = bytes(stride - 1), list[str]()
    for place in range(0, len(raw), stride):
        # Rows are as they are (0), or what is to be added to the row above (2).
        how, row = raw[place], raw[place + 1 : place + stride]
        above = {0: row, 2: bytes((left + right) % 256 for left, right in zip(row, above, strict=True))}[how]
        pixels.append("".join(f"{octet:08b}" for octet in above)[:width])
    dark = ["".join("01"[pixel == "0"] for pixel in row) for row in pixels]
    size, border = 4, 16
    return [row[border : width - border : size] for row in dark[border : height - border : size]]


@pytest.mark.parametrize("text", [LINK, "http://localhost:8900/koywe" + LINK[21:], "x"])
def test_the_code_has_its_three_corner_patterns(text: str) -> None:
    code = modules(text)
    assert len(code) == len(code[0])
    assert [row[:7] for row in code[:7]] == FINDER
    assert [row[-7:] for row in code[:7]] == FINDER
    assert [row[:7] for row in code[-7:]] == FINDER
    timing = code[6][8:-8]
    assert timing == ("10" * len(timing))[: len(timing)]


def test_the_same_text_gives_the_same_bytes_and_another_text_others() -> None:
    assert write_qr_code(LINK) == write_qr_code(LINK)
    assert write_qr_code(LINK) != write_qr_code(LINK + "1")


def test_the_placeholder_is_a_whole_picture_of_one_pixel() -> None:
    parts = chunks(base64.b64decode(PLACEHOLDER, validate=True))
    assert struct.unpack_from(">II", parts[b"IHDR"]) == (1, 1)
    assert len(zlib.decompress(parts[b"IDAT"])) == 2
