"""Identifiers of Baanx: their forms, for whatever bytes come in."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from emulator.contract.chance import write_uuid
from emulator.providers.baanx import wire
from emulator.providers.baanx.accounts import tokens

SAMPLE_UUID = "3d0f6c1e-9b7a-4f12-8c55-b7a1e2d94c01"
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def decode_base58(text: str) -> bytes:
    number = 0
    for character in text:
        number = number * 58 + ALPHABET.index(character)
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


@given(st.binary(min_size=43, max_size=43))
@example(bytes(43))
@example(b"\xff" * 43)
def test_a_request_id_is_the_base58_form_of_32_bytes(raw: bytes) -> None:
    text = wire.write_request_id(raw)
    assert re.fullmatch(f"[{ALPHABET}]{{43}}", text)
    assert len(decode_base58(text)) == 32
    assert decode_base58(text)[0] != 0


def test_the_sample_request_id_also_has_32_bytes() -> None:
    assert len(decode_base58("8RBsoeyoRwajj86MZfZE6gMDJQVYGYcdSfx1zxqxNHbr")) == 32


@pytest.mark.parametrize(
    ("make", "size", "text"),
    [
        (wire.write_order_id, 12, "ord_000102030405060708090a0b"),
        (wire.write_address, 20, "0x000102030405060708090a0b0c0d0e0f10111213"),
        (
            wire.write_transaction_hash,
            32,
            "0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        ),
        (write_uuid, 16, "00010203-0405-4607-8809-0a0b0c0d0e0f"),
        (
            lambda octets: tokens.write_access_token(write_uuid(octets)),
            16,
            "access_token_00010203-0405-4607-8809-0a0b0c0d0e0f",
        ),
        (
            lambda octets: tokens.write_refresh_token(write_uuid(octets)),
            16,
            "refresh_token_00010203-0405-4607-8809-0a0b0c0d0e0f",
        ),
    ],
)
def test_an_identifier_is_written_from_its_bytes(make: Callable[[bytes], str], size: int, text: str) -> None:
    assert make(bytes(range(size))) == text


@pytest.mark.parametrize(
    ("make", "size"),
    [
        (wire.write_request_id, wire.REQUEST_ID_BYTES),
        (wire.write_order_id, wire.ORDER_ID_BYTES),
        (wire.write_address, wire.ADDRESS_BYTES),
        (wire.write_transaction_hash, wire.TRANSACTION_HASH_BYTES),
    ],
)
def test_a_wrong_number_of_bytes_is_refused(make: Callable[[bytes], str], size: int) -> None:
    make(bytes(size))
    for wrong in (0, size - 1, size + 1):
        with pytest.raises(ValueError, match=f"{size} random bytes"):
            make(bytes(wrong))


@given(st.binary(min_size=16, max_size=16))
def test_a_uuid_is_of_version_four(raw: bytes) -> None:
    text = write_uuid(raw)
    assert UUID(text).version == 4
    assert text == text.lower()


def test_bytes_that_are_already_a_uuid_are_kept() -> None:
    assert write_uuid(UUID(SAMPLE_UUID).bytes) == SAMPLE_UUID


def test_only_tokens_of_the_us_region_have_the_prefix() -> None:
    assert tokens.write_login_token(SAMPLE_UUID, "us") == f"US_{SAMPLE_UUID}"
    assert tokens.write_login_token(SAMPLE_UUID, "international") == SAMPLE_UUID


def test_the_prefix_of_an_oauth_token_says_what_it_is() -> None:
    assert tokens.write_access_token(SAMPLE_UUID) == f"access_token_{SAMPLE_UUID}"
    assert tokens.write_refresh_token(SAMPLE_UUID) == f"refresh_token_{SAMPLE_UUID}"
