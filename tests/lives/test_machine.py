"""The state machine: its rules are the steps of a life, and custom rules can be added."""

import re
from typing import Any, ClassVar

import pytest
from hypothesis import settings
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from emulator.testing.lives import EmulatorMachine, Life
from tests.thorough import tries

FEW = settings(max_examples=tries(40), stateful_step_count=8, deadline=None)


class Plain(EmulatorMachine):
    """Nothing but the steps."""

    provider = "changelly"
    faults = True

    @invariant()
    def every_step_can_be_taken(self) -> None:
        if hasattr(self, "played"):
            assert [each for each in self.played.impossible if not hasattr(each, "command")] == []


TestPlain = Plain.TestCase
TestPlain.settings = FEW


class Cancelling(EmulatorMachine):
    """A client that cancels orders."""

    provider = "koywe"
    kind = "PAYIN"
    body: ClassVar = {"amountIn": 70_000}
    seen: list[str]

    def prepare(self) -> None:
        self.seen = []

    def make_order(self, life: Life) -> str | None:
        assert life.amount == "70000"
        return str(self.emulator.make_order("koywe", "PAYIN", amountIn=70_000)["id"])

    def read_order(self, order_id: str) -> Any:
        self.seen.append(order_id)

    @precondition(lambda self: "cancel" in self.emulator.order(self.order)["events"])
    @rule()
    def cancel(self) -> None:
        self.emulator.fire(str(self.order), "cancel")

    @invariant()
    def only_this_order_is_read(self) -> None:
        if hasattr(self, "seen"):
            assert set(self.seen) <= {self.order}


TestCancelling = Cancelling.TestCase
TestCancelling.settings = FEW


def test_the_state_machine_finds_a_short_failing_life_and_prints_it() -> None:
    class Shop(EmulatorMachine):
        provider = "baanx"

        @invariant()
        def never_refunded(self) -> None:
            assert not (hasattr(self, "played") and "REFUNDED" in self.played.statuses)

    with pytest.raises(AssertionError) as caught:
        run_state_machine_as_test(Shop, settings=settings(max_examples=300, stateful_step_count=8, deadline=None))
    told = "\n".join(caught.value.__notes__)
    steps = told.partition("timeline:\n")[2].partition("\n\n")[0].strip().splitlines()
    assert steps[-1].strip() == "- {after: 0s, do: refund}"
    assert len(steps) <= 4
    assert re.search(r'# with the settings {.*"refund_style":"refunded"', told)
