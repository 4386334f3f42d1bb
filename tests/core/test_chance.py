"""Everything random is a function of the seed and a counter."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.contract.chance import Chance, is_uuid

KNOWN_UUID = "0f4c2a7e-5d0b-4b1e-9a55-3c1f9f2d8e11"


def chance(seed: str = "seed", taken: int = 0) -> Chance:
    return Chance(seed, taken)


@given(st.text(), st.integers(0, 10**9), st.integers(0, 200))
def test_the_same_seed_and_number_give_the_same_values(seed: str, first: int, length: int) -> None:
    one, other = chance(seed, first), chance(seed, first)
    assert one.octets(length) == other.octets(length)
    assert [one.uuid(), one.hexadecimal(9), one.below(1000)] == [other.uuid(), other.hexadecimal(9), other.below(1000)]


@given(st.text(), st.text(), st.integers(0, 10**9))
def test_another_seed_or_number_gives_other_values(seed: str, other: str, first: int) -> None:
    assert chance(seed, first).octets(16) != chance(seed, first + 1).octets(16)
    if seed != other:
        assert chance(seed, first).octets(16) != chance(other, first).octets(16)


@given(st.integers(0, 300))
def test_as_many_bytes_and_digits_are_drawn_as_asked_for(number: int) -> None:
    assert len(chance().octets(number)) == number
    digits = chance().hexadecimal(number)
    assert len(digits) == number
    assert set(digits) <= set("0123456789abcdef")


@given(st.text())
def test_a_uuid_is_of_version_4(seed: str) -> None:
    written = chance(seed).uuid()
    parsed = uuid.UUID(written)
    assert str(parsed) == written
    assert parsed.version == 4
    assert parsed.variant == uuid.RFC_4122


def test_ten_thousand_uuids_are_distinct() -> None:
    drawn = chance()
    assert len({drawn.uuid() for _ in range(10_000)}) == 10_000


@given(st.text(), st.integers(1, 10**12))
def test_a_number_below_a_bound_is_below_it(seed: str, bound: int) -> None:
    assert 0 <= chance(seed).below(bound) < bound


@pytest.mark.parametrize("weights", [(1, 1), (9, 1), (1, 0, 3), (5,)])
def test_options_are_drawn_as_often_as_their_weights_say(weights: tuple[int, ...]) -> None:
    drawn, rounds = chance(), 4_000
    found = [drawn.choose(range(len(weights)), weights) for _ in range(rounds)]
    for option, weight in enumerate(weights):
        assert abs(found.count(option) / rounds - weight / sum(weights)) < 0.03


def test_each_draw_uses_one_number() -> None:
    drawn = Chance("seed", 7)
    drawn.uuid(), drawn.octets(100), drawn.hexadecimal(3), drawn.below(5), drawn.choose("ab", (1, 1))
    assert drawn.count == 12
    assert drawn.number() == drawn.count == 13


def test_values_are_frozen() -> None:
    drawn = chance("frozen")
    assert [drawn.uuid(), drawn.hexadecimal(8), drawn.below(1_000_000), drawn.choose("abc", (1, 1, 1))] == [
        "5c68c4c1-8606-42e8-bc99-ebbc58fa440e", "5ba64a5d", 935609, "b",
    ]  # fmt: skip


def test_a_separate_chance_uses_no_number_and_depends_on_its_name() -> None:
    drawn, alone = chance(), chance()
    aside = [drawn.apart("a").below(10**9), drawn.apart("a").below(10**9), drawn.apart("b").below(10**9)]
    assert aside[0] == aside[1] != aside[2]
    assert drawn.uuid() == alone.uuid()
    assert aside[0] != chance("other").apart("a").below(10**9)


@given(st.uuids(allow_nil=True))
def test_a_uuid_is_accepted_in_upper_and_lower_case(value: uuid.UUID) -> None:
    assert is_uuid(str(value))
    assert is_uuid(str(value).upper())


@pytest.mark.parametrize(
    "text", ["", "abc", "5154302e-3stl-75p4", KNOWN_UUID.replace("-", ""), KNOWN_UUID + "0", KNOWN_UUID + "\n"]
)
def test_anything_but_a_uuid_is_refused(text: str) -> None:
    assert not is_uuid(text)
