"""Sends what is due to be sent, and says what came of it. Holds up neither requests nor other orders.

Webhooks about one thing to one receiver go out one after the other: their first attempts, and all attempts that fall
due at one instant. Otherwise a repeated attempt holds nothing back.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from emulator import wall
from emulator.core.delivery import Attempt, Delivery, Message, Response, Skip, Webhooks
from emulator.core.faults import delivery_subject, late_ms, order_rules, pick, sandbox_rules
from emulator.core.sandbox import DELIVERIES, Sandbox
from emulator.core.self_check import problem_of_message
from emulator.core.transaction import Transaction
from emulator.courier import Courier

KEPT_DELIVERIES = 10_000
"""How many deliveries a sandbox keeps; beyond that the oldest finished ones are forgotten."""
_ROOM = 100
"""So many are forgotten at once, as it takes a look at all that wait."""

COMPLETE_MS = 60_000
"""So long who has asked for one attempt waits for its outcome, by real time."""

log = logging.getLogger("emulator")

Line = tuple[str, str, str]
"""Sandbox, what a webhook tells of, and whom."""
Begin = Callable[[Sandbox], Awaitable[Transaction]]
Commit = Callable[[Sandbox, Transaction], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Heard:
    """What has come of the attempts that were under way."""

    complete: bool
    """Whether all have ended."""
    silent: list[Delivery]
    """Those to which the receiver was asked, and has not answered so far."""


class Outbox:
    """The deliveries under way, by sandbox."""

    def __init__(self, courier: Courier, begin: Begin, commit: Commit, *, self_check: bool = False) -> None:
        """`begin` and `commit`: the world's way of changing a sandbox."""
        self.courier = courier
        self._begin = begin
        self._commit = commit
        self._self_check = self_check
        self._under_way: dict[str, dict[str, asyncio.Task[bool]]] = {}
        self._asked: set[tuple[str, str]] = set()
        self._last_first: dict[Line, asyncio.Task[bool]] = {}
        self._last_due: dict[Line, tuple[int, asyncio.Task[bool]]] = {}
        """The instant at which it fell due, and the attempt."""
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
        due_ms = tx.now_ms if delivery.due is None else delivery.due.due_ms
        delivery.due = None
        delivery.state = "sending"
        tx.keep_delivery(delivery)
        await self._commit(sandbox, tx)
        self._line_up(sandbox, delivery, message, due_ms)

    def _line_up(self, sandbox: Sandbox, delivery: Delivery, message: Message, due_ms: int) -> None:
        """Begins an attempt, or lets it wait until those have ended that come before it."""
        line = (sandbox.name, *delivery.line)
        at_once = self._last_due.get(line)
        before = [at_once[1]] if at_once is not None and at_once[0] == due_ms else []
        if not delivery.attempts and line in self._last_first:
            before.append(self._last_first[line])
        task = asyncio.create_task(self._attempt(sandbox, delivery, message, before))
        self._under_way.setdefault(sandbox.name, {})[delivery.id] = task
        self._last_due[line] = (due_ms, task)
        if not delivery.attempts:
            self._last_first[line] = task
        task.add_done_callback(lambda done: self._finish(sandbox.name, delivery.id, line, done))

    def _finish(self, sandbox: str, delivery_id: str, line: Line, done: "asyncio.Task[bool]") -> None:
        if line in self._last_due and self._last_due[line][1] is done:
            del self._last_due[line]
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

    def has_under_way(self, sandbox: Sandbox) -> bool:
        """Whether an attempt is under way in a sandbox."""
        return bool(self._under_way.get(sandbox.name))

    async def hear(self, sandbox: Sandbox, timeout_ms: int) -> Heard:
        """Waits until all that is under way in a sandbox has ended, or for so long by real time."""
        under_way = dict(self._under_way[sandbox.name])
        complete = await wall.wait_for_all(under_way.values(), timeout_ms)
        names = [name for name, task in under_way.items() if self._is_silent(sandbox, name, task)]
        return Heard(complete, [delivery for name in names if (delivery := sandbox.delivery(name)) is not None])

    def _is_silent(self, sandbox: Sandbox, delivery_id: str, task: "asyncio.Task[bool]") -> bool:
        if not task.done():
            return (sandbox.name, delivery_id) in self._asked
        return not task.cancelled() and task.exception() is None and task.result()

    async def complete(self, sandbox: Sandbox, delivery_id: str) -> Delivery | None:
        """Makes the attempt of a delivery that is due now, and waits for its outcome; after a minute, no longer."""
        await self.start(sandbox, delivery_id)
        task = self._under_way.get(sandbox.name, {}).get(delivery_id)
        if task is not None:
            await wall.wait_for_all([task], COMPLETE_MS)
        return sandbox.delivery(delivery_id)

    async def news(self, timeout_ms: int) -> None:
        """Returns when the next attempt has ended anywhere, or after `timeout_ms` of real time."""
        await wall.wait(self._news, timeout_ms)

    async def _attempt(
        self, sandbox: Sandbox, delivery: Delivery, message: Message, before: "list[asyncio.Task[bool]]"
    ) -> bool:
        """Whether the receiver was silent."""
        if before:
            await wall.wait_for_all(before)
        tx = await self._begin(sandbox)
        timeout_ms = _webhooks(tx, delivery).timeout_ms(tx.settings(delivery.provider))
        asked = (sandbox.name, delivery.id)
        try:
            response = await self.courier.send(message, timeout_ms, lambda: self._asked.add(asked))
        finally:
            self._asked.discard(asked)
        await self._conclude(sandbox, delivery.id, message, response, tx.now_ms)
        return response.silent

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
        if not rules:
            return False
        webhooks = _webhooks(tx, delivery)
        fault = pick(tx, delivery_subject(delivery), [each for each in rules if webhooks.suffers(each[1])], "delivery")
        if fault is None:
            for each in self._held_back(tx, delivery):
                tx.schedule_attempt(each, tx.now_ms)
            return False
        delivery.fault, delivery.form = fault.name, fault.rule.get("form", "")
        tx.note_delivery(delivery, event=delivery.event, webhook=delivery.id, fault=fault.name)
        if fault.name == "drop":
            delivery.due, delivery.state = None, "failed"
            tx.keep_delivery(delivery)
            return True
        if fault.name in ("late", "reorder"):
            tx.schedule_attempt(delivery, tx.now_ms + late_ms(fault.rule))
            return True
        if fault.name == "duplicate":
            again = tx.deliver(
                delivery.provider,
                delivery.event,
                delivery.url,
                delivery.order_id,
                delivery.fields,
                about=delivery.about,
            )
            again.fault, again.fault_decided = fault.name, True
            tx.keep_delivery(again)
        return False

    def _held_back(self, tx: Transaction, delivery: Delivery) -> list[Delivery]:
        """Deliveries about the same thing to the same receiver that wait for this one."""
        return [
            each
            for each in tx.deliveries()
            if each.quirk == "reorder" and each.state == "pending" and each.id != delivery.id
            and each.line == delivery.line
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
