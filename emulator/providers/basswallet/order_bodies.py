"""A payment order as clients see it: as it is created, as it is read, as it is listed. Members in wire order.

Sources: https://docs-en.basswallet.com/api-reference/endpoint/receive/create_payment, .../receive/payment-query and
.../account/order-history, seen 2026-11. The three name the same things differently.
"""

from collections.abc import Mapping
from typing import Any

from emulator.core import wire
from emulator.core.order import Order
from emulator.providers.basswallet.statuses import COMPLETE, write_status

Settings = Mapping[str, Any]


def write_created(order: Order, settings: Settings) -> dict[str, Any]:
    """A new order in the answer of the create call."""
    fields = order.fields
    body: dict[str, Any] = {
        "createdDate": order.created_ms,
        "expiryDate": fields["expiry_ms"],
        "redirectUrl": fields["redirect_url"],
        "status": write_status(order.status, settings),
        "id": order.id,
    }
    if "amount" in fields:
        body["amount"] = fields["amount"]
    else:
        body["minAmount"] = fields["min_amount"]
    body["tokenName"] = fields["token"]
    body["chainName"] = fields["chain"]
    body["address"] = fields["address"]
    shows_absent = settings["absent_optional"] == "empty"
    if shows_absent or "business_id" in fields:
        body["businessId"] = fields.get("business_id", "")
    body["returnUrl"] = fields.get("return_url", "")
    if shows_absent or "display_info" in fields:
        body["displayInfo"] = fields.get("display_info", "")
    return body


def write_order(order: Order, settings: Settings) -> dict[str, Any]:
    """An order in the answer of the query; here `amountActual` is a number."""
    fields = order.fields
    shows_page = settings["query_redirect_url"] == "payin"
    body: dict[str, Any] = {
        "id": order.id,
        "businessId": fields.get("business_id", ""),
        "redirectUrl": fields["redirect_url"] if shows_page else fields.get("return_url", ""),
        "tokenName": fields["token"],
        "chainName": fields["chain"],
    }
    if "amount" in fields:
        body["amount"] = fields["amount"]
    body["address"] = fields["address"]
    body["status"] = write_status(order.status, settings)
    if "paid" in fields:
        body["txHash"] = fields["paid"]["tx_hash"]
        body["amountActual"] = wire.read_number(fields["paid"]["amount"])
    body["createdTime"] = order.created_ms
    body["expiryTime"] = fields["expiry_ms"]
    return body


def write_listed(order: Order, settings: Settings) -> dict[str, Any]:
    """An order in the answer of the history; here `amountActual` is text."""
    fields = order.fields
    paid = fields.get("paid", {})
    body = {
        "id": order.id,
        "businessId": fields.get("business_id"),
        "chainName": fields["chain"],
        "tokenName": fields["token"],
        "amount": fields.get("amount"),
        "amountActual": paid.get("amount"),
        "fromAddress": paid.get("from"),
        "toAddress": fields["address"],
        "txHash": paid.get("tx_hash"),
        "createdTime": order.created_ms,
        "expiryTime": fields["expiry_ms"],
        "completeTime": fields.get("completed_ms") if order.status in COMPLETE else None,
        "status": write_status(order.status, settings),
    }
    return {name: value for name, value in body.items() if value is not None}
