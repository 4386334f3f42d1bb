"""What can happen to an order: events, steps, reads, timers."""

from collections import Counter
from typing import Any

import pytest
from msgspec.structs import replace

from emulator.contract.lifecycle import IllegalEvent
from emulator.core import events, json_text
from emulator.core.origin import Origin
from tests.core import toy
from tests.core.toy import ABOUT, SCENARIOS, START_MS, Bench


def bench_with(*steps: Any, settings: dict[str, Any] | None = None, seed: str = "seed") -> tuple[Bench, str]:
    """An engine in which `happy` has these steps, and an order in it."""
    scenarios = {**SCENARIOS, "happy": {**ABOUT, "timeline": list(steps)}}
    bench = Bench(scenarios, Origin(seed, "manual", "1", START_MS, {"toy": settings or {}}))
    return bench, bench.create()


def history(bench: Bench, order_id: str) -> list[tuple[int, str, str, str]]:
    order = bench.sandbox.order(order_id)
    assert order is not None
    return [(change.at_ms - START_MS, change.status, change.event, change.cause) for change in order.history]


def legal(bench: Bench, order_id: str) -> tuple[str, ...]:
    tx = bench.engine.transaction(bench.sandbox)
    order = tx.order(order_id)
    assert order is not None
    return events.legal_events(tx, order)


def test_each_step_is_timed_from_the_one_before() -> None:
    bench, order = bench_with({"after": "5s", "to": "paid"}, {"after": "10s", "to": "done"})
    bench.advance(14_999)
    assert bench.status(order) == "paid"
    bench.advance(1)
    assert history(bench, order) == [
        (0, "open", "create", "request"), (5000, "paid", "pay", "scenario"), (15_000, "done", "finish", "scenario"),
    ]  # fmt: skip


def test_a_step_that_has_become_illegal_is_dropped_and_the_timeline_goes_on() -> None:
    bench, order = bench_with(
        {"after": "5s", "to": "held"}, {"after": "5s", "to": "open", "force": True}, {"after": "1s", "to": "paid"}
    )
    bench.fire(order, "pay")
    kinds = [(item["kind"], item.get("status")) for item in bench.advance(None)]
    assert kinds == [("dropped", "paid"), ("transition", "open"), ("transition", "paid")]


def test_a_final_order_drops_the_rest_of_its_timeline() -> None:
    bench, order = bench_with({"after": "5s", "to": "paid"}, {"after": "5s", "to": "done"})
    bench.fire(order, "fail")
    assert [item["kind"] for item in bench.advance(None)] == ["dropped", "dropped"]
    assert bench.status(order) == "failed"


def test_an_event_that_a_step_waits_for_does_what_the_step_says() -> None:
    bench, order = bench_with(
        {"after": "1s", "to": "held"}, {"on": "approve", "to": "failed"}, {"after": "1s", "to": "open", "force": True}
    )
    bench.advance(1000)
    bench.fire(order, "approve")
    assert bench.status(order) == "failed"
    bench.advance(1000)
    assert bench.status(order) == "open"


def test_an_event_known_only_to_the_scenario_happens_only_while_it_is_awaited() -> None:
    bench, order = bench_with({"after": "1s", "to": "held"}, {"on": "coffee", "to": "paid"})
    with pytest.raises(IllegalEvent, match="coffee cannot happen to an order that is open"):
        bench.fire(order, "coffee")
    bench.advance(1000)
    assert "coffee" in legal(bench, order)
    bench.fire(order, "coffee")
    assert bench.status(order) == "paid"
    assert "coffee" not in legal(bench, order)


def test_a_wait_for_an_event_ends_when_it_happens() -> None:
    bench, order = bench_with({"on": "pay"}, {"after": "2s", "to": "done"})
    bench.advance(60_000)
    bench.fire(order, "pay", amount="5")
    assert bench.status(order) == "paid"
    bench.advance(2000)
    assert bench.status(order) == "done"


