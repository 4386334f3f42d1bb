"""All sandboxes of one process: takes commands, lets the core decide, has the outcome kept, and says what came of it.

Never decides anything itself, and never tells a client of something that the store has not kept.
"""

import contextlib
import logging
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from emulator.contract.card import Provider
from emulator.contract.reply import AfterDelivery, Refusal, Reply
from emulator.contract.request import Request
from emulator.core import deliveries, events
from emulator.core.call import UNFORESEEN, Answered, Call, answer
from emulator.core.clock import Clock
from emulator.core.journal import Journal
from emulator.core.library import Library
from emulator.core.origin import DEFAULT, NAME, Origin
from emulator.core.sandbox import DELIVERIES, Changes, Due, Sandbox
from emulator.core.transaction import Transaction
from emulator.engine import real_time
from emulator.engine.advances import BUDGET_MS, Advance, Advances
from emulator.engine.counts import Counts
from emulator.engine.dispatcher import Dispatcher
from emulator.engine.due import happen
from emulator.engine.queue import KEPT, Conflicted, Receipt, StoreQueue
from emulator.engine.record import record
from emulator.engine.replicas import Replicas
from emulator.engine.sandboxes import MAX_SANDBOXES, NameTaken, Sandboxes, TooManySandboxes
from emulator.engine.sender import Sender
from emulator.engine.wakes import Wakes
from emulator.stores import Store, StoreError
from emulator.views.happened import Advanced, Happened

_SLICE = 200
_AGAIN_MS = 1000
"""Real time until that is tried again which the store has not kept."""
_UNAVAILABLE = 503

log = logging.getLogger("emulator")

T = TypeVar("T")
H = TypeVar("H", bound=Happened)


class Waiting(Struct, frozen=True):
    """An answer that has to be waited for: for the store, or for a receiver."""

    reply: Coroutine[Any, Any, Reply]


