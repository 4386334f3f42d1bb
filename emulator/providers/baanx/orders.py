"""Orders: creating and reading them, and what can be ordered.

Sources: https://docs.baanx.com/api-reference/order/create, https://docs.baanx.com/api-reference/order/status and
https://docs.baanx.com/api-reference/order/enum-products, seen 2026-11.
"""

from collections.abc import Mapping
from typing import Any

from emulator.contract.card import Call
from emulator.contract.order import Order
from emulator.contract.reply import Refusal, Reply
from emulator.providers.baanx import catalogue, wire
from emulator.providers.baanx.access import PAGE_KEY, read_region
from emulator.providers.baanx.offer import products, terms
from emulator.providers.baanx.payments import start_expiry

_ORDER_ID_END = wire.ORDER_ID_BYTES
_REQUEST_ID_END = _ORDER_ID_END + wire.REQUEST_ID_BYTES
_ADDRESS_END = _REQUEST_ID_END + wire.ADDRESS_BYTES
"""Where the bytes for each identifier end within an order's random bytes."""


def create_order(call: Call) -> Reply:
    """`POST /v1/order`: 200 with ids and where to pay. Refuses with `validation`, `malformed_json`,
    `unknown_product`, `ineligible`, `open_order`."""
    unreadable = wire.read_body(call)
    call.refuse_as_scripted("early")
    if unreadable is not None:
        raise unreadable
    wire.require_valid(call, "create-order.request", wire.word_choice)
    product = products.find_product(call.settings, call.body["productId"])
    if product is None:
        known = ", ".join(each.id for each in products.read_products(call.settings)) or "none (setting products)"
        raise Refusal("unknown_product", f"no product {call.body['productId']!r}; there are {known}")
    if not call.caller.is_eligible(product):
        reason = f"{call.caller.word} may not order {product.id}: no KYC, ordered before, or a setting"
        raise Refusal("ineligible", reason)
    if call.settings["one_open_order"] and _has_open_order(call):
        raise Refusal("open_order", "the user has an open order (setting one_open_order)")
    call.refuse_as_scripted()
    order = _make_order(call, product)
    call.create(order)
    _apply_terms(call, order)
    start_expiry(call.tx, order, call.settings["order_expiry_seconds"])
    return wire.write_answer(call, wire.write_new_order(call, order))


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
    return wire.write_answer(call, wire.write_order(call, order))


def list_products(call: Call) -> Reply:
    """`GET /v1/order/products/available`: 200 with a bare array in catalogue order, ineligible products included."""
    listed = [each for each in products.read_products(call.settings) if each.listed]
    return wire.write_answer(call, [wire.write_product(each, call.caller.is_eligible(each)) for each in listed])


def usual_scenario(call: Call, fields: Mapping[str, Any], kind: str) -> str | None:
    """The scenario of the order's product, if it exists."""
    product = products.find_product(call.settings, fields["product"])
    name = product.scenario if product is not None else None
    return name if name is not None and call.tx.scenario(call.provider.name, name) is not None else None


def _has_open_order(call: Call) -> bool:
    orders = (call.tx.order(order_id) for order_id in call.tx.order_ids("baanx", f"owner:{call.caller.word}"))
    return any(order is not None and order.status in ("STARTED", "PENDING") for order in orders)


def _make_order(call: Call, product: catalogue.Product) -> Order:
    now_ms = call.tx.now_ms
    octets = call.tx.chance.octets(_ADDRESS_END)
    request_id = wire.write_request_id(octets[_ORDER_ID_END:_REQUEST_ID_END])
    return Order(
        id=wire.write_order_id(octets[:_ORDER_ID_END]),
        provider=call.provider.name,
        owner=call.caller.word,
        kind="",
        status="STARTED",
        created_ms=now_ms,
        updated_ms=now_ms,
        fields={
            "request_id": request_id,
            "product": product.id,
            "region": read_region(call.request),
            "amount": wire.write_amount(product.amount),
            "currency": product.currency,
            "chain_id": product.chain_id,
            "token_symbol": product.token,
            "token_address": product.token_address,
            "address": product.destination_address
            or call.settings["destination_address"]
            or wire.write_address(octets[_REQUEST_ID_END:]),
            "card_type": product.card_type,
            "page": f"{call.base_url}/pay/{request_id}",
        },
        keys=(f"{PAGE_KEY}{request_id}",),
    )


def _apply_terms(call: Call, order: Order) -> None:
    """Replaces the product's terms by those of the order's scenario."""
    scenario = call.tx.scenario(order.provider, order.scenario)
    if scenario is not None and scenario.terms:
        order.fields |= terms.read_terms(scenario.terms)
        call.tx.touch(order)
