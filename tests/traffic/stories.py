"""What a client does with each provider, a few calls of every sort."""

from collections.abc import Callable
from typing import Any

import httpx

from tests.clients.changelly import BUY
from tests.traffic.planted import BAD_REQUEST
from tests.traffic.stand_in import Recorder, StandIn

_MERCHANT = "/api/v1/organizations/org_default/merchants/mrc_default"


def tell(stand_in: StandIn, provider: str, by_way_of: str = "") -> dict[str, Any]:
    """HAR of the story of a provider. `by_way_of`: base URL of a proxy by which the client goes, after it has signed
    what it asks of the provider."""
    base_url = f"{stand_in.url}/{provider}"

    def detour(request: httpx.Request) -> None:
        request.url = httpx.URL(str(request.url).replace(base_url, by_way_of or base_url))
        request.headers["Host"] = request.url.netloc.decode()

    with stand_in.client(provider) as client:
        recorder = Recorder(provider, by_way_of or base_url)
        client.event_hooks = {"request": [detour], "response": [recorder]}
        _STORIES[provider](client)
    return recorder.har()


def _baanx(client: httpx.Client) -> None:
    made = client.post("/v1/order", json={"productId": "PRODUCT_ID_ABC", "paymentMethod": "CRYPTO_EXTERNAL_DAIMO"})
    for _ in range(2):
        client.get(f"/v1/order/{made.json()['orderId']}")
    client.get("/v1/order/products/available")
    client.post("/v1/order", json={})


def _basswallet(client: httpx.Client) -> None:
    made = client.post("/v1/account/payment", data={"tokenName": "USDT", "chainName": "Tron", "amount": "25.50"})
    for _ in range(2):
        client.get("/v1/account/order/query", params={"id": made.json()["data"]["id"]})
    client.get("/v1/common/tokens")
    client.post("/v1/account/payment", data={"tokenName": "NONE", "chainName": "Tron", "amount": "25.50"})


def _changelly(client: httpx.Client) -> None:
    client.post("/v1/orders", json=BUY)
    client.get("/v1/providers")
    for _ in range(2):
        client.get("/v1/orders")
    client.post("/v1/orders", json={**BUY, "country": "nowhere"})


def _koywe(client: httpx.Client) -> None:
    orders = f"{_MERCHANT}/orders"
    made = client.post(orders, json={**BAD_REQUEST, "paymentMethods": [{"method": "PSE"}]})
    for _ in range(2):
        client.get(f"{orders}/{made.json()['id']}")
    client.get("/api/v1/auth/me")
    client.post(orders, json=BAD_REQUEST)
    client.get("/api/v1/nowhere")
    client.delete(f"{orders}/{made.json()['id']}")


_STORIES: dict[str, Callable[[httpx.Client], None]] = {
    "baanx": _baanx,
    "basswallet": _basswallet,
    "changelly": _changelly,
    "koywe": _koywe,
}
