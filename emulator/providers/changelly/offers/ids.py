"""Ids of offers. An id holds, sealed, when the offer was made, so that its age is known without keeping anything.

Sixteen bytes in the form of a UUID of version 4: the time under a mask, six random bytes, and a check value that tells
an id made here from any other. Not a secret: the key is the sandbox's name. Assumed: that offers expire
(https://fiat-api.changelly.com/docs/endpoints/create-order-on-ramp lists 410, seen 2026-11).
"""

from hashlib import sha256
from uuid import UUID

ALWAYS_EXPIRED = "00000000-0000-0000-0000-000000000410"
"""An id that has expired whatever the time is."""

RANDOM_BYTES = 6
_TIME_BYTES = 6
_CHECK_BYTES = 4


def make_id(made_ms: int, key: str, random_bytes: bytes) -> str:
    """The id of an offer made at that time: a lower-case UUID of version 4. `random_bytes`: `RANDOM_BYTES` of them."""
    middle = bytearray(random_bytes)
    middle[0] = middle[0] & 0x0F | 0x40
    middle[2] = middle[2] & 0x3F | 0x80
    time = made_ms.to_bytes(_TIME_BYTES)
    return str(UUID(bytes=_masked(time, key, bytes(middle)) + middle + _check(time, key, bytes(middle))))


def read_time(offer_id: str, key: str) -> int | None:
    """When the offer was made, in ms since 1970; None if the id was not made here."""
    try:
        octets = UUID(offer_id).bytes
    except ValueError:
        return None
    middle = octets[_TIME_BYTES:-_CHECK_BYTES]
    time = _masked(octets[:_TIME_BYTES], key, middle)
    return int.from_bytes(time) if octets[-_CHECK_BYTES:] == _check(time, key, middle) else None


def has_expired(offer_id: str, key: str, now_ms: int, ttl_ms: int) -> bool:
    """Whether the offer with this id is too old now. An unknown one never is."""
    if offer_id == ALWAYS_EXPIRED:
        return True
    made_ms = read_time(offer_id, key)
    return made_ms is not None and now_ms - made_ms > ttl_ms


def _masked(time: bytes, key: str, middle: bytes) -> bytes:
    mask = sha256(b"mask|" + key.encode() + b"|" + middle).digest()
    return bytes(left ^ right for left, right in zip(time, mask, strict=False))


def _check(time: bytes, key: str, middle: bytes) -> bytes:
    return sha256(b"check|" + key.encode() + b"|" + time + middle).digest()[:_CHECK_BYTES]
