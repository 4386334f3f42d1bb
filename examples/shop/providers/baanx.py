"""Baanx: orders of a product, paid in crypto. Nothing tells of an order but the order itself, so the shop polls.

There is no idempotency key, no reference of one's own and no list: an order whose answer was lost cannot be found. To
place another is safe all the same, as nobody has been told where to pay the first one: it expires.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

import httpx
from msgspec import Struct

from shop.providers.gateway import UNAUTHORIZED, Look, Money, Notice, Progress, Refused, Unclear, ask, write_json

T = TypeVar("T")

PROGRESS = {"COMPLETED": Progress.PAID, "FAILED": Progress.CLOSED, "EXPIRED": Progress.CLOSED,
            "REFUNDED": Progress.CLOSED}  # fmt: skip
"""All other statuses are open: STARTED, PENDING, and those that the shop does not know yet."""
REFUNDED_NOTE = "payment_refunded"
"""With this note even a COMPLETED order has given the money back."""


class PaymentConfig(Struct):
    """What is to be paid, and where."""

    paymentAmount: Decimal
    paymentCurrency: str
    destinationAddress: str


class Created(Struct):
    """The answer to the create call."""

    orderId: str
    paymentConfig: PaymentConfig


class Login(Struct):
    """The answer to signing in; without a token where the user has something to do first."""

    accessToken: str


class Metadata(Struct):
    """What is known of the payment."""

    note: str | None = None


class Order(Struct):
    """An order that is read."""

    orderId: str
    status: str
    metadata: Metadata | None = None


class Baanx:
    """The API for one user of the card programme, who buys one product."""

    def __init__(self, http: httpx.Client, url: str, keys: Mapping[str, Any], product: str = "PRODUCT_ID_ABC") -> None:
        """`keys`: `client_id`, and the user's `email` and `password`."""
        self._http = http
        self._url = url
        self._product = product
        self._keys = keys
        self._token = ""

    def create(self, reference: str, customer: str, amount: Decimal | None) -> Look:
        """Places an order for the product; what it costs, the provider says."""
        body = {"productId": self._product, "paymentMethod": "CRYPTO_EXTERNAL_DAIMO"}
        created = self._ask("POST", "/v1/order", Created, write_json(body))
        config = created.paymentConfig
        value = Money(config.paymentAmount, config.paymentCurrency)
        return Look(created.orderId, "STARTED", Progress.OPEN, value, config.destinationAddress)

    def find(self, reference: str) -> Look | None:
        """Nothing: the provider has never heard of our references."""
        return None

    def read(self, order_id: str) -> Look:
        """The order as it is now. It does not say what it is worth."""
        try:
            order = self._ask("GET", f"/v1/order/{order_id}", Order)
        except Refused as refusal:
            raise Unclear(f"order {order_id} could not be read: {refusal}") from refusal
        is_refunded = order.metadata is not None and order.metadata.note == REFUNDED_NOTE
        progress = PROGRESS.get(order.status, Progress.OPEN)
        return Look(order.orderId, order.status, Progress.CLOSED if is_refunded else progress)

    def check(self, headers: Mapping[str, str], body: bytes) -> Notice | None:
        """Nothing: the provider's webhooks tell of cards, and the shop has asked for none."""
        return None

    def _ask(self, method: str, path: str, success: type[T], content: bytes = b"") -> T:
        """Signs in first, and once more where the token has ended."""
        if self._token:
            try:
                return self._send(method, path, success, content)
            except Refused as refusal:
                if refusal.status != UNAUTHORIZED:
                    raise
        body = write_json({"email": self._keys["email"], "password": self._keys["password"]})
        self._token = self._send("POST", "/v1/auth/login", Login, body).accessToken
        return self._send(method, path, success, content)

    def _send(self, method: str, path: str, success: type[T], content: bytes) -> T:
        headers = {"x-client-key": self._keys["client_id"], "Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        request = self._http.build_request(method, f"{self._url}{path}", headers=headers, content=content)
        return ask(self._http, request, success, "message")
