"""The page on which a payer pays, where a tester decides how the payment ends.

Source: https://docs.koywe.com/en/getting-started/testing (seen 2026-11): that the provider has such a page. Assumed:
everything on it.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote

from msgspec.structs import replace

from emulator.contract.card import Call
from emulator.contract.lifecycle import IllegalEvent
from emulator.contract.order import Order
from emulator.contract.reply import Refusal, Reply
from emulator.contract.transaction import Transaction
from emulator.core import events, json_text
from emulator.core.wording import shown
from emulator.pages.page import Strip, wants_page, write_page, write_redirect
from emulator.pages.steering import EVENT_FIELD, fire_event
from emulator.providers.koywe import errors
from emulator.providers.koywe.catalogue import PaymentMethod, takes_cards
from emulator.providers.koywe.ordering.actions import write_pay_link
from emulator.providers.koywe.ordering.kinds import COLLECTED, PAYMENT_LINK
from emulator.providers.koywe.ordering.methods import PAID_METHOD, find_usual_method, is_within_limits, list_methods_of
from emulator.providers.koywe.pay_page.view import (
    OPEN,
    STEERED,
    make_left_page,
    make_pay_page,
    make_unknown_page,
    read_language,
    write_problem,
)
from emulator.providers.koywe.pay_page.words import CARDS
from emulator.providers.koywe.quotes.rates import write_amount
from emulator.providers.koywe.wire import BODY_LIMIT_BYTES, invalid, is_json, require_shape, without_nulls

SUCCEED, FAIL, ABANDON = "succeed", "fail", "abandon"

_PAYS = next(iter(CARDS))
_CARD_IGNORED = re.compile(r"[ -]")
_FIELDS = {"card": "card", "no_card": "card", "method": "method", "outcome": "form"}
_IN_URLS = "".join(map(chr, range(0x21, 0x7F)))


def show_pay_page(call: Call) -> Reply:
    """`GET /pay/{orderId}`: the order and how it may be paid. Refuses with `OR90001`."""
    order = _require_order(call)
    if order.status in OPEN:
        call.open_page(order)
    return write_page(make_pay_page(call, order))


def pay_order(call: Call) -> Reply:
    """`POST /pay/{orderId}`: pays, fails or leaves the order; 302 to the merchant, or a page that says what happened;
    409 with the page of an order that can no longer be paid.

    With the field `event` it does what a button of the testers' strip says. Refuses with `OR90001`, `COM90002`,
    `COM90003`, `PMP90002`, `PMP90003`.
    """
    order = _require_order(call)
    call.body = sent = _read_sent(call)
    if EVENT_FIELD in sent and call.settings["tester_strip"]:
        return _steer(call, order, str(sent[EVENT_FIELD]))
    if order.status not in OPEN:
        return write_page(make_pay_page(call, order), 409)
    outcome = _read_outcome(call, order, sent)
    if outcome == ABANDON:
        return write_page(make_left_page(call, order))
    try:
        _finish(call, order, outcome)
    except IllegalEvent:
        problem = write_problem(call, read_language(call, order), "closed", {})
        return write_page(make_pay_page(call, order, problem=problem, field="form"), 409)
    url = order.fields.get("successUrl" if outcome == SUCCEED else "failedUrl")
    return write_page(make_pay_page(call, order)) if url is None else write_redirect(302, _in_header(url))


def render(call: Call, refusal: Refusal) -> Reply:
    """The provider's answer to a refused request; a page where a page was asked for."""
    if is_json(call) or not wants_page(call):
        return errors.render(call, refusal)
    if refusal.error == "order-not-found":
        return write_page(make_unknown_page(call), 404)
    order, problem = _find_order(call), refusal.details.get("problem")
    reply = errors.render(call, refusal)
    if order is None or problem is None:
        return reply
    text = write_problem(call, read_language(call, order), problem, refusal.details)
    sent = call.body if isinstance(call.body, dict) else {}
    return write_page(
        make_pay_page(call, order, problem=text, field=_FIELDS.get(problem, "method"), sent=sent), reply.status
    )


def find_amount(order: Order) -> tuple[str, str]:
    """What is paid in, and in which currency."""
    return str(order.fields["amountIn"]), order.fields["originCurrencySymbol"]


def find_page(tx: Transaction, order: Order) -> str | None:
    """The URL of the page on which an order is paid; None if it is not paid on a page."""
    return write_pay_link(order) if "base" in order.fields else None


def _in_header(url: str) -> str:
    """The URL as a header can have it: all but printable ASCII escaped, as UTF-8."""
    return quote(url, safe=_IN_URLS)


