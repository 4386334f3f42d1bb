"""Creating and reading orders. What happens to them in between is the business of the lifecycle.

Sources: https://docs.baanx.com/api-reference/order/create and https://docs.baanx.com/api-reference/order/status, seen
2026-11.
"""

from typing import Any

from emulator.core.call import Call
from emulator.core.order import Order
from emulator.core.provider import Refusal, Reply
from emulator.core.schema import Violation
from emulator.providers.baanx import answers, bodies, catalogue, identifiers, lifecycle
from emulator.providers.baanx.authentication import region_of
from emulator.providers.baanx.errors import EARLY
from emulator.providers.baanx.formats import PAID_AT_FORMATS, write_amount

_ORDER_ID_END = identifiers.ORDER_ID_BYTES
_REQUEST_ID_END = _ORDER_ID_END + identifiers.REQUEST_ID_BYTES
_ADDRESS_END = _REQUEST_ID_END + identifiers.ADDRESS_BYTES
"""Where in the random bytes of an order the ones for each identifier end."""


def create_order(call: Call) -> Reply:
    """`POST /v1/order`: 200 with ids and payment routing. Refuses with `validation`, `malformed_json`,
    `unknown_product`, `ineligible`, `open_order`."""
    unreadable = bodies.read_body(call)
    call.refuse_as_scripted(EARLY)
    if unreadable is not None:
        raise unreadable
    bodies.require_valid(call, "create-order.request", _word_order)
    product = catalogue.find_product(call.body["productId"])
    if product is None:
        known = ", ".join(each.id for each in catalogue.PRODUCTS)
        raise Refusal("unknown_product", f"no product {call.body['productId']!r}; there are {known}")
    if not call.caller.is_eligible(product):
        raise Refusal("ineligible", f"{product.id} is not for {call.caller.word}: KYC, had it already, or settings")
    if call.settings["one_open_order"] and _has_open_order(call):
        raise Refusal("open_order", "the user has an open order (setting one_open_order)")
    call.refuse_as_scripted()
    order = _new_order(call, product)
    call.create(order)
    lifecycle.start_expiry(call.tx, order, call.settings["order_expiry_seconds"])
    body = _identity(call, order)
    body["paymentConfig"] = catalogue.payment_configuration_body(order.fields["amount"], order.fields["address"])
    return answers.json_answer(call, 200, body)


def get_order(call: Call) -> Reply:
    """`GET /v1/order/{orderId}`: 200 with the order. Refuses with `order_not_found`."""
    order = call.tx.order(call.parameters["order_id"])
    if order is None or order.provider != call.provider.name:
        raise Refusal("order_not_found", f"no order {call.parameters['order_id']!r}")
    if order.owner != call.caller.word:
        status = call.settings["foreign_order_status"]
        error = "forbidden" if status == 403 else "order_not_found"
        raise Refusal(error, f"the order belongs to {order.owner}, not to {call.caller.word}")
    call.seen.append(order)
    return answers.json_answer(call, 200, order_body(call, order))


def order_body(call: Call, order: Order) -> dict[str, Any]:
    """The order as its owner sees it."""
    fields = order.fields
    body = _identity(call, order)
    body["status"] = order.status
    if "paid_ms" in fields:
        body["paidAt"] = PAID_AT_FORMATS[call.settings["paid_at_format"]](fields["paid_ms"])
    if order.status not in ("STARTED", "EXPIRED"):
        metadata = {"paymentId": fields["request_id"]}
        if "tx_hash" in fields:
            metadata["txHash"] = fields["tx_hash"]
        if "note" in fields:
            metadata["note"] = fields["note"]
        body["metadata"] = metadata
    elif call.settings["empty_metadata"] != "omit":
        body["metadata"] = {} if call.settings["empty_metadata"] == "object" else None
    return body


def _word_order(violation: Violation, value: Any) -> str:
    name = violation.path[0]
    if value is None or value == "":
        return f"{name} is required"
    if not isinstance(value, str):
        return f"{name} must be a string"
    return f"{name} must be one of: {', '.join(violation.expected)}"


def _has_open_order(call: Call) -> bool:
    orders = (call.tx.order(order_id) for order_id in call.tx.order_ids("baanx", f"owner:{call.caller.word}"))
    return any(order is not None and order.status in ("STARTED", "PENDING") for order in orders)


def _new_order(call: Call, product: catalogue.Product) -> Order:
    now_ms = call.tx.now_ms
    octets = call.tx.chance.octets(_ADDRESS_END)
    return Order(
        id=identifiers.order_id(octets[:_ORDER_ID_END]),
        provider=call.provider.name,
        owner=call.caller.word,
        kind="",
        status="STARTED",
        created_ms=now_ms,
        updated_ms=now_ms,
        fields={
            "request_id": identifiers.request_id(octets[_ORDER_ID_END:_REQUEST_ID_END]),
            "product": product.id,
            "once_per_user": product.once_per_user,
            "region": region_of(call.request),
            "amount": write_amount(product.amount),
            "address": call.settings["destination_address"] or identifiers.evm_address(octets[_REQUEST_ID_END:]),
        },
    )


def _identity(call: Call, order: Order) -> dict[str, Any]:
    if call.settings["omit_request_id"]:
        return {"orderId": order.id}
    return {"requestId": order.fields["request_id"], "orderId": order.id}
