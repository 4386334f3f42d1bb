"""All sandboxes of one process: takes requests and commands, lets the core decide, stores the outcome, and answers.

Never decides anything itself, and never tells a client about something that the store has not kept.
"""

import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from emulator.contract.card import Provider
from emulator.contract.reply import AfterDelivery, Refusal, Reply
from emulator.contract.request import Request
from emulator.core import deliveries
from emulator.core.call import UNFORESEEN, Answered, Call, answer
from emulator.core.library import Library
from emulator.core.names import NAME
from emulator.core.origin import DEFAULT, Origin
from emulator.core.recording import Asked
from emulator.core.sandbox import DELIVERIES, Due, Sandbox
from emulator.core.transaction import Transaction
from emulator.engine import real_time
from emulator.engine.advances import BUDGET_MS, SLICE, Advance, Advances
from emulator.engine.commands import MAX_DECISIONS, Commands, TooContended
from emulator.engine.control_call import CONTROL_CALL
from emulator.engine.queue import Conflicted, Receipt
from emulator.engine.records import Decided
from emulator.engine.replicas import Replicas
from emulator.engine.sandboxes import MAX_SANDBOXES, NameTaken, TooManySandboxes
from emulator.engine.sender import Sender
from emulator.engine.timers import run_timer
from emulator.stores import Store, StoreError
from emulator.views.happened import Advanced

_UNAVAILABLE = 503

log = logging.getLogger("emulator")

Answering = Coroutine[Any, Any, Reply]


class Waiting(Struct, frozen=True):
    """An answer that is not ready yet: it waits for the store, or for a receiver."""

    reply: Answering


