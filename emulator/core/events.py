"""What can happen to an order: creation, events, timeline steps, reads. Decides inside a transaction.

Functions that providers call take the transaction as providers know it (`given`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from emulator.contract import transaction as contract
from emulator.contract.lifecycle import Arguments, IllegalEvent, Transition
from emulator.contract.order import STEP, Change, Order
from emulator.contract.scenario import Outcome, Scenario
from emulator.core import timeline
from emulator.core.sandbox import CREATED
from emulator.core.timeline import acts, can_happen, current_step, find_row, find_row_towards, take_over
from emulator.core.transaction import Transaction, own
from emulator.core.wording import counted

_NO_ARGUMENTS: Mapping[str, Any] = {}


def create(given: contract.Transaction, order: Order, scenario: Scenario | None, *, waiting: bool = False) -> None:
    """Adds a new order and starts its timeline; that of a `waiting` order starts with `start_timeline`."""
    tx = own(given)
    if waiting:
        order.waiting = True
    if scenario is not None:
        order.scenario = scenario.name
    order.history.append(Change(tx.now_ms, order.status, "create", "request"))
    tx.add_order(order)
    tx.note(CREATED, order, status=order.status, scenario=order.scenario)
    tx.provider(order.provider).announce(tx, order, "create")
    if not waiting:
        timeline.schedule(tx, order)


def start_timeline(given: contract.Transaction, order: Order) -> None:
    """Starts the timeline of a waiting order."""
    tx = own(given)
    order.waiting = False
    tx.touch(order)
    timeline.schedule(tx, order)


def fire(
    given: contract.Transaction,
    order: Order,
    event: str,
    arguments: Arguments = _NO_ARGUMENTS,
    *,
    cause: str,
    by_hand: bool = False,
) -> None:
    """Makes an event happen to an order. Raises IllegalEvent, and changes nothing, if it is not allowed now.

    If the order's scenario waits for the event, the step decides what happens, as far as the status allows it. Any
    other event that a person triggers (`by_hand`) takes the order over.
    """
    tx = own(given)
    step = current_step(tx, order)
    awaited = step is not None and step.on == event
    if awaited and step is not None and acts(step):
        possible = [outcome for outcome in step.outcomes if can_happen(tx, order, outcome)]
        if possible:
            _take_step(tx, order, _choose(tx, possible), cause=f"{cause}: {event}")
            return
    row = find_row(tx, order, event, arguments)
    if row is None:
        raise IllegalEvent(f"{event} cannot happen to an order that is {order.status}", legal_events(tx, order))
    if by_hand and not awaited and tx.provider(order.provider).lifecycle.events[event].takes_over:
        take_over(tx, order, cause=cause)
    if awaited:
        timeline.pass_step(tx, order)
    _enter(tx, order, row, arguments, cause)
    if awaited and STEP not in order.timers:
        timeline.schedule(tx, order)


def move(
    given: contract.Transaction,
    order: Order,
    target: str,
    arguments: Arguments = _NO_ARGUMENTS,
    *,
    cause: str,
    force: bool = False,
    by_hand: bool = False,
) -> None:
    """Takes an order to a status by the event that leads there. Raises IllegalEvent if none does, unless `force`.

    `by_hand`: a person does this, and so takes the order over.
    """
    tx = own(given)
    row = find_row_towards(tx, order, target, arguments)
    if row is None:
        if not force:
            raise IllegalEvent(f"an order that is {order.status} cannot become {target}", legal_events(tx, order))
        row = Transition(order.status, "force", target)
    if by_hand:
        take_over(tx, order, cause=cause)
    _enter(tx, order, row, arguments, cause)


def fire_timer(tx: Transaction, order: Order, name: str) -> None:
    """Does what the timer `name` is for; an event that is no longer legal does not happen."""
    tx.stop_timer(order, name)
    if name == STEP:
        if any(timer.due_ms <= tx.now_ms for timer in order.timers.values()):
            tx.start_timer(order, STEP, tx.now_ms)  # what the provider does by itself at this instant comes first
            return
        step = current_step(tx, order)
        if step is not None:
            _take_step(tx, order, _choose(tx, step.outcomes), cause="scenario")
        return
    if find_row(tx, order, name, _NO_ARGUMENTS) is not None:
        fire(tx, order, name, cause="timer")


def count_read(tx: Transaction, order: Order) -> None:
    """Counts that the client has read the order once more."""
    step = current_step(tx, order)
    if step is None or step.reads is None:
        return
    order.reads += 1
    tx.touch(order)
    if order.reads >= step.reads:
        _take_step(tx, order, _choose(tx, step.outcomes), cause=f"read {counted(order.reads, 'time')}")


def legal_events(given: contract.Transaction, order: Order) -> tuple[str, ...]:
    """The events that can happen to the order now, without arguments: those of the lifecycle whose guards allow it, and
    the one that its scenario waits for."""
    tx = own(given)
    lifecycle = tx.provider(order.provider).lifecycle
    step = current_step(tx, order)
    possible = lifecycle.legal_events(order.kind, order.status)
    listed = dict.fromkeys(event for event in possible if find_row(tx, order, event, _NO_ARGUMENTS) is not None)
    if step is not None and step.on and acts(step) and any(can_happen(tx, order, each) for each in step.outcomes):
        listed[step.on] = None
    return tuple(listed)


def _enter(tx: Transaction, order: Order, row: Transition, arguments: Arguments, cause: str) -> None:
    provider = tx.provider(order.provider)
    source, before = order.status, current_step(tx, order) if order.taken_over else None
    order.status = row.target
    order.updated_ms = tx.now_ms
    order.history.append(Change(tx.now_ms, row.target, row.event, cause))
    tx.touch(order)
    tx.note("transition", order, status=row.target, source=source, event=row.event, cause=cause)
    if source != row.target and provider.lifecycle.is_final(row.target):
        # This comes first, because what follows may start a timer on purpose, as a late payment does.
        for name in [name for name in order.timers if name != STEP]:
            tx.stop_timer(order, name)
    entered = provider.lifecycle.statuses[row.target].entered
    if entered is not None and source != row.target:
        entered(tx, order, arguments)
    if row.then is not None:
        row.then(tx, order, arguments)
    if order.taken_over:
        timeline.go_on(tx, order, before)
    provider.announce(tx, order, row.event)


def _choose(tx: Transaction, outcomes: Sequence[Outcome]) -> Outcome:
    """The outcome that is taken this time."""
    return outcomes[0] if len(outcomes) == 1 else tx.chance.choose(outcomes, [each.weight for each in outcomes])


def _take_step(tx: Transaction, order: Order, outcome: Outcome, cause: str) -> None:
    # The order moves on first, so that an event fired by this step does not find this step again.
    timeline.pass_step(tx, order)
    try:
        _act(tx, order, outcome, cause)
    except IllegalEvent as error:
        tx.note("dropped", order, status=order.status, cause=cause, reason=str(error))
    if STEP not in order.timers:
        timeline.schedule(tx, order)


def _act(tx: Transaction, order: Order, outcome: Outcome, cause: str) -> None:
    if outcome.to is not None:
        move(tx, order, outcome.to, cause=cause, force=outcome.force)
    elif outcome.do is not None:
        row = find_row(tx, order, outcome.do, outcome.arguments)
        if row is None:
            raise IllegalEvent(f"{outcome.do} cannot happen to an order that is {order.status}", ())
        _enter(tx, order, row, outcome.arguments, cause)
