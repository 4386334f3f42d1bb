"""What a tester can do to an order from the strip of its page: the events that are possible now, each a button."""

from collections.abc import Mapping

from emulator.contract.card import Call
from emulator.contract.lifecycle import IllegalEvent
from emulator.contract.order import Order
from emulator.contract.transaction import Transaction
from emulator.core import events
from emulator.core.common_settings import TESTER_STRIP
from emulator.pages.page import Button, Strip

EVENT_FIELD = "event"
"""The form field that names the event."""
CAUSE = "tester's strip"
"""The cause that the order's history names."""

_MOST_SHOWN = 50


def _list_event_buttons(tx: Transaction, order: Order, labels: Mapping[str, str]) -> tuple[Button, ...]:
    """A button for each event of `labels` (event -> label of the button) that can happen now."""
    legal = events.legal_events(tx, order)
    return tuple(Button(EVENT_FIELD, event, label) for event, label in labels.items() if event in legal)


def make_strip(
    call: Call, order: Order, action: str, labels: Mapping[str, str], buttons: tuple[Button, ...] = (), *,
    status: str = "", problem: str = "", note: str = "",
) -> Strip | None:  # fmt: skip
    """The strip of an order's page, which posts to `action`: the page's own `buttons`, and those of the events that can
    happen now. `status`: what the page calls the order's, if it says so. None with the setting `tester_strip` off."""
    if not call.settings[TESTER_STRIP]:
        return None
    shown = (*buttons, *_list_event_buttons(call.tx, order, labels))
    facts = tuple(filter(None, (order.id, status, f"scenario {order.scenario or 'none'}")))
    return Strip(action, shown, facts, problem, note)


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