def test_other_events_than_the_awaited_one_leave_the_timeline_waiting() -> None:
    bench, order = bench_with({"on": "approve", "to": "paid"}, {"after": "1s", "to": "done"})
    bench.fire(order, "hold")
    bench.advance(60_000)
    bench.fire(order, "approve")
    bench.advance(1000)
    assert bench.status(order) == "done"


def test_an_awaited_event_whose_outcome_is_illegal_changes_nothing() -> None:
    bench, order = bench_with({"on": "coffee", "to": "paid"})
    bench.fire(order, "fail")
    before = bench.snapshot()
    assert legal(bench, order) == ()
    with pytest.raises(IllegalEvent) as caught:
        bench.fire(order, "coffee")
    assert caught.value.legal == ()
    assert bench.snapshot() == before


def test_an_awaited_event_whose_outcome_is_illegal_does_what_the_table_says() -> None:
    bench, order = bench_with({"on": "fail", "to": "paid"}, {"after": "1s", "to": "open", "force": True})
    bench.fire(order, "pay")
    bench.fire(order, "fail")
    assert bench.status(order) == "failed"


def test_only_possible_outcomes_of_an_awaited_event_come_about() -> None:
    for seed in range(20):
        bench, order = bench_with({"on": "approve", "one_of": [{"to": "paid"}, {"to": "expired"}]}, seed=str(seed))
        bench.fire(order, "hold")
        bench.fire(order, "approve")
        assert bench.status(order) == "paid"


@pytest.mark.parametrize(
    ("arguments", "status"),
    [({}, "paid"), ({"amount": "5"}, "paid"), ({"amount": "4.99"}, "failed"), ({"amount": "6"}, "paid")],
)
def test_the_first_row_whose_guard_holds_is_used(arguments: dict[str, Any], status: str) -> None:
    bench = Bench()
    order = bench.create("still")
    bench.fire(order, "pay", **arguments)
    assert bench.status(order) == status


def test_a_scripted_event_has_its_arguments() -> None:
    bench, order = bench_with({"after": "1s", "do": "pay", "with": {"amount": "1"}})
    bench.advance(1000)
    assert bench.status(order) == "failed"


def test_a_scripted_event_that_is_no_longer_legal_is_dropped() -> None:
    bench, order = bench_with({"after": "1s", "do": "hold"})
    bench.fire(order, "pay")
    assert [item["kind"] for item in bench.advance(None)] == ["dropped"]


def test_a_timer_fires_its_event_at_its_instant() -> None:
    bench, order = bench_with(settings={"expiry_s": 60})
    bench.advance(59_999)
    assert bench.status(order) == "open"
    bench.advance(1)
    assert history(bench, order)[-1] == (60_000, "expired", "expire", "timer")


def test_a_timer_whose_event_is_no_longer_legal_does_nothing() -> None:
    bench, order = bench_with(settings={"expiry_s": 60})
    bench.fire(order, "hold")
    assert bench.advance(None) == []
    assert bench.status(order) == "held"


def test_a_final_status_stops_all_timers_except_the_timeline_s() -> None:
    bench, order = bench_with({"after": "90s", "to": "paid"}, settings={"expiry_s": 60})
    bench.fire(order, "fail")
    kept = bench.sandbox.order(order)
    assert kept is not None
    assert list(kept.timers) == ["step"]


def test_the_read_after_the_last_awaited_one_shows_the_change() -> None:
    bench, order = bench_with({"reads": 2, "to": "paid"}, {"reads": 1, "to": "done"})
    seen = [json_text.decode(bench.request("GET", f"/orders/{order}")[1])["status"] for _ in range(5)]
    assert seen == ["open", "open", "paid", "done", "done"]


def test_reads_of_other_orders_and_lists_do_not_count() -> None:
    bench, order = bench_with({"reads": 1, "to": "paid"})
    other = bench.create("still")
    bench.request("GET", f"/orders/{other}"), bench.request("GET", "/orders")
    assert bench.status(order) == "open"


