"""What a test can do beside the emulator, wherever that runs."""

import asyncio
from typing import Any

import httpx
import pytest
import requests
import respx

from emulator.testing import (
    AsyncEmulator,
    ControlRefused,
    Emulator,
    NotSettled,
    verify_basswallet,
)
from emulator.testing.server import Sandboxes
from tests.beside.asking import BAANX, ask_all, calls, is_let_in
from tests.beside.receiving import Shop, Wsgi, starlette

FAULTS = {"reset": httpx.ReadError, "truncate": httpx.RemoteProtocolError, "timeout": httpx.ReadTimeout}


def paid_at(emulator: Emulator, url: str) -> str:
    """Id of an order of BassWallet whose two webhooks go to a receiver within two minutes."""
    emulator.set("basswallet", webhook_url=f"{url}/hook")
    return str(emulator.make_order("basswallet")["id"])


def test_a_whole_life(emulator: Emulator) -> None:
    with emulator.client("baanx") as client:
        order = client.post("/v1/order", json=BAANX).json()["orderId"]
        assert [each["status"] for each in emulator.advance("10s")] == ["COMPLETED"]
        assert client.get(f"/v1/order/{order}").json()["status"] == "COMPLETED"
    assert emulator.now == "2026-01-05T12:00:10.000Z"
    assert emulator.order(order)["status"] == "COMPLETED"


def test_each_test_has_its_own_sandbox(emulator: Emulator, emulator_server: Sandboxes) -> None:
    with emulator_server.sandbox() as other:
        assert other.name != emulator.name
        other.make_order("baanx")
        assert emulator.orders() == []
    with pytest.raises(ControlRefused, match="unknown-sandbox"):
        other.orders()
    other.close()


def test_a_sandbox_name_in_use_is_skipped(emulator_server: Sandboxes) -> None:
    with emulator_server.sandbox() as first:
        stem, _, number = first.name.rpartition("-")
        with emulator_server.sandbox(name=f"{stem}-{int(number) + 1}"), emulator_server.sandbox() as third:
            assert third.name == f"{stem}-{int(number) + 2}"


def test_the_clients_of_all_providers_sign(emulator: Emulator) -> None:
    for provider, method, path, arguments in calls(emulator):
        with emulator.client(provider) as client:
            assert is_let_in(client.request(method, path, **arguments)), (provider, method, path)


def test_requests_to_public_host_names_come_here(emulator: Emulator) -> None:
    with emulator.intercept(), respx.mock(assert_all_called=False) as others:
        ask_all(emulator)
        assert len(others.calls) == 0


def test_the_transport_accepts_public_host_names(emulator: Emulator) -> None:
    with httpx.Client(transport=emulator.transport()) as client:
        assert client.get("https://api.koywe.com/api/v1/nothing").status_code in (401, 404)


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_break_connections(emulator: Emulator, fault: Any) -> None:
    emulator.inject(fault, provider="baanx", when="after", times=1)
    with emulator.client("baanx", timeout=0.5) as client, pytest.raises(FAULTS[fault]):
        client.post("/v1/order", json=BAANX)
    assert len(emulator.orders()) == 1


def test_webhooks_reach_an_asgi_application_with_its_lifespan(emulator: Emulator) -> None:
    events: list[str] = []
    with emulator.receive_at("shop.test", starlette(events)) as receiver:
        paid_at(emulator, receiver.url)
        emulator.advance("2m")
    assert events == ["started", "webhook", "webhook", "stopped"]