def _find_order(call: Call) -> Order | None:
    order = call.tx.order(call.parameters.get("order_id", ""))
    return order if order is not None and order.provider == call.provider.name and "base" in order.fields else None


def _require_order(call: Call) -> Order:
    order = _find_order(call)
    if order is None:
        raise Refusal("order-not-found", f"no order {shown(call.parameters['order_id'])} is paid on a page")
    return order


def _read_sent(call: Call) -> dict[str, Any]:
    body = call.request.body[:BODY_LIMIT_BYTES]
    if not is_json(call):
        form = parse_qsl(body.decode("latin-1"), keep_blank_values=True)
        return {name: value for name, value in form if value}
    try:
        sent = json_text.decode(body)
    except json_text.MalformedJson as error:
        raise Refusal("malformed-json", f"the body is not JSON: {error}") from error
    if not isinstance(sent, dict):
        raise Refusal("malformed-json", "the body is not an object")
    return without_nulls(sent)


def _steer(call: Call, order: Order, event: str) -> Reply:
    problem = fire_event(call.tx, order, event, STEERED)
    page = make_pay_page(call, order)
    if not problem:
        return write_redirect(303, page.look_again_at)
    strip = page.strip or Strip(page.look_again_at)
    return write_page(replace(page, strip=replace(strip, problem=problem)), 409)


def _read_outcome(call: Call, order: Order, sent: Mapping[str, Any]) -> str:
    """How the payment ends, by what the payer sent."""
    try:
        require_shape(call, call.provider.schemas["pay-order.request"], sent)
    except Refusal as refusal:
        refusal.details["problem"] = "outcome"
        raise
    method = _read_method(call, order, sent)
    outcome = sent.get("outcome", "")
    if "cardNumber" in sent:
        outcome = _read_card(call, method, sent["cardNumber"])
    if outcome == SUCCEED:
        _require_amount(order, method)
        if method is not None and order.kind == PAYMENT_LINK:
            order.fields[PAID_METHOD] = method.method
    return str(outcome)


def _read_method(call: Call, order: Order, sent: Mapping[str, Any]) -> PaymentMethod | None:
    """The method that the payer chose, or else the first that takes the amount, or the first of all.

    None for a currency without methods.
    """
    methods = list_methods_of(order)
    if "method" in sent:
        chosen = next((each for each in methods if each.method == sent["method"]), None)
        if chosen is None:
            known = ", ".join(each.method for each in methods)
            told = f"/method: the order can be paid by {known}, not by {shown(sent['method'])}"
            raise _wrong(call, "method", f"method must be one of the following values: {known}", told)
        return chosen
    cards = [each for each in methods if takes_cards(each) and is_within_limits(order, each)]
    return cards[0] if "cardNumber" in sent and cards else find_usual_method(order)


def _read_card(call: Call, method: PaymentMethod | None, number: str) -> str:
    if method is None or not takes_cards(method):
        told = f"/cardNumber: {method.method if method is not None else 'this order'} does not take cards"
        raise _wrong(call, "no_card", "cardNumber must be empty for this method", told)
    digits = _CARD_IGNORED.sub("", number)
    if digits not in CARDS:
        told = f"/cardNumber: not one of the {len(CARDS)} test cards"
        raise _wrong(call, "card", f"cardNumber must be one of the following values: {', '.join(CARDS)}", told)
    return SUCCEED if digits == _PAYS else FAIL


def _wrong(call: Call, problem: str, text: str, told: str) -> Refusal:
    refusal = invalid(call, [text], told)
    refusal.details["problem"] = problem
    return refusal


def _require_amount(order: Order, method: PaymentMethod | None) -> None:
    if method is None:
        return
    amount, currency = order.fields["amountIn"], order.fields["originCurrencySymbol"]
    if amount < method.min_amount:
        error, name, limit = "amount-below-minimum", "min", method.min_amount
    elif amount > method.max_amount:
        error, name, limit = "amount-above-maximum", "max", method.max_amount
    else:
        return
    told = f"amountIn {amount} {currency}: {method.method} takes {method.min_amount} to {method.max_amount}"
    details = {name: write_amount(limit), "limit": str(limit), "problem": error}
    raise Refusal(error, told, currency=currency, method=method.method, **details)


def _finish(call: Call, order: Order, outcome: str) -> None:
    if outcome == FAIL:
        events.fire(call.tx, order, "fail", cause="pay page", by_hand=True)
        return
    if order.kind in COLLECTED and order.status == "PENDING":
        events.fire(call.tx, order, "start", cause="pay page", by_hand=True)
    events.fire(call.tx, order, "confirm", cause="pay page", by_hand=True)
