"""The requests that are measured, as whole HTTP requests, ready to be sent. Signing happens here, not under load."""

import base64
import hashlib
import hmac
import http.client
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from emulator.engine import real_time

Credentials = Mapping[str, Any]
Prepare = Callable[[int, Credentials, int], list[str]]
"""Gives requests for a provider on this port, with its credentials; the number says how many will be sent."""

_READ_ORDERS = 200
_BAANX_ORDER = {"productId": "PRODUCT_ID_ABC", "paymentMethod": "CRYPTO_EXTERNAL_DAIMO"}
_CHANGELLY_ORDER = {
    "externalOrderId": "71ahw34",
    "externalUserId": "122hd",
    "providerCode": "moonpay",
    "currencyFrom": "USD",
    "currencyTo": "ETH",
    "amountFrom": "150",
    "country": "EE",
    "walletAddress": "0x8cfbd31371e9bec8c82ae101e25bd9394c03a227",
    "paymentMethod": "card",
}
_business_numbers = count(1)


@dataclass(frozen=True)
class Case:
    """One row of the throughput table."""

    name: str
    provider: str
    target: float | None
    """The least ratio to the bare application; None: for information."""
    prepare: Prepare
    arguments: tuple[str, ...] = ("--clock", "manual")
    """How the emulator is started: with a clock that stands still, only the requests themselves are measured."""

    @property
    def asgi_target(self) -> float | None:
        """The same through plain ASGI, which may cost a quarter."""
        return None if self.target is None else 0.75 * self.target


def baanx_create(port: int, credentials: Credentials, sent: int) -> list[str]:
    """`POST /v1/order`: the same bytes make a new order each time."""
    return [_write("POST", port, "/v1/order", _baanx_headers(credentials), json.dumps(_BAANX_ORDER))]


def baanx_read(port: int, credentials: Credentials, sent: int) -> list[str]:
    """`GET /v1/order/{id}` of orders that are created for it."""
    headers = _baanx_headers(credentials)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    order_ids = []
    try:
        for _ in range(min(sent, _READ_ORDERS)):
            connection.request("POST", "/v1/order", json.dumps(_BAANX_ORDER), headers)
            order_ids.append(json.loads(connection.getresponse().read())["orderId"])
    finally:
        connection.close()
    return [_write("GET", port, f"/v1/order/{order_id}", headers) for order_id in order_ids]


def basswallet_create(port: int, credentials: Credentials, sent: int) -> list[str]:
    """`POST /v1/account/payment`, each with a `businessId` and a signature of its own."""
    secret = credentials["secret_key"].encode()
    requests = []
    for _ in range(sent):
        text = (
            f"amount=99.99&tokenName=USDT&chainName=Ethereum&businessId=Order{next(_business_numbers)}"
            f"&timestamp={real_time.now_ms()}"
        )
        headers = {
            "API-Access-Key": credentials["access_key"],
            "Signature": hmac.new(secret, text.encode(), hashlib.sha256).hexdigest(),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        requests.append(_write("POST", port, "/v1/account/payment", headers, text))
    return requests


def changelly_create(port: int, credentials: Credentials, sent: int) -> list[str]:
    """`POST /v1/orders`: there is no nonce, so that one signed request may be repeated."""
    from cryptography.hazmat.primitives.asymmetric import padding, rsa
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key = load_pem_private_key(credentials["private_key"].encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    body = json.dumps(_CHANGELLY_ORDER, separators=(",", ":"))
    signature = key.sign(f"http://127.0.0.1:{port}/v1/orders{body}".encode(), padding.PKCS1v15(), SHA256())
    headers = {
        "X-Api-Key": credentials["api_key"],
        "X-Api-Signature": base64.b64encode(signature).decode(),
        "Content-Type": "application/json",
    }
    return [_write("POST", port, "/v1/orders", headers, body)]


def _baanx_headers(credentials: Credentials) -> dict[str, str]:
    return {
        "X-Client-ID": credentials["client_id"],
        "Authorization": f"Bearer {credentials['token']}",
        "Content-Type": "application/json",
    }


def _write(method: str, port: int, path: str, headers: Mapping[str, str], body: str = "") -> str:
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", *(f"{k}: {v}" for k, v in headers.items())]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", body])


CASES = (
    # With a clock that runs a hundred times as fast as real time, the step that `happy` takes after five seconds falls
    # into the round that has created the order.
    Case("Baanx create", "baanx", 0.45, baanx_create),
    Case("BassWallet create, HMAC", "basswallet", 0.38, basswallet_create),
    Case("Baanx create + step", "baanx", None, baanx_create, ("--rate", "100")),
    Case("Baanx read", "baanx", 0.55, baanx_read),
    Case("Changelly create, RSA", "changelly", 0.24, changelly_create),
)
