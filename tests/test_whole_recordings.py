"""What does not end a recording: clicks in the console, aborted calls, silent receivers, simultaneous clients, and
answers that wait for a webhook.
"""

import asyncio
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.asgi import create_app
from emulator.testing import BackgroundServer, Emulator
from emulator.testing.types.arguments import Clock
from emulator.web.application import Options
from emulator.web.console.app import ACTIONS
from tests.receivers import HANG, Receiver
from tests.refused import refuse
from tests.test_coverage import answering
from tests.test_reproductions import Deed, deeds, do, require_same, same_end, server

__all__ = ["server"]

RUNNING: Clock = {"mode": "rate", "rate": 3600}
SCENARIO = "version: 1\nprovider: baanx\nabout: Mine.\ntimeline: []\n"


def click(emulator: Emulator, client: httpx.Client, path: str, /, **form: str) -> None:
    """Sends a form of the console, which does what it says."""
    front = emulator.control_url.removesuffix("/_emulator")
    answer = client.post(f"{front}/console/{emulator.name}/{path}", data=form)
    assert answer.status_code == 303, (path, form, answer.text.partition('role="alert"')[2][:200])


def click_everything(emulator: Emulator, client: httpx.Client) -> None:
    """Does all that the console can do."""
    act = partial(click, emulator, client)
    act("receiver")
    act("scenarios/edit", of="baanx", name="mine", text=SCENARIO)
    act("scenarios", of="baanx", scenario="mine")
    act("settings", of="baanx", setting="use_pending", value="true")
    act("faults", fault="drop", **{"member.times": "1"})
    act("faults/remove", rule="all")
    act("new", maker="baanx")
    act("new", maker="changelly", kind="buy", scenario="manual")
    [order] = [each["id"] for each in emulator.orders(provider="changelly")]
    act(f"orders/{order}/fire", event="start")
    act("clock", by="1m")
    [sent] = [each["id"] for each in emulator.webhooks(order)]
    for way in ("as-is", "duplicate", "bad-signature"):
        act(f"webhooks/{sent}/resend", way=way)
    act(f"webhooks/{sent}/resend", way="hold")
    [held] = [each["id"] for each in emulator.webhooks(order) if each["state"] == "held"]
    act(f"webhooks/{held}/resend", way="release")
    refuse(emulator, "changelly")
    number = emulator.call("GET", "journal/last/diagnosis")["request"]["number"]
    act(f"requests/{number}/resend")
    act("clock", until="idle")
    emulator.client("changelly").get("/v1/orders")


@pytest.mark.parametrize("clock", [{"mode": "manual"}, RUNNING])
def test_actions_in_the_console_are_recorded_as_the_equivalent_calls(
    emulator_server: BackgroundServer, clock: Clock
) -> None:
    with emulator_server.sandbox(clock=clock) as emulator:
        with httpx.Client() as client:
            click_everything(emulator, client)
            click(emulator, client, "clock", mode="60")
            click(emulator, client, "clock", mode="manual")
        emulator.advance(0)
        document, end = emulator.call("GET", "reproduction"), emulator.call("GET", "snapshot")
    called = [
        f"{each['method']} {each['path'].partition('/')[0]}" for each in document["steps"] if each["do"] == "command"
    ]
    assert {"POST webhooks", "PUT scenarios", "PUT default-scenario", "PUT settings", "POST faults", "DELETE faults",
            "POST orders", "POST clock", "PUT clock"} == {*called}  # fmt: skip
    same_end(require_same(document), end)


def test_every_action_of_the_console_is_tested(emulator: Emulator) -> None:
    clicked: list[str] = []

    def note(request: httpx.Request) -> None:
        clicked.append(request.url.path.removeprefix(f"/console/{emulator.name}"))

    with httpx.Client(event_hooks={"request": [note]}) as client:
        click_everything(emulator, client)
    for path in ACTIONS:
        assert any(re.fullmatch(re.sub(r"{\w+}", "[^/]+", path), each) for each in clicked), path


def test_a_refused_action_is_refused_again_in_the_replay(emulator: Emulator) -> None:
    order = emulator.make_order("changelly", "buy", "manual")["id"]
    front = emulator.control_url.removesuffix("/_emulator")
    refused = httpx.post(f"{front}/console/{emulator.name}/orders/{order}/fire", data={"event": "refund"})
    assert refused.status_code == 409
    document = emulator.call("GET", "reproduction")
    assert [each["status"] for each in document["steps"] if each["do"] == "end"] == [409]
    require_same(document)


def test_a_call_that_the_client_abandoned_is_abandoned_again() -> None:
    async def story(shop: Receiver) -> tuple[Any, Any]:
        app = create_app()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
            control = "/_emulator/sandboxes"
            await client.post(control, json={"name": "other", "clock": {"mode": "manual"}, "webhook_url": shop.url})
            await client.post(f"{control}/other/orders", json={"provider": "changelly", "kind": "buy"})
            advance = asyncio.create_task(client.post(f"{control}/other/clock/advance", json={"by": "1h"}))
            await asyncio.to_thread(shop.wait, 1)
            advance.cancel()
            await asyncio.wait([advance])
            await client.put(f"{control}/other/settings", json={"changelly": {"default_flow": "failed"}})
            found = [(await client.get(f"{control}/other/{each}")).json() for each in ("reproduction", "snapshot")]
        return found[0], found[1]

    with Receiver(HANG) as shop:
        document, end = asyncio.run(story(shop))
    assert [each["status"] for each in document["steps"] if each["do"] == "end"] == [0, 200]
    same_end(require_same(document), end)


