"""How an order reads: the object that every call and every read gives. Shows what is kept, changes nothing.

Sources: https://docs.koywe.com/payments/payments-api-reference/payments-api/orders/create-order for the members,
https://docs.koywe.com/en/accepting-payments/payment-methods (seen 2026-11) for what payers are given. Assumed: the
members' order, the words of `providedActionType` besides QR and PAYMENT_LINK, and the SPEI and crypto forms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from emulator.core.call import Call
from emulator.core.order import Order
from emulator.core.provider import Reply
from emulator.providers.koywe.bodies import give
from emulator.providers.koywe.catalogue import CATALOGUE, find_network, find_payment_method
from emulator.providers.koywe.identifiers import pay_page_link
from emulator.providers.koywe.kinds import OFFRAMP, PAID_ON_PAGE, PAYMENT_LINK, type_of
from emulator.providers.koywe.moments import print_moment
from emulator.providers.koywe.qr_codes import PLACEHOLDER, draw_qr_code

Settings: TypeAlias = Mapping[str, Any]

LINK: Final = "PAYMENT_LINK"
QR: Final = "QR"
BANK_DETAILS: Final = "BANK_DETAILS"
CRYPTO_ADDRESS: Final = "CRYPTO_ADDRESS"


def order_body(settings: Settings, order: Order) -> dict[str, Any]:
    """Give the order's members in wire order."""
    fields = order.fields
    get = fields.get
    action_type = provided_action_type(order.kind, fields)
    action = _ACTIONS[action_type](settings, order) if action_type else None
    body = {
        "id": order.id,
        "type": type_of(order.kind),
        "originAccountId": get("originAccountId"),
        "destinationAccountId": fields["destinationAccountId"],
        "originCurrencySymbol": fields["originCurrencySymbol"],
        "destinationCurrencySymbol": fields["destinationCurrencySymbol"],
        "amountIn": fields["amountIn"],
        "amountOut": fields["amountOut"],
        "dueDate": get("dueDate"),
        "description": get("description"),
        "externalId": get("externalId"),
        "paymentMethods": get("paymentMethods", []),
        "quoteId": get("quoteId"),
        "contactId": get("contactId"),
        "enforcedDocument": get("enforcedDocument"),
        "sendEmail": get("sendEmail", False),
        "sendNotification": get("sendNotification", False),
        "sendWhatsapp": get("sendWhatsapp", False),
        "sendReminders": get("sendReminders", False),
        "providedAction": action,
        "providedActionType": action_type,
        "createdAt": print_moment(order.created_ms),
        "status": order.status,
    }
    if settings["order_aliases"] == "on":
        body["orderId"] = order.id
        body["paymentUrl"] = pay_link(order) if order.kind in PAID_ON_PAGE else None
    return body


def provided_action_type(kind: str, fields: Mapping[str, Any]) -> str | None:
    """Give what kind of thing a payer is handed, or None where nobody has to do anything."""
    if kind == OFFRAMP:
        return CRYPTO_ADDRESS
    if kind not in PAID_ON_PAGE:
        return None
    if kind == PAYMENT_LINK:
        return LINK
    method = find_payment_method(fields["originCurrencySymbol"], fields["paymentMethods"][0]["method"])
    return method.response_type if method else LINK


def pay_link(order: Order) -> str:
    """Give the address of the order's pay page, as its creator reached the provider."""
    return pay_page_link(order.fields["base"], order.id)


def give_order(call: Call, order: Order, status: int = 200) -> Reply:
    """Give the order as an answer; that counts as a read of it."""
    call.seen.append(order)
    return give(call, order_body(call.settings, order), status)


def _show_link(settings: Settings, order: Order) -> str:
    return pay_link(order)


def _show_qr_code(settings: Settings, order: Order) -> str:
    return _QR_FORMS[settings["qr_form"]](pay_link(order))


def _show_bank_details(settings: Settings, order: Order) -> str:
    return CATALOGUE.spei_clabe


def _show_address(settings: Settings, order: Order) -> str | None:
    network = find_network(order.fields["network"])
    return network.deposit_address if network else None


_QR_FORMS: Final[Mapping[str, Callable[[str], str]]] = {
    "png_base64": lambda link: PLACEHOLDER,
    "url": lambda link: link,
    "drawn": draw_qr_code,
}
_ACTIONS: Final[Mapping[str, Callable[[Settings, Order], str | None]]] = {
    LINK: _show_link,
    QR: _show_qr_code,
    BANK_DETAILS: _show_bank_details,
    CRYPTO_ADDRESS: _show_address,
}
