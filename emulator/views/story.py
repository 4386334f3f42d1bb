"""What the control API shows of an order: its status, what comes next, and all that has happened to it."""

from typing import Any

from emulator.contract.delivery import Delivery
from emulator.contract.order import Change, Order
from emulator.core import events
from emulator.core.durations import format_instant
from emulator.core.journal import Entry, Journal, as_json
from emulator.core.redaction import hide, hide_in_text
from emulator.core.timeline import current_step
from emulator.core.transaction import Transaction

_CHANGES = frozenset({"created", "transition"})
_KEPT = (
    "number", "at", "kind", "endpoint", "method", "path", "status", "sent", "error", "reason", "cause", "event",
    "webhook", "fault", "url", "attempt", "outcome", "answered",
)  # fmt: skip
"""The members of an entry of the journal that a story shows."""


def summary(tx: Transaction, order: Order) -> dict[str, Any]:
    """The order without its story."""
    page = tx.provider(order.provider).page(tx, order)
    return {
        "id": order.id,
        "provider": order.provider,
        "kind": order.kind or None,
        "owner": order.owner,
        "status": order.status,
        "final": tx.provider(order.provider).lifecycle.is_final(order.status),
        "created_at": format_instant(order.created_ms),
        "updated_at": format_instant(order.updated_ms),
        "scenario": order.scenario or None,
        "page": None if page is None else hide_in_text(page),
        "next": _next(tx, order),
        "events": list(events.legal_events(tx, order)),
    }


def with_story(tx: Transaction, order: Order, journal: Journal) -> dict[str, Any]:
    """The order with its provider's fields and its story: status changes, and the requests that concerned it."""
    return {
        **summary(tx, order),
        "fields": hide(order.fields),
        "story": _story(order, list(journal.entries(order=order.id))),
    }


def _story(order: Order, entries: list[Entry]) -> list[dict[str, Any]]:
    """Everything in the order in which it happened, also at one instant.

    The order itself remembers every change of status; as long as the journal has the change too, it gives its place.
    """
    changes = [_changed(change) for change in order.history]
    journaled = sum(entry.kind in _CHANGES for entry in entries)
    later = iter(changes[len(changes) - journaled :])
    told = [next(later) if entry.kind in _CHANGES else _shown(entry) for entry in entries]
    return changes[: len(changes) - journaled] + told


def _changed(change: Change) -> dict[str, Any]:
    return {
        "at": format_instant(change.at_ms),
        "kind": "created" if change.event == "create" else "transition",
        "status": change.status,
        "event": change.event,
        "cause": change.cause,
    }


def delivery_as_json(delivery: Delivery) -> dict[str, Any]:
    """A webhook with every attempt."""
    return {
        "id": delivery.id,
        "provider": delivery.provider,
        "order": delivery.order_id or None,
        "event": delivery.event,
        "url": hide_in_text(delivery.url),
        "state": delivery.state,
        "fault": delivery.fault or None,
        "created_at": format_instant(delivery.created_ms),
        "next_at": format_instant(delivery.due.due_ms) if delivery.due else None,
        "attempts": [
            {
                "at": format_instant(attempt.at_ms),
                "url": hide_in_text(attempt.url),
                "headers": hide(attempt.headers),
                "body": hide_in_text(attempt.body),
                "status": attempt.status,
                "error": attempt.error and hide_in_text(attempt.error),
                "answer": hide_in_text(attempt.answer),
                "duration_ms": attempt.duration_ms,
                "next_at": format_instant(attempt.next_ms) if attempt.next_ms is not None else None,
            }
            for attempt in delivery.attempts
        ],
    }


def _shown(entry: Entry) -> dict[str, Any]:
    shown = as_json(entry)
    return {name: shown[name] for name in _KEPT if name in shown}


def _next(tx: Transaction, order: Order) -> dict[str, Any] | None:
    """What falls due next and when; without a timer, what the order's scenario is waiting for."""
    due = min(((timer, name) for name, timer in order.timers.items()), default=None)
    step = current_step(tx, order)
    if due is not None:
        timer, name = due
        outcomes = step.outcomes if step is not None and name == "step" else ()
        does = [outcome.to or outcome.do or "nothing" for outcome in outcomes] or [name]
        return {"at": format_instant(timer.due_ms), "what": name, "does": does[0] if len(does) == 1 else does}
    if step is None:
        return None
    if step.on is not None:
        return {"at": None, "what": "event", "event": step.on}
    return {"at": None, "what": "reads", "reads": (step.reads or 0) - order.reads}
