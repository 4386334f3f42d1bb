"""The formula of order ids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.providers.basswallet.ordering.ids import SEQUENCE_LIMIT, make_order_id

instants = st.integers(min_value=0, max_value=2_500_000_000_000)
sequences = st.integers(min_value=0, max_value=SEQUENCE_LIMIT - 1)


@pytest.mark.parametrize(
    ("created_ms", "sequence", "order_id"),
    [
        (1735119737043, 0, "626945553984524288"),
        (1735119737043, 1, "626945553984524289"),
        (1735200000043, 0, "627282201406476288"),
    ],
)
def test_each_documented_id_matches_the_formula(created_ms: int, sequence: int, order_id: str) -> None:
    assert make_order_id(created_ms, sequence) == order_id


@given(instants, sequences)
def test_an_id_is_digits_whatever_the_clock_says(created_ms: int, sequence: int) -> None:
    order_id = make_order_id(created_ms, sequence)
    assert order_id.isdecimal()
    assert len(order_id) <= 19


@given(st.tuples(instants, sequences), st.tuples(instants, sequences))
def test_two_orders_never_share_an_id(first: tuple[int, int], second: tuple[int, int]) -> None:
    assert (make_order_id(*first) == make_order_id(*second)) == (first == second)


@pytest.mark.parametrize("sequence", [-1, SEQUENCE_LIMIT])
def test_a_sequence_outside_one_millisecond_is_refused(sequence: int) -> None:
    with pytest.raises(ValueError, match="is not within 0 to"):
        make_order_id(1735119737043, sequence)
