"""Advances of sandboxes' clocks: one at a time per sandbox, instant by instant, within a budget of real time."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any, Protocol
from urllib.parse import urlsplit

from emulator.contract.delivery import Delivery
from emulator.core.documents import RECURRING
from emulator.core.durations import LAST_INSTANT_MS
from emulator.core.sandbox import Due, Sandbox
from emulator.engine import real_time
from emulator.engine.dispatcher import Dispatcher
from emulator.engine.queue import KEPT, Receipt, is_kept

BUDGET_MS = 20_000
"""How long an advance may take if nobody says otherwise."""
MAX_BUDGET_MS = 600_000
SILENT_LIMIT = 100
"""How many webhooks without an answer an advance lists at most."""
SLICE = 200
"""How many due things run before other tasks get a turn."""


class AdvanceUnderWay(Exception):
    """Another advance of the sandbox is waiting for a receiver, which may be the very client that asks."""


class Advance:
    """One advance, from the moment it is asked for."""

    def __init__(self, budget_ms: int) -> None:
        self._until_ms = real_time.stopwatch_ms() + budget_ms
        self.settled = True
        """Whether it has reached its end; False: its budget ran out."""
        self.waits = False
        """Whether it is waiting for receivers now."""
        self.changed = asyncio.Event()
        """Set when it begins to wait for receivers, and when it is over."""
        self._silent: dict[str, Delivery] = {}

    def left_ms(self) -> int:
        """Real time left in the budget."""
        return max(0, self._until_ms - real_time.stopwatch_ms())

    def begin_waiting(self) -> None:
        """It begins to wait for receivers."""
        self.waits = True
        self.changed.set()

    def end_waiting(self) -> None:
        """It goes on."""
        self.waits = False
        self.changed = asyncio.Event()

    def blame(self, deliveries: list[Delivery]) -> None:
        """Remembers deliveries that were not answered."""
        self._silent |= {delivery.id: delivery for delivery in deliveries}

    @property
    def silent(self) -> list[dict[str, Any]]:
        """Webhooks that were not answered, each as `{webhook, provider, event, order, receiver}`; the receiver only as
        scheme, host and port, because the rest of its URL may hold secrets."""
        return [
            {
                "webhook": each.id,
                "provider": each.provider,
                "event": each.event,
                "order": each.order_id,
                "receiver": receiver_origin(each.url),
            }
            for each in list(self._silent.values())[:SILENT_LIMIT]
        ]


class Commands(Protocol):
    """How the engine changes a sandbox."""

    async def turn(self, sandbox: str) -> None:
        """Waits until a sandbox may change."""

    def run_due_ahead(self, sandbox: Sandbox, due: Due) -> Receipt:
        """Makes a due thing happen at its instant, and moves the clock there."""

    def now_ms(self, sandbox: Sandbox) -> int:
        """The sandbox's present time."""

    async def wait(self, work: Callable[[], Awaitable[object]]) -> None:
        """Waits for others."""

    def is_over(self, count: int, no_time: bool) -> bool:
        """Whether an advance ends half-way, after `count` things; `no_time`: its budget is used up."""


class Advances:
    """The advances under way, by sandbox."""

    def __init__(self, commands: Commands, dispatcher: Dispatcher) -> None:
        self._commands = commands
        self._dispatcher = dispatcher
        self._under_way: dict[str, Advance] = {}

    def find(self, sandbox: str) -> Advance | None:
        """The advance under way in a sandbox, or None."""
        return self._under_way.get(sandbox)

    @contextlib.asynccontextmanager
    async def begun(self, sandbox: Sandbox, advance: Advance) -> AsyncIterator[None]:
        """Holds the sandbox for an advance. Raises AdvanceUnderWay if another one is waiting for a receiver, or takes
        longer than this one's budget allows."""
        while (other := self._under_way.get(sandbox.name)) is not None:
            if other.waits or self._commands.is_over(0, not advance.left_ms()):
                raise AdvanceUnderWay
            await self._commands.wait(partial(real_time.wait, other.changed, advance.left_ms()))
        self._under_way[sandbox.name] = advance
        try:
            yield
        finally:
            del self._under_way[sandbox.name]
            advance.changed.set()

    async def go(self, sandbox: Sandbox, advance: Advance, until_ms: int | None) -> None:
        """Runs what falls due, instant by instant; what is sent at one instant is answered before the next. However
        small the budget, one instant is completed, so that repeated advances reach the end. Without `until_ms` it ends
        when nothing is due but what recurs forever."""
        last_ms = LAST_INSTANT_MS if until_ms is None else until_ms
        instant_ms, life, receipt = self._commands.now_ms(sandbox), sandbox.life, KEPT
        count = 0
        while True:
            await self._commands.turn(sandbox.name)
            if sandbox.life != life:
                return
            due = sandbox.next_due(last_ms)
            if until_ms is None and due is not None and due.table == RECURRING and sandbox.is_idle():
                due = None
            if due is None or due.due_ms > instant_ms:
                if self._dispatcher.has_under_way(sandbox):
                    await self._hear(sandbox, advance)
                    if advance.settled:
                        continue
                    return
                if not await is_kept(receipt):
                    receipt = KEPT
                    continue
                if due is None:
                    return
                if count and self._commands.is_over(count, not advance.left_ms()):
                    advance.settled = False
                    return
                instant_ms = due.due_ms
            receipt = self._commands.run_due_ahead(sandbox, due)
            count += 1
            if count % SLICE == 0:
                await self._commands.wait(real_time.give_way)

    async def _hear(self, sandbox: Sandbox, advance: Advance) -> None:
        """Waits for the receivers' answers, as long as the budget lasts."""
        advance.begin_waiting()
        heard = await self._dispatcher.hear(sandbox, advance.left_ms())
        advance.end_waiting()
        advance.blame(heard.silent)
        advance.settled = heard.complete


def receiver_origin(url: str) -> str:
    """`https://host:port` of a webhook's URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