def test_reads_before_a_step_are_not_counted_for_it() -> None:
    bench, order = bench_with({"after": "1s", "to": "paid"}, {"reads": 2, "to": "done"})
    for _ in range(3):
        bench.request("GET", f"/orders/{order}")
    bench.advance(1000)
    bench.request("GET", f"/orders/{order}")
    assert bench.status(order) == "paid"
    bench.request("GET", f"/orders/{order}")
    assert bench.status(order) == "done"


def test_a_waiting_order_starts_its_timeline_when_told_to() -> None:
    bench = Bench()
    order = bench.create(waiting=True)
    bench.advance(60_000)
    assert bench.status(order) == "open"
    bench.request("POST", f"/orders/{order}/start")
    bench.advance(5000)
    assert history(bench, order)[-1] == (65_000, "paid", "pay", "scenario")


def test_events_happen_to_waiting_orders_too() -> None:
    bench = Bench()
    order = bench.create("plain-wait", waiting=True)
    bench.fire(order, "pay")
    assert bench.status(order) == "paid"
    bench.request("POST", f"/orders/{order}/start")
    with pytest.raises(IllegalEvent):
        bench.fire(order, "pay")


def test_chance_follows_the_seed() -> None:
    def outcome(seed: str) -> str:
        bench, order = bench_with(SCENARIOS["dice"]["timeline"][0], seed=seed)
        bench.advance(1000)
        return bench.status(order)

    found = {str(seed): outcome(str(seed)) for seed in range(60)}
    assert found == {seed: outcome(seed) for seed in found}
    counted = Counter(found.values())
    assert set(counted) == {"paid", "failed"}
    assert min(counted.values()) >= 15


def test_time_captured_by_the_match_delays_a_step() -> None:
    bench = Bench()
    order = bench.create(amount=13, ref="late-7")
    bench.advance(6999)
    assert bench.status(order) == "open"
    bench.advance(1)
    assert bench.status(order) == "failed"


def test_force_moves_an_order_without_a_transition() -> None:
    bench = Bench()
    order = bench.create("forced")
    bench.advance(1000)
    assert history(bench, order)[-1] == (1000, "done", "force", "scenario")


def test_timers_of_the_same_instant_fire_in_the_order_in_which_they_were_planned() -> None:
    bench, first = bench_with({"after": "5s", "to": "paid"}, {"after": "0s", "to": "done"})
    second = bench.create()
    order = [(item["order"], item["status"]) for item in bench.advance(5000)]
    assert order == [(first, "paid"), (second, "paid"), (first, "done"), (second, "done")]


def test_an_order_whose_scenario_was_removed_stands_still() -> None:
    bench, order = bench_with({"after": "5s", "to": "paid"})
    bench.engine.library.shipped["toy"] = toy.library({"still": ABOUT}).shipped["toy"]
    assert bench.advance(None) == []
    assert bench.status(order) == "open"
    assert bench.create() != order


def test_a_person_also_ends_steps_by_reads_but_no_step_of_a_chosen_timeline() -> None:
    bench, order = bench_with({"reads": 2, "to": "paid"}, {"after": "1s", "to": "done"})
    chosen = bench.create("read")
    for each in (order, chosen):
        bench.fire(each, "hold", by_hand=True)
        bench.fire(each, "approve", by_hand=True)
        for _ in range(3):
            bench.request("GET", f"/orders/{each}")
    bench.advance(None)
    assert (bench.status(order), bench.status(chosen)) == ("paid", "done")


def test_a_product_s_scenario_counts_as_chosen_if_the_provider_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    bench, _ = bench_with({"after": "1s", "to": "paid"})
    for is_chosen in (True, False):
        provider = replace(toy.provider, usual_scenario=lambda *_: "happy", usual_is_chosen=is_chosen)
        monkeypatch.setattr(bench.engine.library, "providers", {"toy": provider})
        order = bench.sandbox.order(bench.create())
        assert order is not None
        assert order.chosen is is_chosen
