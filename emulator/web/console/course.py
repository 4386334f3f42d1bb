"""The life cycle of an order as seen from its status: read from the provider's own table, and drawn elsewhere."""

from collections.abc import Sequence
from itertools import pairwise

from msgspec import Struct

from emulator.contract.lifecycle import Transition
from emulator.contract.order import STEP, Order
from emulator.core import events
from emulator.core.timeline import current_step, find_row
from emulator.core.transaction import Transaction
from emulator.web.console.marks import Mark, mark_of_status
from emulator.web.console.writing import write_clock, write_span


class Fire(Struct, frozen=True):
    """An event that can be made to happen."""

    event: str
    about: str
    target: str
    """The status that it leads to."""
    asks: bool = False
    """Whether it takes arguments."""
    sure: bool = True
    """Whether it can happen without arguments; otherwise it depends on them."""


class Stop(Struct, frozen=True):
    """A status in the order's life cycle."""

    status: str
    about: str
    mark: Mark
    state: str
    """`now`, `been`, `possible`, or `not`."""
    note: str
    """A few words about it: since when, or why not."""
    why: str = ""
    """The same in a sentence, if the few words leave something out."""
    fires: tuple[Fire, ...] = ()
    """Events that lead there now."""
    arriving: tuple[str, ...] = ()
    """The events that lead there from one other status, where those are most."""
    staying: tuple[str, ...] = ()
    """The events that leave an order there."""


class Way(Struct, frozen=True):
    """An arrow from one status to another."""

    source: str
    target: str
    state: str
    """`been`, `possible`, or `not`."""


class Course(Struct, frozen=True):
    """The whole life cycle, the order's own way through it included."""

    first: str
    now: str
    stops: tuple[Stop, ...]
    ways: tuple[Way, ...]
    fires: tuple[Fire, ...]
    """All events that are possible now."""


def read_course(tx: Transaction, order: Order) -> Course:
    """Where the order was, where it is, and what can become of it."""
    lifecycle = tx.provider(order.provider).lifecycle
    history = [change.status for change in order.history] or [order.status]
    rows = lifecycle.rows_from(order.kind, history)
    statuses = list(dict.fromkeys([*history, *(name for row in rows for name in (row.source, row.target))]))
    fires = _list_fires(tx, order)
    been = list(dict.fromkeys((a, b) for a, b in pairwise(history) if a != b))
    possible = {fire.target for fire in fires}
    ways = []
    for source, target in dict.fromkeys([*been, *((row.source, row.target) for row in rows)]):
        if source != target:
            now = source == order.status and target in possible
            ways.append(Way(source, target, "possible" if now else "been" if (source, target) in been else "not"))
    stops = tuple(_stop(tx, order, status, rows, fires) for status in statuses)
    return Course(history[0], order.status, stops, tuple(ways), fires)


def _list_fires(tx: Transaction, order: Order) -> tuple[Fire, ...]:
    """The events that can happen now, or could with the right arguments, each with where it leads."""
    lifecycle = tx.provider(order.provider).lifecycle
    legal = events.legal_events(tx, order)
    step = current_step(tx, order)
    found = []
    for name in dict.fromkeys([*lifecycle.legal_events(order.kind, order.status), *legal]):
        known = lifecycle.events.get(name)
        asks = known is not None and bool(known.arguments)
        row = find_row(tx, order, name, {}) if known is not None else None
        target = row.target if row is not None else order.status
        if step is not None and step.on == name and len(step.outcomes) == 1:
            target = step.outcomes[0].to or target
        if name in legal or asks:
            about = known.about if known is not None else "what the order's scenario is waiting for"
            found.append(Fire(name, about, target, asks, name in legal))
    return tuple(found)


def _stop(tx: Transaction, order: Order, status: str, rows: Sequence[Transition], fires: tuple[Fire, ...]) -> Stop:
    lifecycle = tx.provider(order.provider).lifecycle
    here = tuple(fire for fire in fires if fire.target == status)
    note, why = _note(tx, order, status, rows, fires)
    state = "now" if status == order.status else "possible" if here else "been" if _was(order, status) else "not"
    by_source: dict[str, dict[str, None]] = {}
    for row in rows:
        if row.target == status:
            by_source.setdefault(row.source, {})[row.event] = None
    staying = tuple(by_source.pop(status, ()))
    most = max(map(len, by_source.values()), default=0)
    arriving = next((tuple(each) for each in by_source.values() if len(each) == most), ())
    about, mark = lifecycle.statuses[status].about, mark_of_status(lifecycle, status)
    return Stop(status, about, mark, state, note, why, here, arriving, staying)


def _was(order: Order, status: str) -> bool:
    return any(change.status == status for change in order.history)


def _note(
    tx: Transaction, order: Order, status: str, rows: Sequence[Transition], fires: tuple[Fire, ...]
) -> tuple[str, str]:
    """What is written below a status: since when, how long, when it comes by itself, or why it cannot be now."""
    if status == order.status:
        entered = _entered(order)
        return f"since {write_clock(entered)}", ""
    if due := _due(tx, order, status):
        return due, ""
    if _was(order, status) and not any(fire.target == status for fire in fires):
        return f"for {write_span(_stayed_ms(order, status))}", ""
    return _why_not(order, status, rows, fires)


def _entered(order: Order) -> int:
    """Since when the order has had its status."""
    since_ms = order.updated_ms
    for change in reversed(order.history):
        if change.status != order.status:
            break
        since_ms = change.at_ms
    return since_ms


def _stayed_ms(order: Order, status: str) -> int:
    """How long the order had a status that it has left."""
    ends = [*(change.at_ms for change in order.history[1:]), order.updated_ms]
    return sum(end - change.at_ms for change, end in zip(order.history, ends, strict=True) if change.status == status)


def _due(tx: Transaction, order: Order, status: str) -> str:
    """When the order comes to a status by itself, if nothing happens before."""
    for timer, name in sorted((timer, name) for name, timer in order.timers.items()):
        step = current_step(tx, order) if name == STEP else None
        outcomes = step.outcomes if step is not None else ()
        names = [outcome.to or outcome.do or "" for outcome in outcomes] if name == STEP else [name]
        rows = [find_row(tx, order, each, {}) for each in names]
        if status in names or any(row is not None and row.target == status for row in rows):
            return f"at {write_clock(timer.due_ms)}"
    return ""


def _why_not(order: Order, status: str, rows: Sequence[Transition], fires: tuple[Fire, ...]) -> tuple[str, str]:
    leading = [row for row in rows if row.target == status and row.source == order.status]
    for row in leading:
        other = next((fire for fire in fires if fire.event == row.event and fire.target != status), None)
        if other is not None and other.sure:
            told = f"{row.event} leads to {other.target} as things are"
            return (f"not by {row.event} now", f"{told}; here it needs: {row.condition}" if row.when else told)
        if row.when is not None:
            return f"not by {row.event} now", f"{row.event} leads here only if this holds: {row.condition}"
    after = {order.status}
    growing = True
    while growing:
        found = {row.target for row in rows if row.source in after} - after
        after |= found
        growing = bool(found)
    if status in after:
        before = next(row.source for row in rows if row.target == status and row.source in after - {status})
        return f"after {before}", f"not directly from {order.status}"
    return "cannot be reached now", f"no event leads here from {order.status} any more"
