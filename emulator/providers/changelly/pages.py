"""The page behind a redirectUrl: the trade, and buttons that end it. It stands in for the provider's own page.

Source of what happens afterwards: https://fiat-api.changelly.com/docs/endpoints/create-order-on-ramp (return URLs, seen
2026-11). Assumed: the page, and the names of the parameters that a return URL gets.
"""

from urllib.parse import parse_qs

from emulator.contract.card import Call
from emulator.contract.order import Order
from emulator.contract.reply import Refusal, Reply
from emulator.contract.transaction import Transaction
from emulator.core import events
from emulator.pages.page import wants_page, write_page, write_redirect
from emulator.pages.steering import EVENT_FIELD, fire_event
from emulator.providers.changelly import errors, wire
from emulator.providers.changelly.access import write_page_path
from emulator.providers.changelly.lifecycle import LIFECYCLE
from emulator.providers.changelly.pay_page.view import STEERED, make_pay_page, make_unknown_page
from emulator.providers.changelly.wire import escape_url

_CAUSE = "checkout page"

EVENTS = {"complete": "complete", "failed": "fail", "expired": "expire"}
"""The status that a button leads to -> its event."""

_RETURN_PARAMETERS = {
    "moonpay": ("transactionId", "transactionStatus"),
    "transak": ("orderId", "status"),
}
"""Provider -> the parameters in which it adds order id and status to the return URL; the others add nothing."""

_NO_REDIRECT = frozenset(("wert",))
"""Providers whose page stays open, with a link back."""


def show_checkout(call: Call) -> Reply:
    """`GET /checkout/{provider_code}/{order_id}`: 200 with the page. Refuses with `notFound`."""
    order = _require_order(call)
    call.open_page(order)
    return write_page(make_pay_page(call, order))


def press_checkout(call: Call) -> Reply:
    """`POST /checkout/{provider_code}/{order_id}`: moves the order to the form's `status`, unless it is final; 302 to
    the return URL, or 200 with the page.

    With the field `event` it does what a button of the testers' strip says: 303 to the page, or 409 with the page if
    that is not possible. Refuses with `notFound` and `validation`.
    """
    order = _require_order(call)
    form = parse_qs(call.request.body.decode("latin-1"))
    if EVENT_FIELD in form and call.settings["tester_strip"]:
        problem = fire_event(call.tx, order, form[EVENT_FIELD][0], STEERED)
        if problem:
            return write_page(make_pay_page(call, order, problem), 409)
        return write_redirect(303, write_page_path(call))
    status = form.get("status", [""])[0]
    if status not in EVENTS:
        known = ", ".join(EVENTS)
        raise wire.bad_fields(("status",), f"the form field status is {status!r}: send one of {known}")
    _move(call.tx, order, status)
    target = order.fields["returnSuccessUrl" if order.status == "complete" else "returnFailedUrl"]
    if target is None or order.fields["providerCode"] in _NO_REDIRECT:
        return write_page(make_pay_page(call, order))
    return write_redirect(302, _write_return_url(order, target))


def render(call: Call, refusal: Refusal) -> Reply:
    """The provider's answer to a refused request; a page where a page was asked for that does not exist."""
    if refusal.error == "notFound" and wants_page(call):
        return write_page(make_unknown_page(), 404)
    return errors.render(call, refusal)


def find_amount(order: Order) -> tuple[str, str]:
    """What is paid in, and in which currency."""
    return order.fields["amountFrom"], order.fields["currencyFrom"]


def find_page(tx: Transaction, order: Order) -> str | None:
    """URL of the page on which an order is paid; None where the pages are off."""
    return str(order.fields["redirectUrl"]) if tx.settings(order.provider)["checkout_page"] else None


def _require_order(call: Call) -> Order:
    order_id = call.parameters["order_id"]
    order = call.tx.order(order_id)
    if not call.settings["checkout_page"]:
        raise Refusal("notFound", "there are no pages here (setting checkout_page)")
    if order is None or order.provider != call.provider.name:
        raise Refusal("notFound", f"no order {order_id}")
    if order.fields["providerCode"] != call.parameters["provider_code"]:
        raise Refusal("notFound", f"the order is with {order.fields['providerCode']}")
    return order


def _move(tx: Transaction, order: Order, status: str) -> None:
    """Takes the order to a status, through `pending` where it has to be paid first; a final order stays as it is."""
    if order.status == "created" and status != "expired":
        events.fire(tx, order, "start", cause=_CAUSE, by_hand=True)
    if LIFECYCLE.is_final(order.status):
        return
    if EVENTS[status] in events.legal_events(tx, order):
        events.fire(tx, order, EVENTS[status], cause=_CAUSE, by_hand=True)
    else:
        events.move(tx, order, status, cause=_CAUSE, force=True, by_hand=True)


def _write_return_url(order: Order, target: str) -> str:
    """The return URL with what the provider adds to it, as ASCII text."""
    names = _RETURN_PARAMETERS.get(order.fields["providerCode"], ())
    added = "&".join(f"{name}={value}" for name, value in zip(names, (order.id, order.status), strict=False))
    if added:
        address, mark, fragment = target.partition("#")
        joint = "" if address.endswith(("?", "&")) else "&" if "?" in address else "?"
        target = address + joint + added + mark + fragment
    return escape_url(target)
