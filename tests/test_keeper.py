"""A store that takes its time: commands on one sandbox wait for their turn, and nothing is decided on what is old."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from emulator.core import wire
from emulator.core.journal import as_json
from emulator.core.transaction import StaleTransaction
from emulator.world import NameTaken, Origin
from tests.core import toy
from tests.core.toy import START_MS, Bench, run
from tests.shelf import SlowShelf, again


def all_at_once(*commands: Coroutine[Any, Any, Any]) -> list[Any]:
    """What the commands give that begin at the same time."""

    async def gather() -> list[Any]:
        return await asyncio.gather(*commands)

    return asyncio.run(gather())


def test_commands_on_one_sandbox_are_decided_one_after_the_other() -> None:
    shelf = SlowShelf()
    bench = Bench(store=shelf)
    world, sandbox = bench.world, bench.sandbox

    async def change(number: int) -> None:
        tx = await world.begin(sandbox)
        tx.put("numbers", str(number), len(list(tx.scan("numbers"))))
        await world.commit(sandbox, tx)

    creates = [world.answer(toy.provider, toy.request("POST", "/orders", {"amount": 5})) for _ in range(30)]
    answers = all_at_once(*creates, *map(change, range(10)), world.advance(sandbox, START_MS + 3000))
    ids = {wire.decode(reply.body)["id"] for reply in answers[:30]}
    assert len(ids) == 30
    assert sorted(map(int, sandbox.tables["numbers"].values())) == list(range(10))
    assert ids == set(sandbox.tables["orders"]) == set(again(shelf).sandbox.tables["orders"])
    assert again(shelf).snapshot() == bench.snapshot()


def test_a_command_that_waits_for_its_turn_finds_the_sandbox_reset() -> None:
    bench = Bench(store=SlowShelf())
    order = bench.create()
    reset, reply = all_at_once(
        bench.world.reset(bench.sandbox), bench.world.answer(toy.provider, toy.request("GET", f"/orders/{order}"))
    )
    assert reset is None
    assert reply.status == 404
    assert [as_json(entry)["status"] for entry in bench.world.journals["default"].entries()] == [404]


def test_a_command_that_waits_for_its_turn_finds_the_sandbox_gone() -> None:
    bench = Bench(store=SlowShelf())
    sandbox = run(bench.world.create("other", Origin("seed", "manual", "1", START_MS)))
    asked = toy.request("POST", "/orders", {"amount": 5}, sandbox="other")
    gone, reply = all_at_once(bench.world.forget(sandbox), bench.world.answer(toy.provider, asked))
    assert gone is None
    assert reply.status == 401
    assert [as_json(entry)["status"] for entry in bench.world.journals["default"].entries()] == [401]


def test_the_first_requests_with_an_unknown_key_make_one_sandbox() -> None:
    bench = Bench(store=SlowShelf())
    bench.world.create_unknown = True
    asked = [
        bench.world.answer(toy.provider, toy.request("POST", "/orders", {"amount": 5}, sandbox="new")) for _ in range(5)
    ]
    assert {reply.status for reply in all_at_once(*asked)} == {201}
    assert len(bench.world.sandboxes["new"].tables["orders"]) == 5


def test_of_several_that_make_a_sandbox_with_one_name_one_succeeds() -> None:
    world = Bench(store=SlowShelf()).world

    async def create(seed: str) -> str:
        try:
            return (await world.create("new", Origin(seed, "manual", "1", START_MS))).seed
        except NameTaken:
            return ""

    assert all_at_once(create("a"), create("b"), create("c")) == ["a", "", ""]
    assert world.sandboxes["new"].seed == "a"


def test_what_was_decided_on_another_state_is_not_kept() -> None:
    bench = Bench()
    tx = bench.world.transaction(bench.sandbox)
    tx.put("a", "b", 1)
    bench.create()
    before = bench.snapshot()
    with pytest.raises(StaleTransaction):
        run(bench.world.commit(bench.sandbox, tx))
    assert bench.snapshot() == before


def test_a_sandbox_that_two_remove_at_once_is_removed() -> None:
    shelf = SlowShelf()
    world = Bench(store=shelf).world
    sandbox = run(world.create("other", Origin("seed", "manual", "1", START_MS)))
    assert all_at_once(world.forget(sandbox), world.forget(sandbox)) == [None, None]
    assert list(world.sandboxes) == list(world.journals) == list(shelf.kept) == ["default"]
