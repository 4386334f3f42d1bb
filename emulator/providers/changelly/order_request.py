"""The usual create requests, as the sandbox's partner sends them, signed with the public test key."""

from collections.abc import Mapping
from typing import Any

from emulator.contract.command import CommandRefused
from emulator.contract.order_request import OrderRequest, WrittenRequest
from emulator.contract.transaction import Transaction
from emulator.core import json_text
from emulator.providers.changelly.access import credentials

_PATHS = {"buy": "/v1/orders", "sell": "/v1/sell/orders"}
_BUY = {
    "externalUserId": "user-1",
    "providerCode": "moonpay",
    "currencyFrom": "USD",
    "currencyTo": "ETH",
    "amountFrom": "150",
    "country": "EE",
    "walletAddress": "0x8cfbd31371e9bec8c82ae101e25bd9394c03a227",
}


def _make_sale(tx: Transaction) -> dict[str, Any]:
    return {
        "externalOrderId": f"sale-{tx.chance.hexadecimal(12)}",
        "externalUserId": "user-1",
        "providerCode": "moonpay",
        "currencyFrom": "ETH",
        "currencyTo": "EUR",
        "amountFrom": "0.5",
        "country": "DE",
    }


def _write(tx: Transaction, kind: str, body: Mapping[str, Any], base_url: str) -> WrittenRequest:
    from emulator.providers.changelly.signature.rsa import sign

    access = credentials(tx.sandbox_name, tx.settings("changelly"))
    if access["private_key"] is None:
        raise CommandRefused(
            "the setting public_key is a key of your own, and only you have its private key: send the request "
            "yourself, or set public_key back"
        )
    written = json_text.encode(body)
    headers = {
        "X-Api-Key": access["api_key"],
        "X-Api-Signature": sign(f"{base_url}{_PATHS[kind]}".encode() + written, access["private_key"]),
        "Content-Type": "application/json",
    }
    return WrittenRequest("POST", _PATHS[kind], headers, written)


ORDER_REQUEST = OrderRequest({"buy": lambda tx: {**_BUY}, "sell": _make_sale}, _write)
