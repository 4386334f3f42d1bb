"""The page behind a redirectUrl: what the trade is, and buttons that end it. It stands in for the provider's own page.

Source of what happens afterwards: https://fiat-api.changelly.com/docs/endpoints/create-order-on-ramp (return URLs, seen
2026-11). Assumed: the page, and the names of the parameters that a return URL gets.
"""

from html import escape
from urllib.parse import parse_qs

from emulator.contract.card import Call
from emulator.contract.order import Order
from emulator.contract.reply import Refusal, Reply
from emulator.contract.transaction import Transaction
from emulator.core import events
from emulator.providers.changelly import wire
from emulator.providers.changelly.lifecycle import LIFECYCLE
from emulator.providers.changelly.wire import escape_url

_HTML = "text/html; charset=utf-8"
_CAUSE = "checkout page"

EVENTS = {"complete": "complete", "failed": "fail", "expired": "expire"}
"""The event of each button, by the status that it leads to."""

_BUTTONS = {"complete": "Pay", "failed": "Let it fail", "expired": "Let it expire"}

_RETURN_PARAMETERS = {
    "moonpay": ("transactionId", "transactionStatus"),
    "transak": ("orderId", "status"),
}
"""Names under which a provider tells the return URL order id and status; the others tell nothing."""

_NO_REDIRECT = frozenset(("wert",))
"""Providers whose page stays, with a link back."""

_PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; color: #1c1c28; background: #f4f5f9; margin: 0; padding: 2rem 1rem; }}
main {{ max-width: 34rem; margin: auto; padding: 1.5rem 2rem 2rem; background: #fff; border-radius: .75rem;
  box-shadow: 0 1px 4px #0002; }}
h1 {{ font-size: 1.25rem; }}
dl {{ display: grid; grid-template-columns: auto 1fr; gap: .5rem 1.5rem; }}
dt {{ color: #5c5c70; }}
dd {{ margin: 0; overflow-wrap: anywhere; }}
form {{ display: flex; flex-wrap: wrap; gap: .5rem; }}
button {{ font: inherit; padding: .5rem 1rem; border: 1px solid #c9c9d6; border-radius: .5rem; background: #fff; }}
button[value=complete] {{ background: #0b7d4b; border-color: #0b7d4b; color: #fff; }}
</style>
<main>
<h1>{title}</h1>
<dl>
{rows}
</dl>
{rest}
</main>
</html>
"""


def show_checkout(call: Call) -> Reply:
    """`GET /checkout/{provider}/{order}`: 200 with the page. Refuses with `notFound`."""
    order = _require_order(call)
    call.open_page(order)
    return write_page(call, order)


def press_checkout(call: Call) -> Reply:
    """`POST` to the same path with the form field `status`: moves the order, then 302 to the return URL, or 200.

    An order that is final stays as it is. Refuses with `notFound` and `validation`.
    """
    order = _require_order(call)
    form = parse_qs(call.request.body.decode("latin-1"))
    status = form.get("status", [""])[0]
    if status not in EVENTS:
        known = ", ".join(EVENTS)
        raise wire.bad_fields(("status",), f"the form field status is {status!r}: send one of {known}")
    _move(call.tx, order, status)
    target = order.fields["returnSuccessUrl" if order.status == "complete" else "returnFailedUrl"]
    if target is None:
        return write_page(call, order)
    if order.fields["providerCode"] in _NO_REDIRECT:
        return write_page(call, order, back=target)
    return Reply(302, b"", _HTML, (("Location", _return_url(order, target)),))


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
    """Takes the order to a status, by way of `pending` if money has to be seen first; a final order stays."""
    if order.status == "created" and status != "expired":
        events.fire(tx, order, "start", cause=_CAUSE, by_hand=True)
    if LIFECYCLE.is_final(order.status):
        return
    if EVENTS[status] in events.legal_events(tx, order):
        events.fire(tx, order, EVENTS[status], cause=_CAUSE, by_hand=True)
    else:
        events.move(tx, order, status, cause=_CAUSE, force=True, by_hand=True)


def write_page(call: Call, order: Order, back: str | None = None) -> Reply:
    """The page of an order, with a link `back` where it is over."""
    fields = order.fields
    verb = "Buy" if order.kind == "buy" else "Sell"
    crypto = fields["currencyTo" if order.kind == "buy" else "currencyFrom"]
    title = f"{verb} {crypto} with {fields['providerCode']}"
    rows = {
        "You pay": f"{fields['amountFrom']} {fields['currencyFrom']}",
        "You get": fields["currencyTo"],
        "To": fields.get("walletAddress") or fields.get("refundAddress"),
        "Order": order.id,
        "Status": order.status,
    }
    shown = "\n".join(f"<dt>{escape(name)}<dd>{escape(value)}" for name, value in rows.items() if value)
    buttons = "\n".join(
        f'<button name="status" value="{status}">{escape(text)}</button>' for status, text in _BUTTONS.items()
    )
    rest = "" if call.provider.lifecycle.is_final(order.status) else f'<form method="post">\n{buttons}\n</form>'
    if back is not None:
        rest = f'<p><a href="{escape(back)}">Back</a></p>'
    return Reply(200, _PAGE.format(title=escape(title), rows=shown, rest=rest).encode(), _HTML)


def _return_url(order: Order, target: str) -> str:
    """The return URL with what the provider adds to it, as an ASCII text."""
    names = _RETURN_PARAMETERS.get(order.fields["providerCode"], ())
    added = "&".join(f"{name}={value}" for name, value in zip(names, (order.id, order.status), strict=False))
    if added:
        address, mark, fragment = target.partition("#")
        joint = "" if address.endswith(("?", "&")) else "&" if "?" in address else "?"
        target = address + joint + added + mark + fragment
    return escape_url(target)
