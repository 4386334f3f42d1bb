"""Whether a text is an address: the form of each chain, with its checksum.

Source: the page address-legal of the Chinese documentation, revision of 2024, seen 2026-11, for the call. Assumed: the
forms, which are the chains' usual ones (EVM without the checksum in mixed case).
"""

import re
from collections.abc import Callable, Mapping

from emulator.providers.basswallet.chain.addresses import ADDRESS_BYTES, VERSIONS, AddressForm, read_base58check

_EVM = re.compile(r"0x[0-9a-fA-F]{40}")

_BECH32_DIGITS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BECH32_LENGTH_LIMIT = 90
_BECH32_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_BECH32_SUM = 1
_BECH32M_SUM = 0x2BC830A3
_CHECKSUM_DIGITS = 6


def is_address(form: AddressForm, text: str) -> bool:
    """Whether a text is an address of this form."""
    return _CHECKS[form](text)


def _is_evm(text: str) -> bool:
    return _EVM.fullmatch(text) is not None


def _is_tron(text: str) -> bool:
    return _is_base58("tron", text)


def _is_bitcoin(text: str) -> bool:
    return _is_base58("bitcoin", text) or _is_segwit(text)


def _is_base58(form: AddressForm, text: str) -> bool:
    payload = read_base58check(text)
    return payload is not None and len(payload) == 1 + ADDRESS_BYTES and payload[:1] in VERSIONS[form]


def _is_segwit(text: str) -> bool:
    """Whether it is bech32 (version 0) or bech32m (1 to 16) of the main network (BIP 173, BIP 350)."""
    lower = text.lower()
    if text not in (lower, text.upper()) or len(text) > _BECH32_LENGTH_LIMIT or not lower.startswith("bc1"):
        return False
    digits = [_BECH32_DIGITS.find(character) for character in lower[3:]]
    if -1 in digits or len(digits) <= _CHECKSUM_DIGITS:
        return False
    version, program = digits[0], _read_program(digits[1:-_CHECKSUM_DIGITS])
    if program is None or version > 16:
        return False
    expanded = [*(ord(character) >> 5 for character in "bc"), 0, *(ord(character) & 31 for character in "bc")]
    wanted = _BECH32_SUM if version == 0 else _BECH32M_SUM
    lengths = (20, 32) if version == 0 else range(2, 41)
    return len(program) in lengths and _bech32_sum([*expanded, *digits]) == wanted


def _read_program(digits: list[int]) -> bytes | None:
    """The bytes that digits of five bits make; None if the remainder is too long or not zero."""
    number = 0
    for digit in digits:
        number = number << 5 | digit
    spare = len(digits) * 5 % 8
    if spare > 4 or number & ((1 << spare) - 1):
        return None
    return (number >> spare).to_bytes(len(digits) * 5 // 8)


def _bech32_sum(values: list[int]) -> int:
    total = 1
    for value in values:
        top = total >> 25
        total = (total & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate(_BECH32_GENERATOR):
            if top >> place & 1:
                total ^= generator
    return total


_CHECKS: Mapping[AddressForm, Callable[[str], bool]] = {"evm": _is_evm, "tron": _is_tron, "bitcoin": _is_bitcoin}
