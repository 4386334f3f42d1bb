"""The page on which a payer pays, where a tester decides how the payment ends.

It only fires the order's own events. That the provider hosts such a page is documented; everything on it is assumed.

Source: https://docs.koywe.com/en/getting-started/testing (seen 2026-11) for the three card numbers.
"""

import re
from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import parse_qsl, quote

from emulator.contract.card import Call
from emulator.contract.lifecycle import IllegalEvent
from emulator.contract.order import Order
from emulator.contract.reply import Refusal, Reply
from emulator.core import events, json_text
from emulator.providers.koywe.catalogue import list_payment_methods_of_currency
from emulator.providers.koywe.ordering.answers import QR, provided_action_type, write_qr_code
from emulator.providers.koywe.ordering.kinds import COLLECTED, PAYMENT_LINK
from emulator.providers.koywe.wire import BODY_LIMIT, invalid, require_shape, without_nulls

HTML = "text/html; charset=utf-8"

SUCCEED = "succeed"
FAIL = "fail"
CARDS: Mapping[str, str] = {
    "4242424242424242": SUCCEED,
    "4000000000000002": FAIL,
    "4000000000009995": FAIL,
}
"""Test card -> how the payment ends; the second is declined, the third has insufficient funds."""

_OPEN = frozenset({"PENDING", "PROCESSING"})
_CARD_IGNORED = re.compile(r"[ -]")
_OUTCOME_TEXT = {SUCCEED: "The payment has succeeded.", FAIL: "The payment has failed."}
_IN_URLS = "".join(map(chr, range(0x21, 0x7F)))
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:0;padding:2rem 1rem;background:#f3f4f6;color:#111827}"
    "main{max-width:34rem;margin:auto;padding:1.5rem 2rem 2rem;background:#fff;border-radius:12px;"
    "box-shadow:0 1px 4px #0002}h1{font-size:1.25rem}dl{display:grid;grid-template-columns:max-content 1fr;"
    "gap:.5rem 1.5rem}dt{color:#6b7280}dd{margin:0;overflow-wrap:anywhere}img{display:block;margin:auto}"
    "label{color:#6b7280}input,select,button{font:inherit;padding:.5rem .75rem;border:1px solid #d1d5db;"
    "border-radius:8px;background:#fff;color:#111827}input,select{display:block;box-sizing:border-box;width:100%}"
    "button{margin-right:.5rem}button[value=succeed]{background:#1d4ed8;border-color:#1d4ed8;color:#fff}"
)


def show_pay_page(call: Call) -> Reply:
    """`GET /pay/{orderId}`: the order and how it may be paid. Refuses with `OR90001`."""
    order = _require_order(call)
    if order.status not in _OPEN:
        return _page(200, f"This order is {order.status}", _facts(order))
    return _page(200, "Pay this order", _facts(order) + _picture(call, order) + _form(order))


def pay_order(call: Call) -> Reply:
    """`POST /pay/{orderId}`: pays, fails or leaves it; 302 to the merchant, or a page that says what has happened.

    409 with a page if the order can not be paid any more. Refuses with `OR90001`, `COM90002`, `COM90003`.
    """
    order = _require_order(call)
    choice = _read_choice(call)
    if order.status not in _OPEN:
        return _page(409, f"This order is {order.status} and can not be paid", _facts(order))
    outcome = _outcome(call, order, choice)
    if outcome not in _OUTCOME_TEXT:
        return _page(200, "Nothing was paid", _facts(order))
    try:
        _finish(call, order, outcome)
    except IllegalEvent as error:
        return _page(409, str(error), _facts(order))
    url = order.fields.get("successUrl" if outcome == SUCCEED else "failedUrl")
    if url is None:
        return _page(200, _OUTCOME_TEXT[outcome], _facts(order))
    return Reply(302, b"", HTML, (("Location", _in_header(url)),))


def _in_header(url: str) -> str:
    """A URL that a header can carry: anything but printable ASCII as the octets of its UTF-8, escaped."""
    return quote(url, safe=_IN_URLS)


