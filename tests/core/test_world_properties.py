"""What must always hold, whatever happens in whatever order: three worlds are driven by the same commands.

`twin` gets exactly the same commands; `walker` advances in many short steps where the others take one long one.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from emulator.contract.lifecycle import IllegalEvent
from emulator.core import json_text
from emulator.core.durations import read_instant_ms
from emulator.core.origin import Origin
from emulator.core.sandbox import ORDERS, Snapshot
from tests.core import toy
from tests.core.toy import EVENTS, FINAL, SCENARIOS, START_MS, Bench, run
from tests.thorough import tries

SNAPSHOTS = json_text.typed_decoder(Snapshot)
UNFORCED = sorted(set(SCENARIOS) - {"forced", "refused"})
DELAYS_MS = st.integers(0, 3) | st.sampled_from([999, 1000, 5000, 10_000, 60_000])
BAD_REQUESTS: list[tuple[str, str, Any]] = [
    ("POST", "/orders", b"{"),
    ("POST", "/orders", b""),
    ("POST", "/orders", []),
    ("POST", "/orders", {"amount": 13}),
    ("POST", "/orders", {"amount": 1, "kind": "swap"}),
    ("GET", "/orders/unknown", None),
    ("GET", "/nowhere", None),
    ("PATCH", "/orders", None),
    ("POST", "/orders/unknown/pay", None),
]


class Worlds(RuleBasedStateMachine):
    """Orders are created, read, paid and moved by hand, while time goes on."""

    orders: Bundle[str] = Bundle("orders")
    snapshots: Bundle[bytes] = Bundle("snapshots")

    @initialize(seed=st.sampled_from(["seed", "other", ""]), expiry_s=st.none() | st.integers(1, 20))
    def begin(self, seed: str, expiry_s: int | None) -> None:
        origin = Origin(seed, "manual", "1", START_MS, {"toy": {"expiry_s": expiry_s}})
        self.engine, self.twin, self.walker = Bench(origin=origin), Bench(origin=origin), Bench(origin=origin)
        self.created: list[str] = []
        self.ended: dict[str, str] = {}

    def everywhere(self, command: Callable[[Bench], Any]) -> Any:
        """Does the same in all three worlds, and returns the result, which must be the same."""
        first, second, third = command(self.engine), command(self.twin), command(self.walker)
        assert first == second == third
        return first

    @rule(target=orders, scenario=st.none() | st.sampled_from(UNFORCED), kind=st.sampled_from(["buy", "sell"]),
          waiting=st.booleans(), amount=st.integers(1, 12))  # fmt: skip
    def create(self, scenario: str | None, kind: str, waiting: bool, amount: int) -> str:
        order_id = self.everywhere(lambda bench: bench.create(scenario, kind=kind, waiting=waiting, amount=amount))
        assert order_id not in self.created
        self.created.append(order_id)
        return str(order_id)

    @rule(order=orders, event=st.sampled_from([*EVENTS, "coffee", ""]), amount=st.none() | st.integers(0, 20))
    def event(self, order: str, event: str, amount: int | None) -> None:
        arguments: dict[str, Any] = {} if amount is None or event != "pay" else {"amount": amount}

        def fire(bench: Bench) -> bool:
            before = bench.snapshot()
            try:
                bench.fire(order, event, **arguments)
            except IllegalEvent:
                assert bench.snapshot() == before, "an illegal event has changed something"
                return False
            return True

        self.everywhere(fire)

    @rule(order=orders)
    def pay(self, order: str) -> None:
        self.everywhere(lambda bench: bench.request("POST", f"/orders/{order}/pay", {"amount": 20}))

    @rule(order=orders)
    def start(self, order: str) -> None:
        self.everywhere(lambda bench: bench.request("POST", f"/orders/{order}/start"))

    @rule(order=orders)
    def read(self, order: str) -> None:
        status, body = self.everywhere(lambda bench: bench.request("GET", f"/orders/{order}"))
        assert status == 200
        assert json_text.decode(body)["id"] == order

    @rule(call=st.sampled_from(BAD_REQUESTS))
    def refused(self, call: tuple[str, str, Any]) -> None:
        def ask(bench: Bench) -> tuple[int, bytes]:
            run(bench.engine.settle_in_turns(bench.sandbox))
            before = bench.snapshot()
            answer = bench.request(*call)
            assert answer[0] >= 400
            assert bench.snapshot() == before, "a refused request has changed something"
            return answer

        self.everywhere(ask)

    @rule()
    def refused_late(self) -> None:
        self.everywhere(lambda bench: bench.request("POST", "/orders/refused", {"amount": 1}))

    @rule(pieces=st.lists(DELAYS_MS, min_size=1, max_size=6))
    def advance(self, pieces: list[int]) -> None:
        now_ms = self.engine.sandbox.clock.now_ms(0)
        happened = self.engine.advance(sum(pieces))
        assert self.twin.advance(sum(pieces)) == happened
        assert [item for piece in pieces for item in self.walker.advance(piece)] == happened
        moments = [read_instant_ms(item["at"]) for item in happened]
        assert moments == sorted(moments)
        assert all(now_ms <= moment <= now_ms + sum(pieces) for moment in moments)
        assert self.engine.sandbox.next_due(now_ms + sum(pieces)) is None

    @rule()
    def advance_until_idle(self) -> None:
        self.everywhere(lambda bench: bench.advance(None))
        assert self.engine.sandbox.next_due() is None

    @rule(target=snapshots)
    def keep(self) -> bytes:
        return bytes(self.everywhere(Bench.snapshot))

    @rule(kept=snapshots)
    def restored_elsewhere(self, kept: bytes) -> None:
        other = Bench(origin=Origin("elsewhere"))
        run(other.engine.sandboxes.restore(other.sandbox, SNAPSHOTS.decode(kept)))
        assert other.snapshot() == kept
        run(other.engine.sandboxes.restore(other.sandbox, SNAPSHOTS.decode(other.snapshot())))
        assert other.snapshot() == kept

    @rule()
    def restored_in_place(self) -> None:
        """Restoring what is there changes nothing, now or later: the walker goes on without it."""
        for bench in (self.engine, self.twin):
            before = bench.snapshot()
            due = bench.sandbox.next_due()
            run(bench.engine.sandboxes.restore(bench.sandbox, SNAPSHOTS.decode(before)))
            assert bench.snapshot() == before
            assert bench.sandbox.next_due() == due

    @invariant()
    def the_same_commands_give_the_same_bytes(self) -> None:
        assert self.engine.snapshot() == self.twin.snapshot() == self.walker.snapshot()

    @invariant()
    def nothing_acknowledged_is_lost(self) -> None:
        if hasattr(self, "world"):
            assert list(self.engine.sandbox.tables[ORDERS]) == self.created
        assert self.engine.sandbox.order_ids("toy/owner:owner") == self.created

    @invariant()
    def final_stays_final(self) -> None:
        for order_id in self.created:
            order = self.engine.sandbox.order(order_id)
            assert order is not None
            if order_id in self.ended:
                assert order.status == self.ended[order_id]
            if order.status in FINAL:
                self.ended[order_id] = order.status

    @invariant()
    def the_history_of_an_order_follows_the_table(self) -> None:
        for order_id in self.created:
            order = self.engine.sandbox.order(order_id)
            assert order is not None
            moments = [change.at_ms for change in order.history]
            assert moments == sorted(moments)
            assert order.history[-1].status == order.status
            for before, change in zip(order.history, order.history[1:], strict=False):
                assert any(
                    row.event == change.event and row.target == change.status
                    for row in toy.LIFECYCLE.rows(order.kind, before.status)
                )


TestWorlds = Worlds.TestCase
TestWorlds.settings = settings(max_examples=tries(60), stateful_step_count=25)

SCRIPT = """
from tests.core.toy import Bench
bench = Bench()
answers = [bench.request("POST", "/orders", {"amount": number, "ref": "r"}) for number in range(1, 9)]
bench.advance(7000)
bench.request("GET", "/orders")
from emulator.core import json_text
from emulator.core.journal import as_json
journal = [as_json(entry) for entry in bench.engine.records.journals["default"].entries()]
print(answers, bench.snapshot(), json_text.encode(journal))
"""


def test_another_process_gives_the_same_bytes() -> None:
    said = set()
    for seed in ("1", "2"):
        ran = subprocess.run(
            [sys.executable, "-c", SCRIPT], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True
        )
        assert ran.returncode == 0, ran.stderr
        said.add(ran.stdout)
    assert len(said) == 1
    assert "created" in said.pop()
