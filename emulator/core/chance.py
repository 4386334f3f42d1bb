"""Everything random in a sandbox: a function of its seed and a counter, so the same commands give the same bytes."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from itertools import accumulate, count
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """Random values of one sandbox. Each draw takes the next number from `next_number`."""

    __slots__ = ("_next_number", "_seed")

    def __init__(self, seed: str, next_number: Callable[[], int]) -> None:
        self._seed = seed
        self._next_number = next_number

    def octets(self, count: int) -> bytes:
        """`count` random bytes."""
        number = self._next_number()
        octets = sha256(f"{self._seed}|{number}".encode()).digest()
        while len(octets) < count:
            octets += sha256(octets).digest()
        return octets[:count]

    def parts(self, *counts: int) -> list[bytes]:
        """Random bytes in parts of these lengths; cheaper than one draw for each."""
        octets = self.octets(sum(counts))
        ends = list(accumulate(counts))
        return [octets[end - count : end] for end, count in zip(ends, counts, strict=True)]

    def hexadecimal(self, digits: int) -> str:
        """`digits` lower-case hexadecimal digits."""
        return self.octets((digits + 1) // 2).hex()[:digits]

    def uuid(self) -> str:
        """A lower-case UUID, version 4."""
        text = self.octets(16).hex()
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{'89ab'[int(text[16], 16) % 4]}{text[17:20]}-{text[20:]}"

    def below(self, bound: int) -> int:
        """A whole number from 0 up to, not including, `bound`."""
        return int.from_bytes(self.octets(8)) % bound

    def choose(self, options: Sequence[T], weights: Sequence[int]) -> T:
        """One of `options`, each as likely as its weight says."""
        ticket = self.below(sum(weights))
        for option, weight in zip(options, weights, strict=True):
            ticket -= weight
            if ticket < 0:
                return option
        raise ValueError("there is nothing to choose from")

    def apart(self, name: str) -> "Chance":
        """Chance of the same seed that takes no numbers from this one; the same again for the same name."""
        return Chance(f"{self._seed}|{name}", count(1).__next__)
