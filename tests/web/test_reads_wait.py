"""Nobody is told of a change that the store may still refuse: not by the control API, not by the console, and not by
the stream of what happens."""

import asyncio
import re
from collections.abc import Coroutine
from typing import Any

import httpx
import pytest
from starlette.types import Message

from emulator.core.origin import DEFAULT, Origin
from emulator.engine import real_time
from emulator.engine.engine import Engine
from emulator.stores import StoreError
from emulator.web.console.app import VIEWS, Console
from emulator.web.control.app import Control
from emulator.web.control.calls import CALLS
from emulator.web.control.refusals import ControlError
from emulator.web.guard import CONTROL_PREFIX, Guard
from emulator.web.library import load_library
from emulator.web.receiving import receiving_app
from emulator.web.router import Addresses, Router
from tests.shelf import HeldShelf

LIBRARY = load_library()[0]
BASE_URL = "http://localhost"
CONTROL = f"{CONTROL_PREFIX}/sandboxes/{DEFAULT}"
READS = [call.path for call in CALLS if call.reads and not call.path.endswith("/events")]
OTHERS: dict[str, tuple[str, Any, int]] = {
    "a refusal": ("orders/{order}/events", {"event": "confirm"}, 409),
    "a wait": ("webhooks/wait", {"count": 0}, 200),
    "a verdict": ("receiver/verify", {"url": "http://localhost/hook", "headers": {}, "body_base64": ""}, 200),
}
"""Calls that change nothing, though they are no GET."""


class World:
    """An emulator with a store that can be held, somebody who asks it, and an order that is to be paid."""

    def __init__(self) -> None:
        self.shelf = HeldShelf()
        self.engine = Engine(LIBRARY, self.shelf, Origin("seed", "manual", "1", 0), self_check=True)
        self.control = Control(self.engine)
        self.control.ready = True
        self.control.addresses = Addresses("localhost", 0, {}, BASE_URL, tuple(LIBRARY.providers))
        self.app = Router(
            self.engine,
            self.control,
            Console(self.control).app,
            receiving_app(self.control.receiver),
            self.control.addresses,
            Guard(),
        )
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=BASE_URL)
        self.order = ""

    async def begin(self) -> None:
        """Opens the emulator, and makes the order."""
        await self.engine.open()
        wanted = {"provider": "koywe", "kind": "PAYIN", "scenario": "manual"}
        made = await self.client.post(f"{CONTROL}/orders", json=wanted)
        assert made.status_code == 201, made.text
        self.order = made.json()["id"]

    def path(self, template: str) -> str:
        """A path with its parameters filled in."""
        return template.format(sandbox=DEFAULT, order=self.order, number="1", webhook="none")

    async def pay(self) -> httpx.Response:
        """Pays the order: the change that the store has to keep."""
        return await self.client.post(f"{CONTROL}/orders/{self.order}/events", json={"event": "confirm"})

    async def ask_meanwhile(
        self, question: Coroutine[Any, Any, httpx.Response], kept: bool
    ) -> tuple[httpx.Response, httpx.Response]:
        """The answers to the payment, and to a question that is asked before the store has kept it."""
        self.shelf.hold()
        paying = asyncio.create_task(self.pay())
        await self.shelf.asked.wait()
        asking = asyncio.create_task(question)
        for _ in range(100):
            await real_time.give_way()
        assert not asking.done()
        self.shelf.broken = not kept
        self.shelf.free.set()
        return await paying, await asking


async def begun() -> World:
    """A world that has begun."""
    world = World()
    await world.begin()
    return world


@pytest.mark.parametrize("template", READS)
def test_a_reading_call_shows_only_what_is_stored(template: str) -> None:
    async def look() -> None:
        world = await begun()
        path = CONTROL_PREFIX + world.path(template)
        before = await world.client.get(path)
        paid, seen = await world.ask_meanwhile(world.client.get(path), kept=False)
        assert paid.status_code == 503
        if not path.endswith("/reproduction"):  # which says that it cannot repeat this
            assert seen.text == before.text
        world.shelf.broken = False
        paid, seen = await world.ask_meanwhile(world.client.get(path), kept=True)
        assert paid.status_code == 200
        assert seen.text == (await world.client.get(path)).text

    asyncio.run(look())


