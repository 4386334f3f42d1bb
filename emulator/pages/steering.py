"""What a tester can do to an order from the strip of its page: the events that are possible now, each a button."""

from collections.abc import Mapping

from emulator.contract.lifecycle import IllegalEvent
from emulator.contract.order import Order
from emulator.contract.transaction import Transaction
from emulator.core import events
from emulator.pages.page import Button

EVENT_FIELD = "event"
"""The form field that names the event."""
CAUSE = "tester's strip"
"""The cause that the order's history names."""

_MOST_SHOWN = 50


def list_event_buttons(tx: Transaction, order: Order, labels: Mapping[str, str]) -> tuple[Button, ...]:
    """A button for each event of `labels` (event -> label of the button) that can happen now."""
    legal = events.legal_events(tx, order)
    return tuple(Button(EVENT_FIELD, event, label) for event, label in labels.items() if event in legal)


def fire_event(tx: Transaction, order: Order, event: str, labels: Mapping[str, str]) -> str:
    """Makes an event of `labels` happen; why it cannot, or empty."""
    if event not in labels:
        return f"There is no button {event[:_MOST_SHOWN]!r}: use one of {', '.join(labels)}."
    try:
        events.fire(tx, order, event, cause=CAUSE, by_hand=True)
    except IllegalEvent as illegal:
        possible = ", ".join(each for each in labels if each in illegal.legal) or "nothing of what this strip can do"
        return f"{illegal}. Possible now: {possible}."
    return ""
