"""The usual create request, as the sandbox's app sends it for its user."""

from collections.abc import Mapping
from typing import Any

from emulator.contract.command import CommandRefused
from emulator.contract.order_request import OrderRequest, WrittenRequest
from emulator.contract.transaction import Transaction
from emulator.core import json_text
from emulator.providers.baanx.access import credentials
from emulator.providers.baanx.offer.products import read_products

_USUAL = "PRODUCT_ID_ABC"


def _make_body(tx: Transaction) -> dict[str, Any]:
    ids = [product.id for product in read_products(tx.settings("baanx"))]
    if not ids:
        raise CommandRefused("there is no product to order (setting products)")
    return {"productId": _USUAL if _USUAL in ids else ids[0], "paymentMethod": "CRYPTO_EXTERNAL_DAIMO"}


def _write(tx: Transaction, kind: str, body: Mapping[str, Any], base_url: str) -> WrittenRequest:
    access = credentials(tx.sandbox_name, tx.settings("baanx"))
    headers = {
        "X-Client-ID": access["client_id"],
        "x-client-key": access["client_id"],
        "Authorization": f"Bearer {access['token']}",
        "Content-Type": "application/json",
    }
    return WrittenRequest("POST", "/v1/order", headers, json_text.encode(body))


ORDER_REQUEST = OrderRequest({"": _make_body}, _write)
