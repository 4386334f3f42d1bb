"""The life cycle of a delivery: what the table allows happens, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.contract.delivery import Delivery
from emulator.contract.order import Timer
from emulator.core.delivery_states import FINAL, TABLE, Event, IllegalDeliveryEvent, enter

EVENTS = list(dict.fromkeys(row.event for row in TABLE))
STATES = list(dict.fromkeys([row.source for row in TABLE] + [row.target for row in TABLE]))


def new_delivery() -> Delivery:
    """A delivery that is due."""
    return Delivery("d-1", "toy", "paid", "http://127.0.0.1/hook", 0, due=Timer(0, 1))


def test_the_table_has_every_event_once_for_each_state() -> None:
    assert len({(row.source, row.event) for row in TABLE}) == len(TABLE)


def test_every_state_can_be_reached_from_the_first() -> None:
    reached = {new_delivery().state}
    while more := {row.target for row in TABLE if row.source in reached} - reached:
        reached |= more
    assert reached == set(STATES)


@given(st.lists(st.sampled_from(EVENTS)))
def test_an_illegal_event_changes_nothing_and_a_final_state_is_not_left(events: list[Event]) -> None:
    delivery = new_delivery()
    for event in events:
        allowed = any((row.source, row.event) == (delivery.state, event) for row in TABLE)
        before = (delivery.state, delivery.due)
        if allowed:
            assert delivery.state not in FINAL
            enter(delivery, event)
            assert any((row.source, row.event, row.target) == (before[0], event, delivery.state) for row in TABLE)
        else:
            with pytest.raises(IllegalDeliveryEvent):
                enter(delivery, event)
            assert (delivery.state, delivery.due) == before


@given(st.lists(st.sampled_from(EVENTS)))
def test_only_what_is_pending_is_due(events: list[Event]) -> None:
    delivery = new_delivery()
    for event in events:
        if any((row.source, row.event) == (delivery.state, event) for row in TABLE):
            enter(delivery, event)
        assert delivery.due is None or delivery.state == "pending"
