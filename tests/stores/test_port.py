"""What every store does the same: a double in memory, a SQLite file, Redis."""

import asyncio
import tempfile
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.core import json_text
from emulator.core.clock import Clock
from emulator.core.origin import Origin
from emulator.core.sandbox import Changes, Due, Note
from emulator.engine import real_time
from emulator.stores import Appended, Conflict, Kept, News, Replaced, Store, StoreError
from emulator.stores.shared.redis import RedisStore
from emulator.stores.sqlite import SqliteStore
from tests.core import toy
from tests.core.toy import Bench, run
from tests.redis_server import RedisServer
from tests.shelf import Shelf
from tests.stores.cases import COMMANDS, beginning, kept
from tests.thorough import tries

Opening = Callable[[], AbstractContextManager[Store]]
"""Opens the place where things are kept, as each process does."""


@contextmanager
def in_memory() -> Iterator[Opening]:
    """A place in memory."""
    shelf = Shelf()

    @contextmanager
    def opened() -> Iterator[Store]:
        yield shelf

    yield opened


@contextmanager
def in_file() -> Iterator[Opening]:
    """A file that is not there yet."""
    with tempfile.TemporaryDirectory() as folder:
        yield lambda: closing(SqliteStore(Path(folder) / "kept.db"))


@contextmanager
def closing(store: Store) -> Iterator[Store]:
    """The store, closed in the end."""
    try:
        yield store
    finally:
        run(store.close())


@pytest.fixture(scope="session", params=["memory", "sqlite", "redis"])
def place(request: pytest.FixtureRequest) -> Callable[[], AbstractContextManager[Opening]]:
    """Makes places where nothing is kept so far."""
    if request.param != "redis":
        return in_memory if request.param == "memory" else in_file
    server: RedisServer = request.getfixturevalue("running_redis")

    @contextmanager
    def in_redis() -> Iterator[Opening]:
        server.empty()
        yield lambda: closing(RedisStore(server.url))

    return in_redis


Place = Callable[[], AbstractContextManager[Opening]]


@given(COMMANDS)
@settings(max_examples=tries(60))
def test_a_store_keeps_the_rows_of_a_sandbox_in_order(place: Place, commands: list[tuple[str, list[Changes]]]) -> None:
    async def keep(store: Store, shelf: Shelf) -> Any:
        revisions = dict.fromkeys(("one", "two"), 0)
        for each in (store, shelf):
            for name in revisions:
                assert await each.begin(beginning(name), new=True)
        for name, changes in commands:
            for each in (store, shelf):
                await each.append(name, revisions[name], changes)
            revisions[name] += len(changes)
        return await kept(shelf)

    with place() as opened:
        with opened() as store:
            wanted = run(keep(store, Shelf()))
            assert run(kept(store)) == wanted
        with opened() as store:
            assert run(kept(store)) == wanted


def test_a_sandbox_that_starts_over_keeps_its_place_and_nothing_else(place: Place) -> None:
    async def work(store: Store) -> Any:
        for name in ("one", "two"):
            await store.begin(beginning(name))
        await store.append("one", 0, [Changes(1, {("orders", "1"): b"{}"})])
        await store.begin(beginning("one"))
        await store.append("one", 0, [Changes(5, {("orders", "2"): b"{}"})])
        return await kept(store)

    with place() as opened, opened() as store:
        found = run(work(store))
    assert list(found) == ["one", "two"]
    assert found["one"][:2] == (1, 5)
    assert [kind for kind, _ in found["one"][3]] == ["orders"]
    assert [key for key, _ in found["one"][3][0][1]] == ["2"]


def test_a_command_decided_on_an_outdated_state_is_not_stored(place: Place) -> None:
    async def work(store: Store) -> Any:
        await store.begin(beginning("one"))
        changes = [Changes(1, {("orders", "1"): b"{}"})]
        assert await store.append("one", 0, changes) == Kept()
        try:
            outcome = await store.append("one", 0, [Changes(2, {("orders", "2"): b"{}"})])
        except StoreError:  # as nobody else may write there, something is wrong
            outcome = Conflict(())
        return outcome, await kept(store)

    with place() as opened, opened() as store:
        outcome, found = run(work(store))
    assert isinstance(outcome, Conflict)
    assert found["one"][:2] == (1, 1)


