"""Receiving addresses, transaction hashes and block heights; the same bytes and instants make the same ones.

Sources: the address fields of https://docs-en.basswallet.com/api-reference/endpoint/receive/create_payment and the
block fields of https://docs-en.basswallet.com/api-reference/endpoint/receive/payment-webhook, seen 2026-11. Assumed:
the heights and the forms; addresses have the usual form of their chain, EVM addresses in lower case without checksum.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Literal

AddressForm = Literal["evm", "tron", "bitcoin"]

ADDRESS_BYTES = 20
TRANSACTION_HASH_BYTES = 32

ADDRESS_PATTERN = (
    "^(0x[0-9a-fA-F]{40}|T[1-9A-HJ-NP-Za-km-z]{33}|[13][1-9A-HJ-NP-Za-km-z]{24,33}|bc1[02-9ac-hj-np-z]{8,87})$"
)
"""What addresses of all forms look like."""

BLOCK_COUNT_START_MS = 1_735_084_800_000
"""2024-12-25T00:00Z: the instant at which each chain stands at its base height."""

_BASE58_DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BASE58_PAIRS = [first + second for first in _BASE58_DIGITS for second in _BASE58_DIGITS]
_BASE58_CHUNK = 58**10
_BASE58_LENGTH_LIMIT = 64
"""A longer text is not read, because it is not an address."""
VERSIONS: Mapping[AddressForm, bytes] = {"tron": b"\x41", "bitcoin": b"\x00\x05"}
"""Form -> the version bytes of its base58check addresses; new ones have the first."""


def write_address(form: AddressForm, account: bytes) -> str:
    """The address made of 20 bytes, in the form that a chain of the catalogue names.

    EVM: `0x` and 40 lower-case hexadecimal digits. Tron and Bitcoin: base58check of a version byte and the 20 bytes, as
    `TBXSw8fM4jpQkGc6zZjsVABFpVN7UvXPdV` and `12ZEw5Hcv1hTb6YUQJ69y1V7uhcoDz92PH`.
    """
    if len(account) != ADDRESS_BYTES:
        raise ValueError(f"an address is made of {ADDRESS_BYTES} bytes, not {len(account)}")
    if form == "evm":
        return "0x" + account.hex()
    return write_base58check(VERSIONS[form][:1] + account)


def write_transaction_hash(chance: bytes, prefix: str = "") -> str:
    """The transaction hash made of 32 bytes: a chain's prefix (`0x` or nothing) and 64 lower-case hex digits."""
    if len(chance) != TRANSACTION_HASH_BYTES:
        raise ValueError(f"a hash is made of {TRANSACTION_HASH_BYTES} bytes, not {len(chance)}")
    return prefix + chance.hex()


def write_base58check(payload: bytes) -> str:
    """The payload and four bytes of its double SHA-256 in base 58; each leading zero byte is a `1`."""
    whole = payload + sha256(sha256(payload).digest()).digest()[:4]
    number = int.from_bytes(whole, "big")
    pairs: list[str] = []
    while number:
        # Ten digits at a time, so that most divisions are of numbers that fit in a machine word.
        number, ten_digits = divmod(number, _BASE58_CHUNK)
        for _ in range(5):
            ten_digits, pair = divmod(ten_digits, len(_BASE58_PAIRS))
            pairs.append(_BASE58_PAIRS[pair])
    leading_zeros = len(whole) - len(whole.lstrip(b"\0"))
    return "1" * leading_zeros + "".join(reversed(pairs)).lstrip("1")


def read_base58check(text: str) -> bytes | None:
    """The payload of a base58check text; None if the text is malformed or its checksum is wrong."""
    number = 0
    for character in text[:_BASE58_LENGTH_LIMIT]:
        digit = _BASE58_DIGITS.find(character)
        if digit < 0:
            return None
        number = number * 58 + digit
    if not text or len(text) > _BASE58_LENGTH_LIMIT:
        return None
    leading_zeros = len(text) - len(text.lstrip("1"))
    whole = bytes(leading_zeros) + number.to_bytes((number.bit_length() + 7) // 8)
    payload, checksum = whole[:-4], whole[-4:]
    return payload if sha256(sha256(payload).digest()).digest()[:4] == checksum else None


def count_block_height(at_ms: int, base_height: int, block_interval_ms: int) -> int:
    """The height of the block at an instant (Unix ms), never below the base height."""
    return base_height + max(0, at_ms - BLOCK_COUNT_START_MS) // block_interval_ms
