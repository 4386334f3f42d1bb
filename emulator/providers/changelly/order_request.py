"""The usual create requests."""

from typing import Any

from emulator.contract.order_request import OrderRequest
from emulator.contract.transaction import Transaction

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


ORDER_REQUEST = OrderRequest({"buy": lambda tx: {**_BUY}, "sell": _make_sale})
