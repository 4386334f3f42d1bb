"""Addresses, transaction hashes and page ids from given bytes."""

from hashlib import sha256
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.providers.basswallet.chain.addresses import (
    AddressForm,
    write_address,
    write_transaction_hash,
)

ACCOUNT = b"\x11" * 20
DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


@pytest.mark.parametrize(
    ("form", "account", "address"),
    [
        ("evm", ACCOUNT, "0x1111111111111111111111111111111111111111"),
        ("evm", b"\xab" * 20, "0xabababababababababababababababababababab"),
        ("tron", ACCOUNT, "TBXSw8fM4jpQkGc6zZjsVABFpVN7UvXPdV"),
        ("bitcoin", ACCOUNT, "12ZEw5Hcv1hTb6YUQJ69y1V7uhcoDz92PH"),
        ("bitcoin", b"\x00" * 20, "1111111111111111111114oLvT2"),
    ],
)
def test_an_address_has_the_form_of_its_chain(form: AddressForm, account: bytes, address: str) -> None:
    assert write_address(form, account) == address


def decode_base58check(address: str) -> bytes:
    number = 0
    for digit in address:
        number = number * 58 + DIGITS.index(digit)
    whole = number.to_bytes(25, "big")
    assert sha256(sha256(whole[:-4]).digest()).digest()[:4] == whole[-4:]
    return whole[:-4]


@given(st.binary(min_size=20, max_size=20))
def test_every_base58_address_consists_of_version_bytes_and_checksum(account: bytes) -> None:
    tron, bitcoin = write_address("tron", account), write_address("bitcoin", account)
    assert decode_base58check(tron) == b"\x41" + account
    assert decode_base58check(bitcoin) == b"\x00" + account
    assert len(tron) == 34
    assert tron.startswith("T")
    assert bitcoin.startswith("1")


def test_a_transaction_hash_has_the_prefix_of_its_chain() -> None:
    assert write_transaction_hash(b"\xab" * 32) == "ab" * 32
    assert write_transaction_hash(b"\xab" * 32, "0x") == "0x" + "ab" * 32


@pytest.mark.parametrize("form", get_args(AddressForm))
def test_an_address_with_the_wrong_number_of_bytes_is_refused(form: AddressForm) -> None:
    with pytest.raises(ValueError, match="is made of 20 bytes, not 19"):
        write_address(form, b"\x11" * 19)


def test_a_transaction_hash_with_the_wrong_number_of_bytes_is_refused() -> None:
    with pytest.raises(ValueError, match="is made of 32 bytes, not 20"):
        write_transaction_hash(ACCOUNT)
