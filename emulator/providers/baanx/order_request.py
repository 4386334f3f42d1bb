"""The usual create request."""

from typing import Any

from emulator.contract.command import CommandRefused
from emulator.contract.order_request import OrderRequest
from emulator.contract.transaction import Transaction
from emulator.providers.baanx.offer.products import read_products

_USUAL = "PRODUCT_ID_ABC"


def _make_body(tx: Transaction) -> dict[str, Any]:
    ids = [product.id for product in read_products(tx.settings("baanx"))]
    if not ids:
        raise CommandRefused("there is no product to order (setting products)")
    return {"productId": _USUAL if _USUAL in ids else ids[0], "paymentMethod": "CRYPTO_EXTERNAL_DAIMO"}


ORDER_REQUEST = OrderRequest({"": _make_body})
