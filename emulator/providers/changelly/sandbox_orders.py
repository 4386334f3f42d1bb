"""Changing a test order by hand.

Source: https://fiat-api.changelly.com/docs/endpoints/update-order-properties (seen 2026-11). Assumed: the order of the
checks, which changes of the status are possible, and what 410 and 422 mean.
"""

from typing import Any, Final

from emulator.contract.card import Call
from emulator.contract.lifecycle import Lifecycle
from emulator.contract.order import Order
from emulator.contract.reply import Refusal, Reply
from emulator.core import events
from emulator.core.json_text import json_reply
from emulator.providers.changelly import faults, requests
from emulator.providers.changelly.catalogue import catalogue_of
from emulator.providers.changelly.errors import ORDER_ID_PARAMETER
from emulator.providers.changelly.field_rules import find_bad_fields
from emulator.providers.changelly.formats import is_uuid
from emulator.providers.changelly.lifecycle import UPDATE, change, flow_of
from emulator.providers.changelly.order_list import order_body
from emulator.providers.changelly.orders import PRODUCTION

_CAUSE: Final = "request"


def update_order(call: Call) -> Reply:
    """`PATCH /v1/sandbox/order/{id}`: 200 with the order as it is now. Refuses with `validation`, `notFound`, `txType`,
    `unprocessableEntity`, `offerExpired`."""
    call.body = requests.read_object(call)
    faults.refuse_as_asked(call)
    order = find_test_order(call)
    changes = _read_changes(call, order)
    status = changes.pop("status", order.status)
    require_possible(call, order, status)
    change(order, changes)
    if status == order.status:
        events.fire(call.tx, order, UPDATE, cause=_CAUSE)
    else:
        events.move(call.tx, order, status, changes, cause=_CAUSE, force=True)
    return json_reply(200, order_body(order, extras=call.settings["callbackExtras"]))


def find_test_order(call: Call) -> Order:
    """The order in the path, if it is a test order of the partner."""
    order_id = call.parameters[ORDER_ID_PARAMETER]
    if not is_uuid(order_id):
        raise requests.bad_fields((ORDER_ID_PARAMETER,), f"{order_id!r} is not a UUID")
    order = call.tx.order(order_id.lower())
    if order is None or order.provider != call.provider.name or order.owner != call.caller.name:
        raise Refusal("notFound", f"the partner has no order {order_id}")
    if call.caller.record["mode"] == "production" or PRODUCTION in order.fields:
        raise Refusal("txType", "not a test order: the partner is in production, or the order was marked so")
    return order


def require_possible(call: Call, order: Order, status: str) -> None:
    """410 and 422 for what the setting `transitionCheck` forbids."""
    check = call.settings["transitionCheck"]
    lifecycle: Lifecycle = call.provider.lifecycle
    if check == "off":
        return
    if order.status == "expired":
        raise Refusal("offerExpired", "the order has expired (setting transitionCheck)")
    if status == order.status:
        return
    if lifecycle.is_final(order.status):
        raise Refusal("unprocessableEntity", f"{order.status} is final (setting transitionCheck)")
    if check == "graph" and not lifecycle.rows_towards(order.kind, order.status, status):
        reason = f"no arrow leads from {order.status} to {status} (setting transitionCheck)"
        raise Refusal("unprocessableEntity", reason)


def _read_changes(call: Call, order: Order) -> dict[str, Any]:
    """The known properties in the body that an order of its kind has."""
    schema = call.provider.schemas["update-sandbox-order.request"]
    known = {name: value for name, value in call.body.items() if name in schema.document["properties"]}
    if not known:
        raise Refusal("unprocessableEntity", "the body has no property that can be changed")
    changes = {name: value for name, value in known.items() if name == "status" or name in order.fields}
    merged = {**order.fields, **changes}
    bad = find_bad_fields(catalogue_of(call.settings), flow_of(order), merged, call.settings)
    requests.require_valid(schema, changes, [name for name in bad if name in changes])
    return changes