def test_webhooks_reach_a_wsgi_application_and_are_signed(emulator: Emulator) -> None:
    app = Wsgi()
    receiver = emulator.receive_at("shop.test", app)
    paid_at(emulator, receiver.url)
    emulator.advance("2m")
    secret = emulator.basswallet.credentials["callback_secret_key"]
    signed = [
        verify_basswallet(body, {"Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}, secret)
        for _, signature, body in app.seen
    ]
    assert signed == [True, True]


def test_a_handler_s_exception_is_raised_in_the_test(emulator: Emulator) -> None:
    receiver = emulator.receive_at("shop.test", Shop(breaks=0))
    paid_at(emulator, receiver.url)
    with pytest.raises(ValueError, match="no such order"):
        emulator.advance("1m")
    assert emulator.webhooks()[0]["attempts"][0]["status"] == 500


def test_a_receiver_of_the_server_receives_for_all_sandboxes(emulator: Emulator, emulator_server: Sandboxes) -> None:
    shop = Shop()
    with emulator_server.receive_at("all.test", shop) as receiver, emulator_server.sandbox() as other:
        for each in (emulator, other):
            paid_at(each, receiver.url)
            each.advance("2m")
    assert len(shop.seen) == 4
    assert emulator.orders()[0]["status"] == "Success"


def test_after_a_receiver_ends_nothing_arrives(emulator: Emulator) -> None:
    with emulator.receive_at("127.0.0.2", Shop()) as receiver:
        paid_at(emulator, receiver.url)
    emulator.advance("1m")
    assert emulator.webhooks()[0]["attempts"][0]["status"] is None


def test_the_emulator_works_in_one_event_loop_with_its_receiver(async_emulator: AsyncEmulator) -> None:
    async def run() -> None:
        shop = Shop()
        async with async_emulator.receive_here("shop.test", shop) as receiver:
            await async_emulator.set("basswallet", webhook_url=f"{receiver.url}/hook")
            await async_emulator.make_order("basswallet")
            await async_emulator.advance("2m")
            assert shop.loops == {asyncio.get_running_loop()}
            assert len(shop.seen) == 2
        async with async_emulator.async_client("koywe") as client:
            assert (await client.get("/api/v1/organizations")).status_code != 401

    asyncio.run(run())


def test_a_silent_receiver_is_named(emulator: Emulator) -> None:
    async def run() -> None:
        done, awaited = asyncio.Event(), emulator.awaited()

        async def silent(scope: Any, receive: Any, send: Any) -> None:
            await done.wait()
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        async with emulator.receive_here("shop.test", silent) as receiver:
            paid_at(emulator, receiver.url)
            with pytest.raises(NotSettled, match=receiver.url.removeprefix("http://")):
                await awaited.advance("2m", budget="50ms")
            done.set()

    asyncio.run(run())


@pytest.mark.emulator(
    clock="2026-03-01T00:00:00Z",
    seed="spring",
    settings={"basswallet": {"amount_precision": "token"}},
    scenario={"baanx": "manual"},
    faults=["latency", {"fault": "reset", "provider": "koywe", "times": 1}],
)
class TestWithAMarker:
    """A sandbox that begins as the marker says."""

    def test_clock_scenarios_and_faults_can_be_set(self, emulator: Emulator) -> None:
        assert emulator.now == "2026-03-01T00:00:00.000Z"
        assert [each["fault"] for each in emulator.call("GET", "faults")["faults"]] == ["latency", "reset"]
        order = emulator.make_order("baanx")
        assert (order["scenario"], emulator.advance("10s")) == ("manual", [])
        assert emulator.call("GET", "settings")["basswallet"]["amount_precision"] == "token"

    @pytest.mark.emulator(clock={"rate": 1000}, faults=[])
    def test_the_closest_marker_takes_precedence(self, emulator: Emulator) -> None:
        assert emulator.call("GET", "clock")["mode"] == "rate"
        assert emulator.call("GET", "faults")["faults"] == []
        assert emulator.make_order("baanx")["scenario"] == "manual"


@pytest.mark.emulator(seed="spring")
def test_the_same_seed_gives_the_same_ids(emulator: Emulator, emulator_server: Sandboxes) -> None:
    order = emulator.make_order("baanx")["id"]
    with emulator_server.sandbox(seed="spring") as other, emulator_server.sandbox() as another:
        assert other.make_order("baanx")["id"] == order
        assert another.make_order("baanx")["id"] != order


def test_custom_requests_go_over_http_if_there_is_a_socket(emulator: Emulator) -> None:
    if emulator.baanx.url == "http://localhost/baanx":
        with emulator.intercept():
            answer = requests.get("https://api.baanx.com/v1/order/none", timeout=20)
    else:
        answer = requests.get(f"{emulator.baanx.url}/v1/order/none", timeout=20)
    assert answer.status_code == 499
