"""What can happen to an order: creation, events, timeline steps, reads. Decides inside a transaction.

What providers call takes the transaction as they know it (`given`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from emulator.contract import transaction as contract
from emulator.contract.lifecycle import Arguments, IllegalEvent, Transition
from emulator.contract.order import STEP, Change, Order
from emulator.contract.scenario import Outcome, Scenario, Step
from emulator.core.scenario import delay_ms
from emulator.core.transaction import Transaction, own

CREATED = "created"
"""Kind of the note that tells of a new order."""

_NO_ARGUMENTS: Mapping[str, Any] = {}


def create(given: contract.Transaction, order: Order, scenario: Scenario | None, *, waiting: bool = False) -> None:
    """Adds a new order and starts its scenario; a `waiting` order's timeline starts with `start_timeline`."""
    tx = own(given)
    if waiting:
        order.waiting = True
    if scenario is not None:
        order.scenario = scenario.name
    order.history.append(Change(tx.now_ms, order.status, "create", "request"))
    tx.add_order(order)
    tx.note(CREATED, order, status=order.status, scenario=order.scenario)
    tx.library.providers[order.provider].announce(tx, order, "create")
    if not waiting:
        _schedule(tx, order, _step_of(scenario, order))


def start_timeline(given: contract.Transaction, order: Order) -> None:
    """Lets a waiting order's timeline begin now."""
    tx = own(given)
    order.waiting = False
    tx.touch(order)
    _schedule_step(tx, order)


def fire(
    given: contract.Transaction, order: Order, event: str, arguments: Arguments = _NO_ARGUMENTS, *, cause: str
) -> None:
    """Makes an event happen to an order. Raises IllegalEvent, and changes nothing, where it is not allowed now.

    Where the order's scenario waits for the event, what the scenario says happens, as far as the status allows it.
    """
    tx = own(given)
    step = _current_step(tx, order)
    awaited = step is not None and step.on == event
    if awaited and step is not None and _acts(step):
        possible = [outcome for outcome in step.outcomes if _can_happen(tx, order, outcome)]
        if possible:
            _take_step(tx, order, _choose(tx, possible), cause=f"{cause}: {event}")
            return
    row = _row(tx, order, event, arguments)
    if row is None:
        raise IllegalEvent(f"{event} can not happen to an order that is {order.status}", legal_events(tx, order))
    _enter(tx, order, row, arguments, cause)
    if awaited:
        _finish_step(tx, order)


def move(
    given: contract.Transaction,
    order: Order,
    target: str,
    arguments: Arguments = _NO_ARGUMENTS,
    *,
    cause: str,
    force: bool = False,
) -> None:
    """Takes an order to a status by the event that leads there. Raises IllegalEvent where none does."""
    tx = own(given)
    row = _row_towards(tx, order, target, arguments)
    if row is None:
        if not force:
            raise IllegalEvent(f"an order that is {order.status} can not become {target}", legal_events(tx, order))
        row = Transition(order.status, "force", target)
    _enter(tx, order, row, arguments, cause)


def fire_timer(tx: Transaction, order: Order, name: str) -> None:
    """What the timer `name` is for; an event that is no longer legal does not happen."""
    tx.stop_timer(order, name)
    if name == STEP:
        step = _current_step(tx, order)
        if step is not None:
            _take_step(tx, order, _choose(tx, step.outcomes), cause="scenario")
        return
    if _row(tx, order, name, _NO_ARGUMENTS) is not None:
        fire(tx, order, name, cause="timer")


def count_read(tx: Transaction, order: Order) -> None:
    """The client has seen the order once more."""
    step = _current_step(tx, order)
    if step is None or step.reads is None:
        return
    order.reads += 1
    tx.touch(order)
    if order.reads >= step.reads:
        _take_step(tx, order, _choose(tx, step.outcomes), cause=f"read {order.reads} times")


def legal_events(given: contract.Transaction, order: Order) -> tuple[str, ...]:
    """The events that can happen to the order now, without arguments: those of the lifecycle whose guards agree, and
    the one its scenario waits for."""
    tx = own(given)
    lifecycle = tx.library.providers[order.provider].lifecycle
    step = _current_step(tx, order)
    possible = lifecycle.legal_events(order.kind, order.status)
    listed = dict.fromkeys(event for event in possible if _row(tx, order, event, _NO_ARGUMENTS) is not None)
    if step is not None and step.on and _acts(step) and any(_can_happen(tx, order, each) for each in step.outcomes):
        listed[step.on] = None
    return tuple(listed)


