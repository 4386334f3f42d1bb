"""Making orders, reading one, cancelling, asking for a refund.

Sources: https://docs.koywe.com/payments/payments-api-reference/payments-api/orders/create-order and
.../orders/get-order-by-external-id (seen 2026-11). Assumed: the paths of cancel and refund.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from emulator.core import events
from emulator.core.call import Call
from emulator.core.lifecycle import IllegalEvent
from emulator.core.order import Order
from emulator.core.provider import Reply
from emulator.providers.koywe import errors
from emulator.providers.koywe.amounts import require_shape_with_amounts
from emulator.providers.koywe.bodies import read_object, without_nulls
from emulator.providers.koywe.error_answers import ErrorKind
from emulator.providers.koywe.kinds import BALANCE_TRANSFER, PAYIN, PAYMENT_LINK, PAYOUT, kind_of
from emulator.providers.koywe.new_orders import begin_order, draft_order, note_messages, set_due_date
from emulator.providers.koywe.order_answers import give_order
from emulator.providers.koywe.order_rules import (
    external_key,
    find_repeated,
    require_destination,
    require_document,
    require_due_date,
    require_methods,
    require_money,
    require_order_contact,
    require_order_type,
    require_price,
    require_working_method,
    without_ignored,
)
from emulator.providers.koywe.policy import answer_held, needs_approval
from emulator.providers.koywe.quotes import mark_used
from emulator.providers.koywe.refusals import EARLY, refuse

_PAID_BY_ITSELF: Final = frozenset({"KHIPU", "SPEI"})
"""Methods that complete without the tester in the provider's sandbox (documented)."""


def create_order(call: Call) -> Reply:
    """`POST M/orders`: the order. Refuses with everything that `order_rules` and `policy` may refuse with."""
    call.body = read_object(call)
    call.refuse_as_scripted(EARLY)
    body = without_ignored(call, without_nulls(call.body))
    require_shape_with_amounts(call, call.provider.schemas["create-order.request"], body)
    order_type: str = body["type"]
    require_order_type(call, order_type)
    repeated = find_repeated(call, order_type, body["externalId"]) if "externalId" in body else None
    if repeated is not None:
        return _answer_repeated(call, repeated)
    price = require_price(call, body)
    destination = require_destination(call, body.get("destinationAccountId"), order_type, price.destination.symbol)
    require_order_contact(call, body)
    methods = require_methods(body, price)
    due_ms = require_due_date(call, body)
    require_document(body, price)
    kind = kind_of(order_type, by_method=bool(methods))
    governed = needs_approval(call.tx, kind, price)
    account_id = require_money(call, kind, price)
    require_working_method(call, order_type, methods)
    call.refuse_as_scripted()
    order = draft_order(
        call.tx, call.caller.merchant_id, kind, price, destination, body, call.request.base_url
    )  # fmt: skip
    set_due_date(order, due_ms)
    if kind == BALANCE_TRANSFER and _is_instant(call):
        order.fields["instant"] = True
    waiting = begin_order(call.tx, order, account_id, governed=governed, wanted=call.initial_status(kind))
    if price.quote is not None:
        mark_used(call.tx, body["quoteId"], price.quote, order.id)
    call.create(order, waiting=waiting)
    note_messages(call.tx, order)
    return answer_held(call, order) or give_order(call, order, call.settings["create_status"])


def _answer_repeated(call: Call, order: Order) -> Reply:
    if call.settings["duplicate_external_id"] == "return_first":
        return give_order(call, order)
    external_id = order.fields["externalId"]
    raise refuse(errors.EXTERNAL_ID_TAKEN, f"{order.id} has the external id {external_id!r}", orderId=order.id)


def _is_instant(call: Call) -> bool:
    """Whether a transfer is complete at once. By profile, a scenario that somebody chose wins over the profile."""
    mode = call.settings["balance_transfer_mode"]
    if mode == "by_profile":
        return call.settings["profile"] == "sandbox" and call.scenario() is None
    return bool(mode == "instant")


def usual_scenario(call: Call, fields: Mapping[str, Any], kind: str) -> str | None:
    """Give the scenario of an order for which nobody has chosen one: in the profile sandbox payouts fail, and payers
    choose by themselves unless the method pays without them.

    Source: https://docs.koywe.com/en/getting-started/testing (seen 2026-11).
    """
    if call.settings["profile"] != "sandbox":
        return None
    if kind == PAYOUT:
        return "payout-fails"
    if kind == PAYMENT_LINK:
        return "interactive"
    if kind != PAYIN:
        return None
    method = fields["paymentMethods"][0]["method"]
    if method not in _PAID_BY_ITSELF or (method == "KHIPU" and call.settings["khipu_sandbox"] == "interactive"):
        return "interactive"
    return None


def get_order(call: Call) -> Reply:
    """`GET M/orders/{orderId}`: the order. Refuses with `OR90001`."""
    return give_order(call, _require_order(call))


def get_order_by_external_id(call: Call) -> Reply:
    """`GET M/orders/external/{externalId}`: the newest order with the external id. Refuses with `OR90001`."""
    external_id = call.parameters["external_id"]
    found = call.tx.order_ids(call.provider.name, external_key(call.caller.merchant_id, external_id))
    order = call.tx.order(found[-1]) if found else None
    if order is None:
        raise refuse(errors.ORDER_NOT_FOUND, f"the merchant has no order with the external id {external_id!r}")
    return give_order(call, order)


def cancel_order(call: Call) -> Reply:
    """`POST M/orders/{orderId}/cancel`: the order. Refuses with `OR90001`, `OR90006`."""
    return _fire(call, "cancel", errors.ORDER_NOT_CANCELLABLE)


def refund_order(call: Call) -> Reply:
    """`POST M/orders/{orderId}/refund`: the order, with its refund asked for. Refuses with `OR90001`, `OR90006`."""
    return _fire(call, "request_refund", errors.ORDER_NOT_REFUNDABLE)


def _fire(call: Call, event: str, error: ErrorKind) -> Reply:
    order = _require_order(call)
    try:
        events.fire(call.tx, order, event, cause="request")
    except IllegalEvent as illegal:
        raise refuse(error, str(illegal), status=order.status) from illegal
    return give_order(call, order)


def _require_order(call: Call) -> Order:
    order_id = call.parameters["order_id"]
    order = call.tx.order(order_id)
    if order is None or order.provider != call.provider.name or order.owner != call.caller.merchant_id:
        raise refuse(errors.ORDER_NOT_FOUND, f"the merchant has no order {order_id!r}")
    return order
