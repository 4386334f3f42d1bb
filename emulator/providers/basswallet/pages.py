"""The hosted page on which the payer pays, and what its form and the testers' strip do.

Everything on it is escaped, and it leads nowhere but to `returnUrl`.

Source: https://docs-en.basswallet.com/api-reference/endpoint/receive/create_payment, seen 2026-11: the address of the
page, that it shows displayInfo in displayLanguage, and that it leads back. Assumed: everything else.
"""

from decimal import Decimal
from urllib.parse import quote

from msgspec.structs import replace

from emulator.contract.card import Call
from emulator.contract.lifecycle import IllegalEvent
from emulator.contract.order import Order
from emulator.contract.reply import Refusal, Reply
from emulator.contract.transaction import Transaction
from emulator.core import events
from emulator.pages.page import Strip, write_page, write_redirect
from emulator.pages.steering import CAUSE, EVENT_FIELD, fire_event
from emulator.providers.basswallet import errors, payments
from emulator.providers.basswallet.access import PAGE_KEY
from emulator.providers.basswallet.chain.amounts import read_amount
from emulator.providers.basswallet.pay_page.view import (
    FAIL,
    HALF,
    STEERED,
    SUCCEED,
    make_message_page,
    make_pay_page,
)
from emulator.providers.basswallet.pay_page.words import ENGLISH, WORDS
from emulator.providers.basswallet.wire import (
    AWAITING_CONFIRMATION,
    COMPLETE,
    SUCCESS,
    ParameterError,
    read_body,
)

_URL_CHARACTERS = "!#$%&'()*+,/:;=?@[]~"
_RETURNS_ON = {"success": (SUCCESS,), "confirmation": (AWAITING_CONFIRMATION, SUCCESS)}
_MOST_CONFIRMED = 100
"""How many confirmations one press of a button brings at most."""


def show_payin(call: Call) -> Reply:
    """`GET /payin/{uuid}`: 200 with the page, or 302 to the merchant. Refuses with `NOT_FOUND`."""
    order = _require_order(call)
    call.open_page(order)
    return_url = order.fields.get("return_url", "")
    if return_url and order.fields.get("auto_return") and order.status in _RETURNS_ON[call.settings["auto_return_on"]]:
        return write_redirect(302, quote(return_url, safe=_URL_CHARACTERS))
    return write_page(make_pay_page(call, order, _write_path(call)))


def pay_order(call: Call) -> Reply:
    """`POST /payin/{uuid}/pay` with the form field `amount`: pays it; 303 to the page, whatever the payment did.

    Refuses with `NOT_FOUND` (also if the setting `payin_button` is off) and `PARAM_ERROR`.
    """
    order = _require_order(call)
    if not call.settings["payin_button"]:
        raise Refusal("NOT_FOUND", "the page has no form (setting payin_button)")
    call.body = amount = _read_form(call, "amount")
    if amount and read_amount(amount) is None:
        raise Refusal("PARAM_ERROR", f"amount: {amount[:50]!r} is not an amount above 0")
    amount = amount or payments.find_missing_amount(order)
    arguments = {"amount": amount} if read_amount(amount) is not None else {}
    try:
        events.fire(call.tx, order, "pay", arguments, cause="page", by_hand=True)
    except IllegalEvent as error:
        call.tx.note("ignored", order, status=order.status, reason=str(error))
        call.tx.touch(order)
    return write_redirect(303, _write_path(call))


def steer_order(call: Call) -> Reply:
    """`POST /payin/{uuid}`: does what a button of the testers' strip says; 303 to the page, or 409 with the page if
    that is not possible. Refuses with `NOT_FOUND` (also if the setting `tester_strip` is off) and `PARAM_ERROR`."""
    order = _require_order(call)
    if not call.settings["tester_strip"]:
        raise Refusal("NOT_FOUND", "the page has no strip (setting tester_strip)")
    event, outcome = _read_form(call, EVENT_FIELD), _read_form(call, "outcome")
    problem = fire_event(call.tx, order, event, STEERED) if event else _reach(call, order, outcome)
    if not problem:
        return write_redirect(303, _write_path(call))
    page = make_pay_page(call, order, _write_path(call))
    return write_page(replace(page, strip=replace(page.strip or Strip(_write_path(call)), problem=problem)), 409)


def render(call: Call, refusal: Refusal) -> Reply:
    """The provider's answer to a refused request; a page where a page was asked for."""
    if call.endpoint is None or not call.endpoint.page:
        return errors.render(call, refusal)
    case = call.provider.errors[refusal.error]
    order = _find_order(call)
    if refusal.error == "PARAM_ERROR" and order is not None:
        problem = WORDS[order.fields.get("language", ENGLISH)]["bad_sum"]
        page = make_pay_page(call, order, _write_path(call), problem=problem, typed=call.body or "")
        return write_page(page, case.status)
    return write_page(make_message_page(call, "" if refusal.error == "NOT_FOUND" else case.message), case.status)


def find_amount(order: Order) -> tuple[str, str]:
    """What is to be paid (the minimum where the payer chooses), and in which token."""
    fields = order.fields
    return fields.get("amount") or fields.get("min_amount", ""), fields["token_name"]


def find_page(tx: Transaction, order: Order) -> str | None:
    """URL of the page on which a payment is made; withdrawals and deposits have none."""
    url: str | None = order.fields.get("redirect_url")
    return url


def _reach(call: Call, order: Order, outcome: str) -> str:
    """Takes an order to an outcome, by the payment and the confirmations that it needs. What comes back is why that is
    not possible, empty if it is."""
    if outcome not in (SUCCEED, HALF, FAIL):
        return f"There is no button {outcome[:50]!r}: use one of {SUCCEED}, {HALF}, {FAIL}."
    try:
        if payments.is_open(call.tx, order) and not (outcome == FAIL and payments.is_awaited(order)):
            times = {"times": Decimal("0.5")} if outcome == HALF else {"amount": payments.find_missing_amount(order)}
            events.fire(call.tx, order, "pay", times, cause=CAUSE, by_hand=True)
        if outcome == FAIL:
            if order.status != AWAITING_CONFIRMATION:
                events.fire(call.tx, order, "confirm", cause=CAUSE, by_hand=True)
            events.fire(call.tx, order, "fail", cause=CAUSE, by_hand=True)
        for _ in range(_MOST_CONFIRMED if outcome == SUCCEED else 0):
            if order.status in COMPLETE and not payments.is_awaited(order):
                break
            events.fire(call.tx, order, "confirm", cause=CAUSE, by_hand=True)
    except IllegalEvent as illegal:
        return f"{illegal}."
    return ""


def _read_form(call: Call, name: str) -> str:
    try:
        return read_body(call.header("content-type"), call.request.body).value(name)
    except ParameterError as error:
        raise Refusal("PARAM_ERROR", error.reason) from error


def _find_order(call: Call) -> Order | None:
    held = call.tx.order_ids(call.provider.name, f"{PAGE_KEY}{call.parameters['uuid']}")
    return call.tx.order(held[0]) if held else None


def _require_order(call: Call) -> Order:
    order = _find_order(call)
    if order is None:
        raise Refusal("NOT_FOUND", "no order has this page")
    return order


def _write_path(call: Call) -> str:
    """The path of the page as the browser sees it."""
    return f"{call.request.root}/payin/{call.parameters['uuid']}"
