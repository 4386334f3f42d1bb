"""What a bearer token is, and that no text breaks the reader."""

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.providers.koywe.sign_in import tokens
from emulator.providers.koywe.sign_in.tokens import (
    TokenAccepted,
    TokenExpired,
    TokenUnknown,
    make_token,
    read_token,
)

NOON_MS = 1_767_614_400_000  # 2026-01-05T12:00:00Z
VECTOR = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
    "eyJzdWIiOiJhcGktZGVmYXVsdCIsIm9yZyI6Im9yZ19kZWZhdWx0IiwiaWF0IjoxNzY3NjE0NDAwLCJleHAiOjE3Njc2MTgwMDB9."
    "D7lcLGG9KpQm1SV1FcH3ADnRapdNGJp8R0QDFIckO1k"
)


def encode(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def forge(header: bytes, payload: bytes) -> str:
    signing_input = encode(header) + b"." + encode(payload)
    signature = hmac.new(tokens.SIGNING_KEY, signing_input, hashlib.sha256).digest()
    return (signing_input + b"." + encode(signature)).decode()


def test_the_token_of_the_default_sandbox_at_noon_is_the_known_vector() -> None:
    assert make_token("api-default", "org_default", NOON_MS) == VECTOR


def test_milliseconds_do_not_change_the_token() -> None:
    assert make_token("api-default", "org_default", NOON_MS + 999) == VECTOR


def test_our_own_token_can_be_read() -> None:
    reading = read_token(VECTOR, NOON_MS)
    assert isinstance(reading, TokenAccepted)
    assert (reading.claims.sub, reading.claims.org) == ("api-default", "org_default")
    assert (reading.claims.iat, reading.claims.exp) == (1_767_614_400, 1_767_618_000)


def test_a_token_expires_exactly_at_its_end() -> None:
    assert isinstance(read_token(VECTOR, NOON_MS + 3_599_999), TokenAccepted)
    assert isinstance(read_token(VECTOR, NOON_MS + 3_600_000), TokenExpired)


def test_the_lifetime_of_a_token_can_be_given() -> None:
    token = make_token("api-default", "org_default", NOON_MS, ttl_s=5)
    assert isinstance(read_token(token, NOON_MS + 4_999), TokenAccepted)
    assert isinstance(read_token(token, NOON_MS + 5_000), TokenExpired)


HEADER = b'{"alg":"HS256","typ":"JWT"}'


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a.b.c",
        "a.b.c.d",
        VECTOR + "A",
        VECTOR + "=",
        VECTOR[:-1],
        VECTOR[:-1] + "l",  # the same bytes in another, sloppy spelling
        VECTOR.replace("eyJzdWIi", "eyJzdWIj"),
        " " + VECTOR,
        VECTOR + "\n",
        "é" + VECTOR,
        "\ud800",
        forge(b'{"alg":"none"}', b'{"sub":"api-default","org":"org_default","iat":1767614400,"exp":1767618000}'),
        forge(HEADER, b"not json"),
        forge(HEADER, b"[" * 100_000),
        forge(HEADER, b"\xff\xfe"),
        forge(HEADER, b'{"sub":"api-default","org":"org_default","iat":1767614400}'),
        forge(HEADER, b'{"sub":"api-default","org":"org_default","iat":"1","exp":2}'),
        forge(HEADER, b'{"sub":"api-default","org":"org_default","iat":1.5,"exp":1767618000}'),
        forge(HEADER, b'{"org":"org_default","sub":"api-default","iat":1767614400,"exp":1767618000}'),
        forge(HEADER, b'{"sub":"api-default", "org":"org_default","iat":1767614400,"exp":1767618000}'),
        forge(HEADER, b'{"sub":"api-default","org":"org_default","iat":1767614400,"exp":1767618000,"more":1}'),
    ],
)
def test_a_token_that_is_not_ours_is_unknown(token: str) -> None:
    assert isinstance(read_token(token, NOON_MS), TokenUnknown)


def test_an_infinite_expiry_is_handled() -> None:
    payload = b'{"sub":"a","org":"b","iat":1,"exp":' + b"9" * 30 + b"}"
    assert isinstance(read_token(forge(HEADER, payload), NOON_MS), TokenAccepted)


@given(st.text())
def test_any_text_is_read_without_an_exception(text: str) -> None:
    assert isinstance(read_token(text, NOON_MS), TokenUnknown)


@given(st.binary(max_size=200))
def test_any_signed_content_is_read_without_an_exception(payload: bytes) -> None:
    assert isinstance(read_token(forge(HEADER, payload), NOON_MS), TokenUnknown)


@given(st.text(), st.text(), st.integers(0, 4_000_000_000_000), st.integers(1, 100_000))
def test_every_token_that_is_issued_is_read_back(api_key: str, organization: str, now_ms: int, ttl_s: int) -> None:
    reading = read_token(make_token(api_key, organization, now_ms, ttl_s), now_ms)
    assert isinstance(reading, TokenAccepted)
    assert (reading.claims.sub, reading.claims.org) == (api_key, organization)


@given(st.integers(0, len(VECTOR) - 1), st.characters(codec="ascii"))
def test_one_changed_character_makes_a_token_unknown(position: int, character: str) -> None:
    changed = VECTOR[:position] + character + VECTOR[position + 1 :]
    assert isinstance(read_token(changed, NOON_MS), TokenAccepted if changed == VECTOR else TokenUnknown)