def _require_order(call: Call) -> Order:
    order_id = call.parameters["order_id"]
    order = call.tx.order(order_id)
    if order is None or order.provider != call.provider.name or "base" not in order.fields:
        raise Refusal("order-not-found", f"no order {order_id!r} is paid on a page")
    return order


def _read_choice(call: Call) -> dict[str, Any]:
    content_type = (call.header("content-type") or "").partition(";")[0].strip().lower()
    body = call.request.body[:BODY_LIMIT]
    sent: Any
    if content_type == "application/json":
        try:
            sent = json_text.decode(body)
        except json_text.MalformedJson as error:
            raise Refusal("malformed-json", f"the body is not JSON: {error}") from error
        if not isinstance(sent, dict):
            raise Refusal("malformed-json", "the body is not an object")
    else:
        sent = {name: value or None for name, value in parse_qsl(body.decode("latin-1"), keep_blank_values=True)}
    call.body = choice = without_nulls(sent)
    require_shape(call, call.provider.schemas["pay-order.request"], choice)
    return choice


def _outcome(call: Call, order: Order, choice: Mapping[str, Any]) -> str:
    method = choice.get("method")
    if method is not None and method not in _methods(order):
        known = ", ".join(_methods(order))
        told = f"/method: the order can be paid by {known}, got {method!r}"
        raise invalid(call, [f"method must be one of the following values: {known}"], told)
    if "cardNumber" not in choice:
        return str(choice["outcome"])
    outcome = CARDS.get(_CARD_IGNORED.sub("", choice["cardNumber"]))
    if outcome is None:
        told = f"/cardNumber: none of the {len(CARDS)} test cards"
        raise invalid(call, [f"cardNumber must be one of the following values: {', '.join(CARDS)}"], told)
    return outcome


def _finish(call: Call, order: Order, outcome: str) -> None:
    if outcome == FAIL:
        events.fire(call.tx, order, "fail", cause="pay page")
        return
    if order.kind in COLLECTED and order.status == "PENDING":
        events.fire(call.tx, order, "start", cause="pay page")
    events.fire(call.tx, order, "confirm", cause="pay page")


def _methods(order: Order) -> list[str]:
    named = [item["method"] for item in order.fields.get("paymentMethods", ())]
    if named:
        return named
    return [method.method for method in list_payment_methods_of_currency(order.fields["originCurrencySymbol"])]


# -- HTML


def _page(status: int, title: str, content: str) -> Reply:
    text = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style><main><h1>{escape(title)}</h1>{content}</main>"
    )
    return Reply(status, text.encode(), HTML)


def _facts(order: Order) -> str:
    fields = order.fields
    facts = {
        "Order": order.id,
        "Status": order.status,
        "Amount": f"{fields['amountIn']} {fields['originCurrencySymbol']}",
        "For": fields.get("description", ""),
    }
    return "<dl>" + "".join(f"<dt>{name}<dd>{escape(value)}" for name, value in facts.items() if value) + "</dl>"


def _picture(call: Call, order: Order) -> str:
    if provided_action_type(order.kind, order.fields) != QR:
        return ""
    link = f"{call.request.base_url}{call.request.path}"
    return f'<img alt="QR code of this page" src="data:image/png;base64,{write_qr_code(link)}">'


def _form(order: Order) -> str:
    choices = "".join(f"<option>{escape(method)}</option>" for method in _methods(order))
    select = f'<p><label>Method <select name="method">{choices}</select></label>' if order.kind == PAYMENT_LINK else ""
    cards = "".join(f'<option value="{number}">' for number in CARDS)
    return (
        f'<form method="post">{select}'
        '<p><label>Test card <input name="cardNumber" list="cards" inputmode="numeric" autocomplete="off"></label>'
        f'<datalist id="cards">{cards}</datalist>'
        '<p><button name="outcome" value="succeed">Pay</button><button name="outcome" value="fail">Fail</button>'
        '<button name="outcome" value="abandon">Leave</button></form>'
    )
