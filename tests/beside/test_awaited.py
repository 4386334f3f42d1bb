"""The awaited calls: the same as the blocking ones, while the event loop goes on."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from emulator.testing import AsyncEmulator, BackgroundServer, ControlRefused, Emulator, NotSettled
from tests.beside.receiving import Shop
from tests.beside.test_plugin import pytest_run

MINE = {"version": 1, "provider": "basswallet", "about": "Nothing happens.", "timeline": []}
Story = Callable[[AsyncEmulator], Awaitable[None]]


def tell(story: Story, *, sockets: bool = False) -> None:
    """Tells a story to a new sandbox."""

    async def run() -> None:
        async with server.async_sandbox() as sandbox:
            await story(sandbox)

    with BackgroundServer(sockets=sockets) as server:
        asyncio.run(asyncio.wait_for(run(), 30))


both = pytest.mark.parametrize("sockets", [True, False], ids=["sockets", "no sockets"])


def test_both_clients_have_the_same_calls() -> None:
    def names(kind: type) -> set[str]:
        return {name for name in dir(kind) if not name.startswith("_")}

    assert names(Emulator) - {"awaited"} == names(AsyncEmulator)
    assert all(inspect.getdoc(getattr(Emulator, name)) for name in names(Emulator))


@both
def test_every_call_can_be_awaited(sockets: bool) -> None:
    async def story(emulator: AsyncEmulator) -> None:
        assert await emulator.now == "2026-01-05T12:00:00.000Z"
        await emulator.set("basswallet", webhook_url="http://shop.test/hook")
        await emulator.choose(basswallet="manual")
        await emulator.scenario("basswallet", "mine", MINE)
        order = (await emulator.make_order("basswallet"))["id"]
        shop = Shop()
        async with emulator.receive_here("shop.test", shop):
            await emulator.fire(order, "pay")
            await emulator.advance("2m")
            [first, *_] = await emulator.webhooks(order)
            await emulator.replay(first["id"])
            await emulator.command("basswallet", "test_webhook")
            await emulator.send_webhook("basswallet", b"a=1")
            assert (await emulator.wait_for_webhooks(count=1))["complete"]
            assert shop.loops == {asyncio.get_running_loop()}
        assert (await emulator.order(order))["status"] == (await emulator.orders())[0]["status"]
        await emulator.move((await emulator.make_order("basswallet"))["id"], "Expired")
        await emulator.inject("reset", provider="koywe")
        await emulator.clear_faults()
        assert (await emulator.call("GET", "faults"))["faults"] == []
        assert (await emulator.count({"kind": "request"}))["count"] == len(await emulator.journal(kind="request"))
        await emulator.reset()
        assert await emulator.orders() == []

    tell(story, sockets=sockets)


@both
def test_awaited_calls_work_with_a_receiver_in_the_same_event_loop(sockets: bool) -> None:
    async def story(emulator: AsyncEmulator) -> None:
        async with emulator.receive_here("shop.test", Shop(breaks=1)):
            await emulator.set("basswallet", webhook_url="http://shop.test/hook")
            await emulator.make_order("basswallet")
            with pytest.raises(ValueError, match="no such order"):
                await emulator.advance("2m")

    tell(story, sockets=sockets)


@both
def test_refusals_and_unsettled_advances_are_raised(sockets: bool) -> None:
    async def story(emulator: AsyncEmulator) -> None:
        with pytest.raises(ControlRefused, match="unknown-order"):
            await emulator.order("none")
        async with emulator.receive_here("shop.test", silent):
            await emulator.set("basswallet", webhook_url="http://shop.test/hook")
            await emulator.make_order("basswallet")
            with pytest.raises(NotSettled, match=r"shop\.test"):
                await emulator.advance("2m", budget="50ms")
            done.set()

    async def silent(scope: Any, receive: Any, send: Any) -> None:
        await done.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    done = asyncio.Event()
    tell(story, sockets=sockets)


def test_concurrent_calls_do_not_wait_for_each_other() -> None:
    async def story(emulator: AsyncEmulator) -> None:
        waiting = asyncio.ensure_future(emulator.wait_for_webhooks(timeout="30s"))
        assert await asyncio.gather(*(emulator.orders() for _ in range(20))) == [[]] * 20
        assert not waiting.done()
        waiting.cancel()

    tell(story)


def test_a_sandbox_of_another_process_can_be_awaited() -> None:
    async def run(control: str) -> None:
        async with await AsyncEmulator.create(control, name="mine") as emulator:
            assert await emulator.orders() == []
            assert repr(emulator).startswith("<AsyncEmulator: sandbox 'mine' at http://127.0.0.1:")
        with pytest.raises(ControlRefused, match="unknown-sandbox"):
            await emulator.orders()
        await emulator.close()

    with BackgroundServer() as server:
        asyncio.run(run(server.server.addresses.control))


FIXTURE = """
import asyncio

def test_the_awaited_client_is_for_the_same_sandbox(emulator, async_emulator):
    order = emulator.make_order("baanx")
    assert [each["id"] for each in asyncio.run(orders(async_emulator))] == [order["id"]]

async def orders(emulator):
    return await emulator.orders()

def test_it_fails(async_emulator):
    asyncio.run(fail(async_emulator))

async def fail(emulator):
    await emulator.make_order("baanx")
    assert await emulator.orders() == []
"""


def test_the_async_fixture_works_and_a_failed_test_shows_its_sandbox(tmp_path: Path) -> None:
    shown = pytest_run(tmp_path, FIXTURE)
    assert "1 failed, 1 passed" in shown
    assert shown.count("- Emulator: sandbox test-2 -") == 1
    assert "STARTED, scenario happy" in shown