class Engine:
    """The sandboxes, and what can be asked of them."""

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
    ) -> None:
        """`first`: what sandboxes are created with where nothing else is said. `create_unknown`: a well-formed key of
        an unknown sandbox creates it. `self_check`: answers and webhooks are held to their schemas. `woken` is called
        with the real time at which something falls due earlier than anything before."""
        self.library = library
        self.create_unknown = create_unknown
        self.self_check = self_check
        self.woken = woken
        self.counts = Counts()
        self.queue = StoreQueue(store, self._write_down, self._on_taken_back)
        self.wakes = Wakes()
        """Which sandboxes have to be looked at when, as something falls due there by itself."""
        self.sandboxes = Sandboxes(library, self.queue, first, self.real_ms, self._on_changed, max_sandboxes)
        self.dispatcher = Dispatcher(self, sender or Sender(), self_check=self_check)
        self._read_real_ms = real_ms
        self._latest_real_ms = 0
        self._advances = Advances(self.dispatcher, self.turn, self._run_due_ahead, self.now_ms)
        self.replicas: Replicas | None = None
        """The others that share the store."""
        if self.queue.shared is not None:
            self.replicas = Replicas(
                self.queue.shared, self, self.queue, self.sandboxes, self._advances, self.dispatcher
            )
        self._watching: dict[str, list[Happened]] = {}

    def real_ms(self) -> int:
        """Real time, ms since 1970. Where the machine's clock is set back it stands still, so no sandbox goes back."""
        real_ms = self._read_real_ms()
        if real_ms > self._latest_real_ms:
            self._latest_real_ms = real_ms
        return self._latest_real_ms

    async def open(self) -> None:
        """Takes over what was kept; there is a default sandbox then, and what was under way is sent again."""
        await self.sandboxes.load()
        if self.replicas is not None:
            await self.replicas.current()
            return
        if DEFAULT not in self.sandboxes:
            await self.sandboxes.create(DEFAULT, self.sandboxes.first)
        for sandbox in self.sandboxes.values():
            await self.resume(sandbox)

    async def resume(self, sandbox: Sandbox) -> None:
        """Sends again what was under way when its process ended."""
        await self.command(sandbox, deliveries.resume)
        self._wake(sandbox, 0)

    async def current(self) -> None:
        """Returns when all is known here that other processes have had acknowledged. Raises StoreError."""
        if self.replicas is not None:
            await self.replicas.current()

    async def turn(self, sandbox: str) -> None:
        """The same, and waits until something can be decided in a sandbox."""
        if self.replicas is not None:
            await self.replicas.current()
        await self.queue.turn(sandbox)

    def _on_changed(self, sandbox: Sandbox) -> None:
        self.dispatcher.forget(sandbox)
        if sandbox.name in self.sandboxes:
            if self.queue.shared is not None:
                sandbox.send_here(sandbox.name in self.queue.shared.held)
            self._wake(sandbox, 0)
        else:
            self._watching.pop(sandbox.name, None)
            self.wakes.forget(sandbox.name)

    def _on_taken_back(self, sandbox: Sandbox, reason: Exception) -> None:
        """What had fallen due falls due again: at once if another process was faster, soon if the store has failed."""
        self._wake(sandbox, 0 if isinstance(reason, Conflicted) else self.real_ms() + _AGAIN_MS)

    def take_in(self, sandbox: Sandbox, changes: Changes) -> None:
        """Another process has kept changes, which are applied: tells whoever wants to know."""
        self.sandboxes.hold(sandbox.name, changes)
        self._plan(sandbox, changes, self.now_ms(sandbox))
        self._write_down(sandbox, changes, own=False)
        if any(table == DELIVERIES for table, _ in changes.documents):
            self.dispatcher.wake()

    def _wake(self, sandbox: Sandbox, real_ms: int) -> None:
        if self.wakes.hasten(sandbox.name, real_ms):
            self.woken(real_ms)

    # -- commands

    def transaction(self, sandbox: Sandbox) -> Transaction:
        """A transaction at the present instant, to look at what is, or for a command that `commit` ends at once."""
        real_ms = self.real_ms()
        return Transaction(sandbox, self.library, sandbox.clock.now_ms(real_ms), real_ms)

    async def set_clock(self, sandbox: Sandbox, clock: Clock) -> None:
        """Replaces a sandbox's clock."""

        def decide(tx: Transaction) -> None:
            tx.clock = clock

        await self.command(sandbox, decide)

    async def command(self, sandbox: Sandbox, decide: Callable[[Transaction], T]) -> T:
        """What `decide` gives, once its outcome is kept. It is called again where another process was faster."""
        while True:
            await self.turn(sandbox.name)
            tx = self.transaction(sandbox)
            result = decide(tx)
            with contextlib.suppress(Conflicted):
                await self.commit(sandbox, tx).wait()
                return result

    def commit(self, sandbox: Sandbox, tx: Transaction, *, refused: bool = False) -> Receipt:
        """Applies what a transaction has decided, and has it kept; if it was refused in the end, only what lasts."""
        changes = tx.lasting_changes() if refused else tx.changes()
        has_drawn = changes.sequence != sandbox.sequence  # what somebody was told must not be drawn again
        if not (has_drawn or changes.documents or changes.clock) or self.sandboxes.find(sandbox.name) is not sandbox:
            return KEPT
        receipt = self.queue.put(sandbox, changes)
        self.sandboxes.hold(sandbox.name, changes)
        if changes.timers or changes.clock is not None:
            self._plan(sandbox, changes, tx.now_ms)
        return receipt

    def _plan(self, sandbox: Sandbox, changes: Changes, now_ms: int) -> None:
        """Has the sandbox looked at when something falls due by what has changed."""
        if changes.clock is not None:
            self._wake(sandbox, 0)
        elif changes.timers:
            due_ms = min(changes.timers).due_ms
            real_ms = 0 if due_ms <= now_ms else sandbox.clock.real_ms(due_ms)
            if real_ms is not None:
                self._wake(sandbox, real_ms)

    def _write_down(self, sandbox: Sandbox, changes: Changes, *, own: bool = True) -> None:
        """Tells the journal, and whoever watches, what has happened; and counts it, if this process has done it."""
        if self.sandboxes.find(sandbox.name) is not sandbox:
            return
        for note in changes.notes:
            if note.kind != events.CREATED:  # of which the entry of the request tells
                if own:
                    self.counts.add_note(note)
                orders = (note.order_id,) if note.order_id else ()
                self.sandboxes.journals[sandbox.name].add(note.at_ms, note.kind, note.provider, orders, note.details)
        for happened in self._watching.get(sandbox.name, ()):
            happened.add(changes.notes)

    # -- requests

    def ask(self, provider: Provider, request: Request, *, full: str = "", current: bool = False) -> Reply | Waiting:
        """The provider's answer to a request, in the sandbox that its credential belongs to. `full`: why a sandbox for
        it could not be made. `current`: what other processes have done until now is known."""
        if self.replicas is not None and not current:
            return Waiting(self._follow_and_ask(provider, request, full))
        name = provider.find_sandbox(request, self.sandboxes.holder) or DEFAULT
        sandbox = self.sandboxes.find(name)
        if sandbox is None:
            if self.create_unknown and not full and NAME.fullmatch(name):
                return Waiting(self._create_and_ask(name, provider, request))
            sandbox = self.sandboxes[DEFAULT]
        if sandbox.name in self.queue.taken:
            return Waiting(self._wait_and_ask(sandbox.name, provider, request))
        tx = self.transaction(sandbox)
        while sandbox.next_due(tx.now_ms) is not None:
            self.settle(sandbox)
            tx = self.transaction(sandbox)
        call = Call(provider, request, tx)
        try:
            answered = answer(call)
            if full:
                answered = replace(answered, reason=f"{full}; {answered.reason}")
            orders = call.named_orders() if answered.refused else tuple(tx.concerned)
            receipt = self.commit(sandbox, tx, refused=answered.refused)
        except Exception as failure:
            return self._fail(sandbox, call, failure)
        reply = answered.reply
        if receipt.kept and isinstance(reply, Reply):
            return self._record(sandbox, call, answered, reply, orders)
        return Waiting(self._finish(sandbox, call, answered, orders, receipt))

    async def answer(self, provider: Provider, request: Request) -> Reply:
        """The same for who can wait."""
        reply = self.ask(provider, request)
        return reply if isinstance(reply, Reply) else await reply.reply

    async def _follow_and_ask(self, provider: Provider, request: Request, full: str) -> Reply:
        try:
            await self.current()
        except StoreError as failure:
            name = provider.find_sandbox(request, self.sandboxes.holder) or DEFAULT
            sandbox = self.sandboxes.find(name) or self.sandboxes[DEFAULT]
            return self._fail(sandbox, Call(provider, request, self.transaction(sandbox)), failure)
        reply = self.ask(provider, request, full=full, current=True)
        return reply if isinstance(reply, Reply) else await reply.reply

    async def _create_and_ask(self, name: str, provider: Provider, request: Request) -> Reply:
        full = ""
        try:
            await self.sandboxes.create(name, self.sandboxes.first_of(name))
        except NameTaken:
            pass  # another request was quicker
        except TooManySandboxes as error:
            full = str(error)
        reply = self.ask(provider, request, full=full)
        return reply if isinstance(reply, Reply) else await reply.reply

    async def _wait_and_ask(self, sandbox: str, provider: Provider, request: Request) -> Reply:
        await self.queue.turn(sandbox)
        return await self.answer(provider, request)

    async def _finish(
        self, sandbox: Sandbox, call: Call, answered: Answered, orders: tuple[str, ...], receipt: Receipt
    ) -> Reply:
        """The answer when its changes are kept, and the receiver has said what it depends on."""
        try:
            await receipt.wait()
            reply = answered.reply
            if isinstance(reply, AfterDelivery):
                reply = reply.reply(await self.dispatcher.complete(sandbox, reply.delivery_id))
        except Conflicted:
            return await self.answer(call.provider, call.request)
        except Exception as failure:
            return self._fail(sandbox, call, failure)
        return self._record(sandbox, call, answered, reply, orders)

    def _fail(self, sandbox: Sandbox, call: Call, failure: Exception) -> Reply:
        error = UNFORESEEN
        if isinstance(failure, StoreError):
            error = next((case.name for case in call.provider.errors.values() if case.status == _UNAVAILABLE), error)
            log.error("%s %s failed: %s", call.request.method, call.request.path, failure)
        else:
            log.error("%s %s failed", call.request.method, call.request.path, exc_info=failure)
        refusal = Refusal(error, f"the emulator failed: {type(failure).__name__}: {failure}")
        reply = call.provider.render(call, refusal)
        answered = Answered(reply, True, refusal.error, refusal.reason)
        return self._record(sandbox, call, answered, reply, ())

    def _record(self, sandbox: Sandbox, call: Call, answered: Answered, reply: Reply, orders: tuple[str, ...]) -> Reply:
        if call.fault is not None:
            reply = call.apply_fault(reply)
        journal = self.sandboxes.journals.find(sandbox.name)
        if journal is None:  # the sandbox has gone meanwhile
            journal = Journal()
        endpoint = call.endpoint.name if call.endpoint else ""
        self.counts.add_request(call.provider.name, endpoint, answered.error or "ok")
        return record(journal, call, answered, reply, orders, self_check=self.self_check)

    # -- time

    def settle(self, sandbox: Sandbox, most: int | None = None) -> bool:
        """Runs what has fallen due, each thing at its own instant, but at most so many. Tells whether that is all."""
        until_ms, life = sandbox.clock.now_ms(self.real_ms()), sandbox.life
        count = 0
        while count != most:
            due = sandbox.next_due(until_ms) if sandbox.life == life else None
            if due is None:
                return True
            self._run_due(sandbox, due)
            count += 1
        return False

    async def settle_in_turns(self, sandbox: Sandbox) -> None:
        """The same for who can wait: others come in between."""
        while True:
            await self.turn(sandbox.name)
            if self.settle(sandbox, _SLICE):
                return
            await real_time.give_way()

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
            if self.replicas is not None and not await self.replicas.take(sandbox, advance):
                under_way = [each for each in self.transaction(sandbox).deliveries() if each.state == "sending"]
                advance.settled = False
                advance.blame(under_way)
                return Advanced(settled=False, silent=advance.silent)
            until_ms, life = until(self.now_ms(sandbox)), sandbox.life
            with self.watched(sandbox, Advanced()) as happened:
                await self._advances.go(sandbox, advance, until_ms)
                if until_ms is not None and advance.settled and sandbox.life == life:
                    await self.command(sandbox, lambda tx: _move_clock(tx, sandbox, until_ms))
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

    def _run_due_ahead(self, sandbox: Sandbox, due: Due) -> Receipt:
        return self._run_due(sandbox, due, move_clock=True)

    def _run_due(self, sandbox: Sandbox, due: Due, *, move_clock: bool = False) -> Receipt:
        sandbox.take_due(due)
        real_ms = self.real_ms()
        tx = Transaction(sandbox, self.library, due.due_ms, real_ms)
        if move_clock and due.due_ms > sandbox.clock.now_ms(real_ms):
            tx.clock = sandbox.clock.moved_to(due.due_ms, real_ms)
        if due.table == DELIVERIES:
            self.commit(sandbox, tx)
            return self.dispatcher.start(sandbox, due.key)
        return self.commit(sandbox, happen(tx, sandbox, due))


def _move_clock(tx: Transaction, sandbox: Sandbox, until_ms: int) -> None:
    """Lets the clock show an instant, if it does not show a later one."""
    if until_ms > tx.now_ms:
        tx.clock = sandbox.clock.moved_to(until_ms, tx.real_ms)
