"""The table of transitions."""

import pytest

from emulator.contract.lifecycle import Event, Lifecycle, Status, Transition
from tests.core.toy import EVENTS, FINAL, LIFECYCLE


def test_rows_of_a_status_come_in_table_order() -> None:
    assert [(row.event, row.target) for row in LIFECYCLE.rows("buy", "open")] == [
        ("pay", "paid"), ("pay", "failed"), ("hold", "held"), ("fail", "failed"), ("expire", "expired"),
    ]  # fmt: skip


def test_rows_of_another_kind_are_left_out() -> None:
    assert "hold" in LIFECYCLE.legal_events("buy", "open")
    assert "hold" not in LIFECYCLE.legal_events("sell", "open")


def test_each_legal_event_is_named_once() -> None:
    assert LIFECYCLE.legal_events("sell", "open") == ("pay", "fail", "expire")


@pytest.mark.parametrize("status", FINAL)
@pytest.mark.parametrize("kind", ["buy", "sell"])
def test_nothing_leads_out_of_a_final_status(kind: str, status: str) -> None:
    assert LIFECYCLE.is_final(status)
    assert LIFECYCLE.rows(kind, status) == ()
    assert LIFECYCLE.legal_events(kind, status) == ()


@pytest.mark.parametrize(
    ("source", "target", "events"),
    [
        ("open", "paid", ["pay"]),
        ("open", "failed", ["pay", "fail"]),
        ("held", "failed", ["fail"]),
        ("open", "done", []),
        ("done", "open", []),
    ],
)
def test_rows_to_a_status_are_those_that_lead_there(source: str, target: str, events: list[str]) -> None:
    assert [row.event for row in LIFECYCLE.rows_towards("buy", source, target)] == events


def test_an_order_cannot_move_to_the_status_it_has() -> None:
    stays = Lifecycle((Status("a", "."),), (Event("e", "."),), (Transition("a", "e", "a"),), {"": ("a",)})
    assert stays.rows_towards("", "a", "a") == ()
    assert stays.legal_events("", "a") == ("e",)


@pytest.mark.parametrize(
    ("transition", "initial", "message"),
    [
        (Transition("a", "e", "lost"), ("a",), r"these statuses are used but not described: \['lost'\]"),
        (Transition("lost", "e", "a"), ("a",), r"these statuses are used but not described: \['lost'\]"),
        (Transition("a", "e", "a"), ("lost",), r"these statuses are used but not described: \['lost'\]"),
        (Transition("a", "lost", "a"), ("a",), r"these events are used but not described: \['lost'\]"),
    ],
)
def test_a_table_with_undescribed_statuses_or_events_is_refused(
    transition: Transition, initial: tuple[str, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Lifecycle((Status("a", "."),), (Event("e", "."),), (transition,), {"": initial})


def test_every_event_of_the_table_is_described() -> None:
    assert tuple(LIFECYCLE.events) == EVENTS
