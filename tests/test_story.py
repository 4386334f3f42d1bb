"""The story of an order, in the order in which it happened, even if the journal has lost some of it."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from emulator.core.journal import Journal
from emulator.views.story import summary, with_story
from tests.core.toy import ABOUT, SCENARIOS, Bench


def story(bench: Bench, order_id: str) -> list[dict[str, Any]]:
    tx = bench.engine.transaction(bench.sandbox)
    order = tx.order(order_id)
    assert order is not None
    told: list[dict[str, Any]] = with_story(tx, order, bench.engine.records.journals["default"])["story"]
    return told


def shown(bench: Bench, order_id: str) -> dict[str, Any]:
    tx = bench.engine.transaction(bench.sandbox)
    order = tx.order(order_id)
    assert order is not None
    return summary(tx, order)


def test_events_of_the_same_instant_are_told_in_the_order_in_which_they_happened() -> None:
    bench = Bench()
    order = bench.create("still")
    bench.request("GET", f"/orders/{order}")
    bench.fire(order, "hold")
    bench.request("GET", f"/orders/{order}")
    bench.fire(order, "approve")
    told = [item.get("endpoint") or item["status"] for item in story(bench, order)]
    assert told == ["open", "create-order", "get-order", "held", "get-order", "paid"]


@given(st.integers(1, 12), st.lists(st.sampled_from(["read", "advance", "other"]), max_size=8))
def test_each_change_of_status_is_told_once_however_much_the_journal_has_lost(kept: int, commands: list[str]) -> None:
    bench = Bench()
    bench.engine.records.journals["default"] = Journal(max_entries=kept)
    order, other = bench.create(), bench.create("still")
    for command in commands:
        if command == "advance":
            bench.advance(5000)
        else:
            bench.request("GET", f"/orders/{order if command == 'read' else other}")
    thawed = bench.sandbox.order(order)
    assert thawed is not None
    told = [item for item in story(bench, order) if item["kind"] in ("created", "transition")]
    assert [(item["status"], item["event"], item["cause"]) for item in told] == [
        (change.status, change.event, change.cause) for change in thawed.history
    ]
    moments = [item["at"] for item in story(bench, order)]
    assert moments == sorted(moments)


def test_the_story_of_a_restored_order_still_has_its_changes() -> None:
    bench = Bench()
    order = bench.create()
    bench.advance(60_000)
    bench.engine.records.journals["default"] = Journal()
    assert [item["status"] for item in story(bench, order)] == ["open", "paid", "done"]


def test_the_next_step_is_a_timer_an_event_reads_or_nothing() -> None:
    steps = {"timed": {"after": "5s", "to": "paid"}, "chance": SCENARIOS["dice"]["timeline"][0],
             "event": {"on": "pay"}, "reads": {"reads": 3, "to": "paid"},
             "waits": {"wait": "1h"}}  # fmt: skip
    bench = Bench({name: {**ABOUT, "timeline": [step]} for name, step in steps.items()} | {"still": ABOUT})
    orders = {name: bench.create(name) for name in (*steps, "still")}
    bench.request("GET", f"/orders/{orders['reads']}")
    assert {name: shown(bench, order)["next"] for name, order in orders.items()} == {
        "timed": {"at": "2026-01-05T12:00:05.000Z", "what": "step", "does": "paid"},
        "chance": {"at": "2026-01-05T12:00:01.000Z", "what": "step", "does": ["paid", "failed"]},
        "waits": {"at": "2026-01-05T13:00:00.000Z", "what": "step", "does": "nothing"},
        "event": {"at": None, "what": "event", "event": "pay"},
        "reads": {"at": None, "what": "reads", "reads": 2},
        "still": None,
    }


def test_a_summary_says_where_the_order_stands() -> None:
    bench = Bench()
    order = bench.create("still", kind="sell")
    assert shown(bench, order) == {
        "id": order, "provider": "toy", "kind": "sell", "owner": "owner", "status": "open", "final": False,
        "created_at": "2026-01-05T12:00:00.000Z", "updated_at": "2026-01-05T12:00:00.000Z", "scenario": "still",
        "next": None, "events": ["pay", "fail", "expire"], "page": None,
    }  # fmt: skip
    bench.fire(order, "fail")
    assert (shown(bench, order)["final"], shown(bench, order)["events"]) == (True, [])
