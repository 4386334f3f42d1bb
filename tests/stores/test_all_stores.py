"""The same commands give the same bytes in every store: memory, a SQLite file, Redis.

The last two are closed and opened again now and then, so that what they return is what goes on.
"""

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from emulator.contract.lifecycle import IllegalEvent
from emulator.core import events, json_text
from emulator.core.journal import as_json
from emulator.core.origin import Origin
from emulator.core.plan import FAULT_RULES
from emulator.core.sandbox import Snapshot
from emulator.core.transaction import Transaction
from emulator.stores import Store
from emulator.stores.memory import MemoryStore
from emulator.stores.shared.redis import RedisStore
from emulator.stores.sqlite import SqliteStore
from tests.core.toy import EVENTS, SCENARIOS, START_MS, Bench, run
from tests.redis_server import RedisServer
from tests.thorough import tries

T = TypeVar("T")
UNFORCED = sorted(set(SCENARIOS) - {"forced", "refused"})
SNAPSHOTS = json_text.typed_decoder(Snapshot)
FAULTS: list[dict[str, Any]] = [
    {"fault": "status", "status": 500, "times": 2},
    {"fault": "status", "status": 500, "chance": 0.5},
    {"fault": "rate-limit", "times": 1, "when": "after"},
]


class Worlds(RuleBasedStateMachine):
    """Worlds that differ in nothing but where they are kept."""

    orders: Bundle[str] = Bundle("orders")
    snapshots: Bundle[bytes] = Bundle("snapshots")
    redis: RedisServer

    @initialize(seed=st.sampled_from(["seed", "other"]), expiry_s=st.none() | st.integers(1, 20))
    def begin(self, seed: str, expiry_s: int | None) -> None:
        self._stack = ExitStack()
        path = Path(self._stack.enter_context(tempfile.TemporaryDirectory())) / "kept.db"
        self.redis.empty()
        self._origin = Origin(seed, "manual", "1", START_MS, {"toy": {"expiry_s": expiry_s}})
        self._open: list[Callable[[], Store]] = [
            lambda: SqliteStore(path, keeps_journals=True),
            lambda: RedisStore(self.redis.url, keeps_journals=True),
        ]
        self._stores = [each() for each in self._open]
        self._memory = Bench(origin=self._origin, store=MemoryStore())
        self._kept = [Bench(origin=self._origin, store=store) for store in self._stores]

    def everywhere(self, command: Callable[[Bench], T]) -> T:
        """Does the same in all worlds, and returns the result, which must be the same."""
        result = command(self._memory)
        for bench in self._kept:
            assert command(bench) == result
        return result

    @rule(target=orders, scenario=st.none() | st.sampled_from(UNFORCED), kind=st.sampled_from(["buy", "sell"]))
    def create(self, scenario: str | None, kind: str) -> str:
        headers = {"x-emulator-scenario": scenario} if scenario else {}

        def ask(bench: Bench) -> tuple[int, bytes]:
            return bench.request("POST", "/orders", {"amount": 5, "kind": kind}, **headers)

        status, body = self.everywhere(ask)
        return str(json_text.decode(body)["id"]) if status == 201 else "none"

    @rule(order=orders)
    def read(self, order: str) -> None:
        self.everywhere(lambda bench: bench.request("GET", f"/orders/{order}"))

    @rule(order=orders)
    def pay(self, order: str) -> None:
        self.everywhere(lambda bench: bench.request("POST", f"/orders/{order}/pay", {"amount": 20}))

    @rule()
    def refused(self) -> None:
        self.everywhere(lambda bench: bench.request("POST", "/orders/refused", {"amount": 1}))

    @rule(order=orders, event=st.sampled_from(EVENTS))
    def event(self, order: str, event: str) -> None:
        def decide(tx: Transaction) -> str:
            found = tx.order(order)
            if found is None:
                return "unknown"
            try:
                events.fire(tx, found, event, {}, cause="control")
            except IllegalEvent:
                return "illegal"
            return found.status

        self.everywhere(lambda bench: run(bench.engine.command(bench.sandbox, decide)))

    @rule(fault=st.sampled_from(FAULTS))
    def add_fault(self, fault: dict[str, Any]) -> None:
        def decide(tx: Transaction) -> None:
            tx.put(FAULT_RULES, tx.chance.uuid(), fault)

        self.everywhere(lambda bench: run(bench.engine.command(bench.sandbox, decide)))

    @rule(by_ms=st.sampled_from([0, 999, 1000, 5000, 60_000]) | st.none())
    def advance(self, by_ms: int | None) -> None:
        self.everywhere(lambda bench: bench.advance(by_ms))

    @rule(target=snapshots)
    def keep(self) -> bytes:
        return self.everywhere(Bench.snapshot)

    @rule(kept=snapshots)
    def restore(self, kept: bytes) -> None:
        self.everywhere(lambda bench: run(bench.engine.sandboxes.restore(bench.sandbox, SNAPSHOTS.decode(kept))))

    @rule()
    def reset(self) -> None:
        self.everywhere(lambda bench: run(bench.engine.sandboxes.reset(bench.sandbox)))

    @rule(which=st.integers(0, 1))
    def open_anew(self, which: int) -> None:
        run(self._stores[which].close())
        store = self._stores[which] = self._open[which]()
        self._kept[which] = Bench(origin=Origin("something else"), store=store)

    @invariant()
    def they_hold_the_same_bytes(self) -> None:
        self.everywhere(Bench.snapshot)

    @invariant()
    def they_tell_the_same(self) -> None:
        def told(bench: Bench) -> tuple[list[dict[str, Any]], bool]:
            run(bench.engine.current())
            journal = bench.engine.records.journals["default"]
            return [as_json(entry) for entry in journal.entries()], journal.complete

        self.everywhere(told)

    def teardown(self) -> None:
        if hasattr(self, "_stores"):
            for store in self._stores:
                run(store.close())
            self._stack.close()


def test_the_same_commands_give_the_same_bytes_in_every_store(running_redis: RedisServer) -> None:
    Worlds.redis = running_redis
    run_state_machine_as_test(Worlds, settings=settings(max_examples=tries(60), stateful_step_count=20))


def test_what_is_due_when_an_order_is_read_comes_before_the_read_in_the_journal(running_redis: RedisServer) -> None:
    Worlds.redis = running_redis
    worlds = Worlds()
    worlds.begin("seed", None)
    for scenario in UNFORCED:
        order = worlds.create(scenario, "buy")
        worlds.read(order)
        worlds.advance(5000)
        worlds.read(order)
        worlds.they_tell_the_same()
    worlds.teardown()
