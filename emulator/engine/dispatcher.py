"""Sends the webhooks that are due, and lets the core decide the outcome. Holds up neither requests nor other orders.

Webhooks about one subject to one receiver go out one after the other: their first attempts, and all attempts that fall
due at the same instant. Other retries hold nothing back.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from functools import partial
from typing import Any, Protocol, TypeVar

from msgspec import Struct

from emulator.contract.delivery import Delivery, Message
from emulator.core import deliveries
from emulator.core.sandbox import Sandbox
from emulator.core.transaction import Transaction
from emulator.engine import real_time
from emulator.engine.control_call import outside_call
from emulator.engine.queue import RETRY_MS, Conflicted, Receipt
from emulator.engine.records import Records
from emulator.engine.sender import Sender
from emulator.engine.signals import Signal
from emulator.stores import StoreError

COMPLETE_MS = 60_000
"""How long a caller that asked for an attempt waits for its outcome, in real time."""

log = logging.getLogger("emulator")
T = TypeVar("T")

Line = tuple[str, str, str]
"""Sandbox, and the subject and receiver of a webhook."""


class Heard(Struct, frozen=True):
    """The outcome of the attempts that were under way."""

    complete: bool
    """Whether all have ended."""
    silent: list[Delivery]
    """Deliveries that were sent, and that the receiver has not answered so far."""


class _Result(Struct, frozen=True):
    """The outcome of an attempt."""

    silent: bool = False
    """Whether the receiver was silent."""
    ended_ms: int = 0
    """When it ended, in sandbox time."""


class Commands(Protocol):
    """How the engine changes a sandbox."""

    def transaction(self, sandbox: Sandbox, real_ms: int | None = None) -> Transaction:
        """A transaction at the present instant."""

    def commit(self, sandbox: Sandbox, tx: Transaction) -> Receipt:
        """Applies and stores what was decided."""

    async def command(self, sandbox: Sandbox, decide: Callable[[Transaction], T]) -> T:
        """What `decide` gives, once that is stored."""

    async def current(self) -> None:
        """Returns once everything that other processes have acknowledged is known here."""

    async def wait(self, work: Callable[[], Awaitable[object]]) -> None:
        """Waits for others."""


class Dispatcher:
    """The attempts under way, by sandbox."""

    def __init__(self, commands: Commands, records: Records, sender: Sender, *, self_check: bool = False) -> None:
        self.sender = sender
        self._commands = commands
        self._records = records
        self._self_check = self_check
        self._under_way: dict[str, dict[str, asyncio.Task[_Result]]] = {}
        self._asked: set[tuple[str, str]] = set()
        self._last_first: dict[Line, asyncio.Task[_Result]] = {}
        self._last_due: dict[Line, tuple[int, asyncio.Task[_Result]]] = {}
        """The instant at which an attempt fell due, and the attempt."""
        self._news = Signal()

    def start(self, sandbox: Sandbox, delivery_id: str, real_ms: int | None = None) -> Receipt:
        """Begins the attempt that is due now; `hear` waits for its outcome."""
        tx = self._commands.transaction(sandbox, real_ms)
        due = tx.delivery(delivery_id)
        due_ms = tx.now_ms if due is None or due.due is None else due.due.due_ms
        message = deliveries.begin_attempt(tx, delivery_id, self_check=self._self_check)
        delivery = tx.delivery(delivery_id)
        receipt = self._commands.commit(sandbox, tx)
        if message is None or delivery is None:
            self.wake()
            return receipt
        self._line_up(sandbox, delivery, message, receipt, due_ms, tx.now_ms)
        return receipt

    def _line_up(
        self, sandbox: Sandbox, delivery: Delivery, message: Message, receipt: Receipt, due_ms: int, began_ms: int
    ) -> None:
        """Begins an attempt, which first waits for the attempts that it has to follow."""
        line = (sandbox.name, *delivery.line)
        at_once = self._last_due.get(line)
        before = [at_once[1]] if at_once is not None and at_once[0] == due_ms else []
        if not delivery.attempts and line in self._last_first:
            before.append(self._last_first[line])
        attempt = self._attempt(sandbox, delivery, message, receipt, before, began_ms)
        task = asyncio.create_task(attempt, context=outside_call())
        self._under_way.setdefault(sandbox.name, {})[delivery.id] = task
        self._last_due[line] = (due_ms, task)
        if not delivery.attempts:
            self._last_first[line] = task
        task.add_done_callback(lambda done: self._finish(line, delivery.id, done))

    def _finish(self, line: Line, delivery_id: str, done: "asyncio.Task[_Result]") -> None:
        self._leave(line, delivery_id, done)
        if not done.cancelled() and done.exception() is not None:
            log.error("the delivery %s failed", delivery_id, exc_info=done.exception())
        self.wake()

    def _leave(self, line: Line, delivery_id: str, task: "asyncio.Task[Any] | None") -> None:
        """Removes an attempt that is no longer under way."""
        if line in self._last_due and self._last_due[line][1] is task:
            del self._last_due[line]
        under_way = self._under_way.get(line[0], {})
        if under_way.get(delivery_id) is task:  # and not another of the same id in a sandbox that has been reset
            del under_way[delivery_id]
        if self._last_first.get(line) is task:
            del self._last_first[line]

    def wake(self) -> None:
        """Makes everyone who waits for news look again."""
        self._news.give()

    def find_delivery(self, sandbox: Sandbox, task: "asyncio.Task[Any] | None") -> str:
        """Id of the delivery whose attempt a task makes; empty: it makes none."""
        return next((each for each, made in self._under_way.get(sandbox.name, {}).items() if made is task), "")

    def has_under_way(self, sandbox: Sandbox) -> bool:
        """Whether any attempt is under way in a sandbox."""
        return bool(self._under_way.get(sandbox.name))

    def under_way(self, sandbox: Sandbox) -> Collection[str]:
        """Ids of the deliveries whose attempts are under way in a sandbox."""
        return self._under_way.get(sandbox.name, {}).keys()

    async def hear(self, sandbox: Sandbox, timeout_ms: int) -> Heard:
        """Waits until every attempt under way in a sandbox has ended, or for `timeout_ms` of real time."""
        under_way = dict(self._under_way[sandbox.name])
        await self._commands.wait(lambda: real_time.wait_for_all(under_way.values(), timeout_ms))
        complete = all(task.done() for task in under_way.values())
        names = [name for name, task in under_way.items() if self._is_silent(sandbox, name, task)]
        return Heard(complete, [delivery for name in names if (delivery := sandbox.delivery(name)) is not None])

    def _is_silent(self, sandbox: Sandbox, delivery_id: str, task: "asyncio.Task[_Result]") -> bool:
        if not task.done():
            return (sandbox.name, delivery_id) in self._asked
        return not task.cancelled() and task.exception() is None and task.result().silent

    async def complete(self, sandbox: Sandbox, delivery_id: str, real_ms: int | None = None) -> Delivery | None:
        """Makes the attempt of a delivery that is due now, and waits up to COMPLETE_MS for its outcome. `real_ms`: when
        it was decided that it is due."""
        if sandbox.sends_elsewhere:
            await self._hear_elsewhere(sandbox, delivery_id)
        else:
            self.start(sandbox, delivery_id, real_ms)
            task = self._under_way.get(sandbox.name, {}).get(delivery_id)
            if task is not None:
                await self._commands.wait(lambda: real_time.wait_for_all([task], COMPLETE_MS))
        return await self._commands.command(sandbox, lambda tx: tx.delivery(delivery_id))

    async def _hear_elsewhere(self, sandbox: Sandbox, delivery_id: str) -> None:
        """Waits for its outcome, where another process makes the attempt."""
        until_ms = real_time.stopwatch_ms() + COMPLETE_MS
        while True:
            delivery, now_ms = sandbox.delivery(delivery_id), self._commands.transaction(sandbox).now_ms
            due = delivery is not None and delivery.due is not None and delivery.due.due_ms <= now_ms
            left_ms = until_ms - real_time.stopwatch_ms()
            if delivery is None or not (due or delivery.state == "sending") or left_ms <= 0:
                return
            await self.news(left_ms)

    async def news(self, timeout_ms: int) -> None:
        """Returns when the next attempt ends, in any sandbox, or after `timeout_ms` of real time."""
        await self._news.wait(timeout_ms)

    async def _attempt(
        self,
        sandbox: Sandbox,
        delivery: Delivery,
        message: Message,
        receipt: Receipt,
        before: "list[asyncio.Task[_Result]]",
        began_ms: int,
    ) -> _Result:
        """Makes an attempt. `began_ms`: when that was decided; it begins once the attempts before it have ended."""
        try:
            await receipt.wait()
        except Conflicted:
            return _Result()  # it is due again, or another process has sent it
        if before:
            await real_time.wait_for_all(before)
            began_ms = max(began_ms, *map(_ended_ms, before))
        timeout_ms = deliveries.timeout_ms(self._commands.transaction(sandbox), delivery)
        asked, line = (sandbox.name, delivery.id), (sandbox.name, *delivery.line)
        try:
            response = await self.sender.send(message, timeout_ms, lambda: self._asked.add(asked))
        finally:
            self._asked.discard(asked)
        while True:
            try:
                await self._commands.current()
                now = self._commands.transaction(sandbox)
                self._records.add_response(sandbox, now.real_ms, delivery.id, message.url, response)
                deliveries.end_attempt(now, delivery.id, message, response, began_ms)
                decided = self._commands.commit(sandbox, now)
                decided.when_kept(partial(self._leave, line, delivery.id, asyncio.current_task()))
                await decided.wait()
            except Conflicted:
                continue
            except Exception as failure:
                known = isinstance(failure, StoreError)
                told = f": {failure}" if known else ""
                log.error("the outcome of the delivery %s is not stored yet%s", delivery.id, told, exc_info=not known)
                await real_time.pause(RETRY_MS)
                continue
            return _Result(response.silent, now.now_ms)

    def forget(self, sandbox: Sandbox) -> None:
        """Cancels the attempts of a sandbox that is gone, or about to be replaced."""
        for task in self._under_way.pop(sandbox.name, {}).values():
            task.cancel()

    async def close(self) -> None:
        """Cancels all attempts, and closes all connections."""
        for task in [task for tasks in self._under_way.values() for task in tasks.values()]:
            task.cancel()
        await self.sender.close()


def _ended_ms(task: "asyncio.Task[_Result]") -> int:
    failed = task.cancelled() or task.exception() is not None
    return 0 if failed else task.result().ended_ms
