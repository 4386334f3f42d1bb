"""All sandboxes of one process: takes commands, lets the core decide, keeps the outcome, then applies it.

Never decides anything itself, and never tells a client of something that the store has not kept.
"""

import contextlib
import logging
import re
from collections.abc import Callable
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from emulator import wall
from emulator.core import events, wire
from emulator.core.call import OWN_ERRORS, UNFORESEEN, AfterDelivery, Answered, Call, answer
from emulator.core.clock import Clock, Mode, clock_at
from emulator.core.durations import LAST_INSTANT_MS
from emulator.core.journal import Journal, Journals
from emulator.core.library import Library
from emulator.core.provider import Provider, Refusal, Reply, Request, json_reply
from emulator.core.sandbox import DELIVERIES, SETTINGS, Due, Sandbox, Snapshot
from emulator.core.self_check import problem_of_reply
from emulator.core.transaction import Transaction
from emulator.courier import Courier
from emulator.happened import Happened
from emulator.keeper import Keeper
from emulator.outbox import Outbox
from emulator.stores import Store

DEFAULT = "default"
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
EXPLAIN_HEADER = "x-emulator-explain"
REASON_HEADER = "X-Emulator-Reason"
_SLICE = 200
ORIGIN = "origin"
"""Table and key of what the sandbox was created with."""

