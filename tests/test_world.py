"""The engine: changes are stored before they are shown, time only goes ahead, and failures stay where they happen."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from emulator.contract.lifecycle import Lifecycle
from emulator.contract.order import Order
from emulator.core import json_text
from emulator.core.clock import Clock
from emulator.core.durations import read_instant_ms
from emulator.core.library import Library
from emulator.core.origin import Origin
from emulator.core.scenario import ScenarioSet
from emulator.core.settings import read_settings
from emulator.core.transaction import Transaction
from emulator.engine import real_time
from emulator.engine.engine import Engine
from emulator.engine.scheduler import Scheduler
from tests.core import toy
from tests.core.toy import ABOUT, SCENARIOS, START_MS, Bench, run
from tests.shelf import Shelf, SlowShelf, again

REAL = Origin("seed", "real", "1", START_MS)


COMMANDS = st.lists(
    st.tuples(st.sampled_from(["create", "pay", "advance", "read", "refuse", "reset", "settings"]), st.integers(0, 9)),
    max_size=12,
)


@given(COMMANDS)
def test_a_restarted_process_finds_everything_that_was_acknowledged(commands: list[tuple[str, int]]) -> None:
    shelf = Shelf()
    bench = Bench(store=shelf)
    orders: list[str] = []
    for command, number in commands:
        if command == "create":
            orders.append(bench.create(amount=number))
        elif command == "advance":
            bench.advance(number * 1000)
        elif command == "refuse":
            bench.request("POST", "/orders/refused", {"amount": 1})
        elif command == "reset":
            run(bench.engine.sandboxes.reset(bench.sandbox))
            orders.clear()
        elif command == "settings":
            bench.request("GET", "/orders")
        elif orders:
            order = orders[number % len(orders)]
            bench.request(*(("POST", f"/orders/{order}/pay") if command == "pay" else ("GET", f"/orders/{order}")))
    restarted = again(shelf)
    assert restarted.snapshot() == bench.snapshot()
    assert restarted.sandbox.next_due() == bench.sandbox.next_due()
    assert restarted.advance(None) == bench.advance(None)
    assert restarted.snapshot() == bench.snapshot()


def test_nothing_is_acknowledged_that_the_store_has_not_kept(caplog: pytest.LogCaptureFixture) -> None:
    shelf = Shelf()
    bench = Bench(store=shelf)
    order = bench.create("still")
    before = bench.snapshot()
    shelf.broken = True
    for call in (("POST", "/orders", {"amount": 5}), ("POST", f"/orders/{order}/pay", None)):
        status, body = bench.request(*call)
        assert (status, json_text.decode(body)["error"]) == (500, "internal")
    assert bench.snapshot() == before
    assert "the disk is full" in caplog.text
    shelf.broken = False
    assert bench.request("POST", f"/orders/{order}/pay")[0] == 200
    assert again(shelf).snapshot() == bench.snapshot()


def test_a_removed_sandbox_stays_removed() -> None:
    shelf = Shelf()
    bench = Bench(store=shelf)
    sandbox = run(bench.engine.sandboxes.create("other", bench.origin))
    tx = bench.engine.transaction(sandbox)
    tx.put("a", "b", 1)
    run(bench.engine.sandboxes.forget(sandbox))
    run(bench.engine.commit(sandbox, tx).wait())
    assert list(shelf.kept) == ["default"]
    assert list(bench.engine.records.journals) == ["default"]


def test_a_removed_sandbox_leaves_nothing_under_way() -> None:
    bench = Bench()
    sandbox = run(bench.engine.sandboxes.create("other", bench.origin))
    run(bench.engine.advance(sandbox, None))

    async def forget() -> "asyncio.Task[Any]":
        attempt: asyncio.Task[Any] = asyncio.create_task(asyncio.Event().wait())
        bench.engine.dispatcher._under_way["other"] = {"delivery": attempt}
        await bench.engine.sandboxes.forget(sandbox)
        await asyncio.wait([attempt])
        return attempt

    assert asyncio.run(forget()).cancelled()
    assert bench.engine.dispatcher._under_way == {}
    assert "other" not in bench.engine.records._watching


# -- time


@given(st.lists(st.integers(-5_000, 20_000), max_size=20), st.sampled_from(["1", "0.5", "60"]))
def test_a_running_clock_never_goes_back_even_if_the_machine_s_does(jumps: list[int], rate: str) -> None:
    bench = Bench(origin=replace_clock("rate", rate))
    seen = []
    for jump_ms in jumps:
        bench.wall.now_ms += jump_ms
        seen.append(bench.engine.transaction(bench.sandbox).now_ms)
    assert seen == sorted(seen)


def replace_clock(mode: Any, rate: str) -> Origin:
    return Origin("seed", mode, rate, START_MS)


def test_what_fell_due_while_nobody_looked_happened_at_its_own_instant() -> None:
    bench = Bench(origin=REAL)
    order = bench.create()
    bench.wall.now_ms += 3_600_000
    _, body = bench.request("GET", f"/orders/{order}")
    assert json_text.decode(body)["status"] == "done"
    kept = bench.sandbox.order(order)
    assert kept is not None
    assert [change.at_ms - START_MS for change in kept.history] == [0, 5000, 15_000]


@given(st.lists(st.integers(1, 30_000), min_size=1, max_size=8), st.sampled_from(["1", "0.5", "60"]))
def test_how_often_a_sandbox_is_looked_at_changes_nothing(pauses: list[int], rate: str) -> None:
    often, once = Bench(origin=replace_clock("rate", rate)), Bench(origin=replace_clock("rate", rate))
    orders = [bench.create() for bench in (often, once)]
    for pause_ms in pauses:
        often.wall.now_ms += pause_ms
        run(often.engine.settle_in_turns(often.sandbox))
    once.wall.now_ms += sum(pauses)
    run(once.engine.settle_in_turns(once.sandbox))
    assert orders[0] == orders[1]
    assert often.snapshot() == once.snapshot()


def look(bench: Bench) -> int | None:
    """What the driver does when it is woken; when it will wake next."""
    run(Scheduler(bench.engine).look())
    return bench.engine.schedule.next_ms()


def test_the_next_wake_up_is_when_the_first_thing_falls_due() -> None:
    bench = Bench(origin=replace_clock("rate", "2"))
    assert look(bench) is None
    bench.create()
    assert look(bench) == START_MS + 2500
    run(bench.engine.sandboxes.create("slow", replace_clock("rate", "0.5")))
    bench.request("POST", "/orders", {"amount": 1}, sandbox="slow")
    assert look(bench) == START_MS + 2500
    bench.advance(5000)
    assert look(bench) == START_MS + 5000
    bench.wall.now_ms += 5000
    assert look(bench) == START_MS + 10_000
    assert [entry.kind for entry in bench.engine.records.journals["default"].entries(kind="transition")] == [
        "transition"
    ] * 2
    run(bench.engine.sandboxes.forget(bench.engine.sandboxes["slow"]))
    assert look(bench) is None


def test_nothing_wakes_a_manual_clock() -> None:
    bench = Bench()
    bench.create()
    assert look(bench) is None


def test_a_waiter_is_woken_when_something_falls_due_earlier() -> None:
    woken: list[int] = []
    bench = Bench(origin=REAL)
    look(bench)
    bench.engine.woken = woken.append
    bench.create()
    assert woken == [START_MS + 5000]
    bench.create("kyc")
    bench.create()
    assert woken == [START_MS + 5000, START_MS + 1000]
    run(bench.engine.set_clock(bench.sandbox, Clock("manual", "1", START_MS, 0)))
    assert woken[2:] == [0]


def test_an_advance_starts_from_the_time_of_a_running_clock() -> None:
    bench = Bench(origin=REAL)
    bench.create()
    bench.wall.now_ms += 2000
    assert [read_instant_ms(item["at"]) - START_MS for item in bench.advance(13_000)] == [5000, 15_000]
    bench.wall.now_ms += 500
    assert bench.sandbox.clock.now_ms(bench.wall()) == START_MS + 15_500


def test_a_long_list_of_happenings_is_cut_and_the_rest_counted() -> None:
    bench = Bench({"happy": {**ABOUT, "timeline": [{"after": "1s", "one_of": [{"to": "paid"}, {"to": "failed"}]}]}})
    for _ in range(30):
        bench.create()
    happened = run(bench.engine.advance(bench.sandbox, START_MS + 1000))
    assert (len(happened.items), happened.omitted) == (30, 0)
    happened.items *= 400
    happened.add([])
    assert happened.omitted == 0
    tx = bench.engine.transaction(bench.sandbox)
    order = tx.order(happened.items[0]["order"])
    assert order is not None
    tx.note("test", order)
    happened.add(tx.notes)
    assert (len(happened.items), happened.omitted) == (12_000, 1)


# -- failures


def failing_library() -> Library:
    def fail(tx: Transaction, order: Order, arguments: Any) -> None:
        raise RuntimeError("as asked for")

    table = toy.LIFECYCLE
    rows = [replace(row, then=fail) if row.event == "finish" else row for row in table.transitions]
    lifecycle = Lifecycle(table.statuses.values(), table.events.values(), rows, table.initial, table.automatic)
    library = Library({"toy": replace(toy.provider, lifecycle=lifecycle)}, toy.scenario_schema())
    library.shipped["toy"] = ScenarioSet(
        library.read_scenario("toy", name, document) for name, document in SCENARIOS.items()
    )
    return library


def test_a_failing_step_is_reported_and_holds_up_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench()
    bench.engine = Engine(failing_library(), bench.store, bench.origin, real_ms=bench.wall)
    run(bench.engine.open())
    broken, fine = bench.create(), bench.create("dice")
    happened = bench.advance(60_000)
    assert [(item["kind"], item["order"]) for item in happened if item["at"] > "2026-01-05T12:00:06"] == [
        ("failed", broken)
    ]
    assert happened[-1]["reason"] == "the emulator failed: RuntimeError: as asked for"
    assert bench.status(broken) == "paid"
    assert bench.status(fine) in ("paid", "failed")
    assert bench.sandbox.next_due() is None
    assert bench.request("GET", f"/orders/{broken}")[0] == 200
    assert "step of" in caplog.text


def test_an_unexpected_exception_gets_the_provider_s_internal_error_and_is_in_the_journal(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bench = Bench()
    status, body = bench.request("POST", "/orders/crash", {"amount": 5})
    assert (status, json_text.decode(body)) == (500, {"error": "internal", "message": "broken"})
    entry = list(bench.engine.records.journals["default"].entries())[-1]
    assert (entry.error, entry.reason) == ("internal", "the emulator failed: RuntimeError: as asked for")
    assert "POST /orders/crash failed" in caplog.text


# -- sandboxes


def test_the_newest_sandbox_with_an_order_holds_it() -> None:
    bench = Bench()
    run(bench.engine.sandboxes.create("other", bench.origin))
    for sandbox in ("default", "other"):
        bench.request("POST", "/orders", {"amount": 5, "ref": "both"}, sandbox=sandbox)
    bench.request("POST", "/orders", {"amount": 5, "ref": "mine"})
    assert bench.engine.sandboxes.holders.find("toy/ref:both") == "other"
    assert bench.engine.sandboxes.holders.find("toy/ref:mine") == "default"
    assert bench.engine.sandboxes.holders.find("toy/ref:none") is None


@pytest.mark.parametrize(
    ("key", "created"),
    [
        ("key-fresh", True),
        ("key-Fresh", False),
        ("key-", False),
        ("key-a b", False),
        ("key-" + "a" * 41, False),
        ("", False),
    ],
)
def test_with_automatic_sandboxes_a_well_formed_key_creates_its_sandbox(key: str, created: bool) -> None:
    bench = Bench()
    bench.engine.create_unknown = True
    status, _ = bench.request("GET", "/orders", **{"x-key": key})
    assert (status == 200) == created
    assert (len(bench.engine.sandboxes) == 2) == created


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ([], "settings are an object"),
        ({"other": {}}, "no provider 'other': use one of toy, like {provider: {setting: value}}"),
        ({"toy": 5}, "the settings of toy are an object, like {toy: {setting: value}}"),
        (
            {"toy": {"stile": "plain"}},
            "toy has no setting 'stile': did you mean 'style'? use one of deep.er, delay_s, expiry_s, limit",
        ),
        ({"toy": {"style": "bold"}}, 'toy.style cannot be "bold": use one of plain, fancy'),
        ({"toy": {"expiry_s": 0}}, "toy.expiry_s cannot be 0: below 1 (seconds until"),
    ],
)
def test_a_refused_setting_names_the_good_values(changed: Any, words: str) -> None:
    with pytest.raises(ValueError, match=".") as caught:
        read_settings(toy.library(), changed)
    assert words in str(caught.value)


def test_valid_settings_are_kept_as_they_are() -> None:
    changed = {"toy": {"style": "fancy", "expiry_s": None, "limit": "5/10"}}
    assert read_settings(toy.library(), changed) == changed


# -- restoring


@pytest.mark.parametrize("how", ["settle", "advance"])
def test_a_timer_from_before_a_restore_does_not_fire_after_it(how: str) -> None:
    bench = Bench(store=SlowShelf())
    order = bench.create()
    kept = bench.sandbox.snapshot()

    async def story() -> tuple[str, list[str]]:
        await bench.engine.set_clock(bench.sandbox, Clock("manual", "1", START_MS + 20_000))
        restoring = asyncio.create_task(bench.engine.sandboxes.restore(bench.sandbox, kept))
        await real_time.give_way()
        if how == "settle":
            await bench.engine.settle_in_turns(bench.sandbox)
        else:
            assert (await bench.engine.advance(bench.sandbox, START_MS + 30_000)).items == []
        await restoring
        found = bench.sandbox.order(order)
        assert found is not None
        assert bench.sandbox.clock.now_ms(bench.wall()) == START_MS
        return found.status, [entry.kind for entry in bench.engine.records.journals["default"].entries()]

    assert run(story()) == ("open", [])
