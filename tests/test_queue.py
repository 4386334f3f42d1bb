"""A slow store: commands on one sandbox wait for their turn, and nothing is decided on outdated data."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.core import json_text
from emulator.core.journal import as_json
from emulator.core.origin import Origin
from emulator.core.sandbox import Changes
from emulator.core.transaction import StaleTransaction, Transaction
from emulator.engine.commands import MAX_DECISIONS, TooContended
from emulator.engine.engine import Waiting
from emulator.engine.sandboxes import NameTaken
from emulator.stores import Conflict, Kept
from tests.core import toy
from tests.core.toy import START_MS, Bench, run
from tests.shelf import Shelf, SlowShelf, again


def all_at_once(*commands: Coroutine[Any, Any, Any]) -> list[Any]:
    """What the commands give that begin at the same time."""

    async def gather() -> list[Any]:
        return await asyncio.gather(*commands)

    return run(gather())


def test_commands_on_one_sandbox_are_decided_one_after_the_other() -> None:
    shelf = SlowShelf()
    bench = Bench(store=shelf)
    engine, sandbox = bench.engine, bench.sandbox

    async def change(number: int) -> None:
        await engine.command(sandbox, lambda tx: tx.put("numbers", str(number), len(list(tx.scan("numbers")))))

    creates = [engine.answer(toy.provider, toy.request("POST", "/orders", {"amount": 5})) for _ in range(30)]
    answers = all_at_once(*creates, *map(change, range(10)), engine.advance(sandbox, START_MS + 3000))
    ids = {json_text.decode(reply.body)["id"] for reply in answers[:30]}
    assert len(ids) == 30
    assert sorted(map(int, sandbox.tables["numbers"].values())) == list(range(10))
    assert ids == set(sandbox.tables["orders"]) == set(again(shelf).sandbox.tables["orders"])
    assert again(shelf).snapshot() == bench.snapshot()


@pytest.mark.parametrize(("broken", "statuses"), [(False, [201, 200]), (True, [500, 500])])
def test_a_read_waits_for_what_is_not_yet_stored(broken: bool, statuses: list[int]) -> None:
    shelf = SlowShelf()
    bench = Bench(store=shelf)

    async def create_and_read() -> list[int]:
        created = bench.engine.ask(toy.provider, toy.request("POST", "/orders", {"amount": 5}))
        [order] = bench.sandbox.tables["orders"]
        read = bench.engine.ask(toy.provider, toy.request("GET", f"/orders/{order}"))
        assert isinstance(created, Waiting) and isinstance(read, Waiting)
        shelf.broken = broken
        return [(await each.reply).status for each in (created, read)]

    assert run(create_and_read()) == statuses
    told = [as_json(entry) for entry in bench.engine.records.journals["default"].entries()]
    assert [entry["status"] for entry in told if entry["kind"] == "request"] == statuses


def test_a_waiting_command_sees_a_reset_of_its_sandbox() -> None:
    bench = Bench(store=SlowShelf())
    order = bench.create()
    reset, reply = all_at_once(
        bench.engine.sandboxes.reset(bench.sandbox),
        bench.engine.answer(toy.provider, toy.request("GET", f"/orders/{order}")),
    )
    assert reset is None
    assert reply.status == 404
    assert [as_json(entry)["status"] for entry in bench.engine.records.journals["default"].entries()] == [404]


def test_a_waiting_command_sees_that_its_sandbox_is_gone() -> None:
    bench = Bench(store=SlowShelf())
    sandbox = run(bench.engine.sandboxes.create("other", Origin("seed", "manual", "1", START_MS)))
    asked = toy.request("POST", "/orders", {"amount": 5}, sandbox="other")
    gone, reply = all_at_once(bench.engine.sandboxes.forget(sandbox), bench.engine.answer(toy.provider, asked))
    assert gone is None
    assert reply.status == 401
    assert [as_json(entry)["status"] for entry in bench.engine.records.journals["default"].entries()] == [401]


def test_the_first_requests_with_an_unknown_key_make_one_sandbox() -> None:
    bench = Bench(store=SlowShelf())
    bench.engine.create_unknown = True
    asked = [
        bench.engine.answer(toy.provider, toy.request("POST", "/orders", {"amount": 5}, sandbox="new"))
        for _ in range(5)
    ]
    assert {reply.status for reply in all_at_once(*asked)} == {201}
    assert len(bench.engine.sandboxes["new"].tables["orders"]) == 5


def test_of_several_creations_of_one_sandbox_one_succeeds() -> None:
    engine = Bench(store=SlowShelf()).engine

    async def create(seed: str) -> str:
        try:
            return (await engine.sandboxes.create("new", Origin(seed, "manual", "1", START_MS))).seed
        except NameTaken:
            return ""

    assert all_at_once(create("a"), create("b"), create("c")) == ["a", "", ""]
    assert engine.sandboxes["new"].seed == "a"


def test_a_command_decided_on_another_state_is_not_stored() -> None:
    bench = Bench()
    tx = bench.engine.transaction(bench.sandbox)
    tx.put("a", "b", 1)
    bench.create()
    before = bench.snapshot()
    with pytest.raises(StaleTransaction):
        run(bench.engine.commit(bench.sandbox, tx).wait())
    assert bench.snapshot() == before


def test_two_simultaneous_removals_remove_a_sandbox() -> None:
    shelf = SlowShelf()
    engine = Bench(store=shelf).engine
    sandbox = run(engine.sandboxes.create("other", Origin("seed", "manual", "1", START_MS)))
    assert all_at_once(engine.sandboxes.forget(sandbox), engine.sandboxes.forget(sandbox)) == [None, None]
    assert list(engine.sandboxes) == list(engine.records.journals) == list(shelf.kept) == ["default"]


def test_commands_that_arrive_together_are_stored_together() -> None:
    shelf = SlowShelf()
    bench = Bench(store=shelf)
    creates = [bench.engine.answer(toy.provider, toy.request("POST", "/orders", {"amount": 5})) for _ in range(30)]
    assert {reply.status for reply in all_at_once(*creates)} == {201}
    assert sum(shelf.batches) == 30
    assert len(shelf.batches) <= 2, "the first goes alone, all others wait for it and go together"


def test_a_command_the_store_refuses_is_undone_with_everything_decided_on_it() -> None:
    shelf = SlowShelf()
    bench = Bench(store=shelf)
    bench.create()
    before = bench.snapshot()
    shelf.broken = True
    creates = [bench.engine.answer(toy.provider, toy.request("POST", "/orders", {"amount": 5})) for _ in range(10)]
    assert {reply.status for reply in all_at_once(*creates)} == {500}
    assert bench.snapshot() == before
    shelf.broken = False
    order = bench.create()
    assert order in bench.sandbox.tables["orders"]
    assert again(shelf).snapshot() == bench.snapshot()


def test_a_row_whose_removal_is_undone_keeps_its_place() -> None:
    shelf = Shelf()
    bench = Bench(store=shelf)

    def write(tx: Transaction) -> None:
        for number in range(3):
            tx.put("numbers", str(number), number)

    def remove(tx: Transaction) -> None:
        tx.forget("numbers", "0")
        tx.put("numbers", "3", 3)

    run(bench.engine.command(bench.sandbox, write))
    before = bench.snapshot()
    shelf.broken = True
    with pytest.raises(OSError, match="disk is full"):
        run(bench.engine.command(bench.sandbox, remove))
    assert bench.snapshot() == before


def test_a_command_is_decided_again_if_another_process_was_faster() -> None:
    shelf = Shelf()
    first = Bench(store=shelf)
    second = Bench(store=shelf, origin=Origin("something else"))
    one, other = first.create(ref="a"), second.create(ref="b")
    assert one != other, "decided on the same state, both would have drawn the same id"
    assert list(second.sandbox.tables["orders"]) == [one, other]
    status, _ = first.request("GET", f"/orders/{other}")
    assert status == 404, "a process learns of others when it writes"
    first.create()
    assert first.request("GET", f"/orders/{other}")[0] == 200
    first.advance(7000)
    second.create()
    assert again(shelf).snapshot() == second.snapshot()


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.booleans(), st.sampled_from(["create", "advance", "break", "mend"])), max_size=12))
def test_two_processes_and_a_store_that_fails_agree_in_the_end(steps: list[tuple[bool, str]]) -> None:
    shelf = Shelf()
    benches = [Bench(store=shelf), Bench(store=shelf, origin=Origin("something else"))]
    acknowledged: list[str] = []
    for which, what in steps:
        bench = benches[which]
        if what == "create":
            status, body = bench.request("POST", "/orders", {"amount": 5})
            if status == 201:
                acknowledged.append(json_text.decode(body)["id"])
            assert (status == 201) is not shelf.broken
        elif what == "advance" and not shelf.broken:
            bench.advance(1000)
        else:
            shelf.broken = what == "break"
    shelf.broken = False
    for bench in benches:
        acknowledged.append(bench.create())
    kept = again(shelf)
    assert list(kept.sandbox.tables["orders"]) == acknowledged
    assert kept.snapshot() == benches[1].snapshot()


class Contended(Shelf):
    """A store in which another process is faster, again and again."""

    conflicts = 0

    async def append(self, sandbox: str, base: int, changes: Sequence[Changes]) -> Kept | Conflict:
        """Keeps them, unless it is to refuse them."""
        if self.conflicts:
            self.conflicts -= 1
            return Conflict(())
        return await super().append(sandbox, base, changes)


def test_a_command_is_decided_again_a_limited_number_of_times() -> None:
    store = Contended()
    bench = Bench(store=store)
    store.conflicts = MAX_DECISIONS - 1
    order = bench.create()
    assert list(again(store).sandbox.tables["orders"]) == [order]
    before = bench.snapshot()
    store.conflicts = 5000
    status, body = bench.request("POST", "/orders", {"amount": 5})
    assert (status, json_text.decode(body)["error"]) == (500, "internal")
    assert bench.snapshot() == before == again(store).snapshot()
    [*_, entry] = bench.engine.records.journals["default"].entries()
    assert f"each of the {MAX_DECISIONS} times that this was tried: ask again" in as_json(entry)["reason"]
    with pytest.raises(TooContended):
        run(bench.engine.command(bench.sandbox, lambda tx: tx.put("numbers", "1", 1)))
    assert store.conflicts == 5000 - 2 * MAX_DECISIONS
