"""Where one command is decided: what is kept, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.contract.order import Timer
from emulator.core import json_text
from emulator.core.clock import Clock
from emulator.core.sandbox import ORDERS, Sandbox
from tests.core import toy
from tests.core.toy import Bench, new_order, transaction

TABLES = st.sampled_from(["a", "b"])
KEYS = st.sampled_from(["x", "y", "z"])
VALUES = st.integers(0, 9) | st.dictionaries(KEYS, st.integers(0, 9), max_size=2)
PUTS = st.tuples(st.just("put"), TABLES, KEYS, VALUES, st.booleans())
FORGETS = st.tuples(st.just("forget"), TABLES, KEYS, st.none(), st.just(False))


def sandbox() -> Sandbox:
    return Sandbox("default", "seed", Clock("manual", "1", toy.START_MS))


@given(st.lists(st.lists(PUTS | FORGETS, max_size=6), max_size=4))
def test_a_transaction_s_tables_behave_like_dictionaries(
    commands: list[list[tuple[str, str, str, object, bool]]],
) -> None:
    kept, model = sandbox(), dict[tuple[str, str], object]()
    for command in commands:
        tx = transaction(sandbox=kept)
        for name, table, key, value, _ in command:
            if name == "put":
                tx.put(table, key, value)
                model[table, key] = value
            else:
                tx.forget(table, key)
                model.pop((table, key), None)
            for each in "ab":
                expected = {key: value for (at, key), value in model.items() if at == each}
                assert dict(tx.scan(each)) == expected
                assert {key: tx.get(each, key) for key in expected} == expected
        kept.apply(tx.changes())


@given(st.lists(PUTS | FORGETS, max_size=8))
def test_a_refused_command_leaves_only_what_is_meant_to_last(command: list[tuple[str, str, str, object, bool]]) -> None:
    kept = sandbox()
    tx = transaction(sandbox=kept)
    lasting = {}
    for name, table, key, value, lasts in command:
        if name == "forget":
            tx.forget(table, key)
            continue
        tx.put(table, key, value, even_if_refused=lasts)
        if lasts:
            lasting[table, key] = value
    tx.chance.uuid()
    tx.add_order(new_order())
    kept.apply(tx.lasting_changes())
    assert kept.sequence == 0
    assert kept.tables[ORDERS] == {}
    found = {
        (table, key): json_text.decode(document)
        for table, rows in kept.tables.items()
        for key, document in rows.items()
    }
    assert found == lasting


def test_a_decision_changes_nothing_in_the_sandbox() -> None:
    kept = sandbox()
    before = json_text.encode(kept.snapshot())
    tx = transaction(sandbox=kept)
    order = new_order()
    tx.add_order(order)
    tx.start_timer(order, "expire", 5)
    tx.put("a", "x", 1)
    tx.changes()
    assert json_text.encode(kept.snapshot()) == before


def test_an_order_is_the_same_object_throughout_a_transaction() -> None:
    tx = transaction()
    order = new_order()
    tx.add_order(order)
    assert tx.order("o-1") is order


def test_an_order_of_another_transaction_is_another_object() -> None:
    kept = sandbox()
    tx = transaction(sandbox=kept)
    tx.add_order(new_order())
    kept.apply(tx.changes())
    one, other = transaction(sandbox=kept), transaction(sandbox=kept)
    assert one.order("o-1") == other.order("o-1")
    assert one.order("o-1") is not other.order("o-1")
    assert one.order("o-1") is one.order("o-1")


def test_an_unchanged_order_is_not_stored_again() -> None:
    kept = sandbox()
    tx = transaction(sandbox=kept)
    tx.add_order(new_order())
    kept.apply(tx.changes())
    tx = transaction(sandbox=kept)
    order = tx.order("o-1")
    assert order is not None
    order.fields["amount"] = 6
    assert not tx.changes().documents


def test_orders_are_found_by_keys_and_owner_even_before_they_are_stored() -> None:
    kept = sandbox()
    for number in (1, 2):
        tx = transaction(sandbox=kept)
        order = new_order(f"o-{number}")
        order.keys = ("ref:a", f"ref:{number}")
        tx.add_order(order)
        assert tx.order_ids("toy", "ref:a") == [f"o-{each}" for each in range(1, number + 1)]
        kept.apply(tx.changes())
    tx = transaction(sandbox=kept)
    assert tx.order_ids("toy", "owner:owner") == ["o-1", "o-2"]
    assert tx.order_ids("toy", "ref:2") == ["o-2"]
    assert tx.order_ids("toy", "ref:3") == []
    assert tx.order_ids("other", "ref:a") == []


def test_a_timer_replaces_one_with_the_same_name() -> None:
    kept = sandbox()
    tx = transaction(sandbox=kept)
    order = new_order()
    tx.add_order(order)
    tx.start_timer(order, "expire", 1000)
    tx.start_timer(order, "expire", 2000)
    tx.start_timer(order, "fail", 1500)
    kept.apply(tx.changes())
    due = kept.next_due()
    assert due is not None
    assert (due.due_ms, due.name) == (1500, "fail")
    assert order.timers["expire"] == Timer(2000, 2)


def test_a_stopped_timer_does_not_fall_due() -> None:
    kept = sandbox()
    tx = transaction(sandbox=kept)
    order = new_order()
    tx.add_order(order)
    tx.start_timer(order, "expire", 1000)
    tx.stop_timer(order, "expire")
    tx.stop_timer(order, "never started")
    kept.apply(tx.changes())
    assert kept.next_due() is None


def test_timers_of_one_instant_fall_due_in_the_order_in_which_they_were_planned() -> None:
    kept = sandbox()
    tx = transaction(sandbox=kept)
    for number in range(5):
        order = new_order(f"o-{number}")
        tx.add_order(order)
        tx.start_timer(order, "expire", 1000)
    kept.apply(tx.changes())
    seen = []
    while (due := kept.next_due(1000)) is not None:
        seen.append(due.number)
        tx = transaction(sandbox=kept)
        for order_id in [f"o-{number}" for number in range(5)]:
            found = tx.order(order_id)
            if found is not None and found.timers.get("expire") == Timer(1000, due.number):
                tx.stop_timer(found, "expire")
        kept.apply(tx.changes())
    assert seen == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("path", ["/orders/refused", "/orders/crash"])
def test_a_refused_or_failed_request_leaves_only_what_is_meant_to_last(path: str) -> None:
    bench = Bench()
    bench.create("still")
    before = bench.sandbox.snapshot()
    status, _ = bench.request("POST", path, {"amount": 5})
    assert status in (409, 500)
    after = bench.sandbox.snapshot()
    lasting = after.tables[toy.NOTES].pop("count", None)
    assert json_text.encode(after) == json_text.encode(before)
    assert (lasting is not None) == (status == 409)


def test_chance_goes_on_where_the_last_stored_command_left_it() -> None:
    with_refusals, without = Bench(), Bench()
    with_refusals.request("POST", "/orders/refused", {"amount": 5})
    with_refusals.request("POST", "/orders", b"{")
    assert with_refusals.create() == without.create()
    with_refusals.request("POST", "/orders/crash", {"amount": 5})
    assert with_refusals.create() == without.create()
