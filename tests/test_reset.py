"""A reset ends everything that was under way: nothing from before it happens after it."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

from emulator.contract.delivery import Delivery, Message, Response
from emulator.contract.request import Request
from emulator.core import events, json_text
from emulator.core.origin import DEFAULT, Origin
from emulator.core.transaction import Transaction
from emulator.engine import real_time
from emulator.engine.engine import Engine
from emulator.engine.sender import Sender
from emulator.stores.memory import MemoryStore
from emulator.web.library import load_library

NOW_MS = 1_767_614_400_000
LIBRARY = load_library()[0]
BODY = b'{"tokenName":"USDT","chainName":"Tron","amount":"25.50"}'
HEADERS = {"api-access-key": "access-default", "content-type": "application/json"}


class HeldSender:
    """Sends, and waits until the test gives the answer."""

    def __init__(self) -> None:
        self.answers: list[asyncio.Future[Response]] = []

    async def send(self, message: Message, timeout_ms: int, begins: Callable[[], None]) -> Response:
        """The answer that the test gives."""
        begins()
        answer: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self.answers.append(answer)
        return await answer


class Merchant:
    """An engine with one sandbox, in which BassWallet's webhooks have a receiver."""

    def __init__(self) -> None:
        self.sender = HeldSender()
        settings = {"basswallet": {"signature_check": "off", "webhook_url": "http://shop.test/hook"}}
        origin = Origin("seed", "manual", "1", NOW_MS, settings)
        self.engine = Engine(LIBRARY, MemoryStore(), origin, sender=cast(Sender, self.sender))

    async def create_expired(self) -> str:
        """Id of an order that has just expired, so that its webhook is on its way."""
        path = "/v1/account/payment"
        reply = await self.engine.answer(
            LIBRARY.providers["basswallet"], Request("POST", path, path, "", HEADERS, BODY)
        )
        order_id = str(json_text.decode(reply.body)["data"]["id"])

        def expire(tx: Transaction) -> None:
            order = tx.order(order_id)
            assert order is not None
            events.fire(tx, order, "expire", cause="control")

        await self.engine.command(self.sandbox, expire)
        await self.engine.settle_in_turns(self.sandbox)
        await idle()
        return order_id

    @property
    def sandbox(self) -> Any:
        """The default sandbox."""
        return self.engine.sandboxes[DEFAULT]

    def deliveries(self) -> list[Delivery]:
        """All webhooks."""
        return list(self.engine.transaction(self.sandbox).deliveries())


async def idle() -> None:
    """Lets all other tasks run."""
    for _ in range(20):
        await real_time.give_way()


def test_an_answer_to_a_webhook_from_before_a_reset_does_not_count_for_a_new_one() -> None:
    async def story() -> None:
        merchant = Merchant()
        await merchant.engine.open()
        old_id = await merchant.create_expired()
        await merchant.engine.sandboxes.reset(merchant.sandbox)
        assert await merchant.create_expired() == old_id
        first, second = merchant.sender.answers
        assert first.cancelled()
        [delivery] = merchant.deliveries()
        assert (delivery.state, delivery.attempts) == ("sending", [])
        second.set_result(Response(200))
        await idle()
        [delivery] = merchant.deliveries()
        assert (delivery.state, [attempt.status for attempt in delivery.attempts]) == ("delivered", [200])

    asyncio.run(story())


def test_an_advance_of_the_old_clock_does_not_move_the_new_one() -> None:
    async def story() -> None:
        merchant = Merchant()
        await merchant.engine.open()
        await merchant.create_expired()
        advance = asyncio.create_task(merchant.engine.advance(merchant.sandbox, NOW_MS + 86_400_000))
        await idle()
        assert not advance.done()
        await merchant.engine.sandboxes.reset(merchant.sandbox)
        await idle()
        assert advance.done()
        assert merchant.sandbox.clock.now_ms(0) == NOW_MS
        assert (await advance).items == []

    asyncio.run(story())
