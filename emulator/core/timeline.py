"""Where an order is in its timeline: the step that comes next, and how a person who acts on the order ends it."""

from collections.abc import Sequence

from emulator.contract import transaction as contract
from emulator.contract.lifecycle import Arguments, Transition
from emulator.contract.order import STEP, Order
from emulator.contract.scenario import Outcome, Step
from emulator.core.common_settings import PAYER_WAIT_S, PERSON_TAKES_OVER
from emulator.core.scenario import delay_ms
from emulator.core.transaction import Transaction, own

OPENED = "page-opened"
"""Kind of the note that the payer has opened the page."""
TAKEN_OVER = "taken-over"
"""Kind of the note that a person has ended the timeline."""


def find_row(tx: Transaction, order: Order, event: str, arguments: Arguments) -> Transition | None:
    """The row of the lifecycle that an event takes now; None if it cannot happen."""
    for row in tx.provider(order.provider).lifecycle.rows(order.kind, order.status):
        if row.event == event and (row.when is None or row.when(tx, order, arguments)):
            return row
    return None


def find_row_towards(tx: Transaction, order: Order, target: str, arguments: Arguments) -> Transition | None:
    """The row of the lifecycle that leads to a status now; None if none does."""
    rows = tx.provider(order.provider).lifecycle.rows_towards(order.kind, order.status, target)
    return next((row for row in rows if row.at_will or row.when is None or row.when(tx, order, arguments)), None)


def current_step(tx: Transaction, order: Order) -> Step | None:
    """The timeline step that comes next; None at the end."""
    steps = _steps(tx, order)
    place = _find_place(tx, order, steps) if order.taken_over else order.step
    return steps[place] if place < len(steps) else None


def pass_step(tx: Transaction, order: Order) -> None:
    """Moves past the current step."""
    order.step = _find_place(tx, order, _steps(tx, order)) + 1
    order.reads = 0
    tx.touch(order)


def schedule(tx: Transaction, order: Order) -> None:
    """Starts the timer of the current step, if it has one."""
    step = current_step(tx, order)
    if step is None or step.after is None:
        return
    settings = tx.settings(order.provider)
    wait_ms = step.fixed_delay_ms
    if wait_ms is None:
        wait_ms = delay_ms(step, order.captured, settings)
    if order.step == 0 and not order.chosen and settings[PAYER_WAIT_S]:
        has_payer = tx.provider(order.provider).page(tx, order) is not None
        wait_ms += settings[PAYER_WAIT_S] * 1000 if has_payer else 0
    tx.start_timer(order, STEP, tx.now_ms + wait_ms)


def go_on(tx: Transaction, order: Order, before: Step | None) -> None:
    """Restarts the timer of the timeline if the current step is no longer `before`."""
    if current_step(tx, order) is not before:
        tx.stop_timer(order, STEP)
        schedule(tx, order)


def open_page(given: contract.Transaction, order: Order) -> None:
    """A payer opens the page of an order, which means nothing once the order is final."""
    tx = own(given)
    if tx.provider(order.provider).lifecycle.is_final(order.status):
        return
    if not order.opened:
        order.opened = True
        tx.touch(order)
        tx.note(OPENED, order, status=order.status)
    take_over(tx, order, cause="page")


def take_over(given: contract.Transaction, order: Order, *, cause: str) -> None:
    """A person acts on an order. Unless somebody chose its scenario, the steps still to come by time or by reads are
    dropped. The provider's own timers keep running, and so do steps that follow by themselves."""
    tx = own(given)
    step = current_step(tx, order)
    mode = tx.settings(order.provider)[PERSON_TAKES_OVER]
    if step is None or order.taken_over or mode == "never" or (mode == "unchosen" and order.chosen):
        return
    order.taken_over = True
    tx.touch(order)
    tx.note(TAKEN_OVER, order, status=order.status, cause=cause)
    go_on(tx, order, step)


def acts(step: Step) -> bool:
    """Whether a step does anything."""
    return any(outcome.to is not None or outcome.do is not None for outcome in step.outcomes)


def can_happen(tx: Transaction, order: Order, outcome: Outcome) -> bool:
    """Whether the order's status allows an outcome now."""
    if outcome.do is None and (outcome.to is None or outcome.force):
        return True
    return _find_outcome_row(tx, order, outcome) is not None


def _steps(tx: Transaction, order: Order) -> Sequence[Step]:
    if not order.scenario or order.waiting:
        return ()
    scenario = tx.scenario(order.provider, order.scenario)
    return () if scenario is None else scenario.timeline(order.kind)


def _find_place(tx: Transaction, order: Order, steps: Sequence[Step]) -> int:
    """Index of the current step; past the end if there is none."""
    place = order.step
    if order.taken_over:
        while place < len(steps) and steps[place].on is None and not _is_by_itself(tx, order, steps[place]):
            place += 1
    return place


def _is_by_itself(tx: Transaction, order: Order, step: Step) -> bool:
    rows = [_find_outcome_row(tx, order, outcome) for outcome in step.outcomes]
    return any(row is not None and row.by_itself for row in rows)


def _find_outcome_row(tx: Transaction, order: Order, outcome: Outcome) -> Transition | None:
    if outcome.do is not None:
        return find_row(tx, order, outcome.do, outcome.arguments)
    return None if outcome.to is None else find_row_towards(tx, order, outcome.to, outcome.arguments)