log = logging.getLogger("emulator")


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
        woken: Callable[[int | None], None] = lambda real_ms: None,
    ) -> None:
        """`first`: what sandboxes are created with where nothing else is said. `create_unknown`: a well-formed key of
        an unknown sandbox creates it. `self_check`: answers and webhooks are held to their schemas. `woken` is called
        with the real time at which something new falls due, or with None when anything may."""
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
        self._watching: dict[str, list[Happened]] = {}

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
        """A new sandbox in its first state. Raises NameTaken."""
        await self._keeper.turn(name)
        if name in self.sandboxes:
            raise NameTaken(f"there is a sandbox {name!r} already")
        sandbox = self._build(name, origin)
        await self._keeper.begin(sandbox.snapshot())
        self._add(sandbox)
        return sandbox

    async def reset(self, sandbox: Sandbox) -> None:
        """Brings a sandbox back to its first state, in place."""
        document = sandbox.document(ORIGIN, ORIGIN)
        origin = _origin_decoder.decode(document) if document else self.first
        await self.restore(sandbox, self._build(sandbox.name, origin).snapshot(), new=True)

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
        await self._send_again(sandbox)
        self.woken(None)

    async def _send_again(self, sandbox: Sandbox) -> None:
        """Makes those attempts again that were under way when the process ended or the snapshot was taken."""
        tx = await self.begin(sandbox)
        for delivery in tx.deliveries():
            if delivery.state == "sending":
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
        self.outbox.forget(sandbox)

    def _add(self, sandbox: Sandbox, *, new: bool = True) -> None:
        self.sandboxes[sandbox.name] = sandbox
        self.journals[sandbox.name] = Journal(whole=new, among=self.journals)
        self.woken(None)

    def _build(self, name: str, origin: Origin) -> Sandbox:
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
        return next((name for name in reversed(self.sandboxes) if self.sandboxes[name].order_ids(key)), None)

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
        journal = self.journals[sandbox.name]
        for note in changes.notes:
            if note.kind == events.CREATED:  # the entry of the request says so
                continue
            journal.add(note.at_ms, note.kind, note.provider, (note.order_id,) if note.order_id else (), note.details)
        for happened in self._watching.get(sandbox.name, ()):
            happened.add(changes.notes)
        if changes.clock is not None:
            self.woken(None)
        elif changes.timers:
            due_ms = min(changes.timers).due_ms
            real_ms = 0 if due_ms <= tx.now_ms else sandbox.clock.real_ms(due_ms)
            if real_ms is not None:
                self.woken(real_ms)

    async def answer(self, provider: Provider, request: Request) -> Reply:
        """The provider's answer to a request, in the sandbox that its credential belongs to."""
        name = provider.find_sandbox(request, self.holder)
        sandbox = self.sandboxes.get(name or DEFAULT) or await self._sandbox_named(name)
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
        return self._record(sandbox, call, answered, call.spoil(reply), orders)

    def _record(self, sandbox: Sandbox, call: Call, answered: Answered, reply: Reply, orders: tuple[str, ...]) -> Reply:
        """Puts a request and its answer into the journal; gives the answer with what the client wants to know of it."""
        provider, endpoint, request, reason = call.provider, call.endpoint, call.request, answered.reason
        if call.fault is not None and not reason:
            reason = f"the fault {call.fault.name} ({call.fault.when}) befell it"
        broken = None
        if self.self_check and call.fault is None and answered.error not in OWN_ERRORS:
            broken = problem_of_reply(provider, endpoint, reply, refused=answered.refused)
        journal = self.journals[sandbox.name] if sandbox.name in self.journals else Journal()
        request.entry = entry = journal.add_request(
            call.tx.now_ms, provider.name, endpoint.name if endpoint else "", request, reply, orders, answered.error,
            reason, endpoint.secrets if endpoint else provider.secrets,
        )  # fmt: skip
        if broken:
            message = f"the answer breaks its own schema: {broken}; see entry {entry.number} of the journal"
            log.error("%s %s: %s", request.method, request.path, message)
            return json_reply(500, {"error": "self-check", "message": message, "journal": entry.number})
        if reason and request.headers.get(EXPLAIN_HEADER, "0") not in ("0", "false", ""):
            shown = reason.encode("unicode_escape").decode("ascii")[:4000]
            reply = replace(reply, headers=(*reply.headers, (REASON_HEADER, shown)))
        return reply

    async def _sandbox_named(self, name: str | None) -> Sandbox:
        """The sandbox for a key that belongs to none: a new one, if that is wanted, or else the default one."""
        if name is not None and self.create_unknown and NAME.fullmatch(name):
            with contextlib.suppress(NameTaken):
                return await self.create(name, self.first_of(name))
            return self.sandboxes[name]
        return self.sandboxes[DEFAULT]

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

    async def advance(self, sandbox: Sandbox, until_ms: int | None) -> Happened:
        """Moves the clock to an instant, or (None) until nothing is due any more; says what happened on the way."""
        happened, life = Happened(), sandbox.life
        watching = self._watching.setdefault(sandbox.name, [])
        watching.append(happened)
        try:
            await self._run_until(sandbox, LAST_INSTANT_MS if until_ms is None else until_ms)
            real_ms = self.real_ms()
            if until_ms is not None and sandbox.life == life and until_ms > sandbox.clock.now_ms(real_ms):
                await self.set_clock(sandbox, sandbox.clock.moved_to(until_ms, real_ms))
        finally:
            watching.remove(happened)
        return happened

    async def _run_until(self, sandbox: Sandbox, until_ms: int) -> None:
        """Runs what falls due, instant by instant; what is sent at one instant is answered before the next."""
        instant_ms, life = sandbox.clock.now_ms(self.real_ms()), sandbox.life
        count = 0
        while True:
            await self._keeper.turn(sandbox.name)
            if sandbox.life != life:
                return
            due = sandbox.next_due(until_ms)
            if due is None or due.due_ms > instant_ms:
                if await self.outbox.settled(sandbox):
                    continue
                if due is None:
                    return
                instant_ms = due.due_ms
            await self._run_due(sandbox, due, move_clock=True)
            count += 1
            if count % _SLICE == 0:
                await wall.give_way()

    async def set_clock(self, sandbox: Sandbox, clock: Clock) -> None:
        """Replaces a sandbox's clock."""
        tx = await self.begin(sandbox)
        tx.clock = clock
        await self.commit(sandbox, tx)

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

    def next_wake_ms(self) -> int | None:
        """The real time at which something falls due next in any sandbox; None if nothing does by itself."""
        wakes = []
        for sandbox in self.sandboxes.values():
            due = sandbox.next_due() if sandbox.clock.mode != "manual" else None
            wake = sandbox.clock.real_ms(due.due_ms) if due else None
            if wake is not None:
                wakes.append(wake)
        return min(wakes, default=None)
