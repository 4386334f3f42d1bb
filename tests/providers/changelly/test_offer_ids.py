"""Ids of offers: they keep their time, only for their own sandbox."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from emulator.providers.changelly.offers import ids as offer_ids

MOMENTS = st.integers(0, 2**48 - 1)
KEYS = st.text(max_size=40)
RANDOM = st.binary(min_size=offer_ids.RANDOM_BYTES, max_size=offer_ids.RANDOM_BYTES)


@given(MOMENTS, KEYS, RANDOM)
def test_an_id_keeps_its_time_in_a_uuid_of_version_4(made_ms: int, key: str, random_bytes: bytes) -> None:
    offer_id = offer_ids.make_id(made_ms, key, random_bytes)
    assert UUID(offer_id).version == 4
    assert str(UUID(offer_id)) == offer_id
    assert offer_ids.read_time(offer_id, key) == made_ms
    assert offer_ids.read_time(offer_id.upper(), key) == made_ms


@given(MOMENTS, RANDOM)
def test_an_offer_id_is_unknown_in_another_sandbox(made_ms: int, random_bytes: bytes) -> None:
    assert offer_ids.read_time(offer_ids.make_id(made_ms, "one", random_bytes), "two") is None


@given(st.uuids().map(str) | st.text())
def test_any_other_text_is_not_an_offer_id(text: str) -> None:
    assert offer_ids.read_time(text, "one") is None
    assert not offer_ids.has_expired(text, "one", 2**60, 1)


@given(st.integers(0, 2**47), st.integers(1, 10**9), st.integers(-(10**9), 10**9))
def test_an_offer_is_valid_until_its_time_is_over(made_ms: int, ttl_ms: int, late_ms: int) -> None:
    offer_id = offer_ids.make_id(made_ms, "one", b"123456")
    assert offer_ids.has_expired(offer_id, "one", made_ms + ttl_ms + late_ms, ttl_ms) == (late_ms > 0)


def test_the_reserved_id_has_always_expired() -> None:
    assert offer_ids.has_expired(offer_ids.ALWAYS_EXPIRED, "one", 0, 10**9)
