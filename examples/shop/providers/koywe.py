"""Koywe: pay-ins by the payment methods of a country.

The reference goes out as `externalId`, by which the provider refuses a second order and shows the first.
"""

import hmac
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import httpx
import msgspec
from msgspec import Struct

from shop.providers.gateway import (
    UNAUTHORIZED,
    Forged,
    Look,
    Money,
    Notice,
    Progress,
    Refused,
    Unclear,
    ask,
    require,
    write_json,
)

PROGRESS = {
    "PAID": Progress.PAID,
    "COMPLETED": Progress.PAID,
    "REFUND_REQUESTED": Progress.PAID,  # the money is still here, and stays if the refund is refused
    "FAILED": Progress.CLOSED,
    "CANCELLED": Progress.CLOSED,
    "EXPIRED": Progress.CLOSED,
    "REFUNDED": Progress.CLOSED,
}
"""All other statuses are open."""
EXISTS = "OR90002"
UNKNOWN = "OR90001"


class Order(Struct):
    """An order, from any call."""

    id: str
    status: str
    amountOut: Decimal
    destinationCurrencySymbol: str
    providedAction: str | None = None


class Token(Struct):
    """The answer to signing in."""

    token: str


class Data(Struct):
    """What an event says of its order."""

    external_id: str | None = None


class Subject(Struct):
    """What an event is about."""

    type: str
    id: str


class Relationships(Struct):
    """What an event is about."""

    self: Subject


class Event(Struct):
    """A webhook."""

    id: str
    relationships: Relationships
    data: Data


class Koywe:
    """The API for one merchant, who takes one payment method."""

    def __init__(
        self,
        http: httpx.Client,
        url: str,
        keys: Mapping[str, Any],
        webhook_secret: str,
        currency: str = "COP",
        method: str = "PSE",
    ) -> None:
        """`keys`: `api_key`, `secret`, `organization_id`, `merchant_id`; `webhook_secret`: the one that was given with
        the webhook's endpoint."""
        self._http = http
        self._url = url
        self._keys = keys
        self._webhook_secret = webhook_secret
        self._orders = f"/api/v1/organizations/{keys['organization_id']}/merchants/{keys['merchant_id']}/orders"
        self._pay_in = {
            "type": "PAYIN",
            "originCurrencySymbol": currency,
            "destinationCurrencySymbol": currency,
            "paymentMethods": [{"method": method}],
        }
        self._token = ""

    def create(self, reference: str, customer: str, amount: Decimal | None) -> Look:
        """Places a pay-in."""
        if amount is None:
            raise Refused("an amount is needed")
        body = {**self._pay_in, "amountIn": amount, "externalId": reference}
        try:
            return _look(self._ask("POST", self._orders, write_json(body)))
        except Refused as refusal:
            if refusal.error == EXISTS:
                return require(self.find(reference), reference)
            raise

    def find(self, reference: str) -> Look | None:
        """The order with this `externalId`."""
        return self._get(f"{self._orders}/external/{reference}")

    def read(self, order_id: str) -> Look:
        """The order as it is now."""
        return require(self._get(f"{self._orders}/{order_id}"), order_id)

    def check(self, headers: Mapping[str, str], body: bytes) -> Notice | None:
        """Signed are the raw bytes: a body that was parsed and written again is another one."""
        expected = hmac.digest(self._webhook_secret.encode(), body, "sha256").hex()
        if not hmac.compare_digest(expected.encode(), headers.get("Koywe-Signature", "").encode()):
            raise Forged("koywe")
        event = msgspec.json.decode(body, type=Event)
        subject = event.relationships.self
        return Notice(subject.id, event.data.external_id, event.id) if subject.type == "order" else None

    def _get(self, path: str) -> Look | None:
        try:
            return _look(self._ask("GET", path))
        except Refused as refusal:
            if refusal.error == UNKNOWN:
                return None
            raise Unclear(f"an order could not be read: {refusal}") from refusal

    def _ask(self, method: str, path: str, content: bytes = b"") -> Order:
        """Signs in first, and once more where the token has ended."""
        if self._token:
            try:
                return self._send(method, path, content)
            except Refused as refusal:
                if refusal.status != UNAUTHORIZED:
                    raise
        self._sign_in()
        return self._send(method, path, content)

    def _send(self, method: str, path: str, content: bytes) -> Order:
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        request = self._http.build_request(method, f"{self._url}{path}", headers=headers, content=content)
        return ask(self._http, request, Order, "errorCode")

    def _sign_in(self) -> None:
        keys = {"apiKey": self._keys["api_key"], "secret": self._keys["secret"]}
        request = self._http.build_request("POST", f"{self._url}/api/v1/auth/sign-in", json=keys)
        self._token = ask(self._http, request, Token, "errorCode").token


def _look(order: Order) -> Look:
    value = Money(order.amountOut, order.destinationCurrencySymbol)
    return Look(order.id, order.status, PROGRESS.get(order.status, Progress.OPEN), value, order.providedAction)
