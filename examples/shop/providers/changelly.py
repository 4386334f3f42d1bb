"""Changelly Fiat: customers pay by card, and crypto comes to the shop's wallet.

The reference goes out as `externalOrderId`. It is not unique: the same create call makes a second order. After a lost
answer the list of orders is searched for it first.
"""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, cast

import httpx
import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from msgspec import Struct

from shop.providers.gateway import Forged, Look, Money, Notice, Progress, Refused, Unclear, ask, require, write_json

PROGRESS = {"complete": Progress.PAID, "expired": Progress.CLOSED, "failed": Progress.CLOSED}
"""All other statuses are open: `hold` and `refunded` lead back to `pending`."""
EXISTS = "conflict"


class Created(Struct):
    """The answer to the create call, which has no status."""

    orderId: str
    redirectUrl: str


class Order(Struct):
    """An order of the list."""

    orderId: str
    status: str
    redirectUrl: str
    payoutAmount: Decimal | None
    payoutCurrency: str


class Orders(Struct):
    """The list, newest first."""

    orders: list[Order]


class Callback(Struct):
    """The members of a callback that say what it is about."""

    orderId: str
    externalOrderId: str | None = None


class Changelly:
    """The API for one partner, who sells one coin."""

    def __init__(
        self, http: httpx.Client, url: str, keys: Mapping[str, Any], purchase: Mapping[str, str] | None = None
    ) -> None:
        """`keys`: `api_key`, `private_key` and `callback_public_key`, both PEM; `purchase`: members of the create call
        in place of `PURCHASE`."""
        self._http = http
        self._url = url
        self._api_key = keys["api_key"]
        self._private_key = _read_private(keys["private_key"])
        self._callback_key = cast(RSAPublicKey, load_pem_public_key(keys["callback_public_key"].encode()))
        self._purchase = {**PURCHASE, **(purchase or {})}

    def create(self, reference: str, customer: str, amount: Decimal | None) -> Look:
        """Places an order for an amount of fiat."""
        if amount is None:
            raise Refused("an amount is needed")
        body = {"externalOrderId": reference, "externalUserId": customer, "amountFrom": f"{amount:f}", **self._purchase}
        try:
            created = self._ask("POST", "/v1/orders", Created, write_json(body))
        except Refused as refusal:
            if refusal.error == EXISTS:
                return require(self.find(reference), reference)
            raise
        value = Money(Decimal(0), self._purchase["currencyTo"])
        return Look(created.orderId, "created", Progress.OPEN, value, created.redirectUrl)

    def find(self, reference: str) -> Look | None:
        """The first order that was made with this `externalOrderId`."""
        return self._find(f"externalOrderId={reference}")

    def read(self, order_id: str) -> Look:
        """The order as it is now."""
        return require(self._find(f"orderId={order_id}"), order_id)

    def check(self, headers: Mapping[str, str], body: bytes) -> Notice | None:
        """Signed is the order's id alone, and not what else the body says."""
        try:
            callback = msgspec.json.decode(body, type=Callback)
            signature = b64decode(headers.get("X-Callback-Signature", ""), validate=True)
            self._callback_key.verify(signature, write_json({"orderId": callback.orderId}), PKCS1v15(), SHA256())
        except (InvalidSignature, binascii.Error, msgspec.MsgspecError) as error:
            raise Forged("changelly") from error
        return Notice(callback.orderId, callback.externalOrderId)

    def _find(self, query: str) -> Look | None:
        try:
            orders = self._ask("GET", f"/v1/orders?{query}", Orders).orders
        except Refused as refusal:
            raise Unclear(f"orders could not be listed: {refusal}") from refusal
        return _look(orders[-1]) if orders else None

    def _ask(self, method: str, path: str, success: type[Any], content: bytes = b"") -> Any:
        request = self._http.build_request(method, f"{self._url}{path}", content=content)
        text = str(request.url).encode() + (content or b"{}")
        request.headers["X-Api-Key"] = self._api_key
        request.headers["X-Api-Signature"] = b64encode(self._private_key.sign(text, PKCS1v15(), SHA256())).decode()
        request.headers["Content-Type"] = "application/json"
        return ask(self._http, request, success, "errorType")


PURCHASE = {
    "providerCode": "moonpay",
    "currencyFrom": "USD",
    "currencyTo": "ETH",
    "country": "EE",
    "walletAddress": "0x8cfbd31371e9bec8c82ae101e25bd9394c03a227",
}
"""What is bought, from whom, and the shop's own wallet."""


@lru_cache
def _read_private(pem: str) -> RSAPrivateKey:
    """The key is checked when it is read, which takes far longer than to sign with it."""
    return cast(RSAPrivateKey, load_pem_private_key(pem.encode(), None))


def _look(order: Order) -> Look:
    value = Money(order.payoutAmount or Decimal(0), order.payoutCurrency)
    return Look(order.orderId, order.status, PROGRESS.get(order.status, Progress.OPEN), value, order.redirectUrl)