def test_nothing_is_stored_for_a_sandbox_that_was_removed(place: Place) -> None:
    async def work(store: Store) -> Any:
        for name in ("one", "two"):
            await store.begin(beginning(name))
        await store.append("one", 0, [Changes(1, {("orders", "1"): b"{}"})])
        await store.forget("one")
        before = await kept(store)
        await store.begin(beginning("one"), new=True)
        return list(before), await kept(store)

    with place() as opened, opened() as store:
        before, found = run(work(store))
    assert before == ["two"]
    assert list(found) == ["two", "one"]
    assert found["one"][0] == 0 and found["one"][3] == []


def test_an_engine_finds_what_another_has_stored(place: Place) -> None:
    with place() as opened:
        with opened() as store:
            bench = Bench(store=store)
            orders = [bench.create(ref=str(number)) for number in range(3)]
            run(bench.engine.sandboxes.create("other", Origin("seed", "manual", "1", 5)))
            run(bench.engine.sandboxes.reset(bench.sandbox))
            orders = [bench.create("still"), *(bench.create(ref=str(number)) for number in range(3))]
            bench.advance(7000)
            before = bench.snapshot()
        with opened() as store:
            again = Bench(store=store, origin=Origin("something else"))
            assert again.snapshot() == before
            assert list(again.sandbox.tables["orders"]) == orders
            assert list(again.engine.sandboxes) == ["default", "other"]
            again.create()


# -- shared ones


class Unreliable(RedisStore):
    """Sometimes away, and sometimes its answers get lost."""

    broken = False
    loses_answers = False

    async def _do(self, ask: Callable[[], Any]) -> Any:
        answer = None if self.broken else await super()._do(ask)
        if self.broken or self.loses_answers:
            self._doubtful = True
            raise StoreError("away")
        return answer


@contextmanager
def two_benches(server: RedisServer) -> Iterator[list[tuple[Bench, Unreliable]]]:
    """Two processes with an empty Redis, each of which follows the other whenever something runs."""
    server.empty()
    stores = [Unreliable(server.url), Unreliable(server.url)]
    pairs = [(Bench(store=store, origin=Origin("seed", "manual", "1", 5)), store) for store in stores]

    async def start(work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        return asyncio.create_task(work)

    following = [run(start(bench.engine.replicas.run())) for bench, _ in pairs if bench.engine.replicas is not None]
    assert len(following) == 2

    async def stop() -> None:
        for task in following:
            task.cancel()
        await asyncio.gather(*following, return_exceptions=True)
        for bench, store in pairs:
            if bench.engine.replicas is not None:
                await bench.engine.replicas.close()
            await bench.engine.dispatcher.close()
            await store.close()

    try:
        yield pairs
    finally:
        run(stop())


STEPS = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from(["create", "create", "advance", "reset", "break", "lose", "mend"])),
    max_size=12,
)


@given(STEPS)
@settings(max_examples=tries(25))
def test_two_processes_agree_whatever_happens_to_their_store(
    running_redis: RedisServer, steps: list[tuple[int, str]]
) -> None:
    acknowledged: list[str] = []
    with two_benches(running_redis) as pairs:
        for which, what in steps:
            bench, store = pairs[which]
            well = not (store.broken or store.loses_answers)
            if what == "create":
                status, body = bench.request("POST", "/orders", {"amount": 5})
                assert (status == 201) is well
                acknowledged += [json_text.decode(body)["id"]] if well else []
            elif what == "advance" and all(not (each.broken or each.loses_answers) for _, each in pairs):
                bench.advance(1000)
            elif what == "reset" and well:
                run(bench.engine.current())
                run(bench.engine.sandboxes.reset(bench.sandbox))
                acknowledged = []
            elif what in ("break", "lose", "mend"):
                store.broken, store.loses_answers = what == "break", what == "lose"
        for bench, store in pairs:
            store.broken = store.loses_answers = False
            acknowledged.append(bench.create())
        run(pairs[0][0].engine.current())
        shown = list(pairs[0][0].sandbox.tables["orders"])
        assert [each for each in shown if each in acknowledged] == acknowledged
        assert pairs[0][0].snapshot() == pairs[1][0].snapshot()


class Forgetful(RedisStore):
    """Loses the answer to what it has kept, after it has heard of that itself."""

    loses = False

    async def append(self, sandbox: str, base: int, changes: Sequence[Changes]) -> Kept | Conflict:
        outcome = await super().append(sandbox, base, changes)
        if self.loses:
            self.loses = False
            raise StoreError("the answer was lost")
        return outcome


