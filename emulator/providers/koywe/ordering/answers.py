"""How an order is shown, by every call alike.

Sources: https://docs.koywe.com/payments/payments-api-reference/payments-api/orders/create-order for the members,
https://docs.koywe.com/en/accepting-payments/payment-methods (seen 2026-11) for what payers are given. Observed: that a
QR code has no `data:` prefix. Assumed: the order of the members, the words of `providedActionType` besides QR and
PAYMENT_LINK, the forms for SPEI and crypto, and what a QR code shows, its size and its error correction.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from io import BytesIO
from typing import Any

from emulator.contract.card import Call
from emulator.contract.order import Order
from emulator.contract.reply import Reply
from emulator.contract.setting import Settings
from emulator.providers.koywe.access import PAY_PATH
from emulator.providers.koywe.catalogue import CATALOGUE, find_network, find_payment_method
from emulator.providers.koywe.formats.moments import write_moment
from emulator.providers.koywe.ordering.kinds import OFFRAMP, PAID_ON_PAGE, PAYMENT_LINK, read_type
from emulator.providers.koywe.ordering.methods import PAID_METHOD
from emulator.providers.koywe.wire import write_answer

_PIXELS_PER_MODULE = 4
# Any of the eight masks can be read; looking for the best one would take most of the time.
_MASK = 0

PLACEHOLDER = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNgAAAAAgAB5Sfe/AAAAABJRU5ErkJggg=="
"""A picture of one pixel: enough for clients that only show it."""


@lru_cache(maxsize=1024)
def write_qr_code(text: str) -> str:
    """The picture of a QR code that says `text`, as PNG in base64."""
    import segno  # only orders with such methods need it

    picture = BytesIO()
    code = segno.make(text, micro=False, boost_error=False, mask=_MASK)
    code.save(picture, kind="png", scale=_PIXELS_PER_MODULE)
    return base64.b64encode(picture.getvalue()).decode("ascii")


LINK = "PAYMENT_LINK"
QR = "QR"
BANK_DETAILS = "BANK_DETAILS"
CRYPTO_ADDRESS = "CRYPTO_ADDRESS"


def write_order(order: Order, settings: Settings) -> dict[str, Any]:
    """The order as clients see it, keys in wire order."""
    fields = order.fields
    get = fields.get
    action_type = find_action_type(order.kind, fields)
    action = _ACTIONS[action_type](settings, order) if action_type else None
    receiver = {"destinationMerchantId": fields["destinationMerchantId"]} if "destinationMerchantId" in fields else {}
    body = {
        "id": order.id,
        "type": read_type(order.kind),
        "originAccountId": get("originAccountId"),
        "destinationAccountId": fields["destinationAccountId"],
        **receiver,
        "originCurrencySymbol": fields["originCurrencySymbol"],
        "destinationCurrencySymbol": fields["destinationCurrencySymbol"],
        "amountIn": fields["amountIn"],
        "amountOut": fields["amountOut"],
        "dueDate": get("dueDate"),
        "description": get("description"),
        "externalId": get("externalId"),
        "paymentMethods": _list_methods(settings, fields),
        "quoteId": get("quoteId"),
        "contactId": get("contactId"),
        "enforcedDocument": get("enforcedDocument"),
        "sendEmail": get("sendEmail", False),
        "sendNotification": get("sendNotification", False),
        "sendWhatsapp": get("sendWhatsapp", False),
        "sendReminders": get("sendReminders", False),
        "providedAction": action,
        "providedActionType": action_type,
        "createdAt": write_moment(order.created_ms),
        "status": order.status,
    }
    if settings["order_aliases"] == "on":
        body["orderId"] = order.id
        body["paymentUrl"] = write_pay_link(order) if order.kind in PAID_ON_PAGE else None
    return body


def _list_methods(settings: Settings, fields: Mapping[str, Any]) -> list[dict[str, Any]]:
    if PAID_METHOD in fields and settings["paid_method"] == "shown":
        return [{"method": fields[PAID_METHOD]}]
    methods: list[dict[str, Any]] = fields.get("paymentMethods", [])
    return methods


def find_action_type(kind: str, fields: Mapping[str, Any]) -> str | None:
    """What kind of thing a payer is given; None where nobody has to do anything."""
    if kind == OFFRAMP:
        return CRYPTO_ADDRESS
    if kind not in PAID_ON_PAGE:
        return None
    if kind == PAYMENT_LINK:
        return LINK
    method = find_payment_method(fields["originCurrencySymbol"], fields["paymentMethods"][0]["method"])
    return method.response_type if method else LINK


def write_pay_link(order: Order) -> str:
    """The URL of the order's pay page, under the base that its creator used. Assumed: its form."""
    return f"{order.fields['base']}{PAY_PATH}{order.id}"


def answer_order(call: Call, order: Order, status: int = 200) -> Reply:
    """The order as an answer; it counts as seen."""
    call.seen.append(order)
    return write_answer(call, write_order(order, call.settings), status)


def write_orders(call: Call, orders: Sequence[Order]) -> list[dict[str, Any]]:
    """Orders as a list shows them; each counts as seen."""
    call.seen += orders
    return [write_order(order, call.settings) for order in orders]


def _show_link(settings: Settings, order: Order) -> str:
    return write_pay_link(order)


def _show_qr_code(settings: Settings, order: Order) -> str:
    return _QR_FORMS[settings["qr_form"]](write_pay_link(order))


def _show_bank_details(settings: Settings, order: Order) -> str:
    return CATALOGUE.spei_clabe


def _show_address(settings: Settings, order: Order) -> str | None:
    network = find_network(order.fields["network"])
    return network.deposit_address if network else None


_QR_FORMS: Mapping[str, Callable[[str], str]] = {
    "png_base64": lambda link: PLACEHOLDER,
    "url": lambda link: link,
    "drawn": write_qr_code,
}
_ACTIONS: Mapping[str, Callable[[Settings, Order], str | None]] = {
    LINK: _show_link,
    QR: _show_qr_code,
    BANK_DETAILS: _show_bank_details,
    CRYPTO_ADDRESS: _show_address,
}
