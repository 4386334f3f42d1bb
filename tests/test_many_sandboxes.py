"""Many sandboxes: their number is limited, and work in one costs the same however many others there are."""

import asyncio
import gc
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import FrameType
from typing import Any

import httpx
import pytest

from emulator.cli.serve import serve
from emulator.core.origin import Origin
from emulator.engine import sandboxes
from emulator.engine.engine import Engine
from emulator.engine.holders import Holders
from emulator.engine.schedule import Schedule
from emulator.engine.scheduler import Scheduler
from emulator.testing import BackgroundServer, ControlRefused, Emulator
from emulator.web.application import Options
from tests.core.toy import SCENARIOS, START_MS, Bench, library, provider, request, run
from tests.shelf import SlowShelf

MOST = 3


@pytest.fixture(scope="module")
def full() -> Iterator[BackgroundServer]:
    """An emulator with as many sandboxes as it may have."""
    with BackgroundServer(Options(port=0, max_sandboxes=MOST, sandboxes="auto")) as server:
        for name in ("one", "two"):
            server.sandbox(name=name)
        yield server


def ask_baanx(server: BackgroundServer, name: str) -> httpx.Response:
    headers = {"X-Client-ID": f"client-{name}", "Authorization": f"Bearer user-{name}", "X-Emulator-Explain": "1"}
    url = server.server.addresses.urls()["baanx"]
    return httpx.get(f"{url}/v1/order/products/available", headers=headers)


# -- how many


def test_a_sandbox_over_the_limit_is_refused_with_what_to_do(full: BackgroundServer) -> None:
    with pytest.raises(ControlRefused, match="too-many-sandboxes: there may be no more than 3 sandboxes: DELETE one"):
        full.sandbox(name="three")
    answer = httpx.post(f"{full.server.addresses.control}/sandboxes", json={"name": "three"})
    assert (answer.status_code, answer.json()["error"]) == (409, "too-many-sandboxes")
    assert "--max-sandboxes" in answer.json()["message"]
    assert list(full.server.engine.sandboxes) == ["default", "one", "two"]


def test_a_key_for_a_sandbox_over_the_limit_gets_the_provider_s_error_and_the_journal_says_why(
    full: BackgroundServer,
) -> None:
    assert ask_baanx(full, "one").status_code == 200
    refused = ask_baanx(full, "three")
    assert refused.status_code == 498
    assert refused.headers["X-Emulator-Reason"].startswith("there may be no more than 3 sandboxes: DELETE one")
    entry = httpx.get(f"{full.server.addresses.control}/sandboxes/default/journal?order=desc&limit=1").json()["entries"]
    assert entry[0]["reason"] == refused.headers["X-Emulator-Reason"]
    assert "client-default" in entry[0]["reason"]
    assert list(full.server.engine.sandboxes) == ["default", "one", "two"]


def test_a_deleted_sandbox_makes_room() -> None:
    with BackgroundServer(Options(port=0, max_sandboxes=2, sandboxes="auto")) as server:
        assert ask_baanx(server, "first").status_code == 200
        assert ask_baanx(server, "second").status_code == 498
        httpx.delete(f"{server.server.addresses.control}/sandboxes/first")
        assert ask_baanx(server, "second").status_code == 200


def test_simultaneous_creations_do_not_exceed_the_limit() -> None:
    with BackgroundServer(Options(port=0, max_sandboxes=5)) as server:
        url = f"{server.server.addresses.control}/sandboxes"
        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(lambda place: httpx.post(url, json={"name": f"s{place}"}), range(16)))
        assert sorted(answer.status_code for answer in answers) == [201] * 4 + [409] * 12
        assert len(server.server.engine.sandboxes) == 5


def test_sandboxes_that_the_store_is_still_keeping_count_too() -> None:
    async def make_five() -> tuple[list[Any], int]:
        here = Engine(library(SCENARIOS), SlowShelf(), Origin("seed"), max_sandboxes=3)
        await here.open()
        making = (here.sandboxes.create(f"s{place}", Origin("seed")) for place in range(5))
        return await asyncio.gather(*making, return_exceptions=True), len(here.sandboxes)

    made, count = asyncio.run(make_five())
    assert [isinstance(each, sandboxes.TooManySandboxes) for each in made] == [False] * 2 + [True] * 3
    assert count == 3


def test_the_flag_has_the_engine_s_default() -> None:
    (flag,) = [each for each in serve.params if each.name == "max_sandboxes"]
    assert flag.default == sandboxes.MAX_SANDBOXES == Options().max_sandboxes


# -- what they cost


