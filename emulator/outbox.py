"""Sends what is due to be sent, and says what came of it. Holds up neither requests nor other orders.

First attempts of one order go out one after the other; a repeated attempt does not hold later ones back.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from emulator import wall
from emulator.core.delivery import Attempt, Delivery, Message, Response, Skip, Webhooks
from emulator.core.faults import TABLE as FAULT_RULES
from emulator.core.faults import delivery_subject, late_ms, order_rules, pick, sandbox_rules
from emulator.core.sandbox import DELIVERIES, Sandbox
from emulator.core.self_check import problem_of_message
from emulator.core.transaction import Transaction
from emulator.courier import Courier

KEPT_DELIVERIES = 10_000
"""How many deliveries a sandbox keeps; beyond that the oldest finished ones are forgotten."""
_ROOM = 100
"""So many are forgotten at once, as it takes a look at all that wait."""

log = logging.getLogger("emulator")

Begin = Callable[[Sandbox], Awaitable[Transaction]]
Commit = Callable[[Sandbox, Transaction], Awaitable[None]]


class Outbox:
    """The deliveries under way, by sandbox."""

    def __init__(self, courier: Courier, begin: Begin, commit: Commit, *, self_check: bool = False) -> None:
        """`begin` and `commit`: the world's way of changing a sandbox."""
        self.courier = courier
        self._begin = begin
        self._commit = commit
        self._self_check = self_check
        self._under_way: dict[str, dict[str, asyncio.Task[None]]] = {}
        self._last_first: dict[tuple[str, str, str], asyncio.Task[None]] = {}
        self._news = asyncio.Event()

    async def start(self, sandbox: Sandbox, delivery_id: str) -> None:
        """Begins the attempt that is due now; `settled` waits until its outcome is kept."""
        tx = await self._begin(sandbox)
        delivery = tx.delivery(delivery_id)
        if delivery is None or delivery.state == "sending":
            return
        if not delivery.fault_decided:
            delivery.fault_decided = True
            if self._befall(tx, delivery):
                self._make_room(sandbox, tx)
                await self._commit(sandbox, tx)
                return
        webhooks = _webhooks(tx, delivery)
        message = webhooks.compose(tx, delivery)
        if self._self_check and isinstance(message, Message) and delivery.quirk not in webhooks.quirks:
            broken = problem_of_message(tx.library.providers[delivery.provider], delivery.event, message)
            if broken is not None:
                log.error("the webhook %s breaks its own schema: %s", delivery.id, broken)
                message = Skip(f"self-check: {broken}")
        if delivery.quirk == "bad-signature" and isinstance(message, Message):
            message = _with_wrong_signature(message, webhooks.signature_header)
        if isinstance(message, Skip):
            delivery.due = None
            delivery.state = "held" if message.hold else "failed"
            _note(tx, delivery, Response(None, error=message.reason))
            tx.keep_delivery(delivery)
            self._make_room(sandbox, tx)
            await self._commit(sandbox, tx)
            return
        delivery.due = None
        delivery.state = "sending"
        tx.keep_delivery(delivery)
        await self._commit(sandbox, tx)
        line = (sandbox.name, delivery.order_id or delivery.id, delivery.url)
        before = None if delivery.attempts else self._last_first.get(line)
        task = asyncio.create_task(self._attempt(sandbox, delivery, message, before))
        self._under_way.setdefault(sandbox.name, {})[delivery_id] = task
        if not delivery.attempts:
            self._last_first[line] = task
        task.add_done_callback(lambda done: self._finish(sandbox.name, delivery_id, line, done))

    def _finish(self, sandbox: str, delivery_id: str, line: tuple[str, str, str], done: "asyncio.Task[None]") -> None:
        under_way = self._under_way.get(sandbox, {})
        if under_way.get(delivery_id) is done:  # and not one of the same id in a sandbox that was reset meanwhile
            del under_way[delivery_id]
        if self._last_first.get(line) is done:
            del self._last_first[line]
        if not done.cancelled() and done.exception() is not None:
            log.error("the delivery %s failed", delivery_id, exc_info=done.exception())
        self.wake()

    def wake(self) -> None:
        """Lets all who wait for news look again."""
        self._news.set()
        self._news = asyncio.Event()

    async def settled(self, sandbox: Sandbox) -> bool:
        """Waits for all that is under way in a sandbox; False if nothing was."""
        tasks = list(self._under_way.get(sandbox.name, {}).values())
        if tasks:
            await asyncio.wait(tasks)
        return bool(tasks)

    async def complete(self, sandbox: Sandbox, delivery_id: str) -> Delivery | None:
        """Makes the attempt of a delivery that is due now, and waits for its outcome."""
        await self.start(sandbox, delivery_id)
        task = self._under_way.get(sandbox.name, {}).get(delivery_id)
        if task is not None:
            await asyncio.wait([task])
        return sandbox.delivery(delivery_id)

    async def news(self, timeout_ms: int) -> None:
        """Returns when the next attempt has ended anywhere, or after `timeout_ms` of real time."""
        await wall.wait(self._news, timeout_ms)

    async def _attempt(
        self, sandbox: Sandbox, delivery: Delivery, message: Message, before: "asyncio.Task[None] | None"
    ) -> None:
        if before is not None:
            await asyncio.wait([before])
        tx = await self._begin(sandbox)
        timeout_ms = _webhooks(tx, delivery).timeout_ms(tx.settings(delivery.provider))
        response = await self.courier.send(message, timeout_ms)
        await self._conclude(sandbox, delivery.id, message, response, tx.now_ms)

    async def _conclude(
        self, sandbox: Sandbox, delivery_id: str, message: Message, response: Response, began_ms: int
    ) -> None:
        tx = await self._begin(sandbox)
        delivery = tx.delivery(delivery_id)
        if delivery is None or delivery.state != "sending":
            return
        attempt = Attempt(
            at_ms=began_ms,
            url=message.url,
            headers=dict(message.headers),
            body=message.body.decode("utf-8", "backslashreplace"),
            status=response.status,
            error=response.error,
            answer=response.body[:1000].decode("utf-8", "replace"),
            duration_ms=response.duration_ms,
        )
        delivery.attempts.append(attempt)
        settings = tx.settings(delivery.provider)
        webhooks = _webhooks(tx, delivery)
        if response.refused:
            delivery.state = "refused"
        elif response.status is not None and webhooks.accepted(settings, response):
            delivery.state = "delivered"
        else:
            delays_ms = webhooks.retry_delays_ms(settings, response) if delivery.retries else ()
            delivery.state = "failed"
            if len(delivery.attempts) <= len(delays_ms):
                attempt.next_ms = tx.now_ms + delays_ms[len(delivery.attempts) - 1]
                tx.schedule_attempt(delivery, attempt.next_ms)
        tx.keep_delivery(delivery)
        _note(tx, delivery, response)
        self._make_room(sandbox, tx)
        await self._commit(sandbox, tx)

    def _befall(self, tx: Transaction, delivery: Delivery) -> bool:
        """Does to a delivery what a fault asks for; True if it is not sent now."""
        rules = [*sandbox_rules(tx), *order_rules(tx, delivery.order_id)]
        fault = pick(tx, delivery_subject(delivery), rules, "delivery") if rules else None
        held = [each for each in self._held_back(tx, delivery) if each.id != delivery.id]
        if fault is None or not _webhooks(tx, delivery).suffers(fault.name):
            for each in held:
                tx.schedule_attempt(each, tx.now_ms)
            return False
        delivery.fault = fault.name
        tx.note_delivery(delivery, event=delivery.event, webhook=delivery.id, fault=fault.name)
        if fault.name == "drop":
            delivery.due, delivery.state = None, "failed"
            tx.keep_delivery(delivery)
            return True
        if fault.name in ("late", "reorder"):
            tx.schedule_attempt(delivery, tx.now_ms + late_ms(fault.rule))
            return True
        if fault.name == "duplicate":
            again = tx.deliver(delivery.provider, delivery.event, delivery.url, delivery.order_id, delivery.fields)
            again.fault, again.fault_decided = fault.name, True
            tx.keep_delivery(again)
        return False

    def _held_back(self, tx: Transaction, delivery: Delivery) -> list[Delivery]:
        """Deliveries of the same order to the same receiver that wait for this one."""
        if not delivery.order_id or not tx.has(FAULT_RULES):
            return []
        return [
            each
            for each in tx.deliveries()
            if each.quirk == "reorder" and each.state == "pending" and not each.attempts
            and (each.order_id, each.url) == (delivery.order_id, delivery.url)
        ]  # fmt: skip

    def _make_room(self, sandbox: Sandbox, tx: Transaction) -> None:
        kept = sandbox.tables.get(DELIVERIES, {})
        surplus = len(kept) - KEPT_DELIVERIES
        if surplus < _ROOM:
            return
        for delivery in tx.deliveries():
            if delivery.state in ("delivered", "failed", "refused"):
                tx.forget(DELIVERIES, delivery.id)
                surplus -= 1
            if surplus <= 0:
                return

    def forget(self, sandbox: Sandbox) -> None:
        """Gives up what is under way in a sandbox that is no more, or is about to be another."""
        for task in self._under_way.pop(sandbox.name, {}).values():
            task.cancel()

    async def close(self) -> None:
        """Gives up what is under way, and closes all connections."""
        for task in [task for tasks in self._under_way.values() for task in tasks.values()]:
            task.cancel()
        await self.courier.close()


def _with_wrong_signature(message: Message, header: str) -> Message:
    """The same message with another signature of the same form: its end, where base64 has its padding, stays."""
    headers = tuple(
        (name, value[1:-4] + value[:1] + value[-4:] if name.lower() == header.lower() else value)
        for name, value in message.headers
    )
    return Message(message.url, headers, message.body)


def _webhooks(tx: Transaction, delivery: Delivery) -> Webhooks:
    webhooks = tx.library.providers[delivery.provider].webhooks
    if webhooks is None:
        raise LookupError(f"{delivery.provider} sends no webhooks")
    return webhooks


def _note(tx: Transaction, delivery: Delivery, response: Response) -> None:
    tx.note_delivery(
        delivery,
        event=delivery.event,
        webhook=delivery.id,
        url=delivery.url,
        attempt=len(delivery.attempts),
        outcome=delivery.state,
        answered=response.status,
        error=response.error,
    )