def test_a_process_that_lags_behind_reads_the_sandbox_again(redis_server: RedisServer) -> None:
    with closing(Forgetful(redis_server.url)) as store:
        assert isinstance(store, Forgetful)
        bench = Bench(store=store)
        first = bench.create()
        store.loses = True
        assert bench.request("POST", "/orders", {"amount": 5})[0] == 500
        last = bench.create()
        shown = list(bench.sandbox.tables["orders"])
        assert len(shown) == 3 and [shown[0], shown[2]] == [first, last]


class Slow(RedisStore):
    """Knows only a while later what was kept, as long as it does not `go_on`."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.kept, self.told, self.go_on = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def append(self, sandbox: str, base: int, changes: Sequence[Changes]) -> Kept | Conflict:
        outcome = await super().append(sandbox, base, changes)
        self.kept.set()
        await self.go_on.wait()
        return outcome

    async def news(self) -> Sequence[News]:
        news = await super().news()
        if any(isinstance(each, Replaced) for each in news):
            self.told.set()
        return news


def test_a_command_stored_while_its_sandbox_is_read_whole_is_not_decided_again(
    redis_server: RedisServer,
) -> None:
    async def create(bench: Bench, store: Slow) -> int:
        asked = asyncio.create_task(bench.engine.answer(toy.provider, toy.request("POST", "/orders", {"amount": 5})))
        await store.kept.wait()
        store.doubt("default")
        following = asyncio.create_task(bench.engine.current())
        await store.told.wait()
        for _ in range(100):
            await real_time.give_way()
        store.go_on.set()
        await following
        return (await asked).status

    with closing(Slow(redis_server.url)) as store:
        assert isinstance(store, Slow)
        bench = Bench(store=store)
        assert run(create(bench, store)) == 201
        assert len(bench.sandbox.tables["orders"]) == 1
        assert len({*bench.sandbox.tables["orders"], bench.create()}) == 2


def test_other_processes_are_told_exactly_what_was_decided(redis_server: RedisServer) -> None:
    details = {"amount": json_text.decode(b"1e-07"), "text": "\u00fc", "none": None, "whole": 5}
    changes = Changes(
        7,
        {("orders", "a/b"): b'{"n":1.50}', ("gone", "c"): None},
        [("toy/ref:1", "a/b")],
        [Due(5, 6, "orders", "a/b", "expire")],
        Clock("rate", "0.5", 5, 6),
        [Note(5, "transition", "toy", "a/b", details)],
    )

    async def work() -> Any:
        one, other = RedisStore(redis_server.url), RedisStore(redis_server.url)
        assert [each async for each in one.load()] == []
        await one.begin(beginning("one"), new=True)
        assert len([each async for each in other.load()]) == 1
        assert await one.append("one", 0, [changes]) == Kept()
        news = await other.news()
        assert await other.begin(beginning("one"), new=True) is False
        await one.close()
        await other.close()
        return news

    [news] = run(work())
    assert news == Appended("one", 1, changes)
    assert json_text.encode(news.changes.notes) == json_text.encode(changes.notes)


def test_a_redis_that_was_emptied_and_filled_by_another_is_not_taken_for_the_same(redis_server: RedisServer) -> None:
    async def work() -> Any:
        one, other = RedisStore(redis_server.url), RedisStore(redis_server.url)
        for store in (one, other):
            assert [each async for each in store.load()] == []
        await other.begin(beginning("one"), new=True)
        await one.news()
        redis_server.empty()
        await other.begin(beginning("other"), new=True)
        news = await one.news()
        await one.close()
        await other.close()
        return news

    assert {each.sandbox: each.snapshot is not None for each in run(work())} == {"one": False, "other": True}


def test_a_process_far_behind_reads_whole_sandboxes(redis_server: RedisServer) -> None:
    with two_benches(redis_server) as [(one, _), (other, _)]:
        other.create()
        for _ in range(3):
            one.create()
        redis_server.client.xtrim("emulator:log", maxlen=1, approximate=False)
        run(other.engine.current())
        assert other.snapshot() == one.snapshot()


def test_an_attempt_begins_only_in_the_process_that_has_the_lease(redis_server: RedisServer) -> None:
    sending = json_text.encode({"state": "sending"})

    async def work() -> Any:
        one, other = RedisStore(redis_server.url), RedisStore(redis_server.url)
        for store in (one, other):
            assert len([each async for each in store.load()]) == (store is other)
            await store.begin(beginning("one"), new=True)
        await other.news()
        attempt = [Changes(1, {("deliveries", "1"): sending})]
        outcomes = [await other.append("one", 0, attempt), await one.append("one", 0, attempt)]
        await one.close()
        await other.close()
        return outcomes

    assert run(work()) == [Conflict(()), Kept()]
