"""Everything random in a sandbox: a function of its seed and a counter, so the same commands give the same bytes."""

import re
from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

from msgspec import Struct

T = TypeVar("T")

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)

_VARIANT = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}
"""Maps a random digit to one that marks the variant of a UUID."""


class Chance(Struct):
    """Random values of one sandbox. Each draw takes the next number of a counter, which also serves other purposes."""

    seed: str
    count: int = 0
    """The last number that was taken."""

    def number(self) -> int:
        """Takes the next number of the counter."""
        self.count += 1
        return self.count

    def octets(self, length: int) -> bytes:
        """`length` random bytes."""
        self.count += 1
        octets = blake2b(f"{self.seed}|{self.count}".encode()).digest()
        while len(octets) < length:
            octets += blake2b(octets).digest()
        return octets[:length]

    def hexadecimal(self, digits: int) -> str:
        """`digits` lower-case hexadecimal digits."""
        return self.octets((digits + 1) // 2).hex()[:digits]

    def uuid(self) -> str:
        """A lower-case UUID, version 4."""
        return write_uuid(self.octets(16))

    def below(self, bound: int) -> int:
        """A whole number from 0 up to, not including, `bound`."""
        return int.from_bytes(self.octets(8)) % bound

    def choose(self, options: Sequence[T], weights: Sequence[int]) -> T:
        """One of `options`, chosen with these weights."""
        ticket = self.below(sum(weights))
        for option, weight in zip(options, weights, strict=True):
            ticket -= weight
            if ticket < 0:
                return option
        raise ValueError("there is nothing to choose from")

    def apart(self, name: str) -> "Chance":
        """A separate chance of the same seed, which takes no numbers from this one; it depends on `name` only."""
        return Chance(f"{self.seed}|{name}")


def is_uuid(text: str) -> bool:
    """Whether a text has the form of a UUID of any version, in either case."""
    return _UUID.fullmatch(text) is not None


def write_uuid(octets: bytes) -> str:
    """A lower-case UUID, version 4, made from 16 random bytes."""
    text = octets.hex()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{_VARIANT[text[16]]}{text[17:20]}-{text[20:]}"
