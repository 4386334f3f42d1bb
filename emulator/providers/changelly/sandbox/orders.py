"""Changing a test order by hand.

Source: https://fiat-api.changelly.com/docs/endpoints/update-order-properties (seen 2026-11). Assumed: the order of the
checks, which changes of the status are possible, and what 410 and 422 mean.
"""

from typing import Any

from emulator.contract.card import Call
from emulator.contract.chance import is_uuid
from emulator.contract.lifecycle import Lifecycle
from emulator.contract.order import Order
from emulator.contract.reply import Refusal, Reply
from emulator.core import events
from emulator.core.json_text import json_reply
from emulator.core.timeline import take_over
from emulator.providers.changelly import wire
from emulator.providers.changelly.catalogue import read_catalogue
from emulator.providers.changelly.errors import ORDER_ID_PARAMETER
from emulator.providers.changelly.lifecycle import UPDATE
from emulator.providers.changelly.orders import PRODUCTION
from emulator.providers.changelly.payments import change, read_flow, write_extras
from emulator.providers.changelly.rules.fields import find_bad_fields
from emulator.providers.changelly.sandbox import faults
from emulator.providers.changelly.wire import write_order

_CAUSE = "request"


def update_sandbox_order(call: Call) -> Reply:
    """`PATCH /v1/sandbox/order/{id}`: 200 with the order as it is now. Refuses with `validation`, `notFound`, `txType`,
    `unprocessableEntity`, `offerExpired`."""
    call.body = wire.read_object(call)
    faults.require_no_fault(call)
    order = require_test_order(call)
    changes = _read_changes(call, order)
    by_hand = "status" in changes
    status = changes.pop("status", order.status)
    require_possible(call, order, status)
    change(call.tx, order, changes)
    if by_hand:
        take_over(call.tx, order, cause=_CAUSE)
    if status == order.status:
        events.fire(call.tx, order, UPDATE, cause=_CAUSE)
    else:
        events.move(call.tx, order, status, changes, cause=_CAUSE, force=True)
    return json_reply(200, write_order(order, call.settings, write_extras(call.settings, order)))


def require_test_order(call: Call) -> Order:
    """The partner's test order in the path. Refuses with `validation`, `notFound` and `txType`."""
    order_id = call.parameters[ORDER_ID_PARAMETER]
    if not is_uuid(order_id):
        raise wire.bad_fields((ORDER_ID_PARAMETER,), f"{order_id!r} is not a UUID")
    order = call.tx.order(order_id.lower())
    if order is None or order.provider != call.provider.name or order.owner != call.caller.name:
        raise Refusal("notFound", f"the partner has no order {order_id}")
    if call.caller.record["mode"] == "production" or PRODUCTION in order.fields:
        raise Refusal("txType", "not a test order: the partner is in production, or the order is marked so")
    return order


def require_possible(call: Call, order: Order, status: str) -> None:
    """Refuses with `offerExpired` or `unprocessableEntity` a status that the setting `transition_check` forbids."""
    check = call.settings["transition_check"]
    lifecycle: Lifecycle = call.provider.lifecycle
    if check == "off":
        return
    if order.status == "expired":
        raise Refusal("offerExpired", "the order has expired (setting transition_check)")
    if status == order.status:
        return
    if lifecycle.is_final(order.status):
        raise Refusal("unprocessableEntity", f"{order.status} is final (setting transition_check)")
    if check == "graph" and not lifecycle.rows_towards(order.kind, order.status, status):
        reason = f"no event leads from {order.status} to {status} (setting transition_check)"
        raise Refusal("unprocessableEntity", reason)


def _read_changes(call: Call, order: Order) -> dict[str, Any]:
    """The properties in the body that an order of its kind has."""
    schema = call.provider.schemas["update-sandbox-order.request"]
    known = {name: value for name, value in call.body.items() if name in schema.document["properties"]}
    if not known:
        raise Refusal("unprocessableEntity", "the body has no property that can be changed")
    changes = {name: value for name, value in known.items() if name == "status" or name in order.fields}
    merged = {**order.fields, **changes}
    bad = find_bad_fields(read_catalogue(call.settings), read_flow(order), merged, call.settings)
    wire.require_valid(schema, changes, {name: problem for name, problem in bad.items() if name in changes})
    return changes