class Engine(Commands):
    """The sandboxes, requests to them, and their time."""

    def __init__(
        self,
        library: Library,
        store: Store,
        first: Origin,
        *,
        sender: Sender | None = None,
        create_unknown: bool = False,
        self_check: bool = False,
        real_ms: Callable[[], int] = real_time.now_ms,
        woken: Callable[[int], None] = lambda real_ms: None,
        max_sandboxes: int = MAX_SANDBOXES,
        unload_after_ms: int = 0,
    ) -> None:
        """`first`: what sandboxes are created with by default. `create_unknown`: a well-formed key of an unknown
        sandbox creates it. `self_check`: check answers and webhooks against their schemas. `woken` is called with the
        real time at which something falls due earlier than anything before. `unload_after_ms`: how long a sandbox may
        be unused before it leaves memory, if the store keeps it; 0: it never does."""
        super().__init__(
            library,
            store,
            first,
            sender or Sender(),
            real_ms,
            woken,
            self_check=self_check,
            max_sandboxes=max_sandboxes,
        )
        self.create_unknown = create_unknown
        self.unload_after_ms = unload_after_ms if self.queue.keeps else 0
        self._advances = Advances(self, self.dispatcher)
        if self.queue.shared is not None:
            self.replicas = Replicas(
                self.queue.shared, self, self.records, self.queue, self.sandboxes, self._advances, self.dispatcher
            )

    async def open(self) -> None:
        """Loads what was kept, creates the default sandbox if need be, and resumes what was under way."""
        async for sandbox in self.sandboxes.load():
            if self.replicas is None:
                await self.resume(sandbox)
            if self.unload_after_ms:
                self.unload_unused(sandbox, 0)
        if self.replicas is not None:
            await self.replicas.current()
        elif DEFAULT not in self.sandboxes:
            await self.sandboxes.create(DEFAULT, self.sandboxes.first)

    async def resume(self, sandbox: Sandbox) -> None:
        """Sends again what was being sent when its process ended."""
        await self.command(sandbox, lambda tx: deliveries.resume(tx, self.dispatcher.under_way(sandbox)))
        self._wake(sandbox, 0)

    # -- requests

    def ask(self, provider: Provider, request: Request) -> Reply | Waiting:
        """The provider's answer to a request, in the sandbox that its credential belongs to."""
        asked = self._ask(provider, request)
        return asked if isinstance(asked, Reply) else Waiting(self._decide_until_kept(provider, request, asked))

    async def answer(self, provider: Provider, request: Request) -> Reply:
        """As `ask`, for callers that can wait."""
        reply = self.ask(provider, request)
        return reply if isinstance(reply, Reply) else await reply.reply

    def _ask(self, provider: Provider, request: Request, *, full: str = "", current: bool = False) -> Reply | Answering:
        """`full`: why no sandbox could be created for the request. `current`: what other processes have done so far is
        known. The awaitable may raise Conflicted."""
        if self.replicas is not None and not current:
            return self._ask_after(self.current(), provider, request, full=full, current=True)
        name = provider.find_sandbox(request, self.sandboxes.holders.find) or DEFAULT
        sandbox = self.sandboxes.find(name)
        if sandbox is None:
            if name in self.sandboxes.unloaded:
                return self._ask_after(self.load(name), provider, request)
            if self.create_unknown and not full and NAME.fullmatch(name):
                return self._create_and_ask(name, provider, request)
            sandbox = self.sandboxes[DEFAULT]
        if sandbox.name in self.queue.taken:
            return self._ask_after(self.queue.turn(sandbox.name), provider, request, full=full)
        tx = self.transaction(sandbox)
        while sandbox.next_due(tx.now_ms) is not None:
            self.settle(sandbox)
            tx = self.transaction(sandbox)
        call = Call(provider, request, tx)
        try:
            answered = answer(call)
            if full:
                answered = replace(answered, reason=f"{full}; {answered.reason}")
            receipt = self.commit(sandbox, tx, refused=answered.refused)
        except Exception as failure:
            return self._fail(sandbox, call, failure)
        decided, reply = Decided(sandbox, call, answered), answered.reply
        if receipt.kept and isinstance(reply, Reply) and not self.queue.keeps_journals:
            return self.records.add_request(decided, reply)
        decided.asked = self.records.begin_request(decided)
        return self._finish(decided, receipt)

    async def _decide_until_kept(self, provider: Provider, request: Request, asked: Reply | Answering) -> Reply:
        """Decides again while other processes are faster, but not forever."""
        for again in range(MAX_DECISIONS):
            if again:
                asked = self._ask(provider, request)
            if isinstance(asked, Reply):
                return asked
            with contextlib.suppress(Conflicted):
                return await asked
        return self._fail_early(provider, request, TooContended())

    async def _ask_after(
        self, work: Awaitable[object], provider: Provider, request: Request, *, full: str = "", current: bool = False
    ) -> Reply:
        """As `_ask`, once something has happened that has to come first."""
        try:
            await work
        except StoreError as failure:
            return self._fail_early(provider, request, failure)
        reply = self._ask(provider, request, full=full, current=current)
        return reply if isinstance(reply, Reply) else await reply

    async def _create_and_ask(self, name: str, provider: Provider, request: Request) -> Reply:
        full = ""
        try:
            await self.sandboxes.create(name, self.sandboxes.usual_origin(name))
        except NameTaken:
            pass  # another request was quicker
        except TooManySandboxes as error:
            full = str(error)
        reply = self._ask(provider, request, full=full)
        return reply if isinstance(reply, Reply) else await reply

    async def _finish(self, decided: Decided, receipt: Receipt) -> Reply:
        """The answer, once its changes are stored and the receiver that it depends on has answered."""
        sandbox, call, reply = decided.sandbox, decided.call, decided.answered.reply
        try:
            await receipt.wait()
            if isinstance(reply, AfterDelivery):
                async with self.using(sandbox.name):
                    reply = reply.reply(await self.dispatcher.complete(sandbox, reply.delivery_id, call.tx.real_ms))
            if self.queue.keeps_journals:
                return await self._record_and_keep(decided, reply)
        except Conflicted:
            raise
        except Exception as failure:
            return self._fail(sandbox, call, failure, decided.asked)
        return self.records.add_request(decided, reply)

    def _fail_early(self, provider: Provider, request: Request, failure: Exception) -> Reply:
        """As `_fail`, if nothing was decided yet."""
        name = provider.find_sandbox(request, self.sandboxes.holders.find) or DEFAULT
        sandbox = self.sandboxes.find(name) or self.sandboxes[DEFAULT]
        return self._fail(sandbox, Call(provider, request, self.transaction(sandbox)), failure)

    def _fail(self, sandbox: Sandbox, call: Call, failure: Exception, asked: Asked | None = None) -> Reply:
        error = UNFORESEEN
        if isinstance(failure, StoreError):
            error = next((case.name for case in call.provider.errors.values() if case.status == _UNAVAILABLE), error)
            log.error("%s %s failed: %s", call.request.method, call.request.path, failure)
        else:
            log.error("%s %s failed", call.request.method, call.request.path, exc_info=failure)
        refusal = Refusal(error, f"the emulator failed: {type(failure).__name__}: {failure}")
        reply = call.provider.render(call, refusal)
        answered = Answered(reply, True, refusal.error, refusal.reason)
        return self.records.add_request(Decided(sandbox, call, answered, asked), reply)

    async def _record_and_keep(self, decided: Decided, reply: Reply) -> Reply:
        """The answer, once its journal entry is stored, too. Raises StoreError; the entry is then missing."""
        reply = self.records.note_request(decided, reply)
        name, entry = decided.sandbox.name, decided.call.request.entry
        journal = self.records.journals.find(name)
        if journal is None:  # the sandbox has been removed
            return reply
        try:
            number = await self.queue.append_entry(name, journal, entry)
        except StoreError:
            journal.doubt()
            raise
        if not self.records.follows_journals:
            journal.add(entry)
        elif number:
            entry.number = number
        return reply

    # -- time

    def settle(self, sandbox: Sandbox, most: int | None = None) -> bool:
        """Runs what has fallen due, each thing at its own instant, up to `most` of it. Returns whether that was all."""
        real_ms, life = self.real_ms(), sandbox.life
        until_ms = sandbox.clock.now_ms(real_ms)
        count, done = 0, False
        while count != most and not done:
            due = sandbox.next_due(until_ms) if sandbox.life == life else None
            if due is None:
                done = True
            else:
                self._run_due(sandbox, due, real_ms)
                count += 1
        if count and CONTROL_CALL.get() is None:  # else it is part of the call
            self.records.recordings.find(sandbox.name).settle(real_ms, count)
        return done

    async def settle_in_turns(self, sandbox: Sandbox) -> None:
        """As `settle`, for callers that can wait: other tasks run in between."""
        while True:
            await self.turn(sandbox.name)
            if self.settle(sandbox, SLICE):
                return
            await self.wait(real_time.give_way)

    async def advance(self, sandbox: Sandbox, until_ms: int | None, budget_ms: int = BUDGET_MS) -> Advanced:
        """Moves the clock to an instant, or (None) until nothing is due any more; returns what happened on the way."""
        return await self.advance_from(sandbox, lambda now_ms: until_ms, budget_ms)

    async def advance_from(
        self, sandbox: Sandbox, until: Callable[[int], int | None], budget_ms: int = BUDGET_MS
    ) -> Advanced:
        """As `advance`; `until` gets the sandbox's time when it is the advance's turn. Once `budget_ms` of real time
        have passed, it stops between two instants. Raises AdvanceUnderWay."""
        advance = Advance(budget_ms)
        async with self._advances.begun(sandbox, advance):
            if self.replicas is not None and not await self.replicas.take(sandbox, advance):
                under_way = [each for each in self.transaction(sandbox).deliveries() if each.state == "sending"]
                advance.settled = False
                advance.blame(under_way)
                return Advanced(settled=False, silent=advance.silent)
            until_ms, life = until(self.now_ms(sandbox)), sandbox.life
            with self.records.watched(sandbox, Advanced()) as happened:
                await self._advances.go(sandbox, advance, until_ms)
                if until_ms is not None and advance.settled and sandbox.life == life:
                    await self.command(sandbox, lambda tx: _move_clock(tx, sandbox, until_ms))
        happened.settled, happened.silent = advance.settled, advance.silent
        return happened

    def run_due_ahead(self, sandbox: Sandbox, due: Due) -> Receipt:
        """Makes a due thing happen at its instant, and moves the clock there."""
        return self._run_due(sandbox, due, self.real_ms(), move_clock=True)

    def _run_due(self, sandbox: Sandbox, due: Due, real_ms: int, *, move_clock: bool = False) -> Receipt:
        sandbox.take_due(due)
        tx = Transaction(sandbox, self.library, due.due_ms, real_ms)
        if move_clock and due.due_ms > sandbox.clock.now_ms(real_ms):
            tx.clock = sandbox.clock.moved_to(due.due_ms, real_ms)
        if due.table == DELIVERIES:
            self.commit(sandbox, tx)
            return self.dispatcher.start(sandbox, due.key, real_ms)
        return self.commit(sandbox, run_timer(tx, sandbox, due))


def _move_clock(tx: Transaction, sandbox: Sandbox, until_ms: int) -> None:
    """Moves the clock forward to an instant; never back."""
    if until_ms > tx.now_ms:
        tx.clock = sandbox.clock.moved_to(until_ms, tx.real_ms)
