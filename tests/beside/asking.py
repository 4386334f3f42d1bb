"""Requests to the providers, as all kinds of clients send them."""

import asyncio
from typing import Any

import httpx
import requests

from emulator.testing import Emulator
from emulator.testing.clients import auth_for
from emulator.testing.types.names import Provider

BAANX = {"productId": "PRODUCT_ID_ABC", "paymentMethod": "CRYPTO_EXTERNAL_DAIMO"}
JSON = {"Content-Type": "application/json"}
BASSWALLET = {"amount": "25.50", "tokenName": "USDT", "chainName": "Tron", "displayInfo": "Gold plan & más"}
CHANGELLY = {
    "externalUserId": "ü-1", "providerCode": "moonpay", "currencyFrom": "USD", "currencyTo": "ETH",
    "amountFrom": "150", "country": "EE", "walletAddress": "0x8cfbd31371e9bec8c82ae101e25bd9394c03a227",
}  # fmt: skip
BAANX_URL = "https://api.baanx.com/v1/order"
CHANGELLY_URL = "https://fiat-api.changelly.com/v1/orders"


def koywe_orders(sandbox: Emulator) -> str:
    """Path of the orders of the sandbox's merchant."""
    keys = sandbox.koywe.credentials
    return f"/api/v1/organizations/{keys['organization_id']}/merchants/{keys['merchant_id']}/orders"


def calls(sandbox: Emulator) -> list[tuple[Provider, str, str, dict[str, Any]]]:
    """Calls that need credentials: provider, method, path and arguments for httpx."""
    return [
        ("baanx", "POST", "/v1/order", {"json": BAANX}),
        ("basswallet", "POST", "/v1/account/payment", {"data": BASSWALLET}),
        ("basswallet", "POST", "/v1/account/payment", {"json": {**BASSWALLET, "amount": 25.5}}),
        ("basswallet", "GET", "/v1/account/order/history?type=Payment", {}),
        ("basswallet", "GET", "/v1/account/balance", {}),
        ("changelly", "POST", "/v1/orders", {"json": CHANGELLY}),
        ("changelly", "GET", "/v1/offers", {"params": {"currencyFrom": "USD", "currencyTo": "ETH", "amountFrom": "1"}}),
        ("changelly", "GET", "/v1/providers", {}),
        ("koywe", "GET", koywe_orders(sandbox), {}),
    ]


def is_let_in(answer: httpx.Response) -> bool:
    """Whether the answer is not a refusal of the client's credentials."""
    return answer.status_code not in (401, 403) and "SIGN" not in answer.text


def keys(sandbox: Emulator) -> dict[str, str]:
    """Headers of a client of Baanx."""
    found = sandbox.baanx.credentials
    return {"X-Client-ID": str(found["client_id"]), "Authorization": f"Bearer {found['token']}"}


async def post_async(sandbox: Emulator) -> int:
    """A new order of Baanx by an async client."""
    async with httpx.AsyncClient() as client:
        return (await client.post(BAANX_URL, json=BAANX, headers=keys(sandbox))).status_code


def ask_all(sandbox: Emulator) -> None:
    """A new order by each kind of client."""
    before = len(sandbox.orders())
    assert httpx.post(BAANX_URL, json=BAANX, headers=keys(sandbox)).status_code == 200
    assert asyncio.run(post_async(sandbox)) == 200
    signed = auth_for("changelly", sandbox.changelly)
    assert httpx.post(CHANGELLY_URL, json=CHANGELLY, auth=signed).status_code == 201
    answer = requests.post(BAANX_URL, json=BAANX, headers=keys(sandbox), timeout=20)
    assert (answer.status_code, answer.reason, answer.ok) == (200, "OK", True)
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.json()["orderId"] == sandbox.orders()[-1]["id"]
    with requests.Session() as session:
        session.headers.update({**keys(sandbox), "Content-Type": "application/json"})
        pieces = (
            piece for piece in (b'{"productId": "PRODUCT_ID_ABC", "payment', b'Method": "CRYPTO_EXTERNAL_DAIMO"}')
        )
        assert session.post(BAANX_URL, data=pieces, timeout=(20, 20)).status_code == 200
        assert session.post(BAANX_URL, data='{"productId": "é"}'.encode(), timeout=20).status_code == 422
    assert len(sandbox.orders()) == before + 5
