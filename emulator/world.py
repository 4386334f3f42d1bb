"""All sandboxes of one process: takes commands, lets the core decide, keeps the outcome, then applies it.

Never decides anything itself, and never tells a client of something that the store has not kept.
"""

import contextlib
import logging
import re
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from emulator import wall
from emulator.advances import BUDGET_MS, Advance, Advances
from emulator.core import events, wire
from emulator.core.call import UNFORESEEN, AfterDelivery, Answered, Call, answer
from emulator.core.clock import Clock, Mode, clock_at
from emulator.core.durations import LAST_INSTANT_MS
from emulator.core.journal import Journal, Journals
from emulator.core.library import Library
from emulator.core.provider import Provider, Refusal, Reply, Request
from emulator.core.sandbox import DELIVERIES, SETTINGS, Due, Sandbox, Snapshot
from emulator.core.transaction import Transaction
from emulator.courier import Courier
from emulator.happened import Advanced, Happened
from emulator.keeper import Keeper
from emulator.outbox import Outbox
from emulator.record import record
from emulator.stores import Store
from emulator.wakes import Holders, Wakes

DEFAULT = "default"
MAX_SANDBOXES = 1000
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_SLICE = 200
ORIGIN = "origin"
"""Table and key of what the sandbox was created with."""

log = logging.getLogger("emulator")

H = TypeVar("H", bound=Happened)


class Origin(Struct, frozen=True):
    """What a sandbox was created with, and what a reset brings back. `now_ms` None: the real time."""

    seed: str
    mode: Mode = "real"
    rate: str = "1"
    now_ms: int | None = None
    settings: dict[str, dict[str, Any]] = {}
    webhook_url: str | None = None


_origin_decoder = wire.decoder_of(Origin)


class NameTaken(ValueError):
    """There is a sandbox with this name already."""


class TooManySandboxes(ValueError):
    """There are as many sandboxes as may be; the text says what to do."""