@pytest.mark.parametrize("what", OTHERS)
def test_a_call_that_changes_nothing_waits_for_the_store_too(what: str) -> None:
    async def look() -> None:
        world = await begun()
        template, body, status = OTHERS[what]
        path = f"{CONTROL}/{world.path(template)}"
        _, seen = await world.ask_meanwhile(world.client.post(path, json=body), kept=False)
        assert (seen.status_code, "PAID" in seen.text) == (503, False)
        world.shelf.broken = False
        _, seen = await world.ask_meanwhile(world.client.post(path, json=body), kept=True)
        assert seen.status_code == status, seen.text

    asyncio.run(look())


def page_of(answer: httpx.Response) -> str:
    """A page without what is different each time."""
    return re.sub(r'(nonce|data-read-ms)="[^"]*"', "", answer.text)


@pytest.mark.parametrize("view", VIEWS)
def test_a_page_of_the_console_shows_only_what_is_stored(view: str) -> None:
    async def look() -> None:
        world = await begun()
        path = f"/console/{DEFAULT}{world.path(view)}"
        before = await world.client.get(path)
        _, seen = await world.ask_meanwhile(world.client.get(path), kept=False)
        assert page_of(seen) == page_of(before)
        world.shelf.broken = False
        _, seen = await world.ask_meanwhile(world.client.get(path), kept=True)
        assert page_of(seen) == page_of(await world.client.get(path))

    asyncio.run(look())


@pytest.mark.parametrize("refused", [False, True])
@pytest.mark.parametrize("broken", [False, True])
def test_a_change_during_a_read_is_shown_once_it_is_stored(broken: bool, refused: bool) -> None:
    async def look() -> None:
        world = await begun()
        sandbox, seen = world.engine.sandboxes[DEFAULT], list[int]()

        async def change_and_look() -> int:
            tx = world.engine.transaction(sandbox)
            tx.put("numbers", str(len(seen)), 1)
            world.engine.commit(sandbox, tx)
            seen.append(len(sandbox.tables["numbers"]))
            if refused:
                raise ControlError("bad-request", str(seen[-1]))
            return seen[-1]

        world.shelf.conflicts, world.shelf.broken = (0, True) if broken else (2, False)
        try:
            told = str(await world.engine.read(change_and_look, DEFAULT))
        except (ControlError, StoreError) as error:
            told = str(error)
        assert (told, seen) == (("the disk is full", [1]) if broken else ("1", [1, 1, 1]))

    asyncio.run(look())


def test_the_stream_has_only_what_is_stored() -> None:
    async def listen() -> None:
        world = await begun()
        sent, told = bytearray(), asyncio.Event()

        async def receive() -> Message:
            return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]

        async def send(message: Message) -> None:
            sent.extend(message.get("body", b""))
            if b"PAID" in sent:
                told.set()

        scope = {
            "type": "http", "method": "GET", "path": f"{CONTROL}/events", "raw_path": b"", "query_string": b"",
            "headers": [(b"host", b"localhost")], "client": ("127.0.0.1", 1), "server": ("localhost", 80),
            "scheme": "http",
        }  # fmt: skip
        listening = asyncio.create_task(world.app(scope, receive, send))
        paid, _ = await world.ask_meanwhile(world.client.get(f"{CONTROL}/clock"), kept=False)
        assert paid.status_code == 503
        world.shelf.broken = False
        made = world.client.post(f"{CONTROL}/orders/{world.order}/events", json={"event": "fail"})
        assert (await made).status_code == 200
        while b"FAILED" not in sent:
            await real_time.give_way()
        assert b"PAID" not in sent
        listening.cancel()

    asyncio.run(listen())
