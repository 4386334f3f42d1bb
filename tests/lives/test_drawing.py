"""What is drawn: everything that a provider's tables allow, and nothing impossible."""

import contextlib
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings

from emulator import providers
from emulator.contract.lifecycle import Lifecycle, Transition
from emulator.contract.order import Change
from emulator.core.faults.registry import ON_ANSWERS, ON_DELIVERIES
from emulator.providers import NAMES
from emulator.testing.lives import Fire, Inject, Life, Run, Wait, lives
from emulator.testing.lives.rehearsal import Rehearsal
from tests.thorough import tries

Row = tuple[str, Transition]
"""A row of the table, for one kind of order."""
KINDS = [(name, kind) for name, card in providers.load_all().items() for kind in card.lifecycle.initial]
in_turn = pytest.mark.parametrize("provider", NAMES)


class AllSeen(Exception):
    """Nothing is missing any more."""


def rows_of(lifecycle: Lifecycle) -> Iterator[Row]:
    for row in lifecycle.transitions:
        for kind in row.kinds or lifecycle.initial:
            yield kind, row


def reachable_rows(lifecycle: Lifecycle) -> list[Row]:
    """Those that leave a status to which rows of the same kind lead from a first status."""
    reached = {(kind, status) for kind, statuses in lifecycle.initial.items() for status in statuses}
    rows = list(rows_of(lifecycle))
    while added := {(kind, row.target) for kind, row in rows if (kind, row.source) in reached} - reached:
        reached |= added
    return [(kind, row) for kind, row in rows if (kind, row.source) in reached]


def rehearse(life: Life) -> Rehearsal:
    """The order once its life has happened."""
    rehearsal = Rehearsal(life.provider, life.beginning.settings, life.kind)
    rehearsal.create({**rehearsal.usual_body(), **life.beginning.body}, life.beginning.initial)
    for step in life.steps:
        match step:
            case Fire():
                rehearsal.fire(step.event, step.arguments)
            case Wait():
                rehearsal.advance(step.by_ms)
            case Run():
                rehearsal.run(step.command, step.arguments)
            case Inject() if step.rule["fault"] in ON_DELIVERIES:
                rehearsal.inject(step.rule)
    return rehearsal


def leads(row: Transition, source: str, change: Change) -> bool:
    return (row.source, row.event, row.target) == (source, change.event, change.status)


def taken(rehearsal: Rehearsal, rows: list[Row]) -> Iterator[Row]:
    """The rows that the order has taken: those that are known, and those that alone explain a change of its status."""
    kind, history = rehearsal.kind, rehearsal.order.history
    yield from ((kind, row) for row in rehearsal.taken)
    for before, change in pairwise(history):
        found = [each for each in rows if each[0] == kind and leads(each[1], before.status, change)]
        if len(found) == 1:
            yield found[0]


@pytest.mark.parametrize(("provider", "kind"), KINDS)
def test_every_transition_that_can_be_reached_is_drawn_within_2000_examples(provider: Any, kind: str) -> None:
    rows = [each for each in reachable_rows(providers.load(provider).lifecycle) if each[0] == kind]
    missing = {id(row): row for _, row in rows}

    @settings(max_examples=2000, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])
    @given(drawn=lives(provider, kind or None))
    def check(drawn: Life) -> None:
        for _, row in taken(rehearse(drawn), rows):
            missing.pop(id(row), None)
        if not missing:
            raise AllSeen

    with contextlib.suppress(AllSeen):
        check()
    assert [f"{row.source} {row.event} {row.target}" for row in missing.values()] == []


def test_only_unreachable_transitions_are_left_out() -> None:
    """Payments of orders whose payer chooses the amount never fall short; all other rows can be reached."""
    left_out = [
        (name, kind, row.source, row.event)
        for name, card in providers.load_all().items()
        for kind, row in rows_of(card.lifecycle)
        if (kind, row) not in reachable_rows(card.lifecycle)
    ]
    assert left_out == [("basswallet", "variable", "Underpaid", event) for event in ("pay", "pay", "confirm")]


@in_turn
def test_every_fault_that_is_possible_is_drawn(provider: Any) -> None:
    card = providers.load(provider)
    faults = [*(fault for fault in ON_ANSWERS.values() if not fault.handles), *ON_DELIVERIES.values()]
    missing = {fault.name for fault in faults if fault.possible({"fault": fault.name, "status": 500}, card)}

    @settings(max_examples=500, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])
    @given(drawn=lives(provider, faults=True))
    def check(drawn: Life) -> None:
        rules = [*drawn.beginning.faults, *(step.rule for step in drawn.steps if isinstance(step, Inject))]
        missing.difference_update(rule["fault"] for rule in rules)
        if not missing:
            raise AllSeen

    with contextlib.suppress(AllSeen):
        check()
    assert missing == set()


@given(drawn=lives("koywe", "payin", faults=["reset", "late"], body={"amountIn": 70_000}, max_steps=3))
@settings(max_examples=tries(50))
def test_given_values_are_not_varied(drawn: Life) -> None:
    assert (drawn.kind, drawn.amount, drawn.body["amountIn"]) == ("PAYIN", "70000", 70_000)
    assert len(drawn.steps) <= 3
    rules = [*drawn.beginning.faults, *(step.rule for step in drawn.steps if isinstance(step, Inject))]
    assert {rule["fault"] for rule in rules} <= {"reset", "late"}
    assert drawn.beginning.refused is None
    assert not any(isinstance(step, Run) for step in drawn.steps)


@given(drawn=lives("baanx", settings={"late_payment": "complete", "order_expiry_seconds": 60}))
@settings(max_examples=tries(50))
def test_given_settings_apply_in_the_rehearsal(drawn: Life) -> None:
    assert drawn.beginning.settings["late_payment"] == "complete"
    waits = [step.by_ms for step in drawn.steps[:1] if isinstance(step, Wait) and step.deadline == "expire"]
    assert all(by_ms in (59_999, 60_000, 60_001) for by_ms in waits)


@in_turn
def test_without_faults_nothing_goes_wrong(provider: Any) -> None:
    @settings(max_examples=tries(50))
    @given(drawn=lives(provider))
    def check(drawn: Life) -> None:
        assert (drawn.beginning.faults, drawn.beginning.refused) == ((), None)
        assert not any(isinstance(step, (Inject, Run)) for step in drawn.steps)

    check()


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"kind": "PAYON"}, "koywe has no kind of order 'PAYON': did you mean 'PAYIN'"),
        ({"faults": ["latency"]}, "no fault 'latency' in lives: "),
        ({"faults": ["dropp"]}, "did you mean 'drop'"),
        ({"settings": {"token_ttl": 5}}, "did you mean"),
        ({"settings": {"balance_transfer_mode": "never"}}, "use one of by_profile, instant"),
        ({"body": {"amountIn": -5}}, "koywe refuses such an order: "),
    ],
)
def test_an_unknown_provider_status_or_fault_is_refused(wanted: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        lives("koywe", **wanted)


def test_a_life_shrinks_to_what_matters() -> None:
    found = find(
        lives("koywe", faults=True),
        lambda drawn: rehearse(drawn).order.status == "REFUNDED" if drawn.beginning.refused is None else False,
        settings=settings(max_examples=2000, database=None),
    )
    assert found.beginning.faults == ()
    assert found.beginning.settings == found.beginning.body == {}
    assert all(isinstance(step, Fire) and not step.arguments for step in found.steps)
    assert len(found.steps) <= 5