def calls_of(action: Callable[[], Any]) -> int:
    """How many Python and C functions are called: what takes longer calls more of them."""
    count = 0

    def see(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    gc.disable()  # others have functions called when it runs
    sys.setprofile(see)
    try:
        action()
    finally:
        sys.setprofile(None)
        gc.enable()
    return count


def costs(others: int) -> dict[str, int]:
    """What things cost in a world with so many other sandboxes, each with an order and a running clock."""
    bench = Bench(origin=Origin("seed", "real", "1", START_MS))
    bench.engine.sandboxes._most = others + 10
    driver = Scheduler(bench.engine)
    for place in range(others):
        run(bench.engine.sandboxes.create(f"o{place}", Origin(f"o{place}", "real", "1", START_MS)))
        bench.request("POST", "/orders", {"amount": 5, "ref": f"r{place}"}, sandbox=f"o{place}")
    run(driver.look())

    def create() -> None:
        run(bench.engine.sandboxes.create("new", bench.origin))
        run(driver.look())

    def ask() -> None:
        run(bench.engine.answer(provider, request("POST", "/orders", {"amount": 5, "ref": "x"}, sandbox="new")))

    def fall_due() -> None:
        bench.wall.now_ms = START_MS + 2000
        tx = bench.engine.transaction(bench.engine.sandboxes["new"])
        order = tx.order(tx.order_ids("toy", "ref:x")[0])
        assert order is not None
        tx.start_timer(order, "fail", tx.now_ms)
        run(bench.engine.commit(bench.engine.sandboxes["new"], tx).wait())
        run(driver.look())
        assert bench.engine.schedule.next_ms() == START_MS + 5000 or others == 0

    find = bench.engine.sandboxes.holders.find
    return {
        "create": calls_of(create),
        "ask": calls_of(ask),
        "find": calls_of(lambda: [find(f"toy/ref:{each}") for each in ("x", "r0", "none")]),
        "fall due": calls_of(fall_due),
        "reset": calls_of(lambda: run(bench.engine.sandboxes.reset(bench.engine.sandboxes["new"]))),
        "forget": calls_of(lambda: run(bench.engine.sandboxes.forget(bench.engine.sandboxes["new"]))),
    }


def test_no_call_costs_more_with_many_sandboxes() -> None:
    costs(1)  # whatever is made once only is made here
    few, many = costs(2), costs(400)
    assert {name: many[name] - few[name] for name in few} == pytest.approx(dict.fromkeys(few, 0), abs=12)
    assert few["create"] > 50


# -- what finds them


def test_wake_ups_come_in_order_and_none_is_lost_or_doubled() -> None:
    schedule = Schedule()
    assert schedule.next_ms() is None
    assert schedule.plan("a", 50)
    assert not schedule.plan("a", 60)
    assert schedule.plan("b", 40)
    assert schedule.plan("a", 10)
    assert schedule.next_ms() == 10
    assert schedule.take(39) == ["a"]
    assert schedule.next_ms() == 40
    schedule.forget("b")
    assert schedule.next_ms() is None
    assert schedule.take(1000) == []


def test_outdated_wake_ups_do_not_pile_up() -> None:
    schedule = Schedule()
    for real_ms in range(100_000, 0, -1):
        schedule.plan("a", real_ms)
    assert len(schedule._heap) < 100
    assert schedule.take(100_000) == ["a"]


def test_an_id_leads_to_the_newest_sandbox_that_has_it_and_to_none_that_lost_it() -> None:
    holders = Holders([provider])
    for name in ("old", "new"):
        holders.add(name)
    holders.hold("new", ["toy/ref:1"])
    holders.hold("old", ["toy/ref:1", "toy/ref:1", "toy/ref:2"])
    assert (holders.find("toy/ref:1"), holders.find("toy/ref:2"), holders.find("toy/ref:3")) == ("new", "old", None)
    holders.release("new")
    assert holders.find("toy/ref:1") == "old"
    holders.forget("old")
    assert holders.find("toy/ref:2") is None
    assert holders._of_key == {}
    with pytest.raises(LookupError, match="toy/owner:x"):
        holders.find("toy/owner:x")


def test_a_page_finds_its_order_after_a_reset_and_a_restore(emulator: Emulator) -> None:
    from tests.clients.changelly import Client

    with Client(emulator) as client:
        link = client.create({"X-Emulator-Scenario": "manual"}).json()["redirectUrl"]
        assert httpx.get(link).status_code == 200
        kept = emulator.call("GET", "snapshot")
        emulator.reset()
        assert httpx.get(link).status_code == 404
        emulator.call("PUT", "snapshot", kept)
        assert httpx.get(link).status_code == 200
