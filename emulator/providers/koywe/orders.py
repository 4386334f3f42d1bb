"""Orders: creating, reading and cancelling them, and asking for a refund.

Sources: https://docs.koywe.com/payments/payments-api-reference/payments-api/orders/create-order and
.../orders/get-order-by-external-id (seen 2026-11). Assumed: the paths of cancel and refund.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from emulator.contract import schemas
from emulator.contract.card import Call
from emulator.contract.lifecycle import IllegalEvent
from emulator.contract.order import Order
from emulator.contract.reply import Refusal, Reply
from emulator.core import events
from emulator.core.durations import format_duration
from emulator.core.schema import Schema
from emulator.core.wording import shown
from emulator.providers.koywe.formats.moments import write_moment
from emulator.providers.koywe.formats.validation import forbid_enum_value
from emulator.providers.koywe.lifecycle import REQUEST_REFUND
from emulator.providers.koywe.ordering.drafts import begin_order, make_order, note_messages, set_due_date, set_receiver
from emulator.providers.koywe.ordering.kinds import (
    INTER_MERCHANT_TRANSFER,
    PAYIN,
    PAYMENT_LINK,
    PAYOUT,
    TRANSFERS,
    read_kind,
)
from emulator.providers.koywe.ordering.rules import (
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
    require_receiver,
    require_working_method,
    without_ignored,
)
from emulator.providers.koywe.policy.approvals import answer_held
from emulator.providers.koywe.policy.rules import needs_approval
from emulator.providers.koywe.quotes.amounts import require_shape_with_amounts
from emulator.providers.koywe.quotes.quotes import mark_used
from emulator.providers.koywe.wire import answer_order, read_object, without_nulls

_PAID_BY_ITSELF = frozenset({"KHIPU", "SPEI"})
"""Methods that complete without a tester in the provider's sandbox (documented)."""


def create_order(call: Call) -> Reply:
    """`POST M/orders`: the order. Refuses with `COM90002`, `COM90003` and all that `ordering/rules` and `policy/rules`
    refuse with."""
    call.body = read_object(call)
    call.refuse_as_scripted("early")
    body = without_ignored(call, without_nulls(call.body))
    require_shape_with_amounts(call, _find_schema(call), body)
    order_type: str = body["type"]
    require_order_type(call, order_type)
    repeated = find_repeated(call, order_type, body["externalId"]) if "externalId" in body else None
    if repeated is not None:
        return _answer_repeated(call, repeated)
    price = require_price(call, body)
    receiver = require_receiver(call, body)
    destination = require_destination(
        call, body.get("destinationAccountId"), order_type, price.destination.symbol, receiver
    )
    require_order_contact(call, body)
    methods = require_methods(call, body, price)
    due_ms = require_due_date(call, body)
    require_document(body, price)
    kind = read_kind(order_type, by_method=bool(methods))
    governed = needs_approval(call.tx, kind, price)
    account_id = require_money(call, kind, price)
    require_working_method(call, order_type, methods)
    call.refuse_as_scripted()
    order = make_order(
        call.tx, call.caller.merchant_id, kind, price, destination, body, call.base_url
    )  # fmt: skip
    set_due_date(order, due_ms)
    set_receiver(order, receiver)
    if kind in TRANSFERS and _is_instant(call):
        order.fields["instant"] = True
    waiting = begin_order(call.tx, order, account_id, governed=governed, wanted=call.initial_status(kind))
    if price.quote is not None:
        mark_used(call.tx, body["quoteId"], price.quote, order.id)
    call.create(order, waiting=waiting)
    note_messages(call.tx, order)
    return answer_held(call, order) or answer_order(call, order, call.settings["create_status"])


def get_order(call: Call) -> Reply:
    """`GET M/orders/{orderId}`: the order. Refuses with `OR90001`."""
    return answer_order(call, _require_order(call))


def get_order_by_external_id(call: Call) -> Reply:
    """`GET M/orders/external/{externalId}`: the newest order with the external id. Refuses with `OR90001`."""
    external_id = call.parameters["external_id"]
    found = call.tx.order_ids(call.provider.name, external_key(call.caller.merchant_id, external_id))
    order = call.tx.order(found[-1]) if found else None
    if order is None:
        raise Refusal("order-not-found", f"the merchant has no order with the external id {shown(external_id)}")
    return answer_order(call, order)


def cancel_order(call: Call) -> Reply:
    """`POST M/orders/{orderId}/cancel`: the order. Refuses with `OR90001`, `OR90006`."""
    return _fire(call, _require_order(call), "cancel", "order-not-cancellable")


def refund_order(call: Call) -> Reply:
    """`POST M/orders/{orderId}/refund`: the order, whose refund is now asked for. Refuses with `OR90001`, `OR90006`,
    `OR90008`."""
    order = _require_order(call)
    if REQUEST_REFUND in events.legal_events(call.tx, order):
        _require_refund_window(call, order)
    return _fire(call, order, REQUEST_REFUND, "order-not-refundable")


def usual_scenario(call: Call, fields: Mapping[str, Any], kind: str) -> str | None:
    """The scenario of an order for which nobody chose one: in the profile sandbox payouts fail, and payers choose
    unless the method pays without them.

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


def _find_schema(call: Call) -> schemas.Schema:
    schema = call.provider.schemas["create-order.request"]
    return schema if call.settings["inter_merchant_transfer"] == "on" else _without_newest_type(schema)


@lru_cache(maxsize=1)
def _without_newest_type(schema: schemas.Schema) -> Schema:
    return Schema(forbid_enum_value(schema.document, "type", INTER_MERCHANT_TRANSFER))


def _answer_repeated(call: Call, order: Order) -> Reply:
    if call.settings["duplicate_external_id"] == "return_first":
        return answer_order(call, order)
    external_id = order.fields["externalId"]
    raise Refusal("external-id-taken", f"/externalId: {order.id} already has {shown(external_id)}", orderId=order.id)


def _is_instant(call: Call) -> bool:
    """Whether a transfer completes at once; where the profile says so, not if somebody chose a scenario."""
    mode = call.settings["balance_transfer_mode"]
    if mode == "by_profile":
        return call.settings["profile"] == "sandbox" and call.scenario() is None
    return bool(mode == "instant")


def _require_refund_window(call: Call, order: Order) -> None:
    window_s = call.settings["refund_window_s"]
    completed_ms = next((change.at_ms for change in order.history if change.status == "COMPLETED"), None)
    if window_s is not None and completed_ms is not None and call.tx.now_ms > completed_ms + window_s * 1000:
        raise Refusal(
            "refund-window-ended",
            f"the order was completed at {write_moment(completed_ms)}, and a refund can be asked for in the "
            f"{format_duration(window_s * 1000)} after that (setting refund_window_s)",
        )


def _fire(call: Call, order: Order, event: str, error: str) -> Reply:
    try:
        events.fire(call.tx, order, event, cause="request")
    except IllegalEvent as illegal:
        raise Refusal(error, str(illegal), status=order.status) from illegal
    return answer_order(call, order)


def _require_order(call: Call) -> Order:
    order_id = call.parameters["order_id"]
    order = call.tx.order(order_id)
    if order is None or order.provider != call.provider.name or order.owner != call.caller.merchant_id:
        raise Refusal("order-not-found", f"the merchant has no order {shown(order_id)}")
    return order