class World:
    """The sandboxes by name, each with its journal."""

    def __init__(
        self,
        library: Library,
        store: Store,
        first: Origin,
        *,
        courier: Courier | None = None,
        create_unknown: bool = False,
        self_check: bool = False,
        real_ms: Callable[[], int] = wall.now_ms,
        woken: Callable[[int], None] = lambda real_ms: None,
        max_sandboxes: int = MAX_SANDBOXES,
    ) -> None:
        """`first`: what sandboxes are created with where nothing else is said. `create_unknown`: a well-formed key of
        an unknown sandbox creates it. `self_check`: answers and webhooks are held to their schemas. `woken` is called
        with the real time at which something falls due earlier than anything before."""
        self.library = library
        self._keeper = Keeper(store)
        self.first = first
        self.create_unknown = create_unknown
        self.self_check = self_check
        self._read_real_ms = real_ms
        self._latest_real_ms = 0
        self.woken = woken
        self.sandboxes: dict[str, Sandbox] = {}
        self.journals = Journals()
        self.outbox = Outbox(courier or Courier(), self.begin, self.commit, self_check=self_check)
        self._advances = Advances(self.outbox, self._keeper.turn, self._run_due_ahead, self.now_ms)
        self._watching: dict[str, list[Happened]] = {}
        self.wakes = Wakes()
        """Which sandboxes have to be looked at when, as something falls due there by itself."""
        self._holders = Holders(f"{card.name}/{key}" for card in library.providers.values() for key in card.open_keys)
        self._max_sandboxes = max_sandboxes
        self._being_made = 0

    def real_ms(self) -> int:
        """Real time, ms since 1970. Where the machine's clock is set back it stands still, so no sandbox goes back."""
        real_ms = self._read_real_ms()
        if real_ms > self._latest_real_ms:
            self._latest_real_ms = real_ms
        return self._latest_real_ms

    # -- sandboxes

    async def open(self) -> None:
        """Loads what was kept, and makes sure that the default sandbox exists."""
        async for snapshot in self._keeper.load():
            sandbox = Sandbox(snapshot.name, snapshot.seed, snapshot.clock)
            sandbox.restore(snapshot)
            self._add(sandbox, new=False)
            await self._send_again(sandbox)
        if DEFAULT not in self.sandboxes:
            await self.create(DEFAULT, self.first)

    async def create(self, name: str, origin: Origin) -> Sandbox:
        """A new sandbox in its first state. Raises NameTaken and TooManySandboxes."""
        await self._keeper.turn(name)
        if name in self.sandboxes:
            raise NameTaken(f"there is a sandbox {name!r} already")
        if len(self.sandboxes) + self._being_made >= self._max_sandboxes:
            raise TooManySandboxes(
                f"there are {self._max_sandboxes} sandboxes, as many as may be: DELETE one that nobody needs, or start "
                "with a higher --max-sandboxes"
            )
        self._being_made += 1
        try:
            sandbox = self.build(name, origin)
            await self._keeper.begin(sandbox.snapshot())
        finally:
            self._being_made -= 1
        self._add(sandbox)
        return sandbox

    async def reset(self, sandbox: Sandbox) -> None:
        """Brings a sandbox back to its first state, in place."""
        document = sandbox.document(ORIGIN, ORIGIN)
        origin = _origin_decoder.decode(document) if document else self.first
        await self.restore(sandbox, self.build(sandbox.name, origin).snapshot(), new=True)

    async def restore(self, sandbox: Sandbox, snapshot: Snapshot, *, new: bool = False) -> None:
        """Replaces a sandbox's state by that of a snapshot; what is under way is given up.

        Its journal begins anew, and knows nothing of what has led to the snapshot, unless that is a `new` sandbox's."""
        fresh = Sandbox(sandbox.name, snapshot.seed, snapshot.clock)
        fresh.restore(snapshot)
        await self._keeper.turn(sandbox.name)
        self.outbox.forget(sandbox)
        await self._keeper.begin(fresh.snapshot())
        sandbox.restore(snapshot)
        self.journals[sandbox.name] = Journal(whole=new, among=self.journals)
        self._holders.release(sandbox.name)
        self._holders.hold(sandbox.name, sandbox.index_keys())
        await self._send_again(sandbox)
        self._wake(sandbox, 0)

    async def _send_again(self, sandbox: Sandbox) -> None:
        """Makes those attempts again that were under way when the process ended or the snapshot was taken; what is due
        after them comes after them again."""
        tx = await self.begin(sandbox)
        interrupted = {delivery.line for delivery in tx.deliveries() if delivery.state == "sending"}
        for delivery in tx.deliveries() if interrupted else ():
            due = delivery.due is not None and delivery.due.due_ms <= tx.now_ms
            if delivery.state == "sending" or (due and delivery.line in interrupted):
                tx.schedule_attempt(delivery, tx.now_ms)
        await self.commit(sandbox, tx)

    async def forget(self, sandbox: Sandbox) -> None:
        """Removes a sandbox."""
        await self._keeper.turn(sandbox.name)
        if self.sandboxes.get(sandbox.name) is not sandbox:
            return
        await self._keeper.forget(sandbox.name)
        del self.sandboxes[sandbox.name], self.journals[sandbox.name]
        self._watching.pop(sandbox.name, None)
        self.wakes.forget(sandbox.name)
        self._holders.forget(sandbox.name)
        self.outbox.forget(sandbox)

    def _add(self, sandbox: Sandbox, *, new: bool = True) -> None:
        self.sandboxes[sandbox.name] = sandbox
        self.journals[sandbox.name] = Journal(whole=new, among=self.journals)
        self._holders.add(sandbox.name)
        self._holders.hold(sandbox.name, sandbox.index_keys())
        self._wake(sandbox, 0)

    def build(self, name: str, origin: Origin) -> Sandbox:
        """A sandbox in its first state, which nobody knows of yet."""
        real_ms = self.real_ms()
        now_ms = real_ms if origin.now_ms is None else origin.now_ms
        clock = clock_at(origin.mode, origin.rate, now_ms, real_ms)
        sandbox = Sandbox(name, origin.seed, clock)
        tx = Transaction(sandbox, self.library, now_ms, real_ms)
        tx.put(ORIGIN, ORIGIN, origin)
        for provider, changed in origin.settings.items():
            tx.put(SETTINGS, provider, changed)
        sandbox.apply(tx.changes())
        tx = Transaction(sandbox, self.library, now_ms, real_ms)
        for provider_card in self.library.providers.values():
            provider_card.seed(tx, name)
            if origin.webhook_url is not None and provider_card.webhooks is not None:
                provider_card.webhooks.subscribe(tx, origin.webhook_url)
        sandbox.apply(tx.changes())
        return sandbox

    def holder(self, key: str) -> str | None:
        """Name of the sandbox that holds an order with this index key; of several the one made last."""
        return self._holders.find(key)

    # -- commands

    async def begin(self, sandbox: Sandbox) -> Transaction:
        """A transaction at the present instant, for a command that `commit` ends; nothing may be awaited in between."""
        await self._keeper.turn(sandbox.name)
        return self.transaction(sandbox)

    def transaction(self, sandbox: Sandbox) -> Transaction:
        """A transaction at the present instant, to look at what is."""
        real_ms = self.real_ms()
        return Transaction(sandbox, self.library, sandbox.clock.now_ms(real_ms), real_ms)

    async def commit(self, sandbox: Sandbox, tx: Transaction, *, refused: bool = False) -> None:
        """Keeps and applies what a transaction has decided; if it was refused in the end, only what lasts."""
        changes = tx.lasting_changes() if refused else tx.changes()
        if not changes or self.sandboxes.get(sandbox.name) is not sandbox:
            return
        keeping = self._keeper.append(sandbox.name, changes)
        if keeping is not None:
            await keeping
        sandbox.apply(changes)
        if changes.keys:
            self._holders.hold(sandbox.name, [key for key, _ in changes.keys])
        journal = self.journals[sandbox.name]
        for note in changes.notes:
            if note.kind == events.CREATED:  # the entry of the request says so
                continue
            journal.add(note.at_ms, note.kind, note.provider, (note.order_id,) if note.order_id else (), note.details)
        for happened in self._watching.get(sandbox.name, ()):
            happened.add(changes.notes)
        if changes.clock is not None:
            self._wake(sandbox, 0)
        elif changes.timers:
            due_ms = min(changes.timers).due_ms
            real_ms = 0 if due_ms <= tx.now_ms else sandbox.clock.real_ms(due_ms)
            if real_ms is not None:
                self._wake(sandbox, real_ms)

    async def answer(self, provider: Provider, request: Request) -> Reply:
        """The provider's answer to a request, in the sandbox that its credential belongs to."""
        name = provider.find_sandbox(request, self.holder)
        sandbox, full = self.sandboxes.get(name or DEFAULT), ""
        if sandbox is None:
            sandbox, full = await self._sandbox_named(name)
        if self._keeper.busy:
            await self._keeper.turn(sandbox.name)
            if self.sandboxes.get(sandbox.name) is not sandbox:  # it was removed meanwhile
                return await self.answer(provider, request)
        tx = self.transaction(sandbox)
        while sandbox.next_due(tx.now_ms) is not None:
            await self.settle(sandbox)
            tx = await self.begin(sandbox)
        call = Call(provider, request, tx)
        try:
            answered = answer(call)
            orders = call.named_orders() if answered.refused else tuple(tx.concerned)
            await self.commit(sandbox, tx, refused=answered.refused)
            reply = answered.reply
            if isinstance(reply, AfterDelivery):
                reply = reply.reply(await self.outbox.complete(sandbox, reply.delivery_id))
        except Exception as failure:
            log.exception("%s %s failed", request.method, request.path)
            refusal = Refusal(UNFORESEEN, f"the emulator failed: {type(failure).__name__}: {failure}")
            reply, orders = provider.render(call, refusal), ()
            answered = Answered(reply, True, refusal.error, refusal.reason)
        if full:
            answered = replace(answered, reason=f"{full}; {answered.reason}")
        journal = self.journals[sandbox.name] if sandbox.name in self.journals else Journal()
        return record(journal, call, answered, call.spoil(reply), orders, self_check=self.self_check)

    async def _sandbox_named(self, name: str | None) -> tuple[Sandbox, str]:
        """The sandbox for a key that belongs to none: a new one, if that is wanted, or else the default one, and why
        the wanted one is not there."""
        if name is not None and self.create_unknown and NAME.fullmatch(name):
            try:
                return await self.create(name, self.first_of(name)), ""
            except NameTaken:
                return self.sandboxes[name], ""
            except TooManySandboxes as full:
                return self.sandboxes[DEFAULT], str(full)
        return self.sandboxes[DEFAULT], ""

    def first_of(self, name: str) -> Origin:
        """What a sandbox with this name is created with where nothing else is said: the seed is its name."""
        return replace(self.first, seed=name)

    # -- time

    async def settle(self, sandbox: Sandbox) -> None:
        """Runs everything that has fallen due, each thing at its own instant."""
        until_ms, life = sandbox.clock.now_ms(self.real_ms()), sandbox.life
        count = 0
        while True:
            await self._keeper.turn(sandbox.name)
            due = sandbox.next_due(until_ms) if sandbox.life == life else None
            if due is None:
                return
            await self._run_due(sandbox, due)
            count += 1
            if count % _SLICE == 0:
                await wall.give_way()

    async def advance(self, sandbox: Sandbox, until_ms: int | None, budget_ms: int = BUDGET_MS) -> Advanced:
        """Moves the clock to an instant, or (None) until nothing is due any more; says what happened on the way."""
        return await self.advance_from(sandbox, lambda now_ms: until_ms, budget_ms)

    async def advance_from(
        self, sandbox: Sandbox, until: Callable[[int], int | None], budget_ms: int = BUDGET_MS
    ) -> Advanced:
        """As `advance`; `until` gets the sandbox's time when it is the advance's turn. When `budget_ms` of real time
        are over it stops between two instants. Raises AdvanceUnderWay."""
        advance = Advance(budget_ms)
        async with self._advances.begun(sandbox, advance):
            until_ms, life = until(self.now_ms(sandbox)), sandbox.life
            with self.watched(sandbox, Advanced()) as happened:
                await self._advances.go(sandbox, advance, LAST_INSTANT_MS if until_ms is None else until_ms)
                if until_ms is not None and advance.settled and sandbox.life == life:
                    real_ms = self.real_ms()
                    if until_ms > sandbox.clock.now_ms(real_ms):
                        await self.set_clock(sandbox, sandbox.clock.moved_to(until_ms, real_ms))
        happened.settled, happened.silent = advance.settled, advance.silent
        return happened

    @contextlib.contextmanager
    def watched(self, sandbox: Sandbox, happened: H) -> Iterator[H]:
        """Adds what happens in a sandbox meanwhile."""
        watching = self._watching.setdefault(sandbox.name, [])
        watching.append(happened)
        try:
            yield happened
        finally:
            watching.remove(happened)

    def now_ms(self, sandbox: Sandbox) -> int:
        """The sandbox's time."""
        return sandbox.clock.now_ms(self.real_ms())

    async def set_clock(self, sandbox: Sandbox, clock: Clock) -> None:
        """Replaces a sandbox's clock."""
        tx = await self.begin(sandbox)
        tx.clock = clock
        await self.commit(sandbox, tx)

    async def _run_due_ahead(self, sandbox: Sandbox, due: Due) -> None:
        await self._run_due(sandbox, due, move_clock=True)

    async def _run_due(self, sandbox: Sandbox, due: Due, *, move_clock: bool = False) -> None:
        sandbox.take_due(due)
        real_ms = self.real_ms()
        tx = Transaction(sandbox, self.library, due.due_ms, real_ms)
        if move_clock and due.due_ms > sandbox.clock.now_ms(real_ms):
            tx.clock = sandbox.clock.moved_to(due.due_ms, real_ms)
        if due.table == DELIVERIES:
            await self.commit(sandbox, tx)
            await self.outbox.start(sandbox, due.key)
            return
        order = tx.order(due.key)
        if order is not None:
            try:
                events.fire_timer(tx, order, due.name)
            except Exception as failure:
                log.exception("%s of %s failed", due.name, due.key)
                tx = self._without_timer(tx, sandbox, due, f"the emulator failed: {type(failure).__name__}: {failure}")
        await self.commit(sandbox, tx)

    def _without_timer(self, failed: Transaction, sandbox: Sandbox, due: Due, reason: str) -> Transaction:
        """In place of a transaction that has failed, one that only forgets the timer, lest it fail again forever."""
        tx = Transaction(sandbox, self.library, failed.now_ms, failed.real_ms)
        tx.clock = failed.clock
        order = tx.order(due.key)
        if order is not None:
            tx.stop_timer(order, due.name)
            tx.note("failed", order, status=order.status, event=due.name, reason=reason)
        return tx

    def _wake(self, sandbox: Sandbox, real_ms: int) -> None:
        if self.wakes.hasten(sandbox.name, real_ms):
            self.woken(real_ms)
