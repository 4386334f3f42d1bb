"""The gateway's page on which a user pays an order: what to send where, as text and as a QR code, and how it ends.

In production an app hands the request id to the payment gateway. Assumed: the page, its address, and all that is on it.
"""

from urllib.parse import parse_qs

from emulator.contract.card import Call
from emulator.contract.lifecycle import IllegalEvent
from emulator.contract.order import Order
from emulator.contract.reply import Refusal, Reply
from emulator.contract.transaction import Transaction
from emulator.core import events
from emulator.pages.page import wants_page, write_page, write_redirect
from emulator.pages.steering import EVENT_FIELD, fire_event
from emulator.providers.baanx import errors
from emulator.providers.baanx.access import PAGE_KEY
from emulator.providers.baanx.pay_page.view import FAIL, PAY, STEERED, make_pay_page, make_unknown_page

_OUTCOMES = (PAY, FAIL)
"""The events that the form field `outcome` names."""


def show_pay_page(call: Call) -> Reply:
    """`GET /pay/{requestId}`: 200 with the page. Refuses with `not_found`."""
    order = _require_order(call)
    call.open_page(order)
    return write_page(make_pay_page(call, order, _write_path(call)))


def pay_order(call: Call) -> Reply:
    """`POST /pay/{requestId}` with the form field `outcome`: `pay` or `fail`; 303 to the page.

    With the field `event` it does what another button of the testers' strip says. 409 with the page if that is not
    possible.
    Refuses with `not_found` and `validation`.
    """
    order = _require_order(call)
    form = parse_qs(call.request.body.decode("latin-1"))
    if EVENT_FIELD in form and call.settings["tester_strip"]:
        problem = fire_event(call.tx, order, form[EVENT_FIELD][0], STEERED)
    else:
        problem = _finish(call, order, form.get("outcome", [""])[0])
    if problem:
        return write_page(make_pay_page(call, order, _write_path(call), problem), 409)
    return write_redirect(303, _write_path(call))


def render(call: Call, refusal: Refusal) -> Reply:
    """The provider's answer to a refused request; a page where a page was asked for that does not exist."""
    if refusal.error == "not_found" and wants_page(call):
        return write_page(make_unknown_page(), 404)
    return errors.render(call, refusal)


def find_amount(order: Order) -> tuple[str, str]:
    """What the order costs, and in which currency."""
    return order.fields["amount"], order.fields["currency"]


def find_page(tx: Transaction, order: Order) -> str | None:
    """URL of the page on which an order is paid; None for one of an older snapshot."""
    return order.fields.get("page")


def _require_order(call: Call) -> Order:
    held = call.tx.order_ids(call.provider.name, f"{PAGE_KEY}{call.parameters['request_id']}")
    order = call.tx.order(held[0]) if held else None
    if order is None:
        raise Refusal("not_found", f"no order has the requestId {call.parameters['request_id']!r}")
    return order


def _finish(call: Call, order: Order, outcome: str) -> str:
    """Pays the order, or lets it fail. What comes back is why it cannot, empty if it can."""
    if outcome not in _OUTCOMES:
        message = f"outcome must be one of: {', '.join(_OUTCOMES)}"
        reason = f"the form field outcome is {outcome!r}: send {' or '.join(_OUTCOMES)}"
        raise Refusal("validation", reason, message=message)
    try:
        events.fire(call.tx, order, outcome, cause="page", by_hand=True)
    except IllegalEvent as illegal:
        return f"{illegal}."
    return ""


def _write_path(call: Call) -> str:
    """The path of the page as the browser sees it."""
    return f"{call.request.root}{call.request.path}"