def next_step(tx: Transaction, order: Order) -> Step | None:
    """The timeline step that the order waits for."""
    return _current_step(tx, order)


def _row(tx: Transaction, order: Order, event: str, arguments: Arguments) -> Transition | None:
    for row in tx.library.providers[order.provider].lifecycle.rows(order.kind, order.status):
        if row.event == event and (row.when is None or row.when(tx, order, arguments)):
            return row
    return None


def _row_towards(tx: Transaction, order: Order, target: str, arguments: Arguments) -> Transition | None:
    rows = tx.library.providers[order.provider].lifecycle.rows_towards(order.kind, order.status, target)
    return next((row for row in rows if row.at_will or row.when is None or row.when(tx, order, arguments)), None)


def _enter(tx: Transaction, order: Order, row: Transition, arguments: Arguments, cause: str) -> None:
    provider = tx.library.providers[order.provider]
    source = order.status
    order.status = row.target
    order.updated_ms = tx.now_ms
    order.history.append(Change(tx.now_ms, row.target, row.event, cause))
    tx.touch(order)
    tx.note("transition", order, status=row.target, source=source, event=row.event, cause=cause)
    if source != row.target and provider.lifecycle.is_final(row.target):
        # First of all, so that what follows may start a timer on purpose, as a late payment does.
        for name in [name for name in order.timers if name != STEP]:
            tx.stop_timer(order, name)
    entered = provider.lifecycle.statuses[row.target].entered
    if entered is not None and source != row.target:
        entered(tx, order, arguments)
    if row.then is not None:
        row.then(tx, order, arguments)
    provider.announce(tx, order, row.event)


def _current_step(tx: Transaction, order: Order) -> Step | None:
    if not order.scenario or order.waiting:
        return None
    return _step_of(tx.scenario(order.provider, order.scenario), order)


def _step_of(scenario: Scenario | None, order: Order) -> Step | None:
    if scenario is None:
        return None
    timeline = scenario.timeline(order.kind)
    return timeline[order.step] if order.step < len(timeline) else None


def _acts(step: Step) -> bool:
    return any(outcome.to is not None or outcome.do is not None for outcome in step.outcomes)


def _choose(tx: Transaction, outcomes: Sequence[Outcome]) -> Outcome:
    """The one that comes about this time."""
    return outcomes[0] if len(outcomes) == 1 else tx.chance.choose(outcomes, [each.weight for each in outcomes])


def _can_happen(tx: Transaction, order: Order, outcome: Outcome) -> bool:
    """Whether the order's status allows an outcome now."""
    if outcome.do is not None:
        return _row(tx, order, outcome.do, outcome.arguments) is not None
    if outcome.to is None or outcome.force:
        return True
    return _row_towards(tx, order, outcome.to, outcome.arguments) is not None


def _take_step(tx: Transaction, order: Order, outcome: Outcome, cause: str) -> None:
    # The next step comes first into the order, so that an event fired by this one does not meet this one again.
    order.step += 1
    order.reads = 0
    tx.touch(order)
    try:
        _act(tx, order, outcome, cause)
    except IllegalEvent as error:
        tx.note("dropped", order, status=order.status, cause=cause, reason=str(error))
    _schedule_step(tx, order)


def _act(tx: Transaction, order: Order, outcome: Outcome, cause: str) -> None:
    if outcome.to is not None:
        move(tx, order, outcome.to, cause=cause, force=outcome.force)
    elif outcome.do is not None:
        row = _row(tx, order, outcome.do, outcome.arguments)
        if row is None:
            raise IllegalEvent(f"{outcome.do} can not happen to an order that is {order.status}", ())
        _enter(tx, order, row, outcome.arguments, cause)


def _finish_step(tx: Transaction, order: Order) -> None:
    order.step += 1
    order.reads = 0
    tx.touch(order)
    _schedule_step(tx, order)


def _schedule_step(tx: Transaction, order: Order) -> None:
    _schedule(tx, order, _current_step(tx, order))


def _schedule(tx: Transaction, order: Order, step: Step | None) -> None:
    if step is None or step.after is None:
        return
    wait_ms = step.fixed_delay_ms
    if wait_ms is None:
        wait_ms = delay_ms(step, order.captured, tx.settings(order.provider))
    tx.start_timer(order, STEP, tx.now_ms + wait_ms)