def test_an_advance_stopped_by_a_silent_receiver_stops_there_again(emulator: Emulator) -> None:
    with Receiver(HANG) as shop:
        emulator.set("changelly", callback_url=shop.url)
        emulator.make_order("changelly", "buy")
        stopped = emulator.call("POST", "clock/advance", {"by": "1h", "budget": "100ms"})
        assert stopped["settled"] is False
        emulator.client("changelly").get("/v1/orders")
        document, end = emulator.call("GET", "reproduction"), emulator.call("GET", "snapshot")
    same_end(require_same(document), end)


def test_an_advance_that_ran_out_of_time_stops_at_the_same_point_again(emulator: Emulator) -> None:
    for _ in range(2):
        emulator.make_order("changelly", "buy")
        emulator.advance("100ms")
    assert emulator.call("POST", "clock/advance", {"by": "1h", "budget": 0})["settled"] is False
    emulator.client("changelly").get("/v1/orders")
    document, end = emulator.call("GET", "reproduction"), emulator.call("GET", "snapshot")
    assert [each["stopped_after"] for each in document["steps"] if each["do"] == "command"][-1] == 1
    same_end(require_same(document), end)


def test_an_answer_that_waited_for_a_webhook_is_the_same_again(server: BackgroundServer) -> None:
    with server.sandbox(clock=RUNNING) as emulator:
        emulator.set("changelly", callback_url=emulator.receive_at("shop.test", answering(500, 200)).url)
        client = emulator.client("changelly")
        order = emulator.make_order("changelly", "buy", "manual")["id"]
        emulator.fire(order, "start")
        answer = client.post(f"/v1/sandbox/order/{order}/resend-callback")
        assert answer.status_code < 300, answer.text
        document = emulator.call("GET", "reproduction")
    [asked] = [each for each in document["steps"] if each["do"] == "request" and "resend" in each["target"]]
    assert asked["answer"]["body"] == answer.text
    require_same(document)


def test_a_receiver_that_calls_back_during_an_advance_gets_the_same_answers_again(server: BackgroundServer) -> None:
    with server.sandbox(clock=RUNNING) as emulator:
        client = emulator.client("changelly")

        def receive(environ: Any, start: Callable[..., Any]) -> list[bytes]:
            client.get("/v1/orders")
            start("200 OK", [])
            return []

        emulator.set("changelly", callback_url=emulator.receive_at("shop.test", receive).url)
        for _ in range(3):
            emulator.make_order("changelly", "buy")
        emulator.advance("1h")
        document = emulator.call("GET", "reproduction")
    assert require_same(document).requests > 6


@pytest.fixture(scope="module")
def keeping(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BackgroundServer]:
    """An emulator without a socket, with a file in which it keeps everything."""
    path = tmp_path_factory.mktemp("kept") / "sandboxes.db"
    with BackgroundServer(Options(port=0, store=f"sqlite:///{path}"), sockets=False) as running:
        yield running


@pytest.mark.parametrize("clock", [{"mode": "manual"}, RUNNING])
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(course=st.lists(deeds, min_size=3, max_size=12))
def test_calls_that_waited_for_a_store_replay_the_same(
    keeping: BackgroundServer, clock: Clock, course: list[Deed]
) -> None:
    with keeping.sandbox(clock=clock) as emulator:
        emulator.call("POST", "webhooks/subscribe", {"url": emulator.receive_at("shop.test", answering(500, 200)).url})
        orders: list[tuple[Any, str]] = []
        for deed in course:
            do(emulator, deed, orders)
        emulator.call("PUT", "clock", {"mode": "manual"})
        emulator.advance("1s")
        document, end = emulator.call("GET", "reproduction"), emulator.call("GET", "snapshot")
    same_end(require_same(document), end)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(courses=st.lists(st.lists(deeds, min_size=2, max_size=8), min_size=2, max_size=3))
def test_simultaneous_calls_of_several_clients_replay_the_same(
    server: BackgroundServer, courses: list[list[Deed]]
) -> None:
    with server.sandbox(clock=RUNNING) as emulator, ThreadPoolExecutor(len(courses)) as threads:
        emulator.call("POST", "webhooks/subscribe", {"url": emulator.receive_at("shop.test", answering(200, 500)).url})
        orders: list[tuple[Any, str]] = []

        def work(course: list[Deed]) -> None:
            for deed in course:
                do(emulator, deed, orders)

        list(threads.map(work, courses))
        emulator.call("PUT", "clock", {"mode": "manual"})
        emulator.advance(0)
        document, end = emulator.call("GET", "reproduction"), emulator.call("GET", "snapshot")
    same_end(require_same(document), end)
