"""Withdrawals as queries, lists and webhooks show them.

Sources: https://docs-en.basswallet.com/api-reference/endpoint/withdraw/withdraw-query, .../withdraw/withdraw-webhook
and .../account/order-history, seen 2026-11. Tables and samples there disagree on two members; a setting chooses.
Assumed: when there is a `completeTime`.
"""

from typing import Any

from emulator.contract.order import Order
from emulator.contract.setting import Settings
from emulator.contract.transaction import Transaction
from emulator.providers.basswallet.chain import blocks
from emulator.providers.basswallet.chain.amounts import write_decimal
from emulator.providers.basswallet.wire import write_status
from emulator.providers.basswallet.withdrawals.course import find_total_fee


def write_withdrawal(tx: Transaction, order: Order, settings: Settings) -> dict[str, Any]:
    """A withdrawal in the answer of the query."""
    fields, as_sample = order.fields, settings["withdraw_query_form"] == "sample"
    body: dict[str, Any] = {
        "id": order.id,
        "tokenName": fields["token_name"],
        "chainName": fields["chain"],
        "toAddress": fields["address"],
        "amount": fields["amount"],
        "status": write_status(order.status, settings),
        "businessId": fields.get("business_id", ""),
        "tag": fields.get("tag", ""),
    }
    if "tx_hash" in fields:
        body["txId" if as_sample else "txHash"] = fields["tx_hash"]
    if "confirmed_ms" in fields:
        height = blocks.find_block_height(tx, fields["chain"], fields["packaged_ms"])
        body["blockHigh"] = height if as_sample else str(height)
    body["networkFee"] = fields["network_fee"]
    body["platformFee"] = fields["platform_fee"]
    body["createdTime"] = order.created_ms
    if "completed_ms" in fields:
        body["completeTime"] = fields["completed_ms"]
    return body


def write_listed_withdrawal(order: Order, settings: Settings) -> dict[str, Any]:
    """A withdrawal in the answer of the history."""
    fields = order.fields
    body = {
        "id": order.id,
        "businessId": fields.get("business_id"),
        "chainName": fields["chain"],
        "tokenName": fields["token_name"],
        "amount": fields["amount"],
        "toAddress": fields["address"],
        "txId" if settings["withdraw_query_form"] == "sample" else "txHash": fields.get("tx_hash", ""),
        "networkFee": fields["network_fee"],
        "platformFee": fields["platform_fee"],
        "totalFee": write_decimal(find_total_fee(fields)),
        "createdTime": order.created_ms,
        "completeTime": fields.get("completed_ms"),
        "status": write_status(order.status, settings),
    }
    return {name: value for name, value in body.items() if value is not None}


def write_webhook_members(order: Order, settings: Settings) -> dict[str, str]:
    """The members of a withdrawal's webhook as text, except its timestamp."""
    fields = order.fields
    members = {
        "id": order.id,
        "networkFee": fields["network_fee"],
        "platformFee": fields["platform_fee"],
        "status": write_status(order.status, settings),
        "txHash": fields["tx_hash"],
        "webhookType": "Withdraw",
    }
    return {"businessId": fields["business_id"], **members} if "business_id" in fields else members
