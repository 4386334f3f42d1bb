"""BassWallet: payments in crypto to an address of their own.

The reference goes out as `businessId`. It is unique: a second order with it is refused, and the first can be queried by
it, so that a lost answer is no more than a second question.
"""

import hmac
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx
from msgspec import Struct

from shop.providers.gateway import Forged, Look, Money, Notice, Progress, Refused, Unclear, ask, require

PROGRESS = {"Success": Progress.PAID, "Failed": Progress.CLOSED, "Underpaid": Progress.CLOSED,
            "Expired": Progress.CLOSED, "Cancelled": Progress.CLOSED}  # fmt: skip
"""All other statuses are open. Somebody who has paid too little is nobody who has paid: a person looks at it."""
EXISTS = "BUSINESS_ID_EXISTENCE"
UNKNOWN = "PARAM_ERROR"
"""What a query for an order that is not there is refused with."""


class Payment(Struct):
    """A payment order, from the create call or a query."""

    id: str
    status: str
    redirectUrl: str
    tokenName: str
    amount: Decimal | None = None
    amountActual: Decimal | None = None
    """What has come in; the query writes it as a number, which as a float would not be this amount any more."""


class Envelope(Struct):
    """What is around every answer."""

    code: int
    msg: str
    data: Payment | None = None


class BassWallet:
    """The API for one account, which takes one token on one chain."""

    def __init__(
        self,
        http: httpx.Client,
        url: str,
        keys: Mapping[str, Any],
        now_ms: Callable[[], int],
        token: str = "USDT",
        chain: str = "Tron",
    ) -> None:
        """`keys`: `access_key`, `secret_key`, and `callback_secret_key`, with which webhooks are signed."""
        self._http = http
        self._url = url
        self._keys = keys
        self._now_ms = now_ms
        self._pair = {"tokenName": token, "chainName": chain}

    def create(self, reference: str, customer: str, amount: Decimal | None) -> Look:
        """Places a payment; without an amount the payer chooses it."""
        asked = {} if amount is None else {"amount": f"{amount:f}"}
        try:
            return _look(self._ask("POST", "/v1/account/payment", asked | self._pair | {"businessId": reference}))
        except Refused as refusal:
            if refusal.error == EXISTS:
                return require(self.find(reference), reference)
            raise

    def find(self, reference: str) -> Look | None:
        """The order with this `businessId`."""
        return self._query({"businessId": reference})

    def read(self, order_id: str) -> Look:
        """The order as it is now."""
        return require(self._query({"id": order_id}), order_id)

    def check(self, headers: Mapping[str, str], body: bytes) -> Notice | None:
        """Signed are the parameters as they came, in their order: nothing is sorted or written anew."""
        pairs = parse_qsl(body.decode(errors="replace"), keep_blank_values=True)
        signature = headers.get("Signature", "").lower()
        if not hmac.compare_digest(_sign(self._keys["callback_secret_key"], pairs).encode(), signature.encode()):
            raise Forged("basswallet")
        members = dict(pairs)
        if members.get("webhookType") != "Payment":
            return None
        return Notice(members["id"], members.get("businessId"))

    def _query(self, parameters: dict[str, str]) -> Look | None:
        try:
            return _look(self._ask("GET", "/v1/account/order/query", parameters))
        except Refused as refusal:
            if refusal.error == UNKNOWN:
                return None
            raise Unclear(f"the query was refused: {refusal}") from refusal

    def _ask(self, method: str, path: str, parameters: dict[str, str]) -> Payment:
        pairs = [*parameters.items(), ("timestamp", str(self._now_ms()))]
        headers = {"API-Access-Key": self._keys["access_key"], "Signature": _sign(self._keys["secret_key"], pairs)}
        url, encoded = f"{self._url}{path}", urlencode(pairs)
        if method == "GET":
            request = self._http.build_request(method, f"{url}?{encoded}", headers=headers)
        else:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            request = self._http.build_request(method, url, headers=headers, content=encoded)
        envelope = ask(self._http, request, Envelope, "msg")
        if envelope.data is None:
            raise Refused(envelope.msg)
        return envelope.data


def _sign(secret: str, pairs: list[tuple[str, str]]) -> str:
    text = "&".join(f"{name}={value}" for name, value in pairs)
    return hmac.digest(secret.encode(), text.encode(), "sha256").hex()


def _look(payment: Payment) -> Look:
    amount = payment.amountActual if payment.amountActual is not None else payment.amount or Decimal(0)
    value = Money(amount, payment.tokenName)
    progress = PROGRESS.get(payment.status, Progress.OPEN)
    return Look(payment.id, payment.status, progress, value, payment.redirectUrl)
