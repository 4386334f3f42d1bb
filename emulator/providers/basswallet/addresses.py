"""Receiving addresses and transaction hashes, made from bytes that the caller draws.

Must never draw chance itself: the same bytes give the same text.

Source: address fields of https://docs-en.basswallet.com/api-reference/endpoint/receive/create_payment (seen 2026-11).
Assumed: the forms; addresses are in the usual form of each chain, EVM addresses in lower case without checksum case.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import Literal

AddressForm = Literal["evm", "tron", "bitcoin"]

ADDRESS_BYTES = 20
TRANSACTION_HASH_BYTES = 32

_BASE58_DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BASE58_PAIRS = [first + second for first in _BASE58_DIGITS for second in _BASE58_DIGITS]
_BASE58_CHUNK = 58**10
_TRON_VERSION = b"\x41"
_BITCOIN_VERSION = b"\x00"


def write_evm_address(account: bytes) -> str:
    """Gives `0x` and 40 lower-case hexadecimal digits from 20 bytes."""
    return "0x" + _sized(account, ADDRESS_BYTES).hex()


def write_tron_address(account: bytes) -> str:
    """Gives the base58check form of `41` and 20 bytes. Example: `TBXSw8fM4jpQkGc6zZjsVABFpVN7UvXPdV`."""
    return write_base58check(_TRON_VERSION + _sized(account, ADDRESS_BYTES))


def write_bitcoin_address(account: bytes) -> str:
    """Gives the base58check form of `00` and 20 bytes. Example: `12ZEw5Hcv1hTb6YUQJ69y1V7uhcoDz92PH`."""
    return write_base58check(_BITCOIN_VERSION + _sized(account, ADDRESS_BYTES))


def write_address(form: AddressForm, account: bytes) -> str:
    """Gives an address in the form that a chain of the catalogue names."""
    return _WRITERS[form](account)


def write_transaction_hash(chance: bytes, prefix: str = "") -> str:
    """Gives a chain's prefix (`0x` or nothing) and 64 lower-case hexadecimal digits from 32 bytes."""
    return prefix + _sized(chance, TRANSACTION_HASH_BYTES).hex()


def write_base58check(payload: bytes) -> str:
    """Gives payload and four bytes of its double SHA-256 in base 58; each leading zero byte is a `1`."""
    whole = payload + sha256(sha256(payload).digest()).digest()[:4]
    number = int.from_bytes(whole, "big")
    pairs: list[str] = []
    while number:
        # Ten digits at a time, so that most divisions are of numbers that fit into a machine word.
        number, ten_digits = divmod(number, _BASE58_CHUNK)
        for _ in range(5):
            ten_digits, pair = divmod(ten_digits, len(_BASE58_PAIRS))
            pairs.append(_BASE58_PAIRS[pair])
    leading_zeros = len(whole) - len(whole.lstrip(b"\0"))
    return "1" * leading_zeros + "".join(reversed(pairs)).lstrip("1")


def _sized(chance: bytes, size: int) -> bytes:
    if len(chance) != size:
        raise ValueError(f"give {size} bytes, not {len(chance)}")
    return chance


_WRITERS: dict[AddressForm, Callable[[bytes], str]] = {
    "evm": write_evm_address,
    "tron": write_tron_address,
    "bitcoin": write_bitcoin_address,
}
