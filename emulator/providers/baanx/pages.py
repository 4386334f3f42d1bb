"""The gateway's page on which a user pays an order: where to send what, as text and as a QR code, and how it ends.

In production an app hands the request id to the payment gateway. Assumed: the page, its address, and all that is on it.
"""

import base64
from functools import lru_cache
from html import escape
from io import BytesIO
from urllib.parse import parse_qs

from emulator.contract.card import Call
from emulator.contract.lifecycle import IllegalEvent
from emulator.contract.order import Order
from emulator.contract.reply import Refusal, Reply
from emulator.contract.transaction import Transaction
from emulator.core import events
from emulator.providers.baanx.wire import PAGE_KEY

_HTML = "text/html; charset=utf-8"
_NO_STORE = (("Cache-Control", "no-store"),)
_OPEN = frozenset({"STARTED", "PENDING"})
_EVENTS = {"pay": "Pay", "fail": "Let it fail"}
"""The event of each button, with its label."""
_PIXELS_PER_MODULE = 5

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
button[value=pay] {{ background: #0b7d4b; border-color: #0b7d4b; color: #fff; }}
</style>
<main id="pay" data-order-id="{order_id}" data-status="{status}">
<h1>{title}</h1>
<dl>
{rows}
</dl>
{rest}
</main>
</html>
"""


def show_pay_page(call: Call) -> Reply:
    """`GET /pay/{requestId}`: 200 with the page. Refuses with `not_found`."""
    order = _require_order(call)
    call.open_page(order)
    return Reply(200, write_page(order).encode(), _HTML, _NO_STORE)


def pay_order(call: Call) -> Reply:
    """`POST /pay/{requestId}` with the form field `outcome`: `pay` or `fail`; 303 to the page.

    409 with the page if the order can not be paid any more. Refuses with `not_found` and `validation`.
    """
    order = _require_order(call)
    outcome = parse_qs(call.request.body.decode("latin-1")).get("outcome", [""])[0]
    if outcome not in _EVENTS:
        known = " or ".join(_EVENTS)
        message = f"outcome must be one of: {', '.join(_EVENTS)}"
        raise Refusal("validation", f"the form field outcome is {outcome!r}: send {known}", message=message)
    try:
        events.fire(call.tx, order, outcome, cause="page", by_hand=True)
    except IllegalEvent:
        return Reply(409, write_page(order).encode(), _HTML, _NO_STORE)
    path = f"{call.request.mount}{call.request.path}"
    return Reply(303, b"", _HTML, (("Location", path), *_NO_STORE))


def find_page(tx: Transaction, order: Order) -> str | None:
    """URL of the page on which an order is paid; None for one of an older snapshot."""
    return order.fields.get("page")


def _require_order(call: Call) -> Order:
    held = call.tx.order_ids(call.provider.name, f"{PAGE_KEY}{call.parameters['request_id']}")
    order = call.tx.order(held[0]) if held else None
    if order is None:
        raise Refusal("not_found", f"no order has the requestId {call.parameters['request_id']!r}")
    return order


def write_page(order: Order) -> str:
    """The page of an order, with a QR code and buttons as long as it can be paid."""
    fields = order.fields
    is_open = order.status in _OPEN
    facts = {
        "Amount": f"{fields['amount']} {fields['token']}",
        "Address": fields["address"],
        "Chain": fields["chain_id"],
        "Token": fields["token_address"],
        "Order": order.id,
        "Status": order.status,
    }
    rows = "\n".join(f"<dt>{name}<dd>{escape(value)}" for name, value in facts.items())
    return _PAGE.format(
        title="Pay this order" if is_open else f"This order is {order.status}",
        order_id=escape(order.id),
        status=escape(order.status),
        rows=rows,
        rest=_write_form(fields["address"]) if is_open else "",
    )


def _write_form(address: str) -> str:
    buttons = "\n".join(f'<button name="outcome" value="{event}">{label}</button>' for event, label in _EVENTS.items())
    code = _write_qr_code(address)
    return (
        f'<p><img id="qr" data-content="{address}" alt="QR code of the address" src="data:image/png;base64,{code}">\n'
        f'<form method="post">\n{buttons}\n</form>'
    )


@lru_cache(maxsize=256)
def _write_qr_code(text: str) -> str:
    """A QR code as PNG in base64."""
    import segno  # needed by those alone who look at pages

    picture = BytesIO()
    segno.make(text, micro=False).save(picture, kind="png", scale=_PIXELS_PER_MODULE)
    return base64.b64encode(picture.getvalue()).decode("ascii")
