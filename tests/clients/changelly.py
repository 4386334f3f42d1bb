"""A client of Changelly Fiat as partners have it: one connection, every request signed over its URL and its body.

It shares no signing code with the emulator, and holds each answer to the published schema, so that all tests that use
it check what is on the wire.
"""

import base64
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from emulator import providers
from emulator.core import json_text
from emulator.testing import Emulator
from tests.clients.connected import Connected

ETH = "0x8cfbd31371e9bec8c82ae101e25bd9394c03a227"
JSON_TYPE = "application/json; charset=utf-8"
BUY = {
    "externalUserId": "122hd",
    "providerCode": "moonpay",
    "currencyFrom": "USD",
    "currencyTo": "ETH",
    "amountFrom": "150",
    "country": "EE",
    "walletAddress": ETH,
}
SELL = {
    "externalOrderId": "so-1",
    "externalUserId": "u-2",
    "providerCode": "moonpay",
    "currencyFrom": "ETH",
    "currencyTo": "EUR",
    "amountFrom": "0.5",
    "country": "DE",
}
_CARD = providers.load("changelly")


class Client(Connected):
    """A partner."""

    def __init__(self, emulator: Emulator, *, api_key: str | None = None, private_key: str | None = None) -> None:
        """`api_key`, `private_key` (PEM): by default those of the sandbox."""
        access = emulator.changelly
        super().__init__(access.url)
        self.api_key = api_key or str(access.credentials["api_key"])
        self.private_key = private_key or str(access.credentials["private_key"])

    def create(self, headers: Mapping[str, str | None] | None = None, **changes: Any) -> httpx.Response:
        """The smallest valid purchase; `changes` replace members, None takes one out."""
        return self.request("POST", "/v1/orders", _changed(BUY, changes), headers=headers)

    def sell(self, headers: Mapping[str, str | None] | None = None, **changes: Any) -> httpx.Response:
        """The smallest valid sale; `changes` replace members, None takes one out."""
        return self.request("POST", "/v1/sell/orders", _changed(SELL, changes), headers=headers)

    def start(self, scenario: str = "manual", **changes: Any) -> str:
        """Id of a new purchase that follows a scenario."""
        return self.order_id(self.create({"X-Emulator-Scenario": scenario}, **changes))

    def read(self, order_id: str) -> httpx.Response:
        """The list with one order, as polling shows it."""
        return self.request("GET", "/v1/orders", params={"orderId": order_id})

    def order(self, order_id: str) -> Any:
        """The order, as the list shows it."""
        [order] = json_text.decode(self.read(order_id).content)["orders"]
        return order

    def order_id(self, created: httpx.Response) -> str:
        """The id in the answer to a create call that has succeeded."""
        assert created.status_code == 201, created.text
        return str(created.json()["orderId"])

    def status(self, order_id: str) -> str:
        """The provider's status of the order."""
        return str(self.order(order_id)["status"])

    def patch(self, order_id: str, headers: Mapping[str, str | None] | None = None, **changes: Any) -> httpx.Response:
        """Changes a test order by hand; None clears a property."""
        return self.request("PATCH", f"/v1/sandbox/order/{order_id}", changes, headers=headers)

    def offers(self, **parameters: str | None) -> httpx.Response:
        """Offers for the smallest purchase; None takes a parameter out."""
        asked = {"currencyFrom": "USD", "currencyTo": "ETH", "amountFrom": "150", "country": "EE"}
        return self.request("GET", "/v1/offers", params=_changed(asked, parameters))

    def sell_offers(self, **parameters: str | None) -> httpx.Response:
        """Offers for the smallest sale; None takes a parameter out."""
        asked = {"currencyFrom": "ETH", "currencyTo": "EUR", "amountFrom": "0.5", "country": "DE"}
        return self.request("GET", "/v1/sell/offers", params=_changed(asked, parameters))

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content: bytes = b"",
        headers: Mapping[str, str | None] | None = None,
        params: Mapping[str, Any] | None = None,
        signed_base: str = "",
    ) -> httpx.Response:
        """Any call, signed. `headers` replace, None takes one out; `content` is a raw body; `signed_base` stands in the
        signed text in place of the base URL."""
        sent = json_text.encode(body) if body is not None else content
        request = self._http.build_request(method, path, content=sent, params=params)
        url = str(request.url)
        if signed_base:
            url = signed_base + request.url.raw_path.decode()
        request.headers["X-Api-Key"] = self.api_key
        request.headers["X-Api-Signature"] = sign(url.encode() + (sent or b"{}"), self.private_key)
        request.headers["Content-Type"] = "application/json"
        for name, value in (headers or {}).items():
            if value is None:
                del request.headers[name]
            else:
                request.headers[name] = value
        response = self._http.send(request)
        check_answer(response)
        return response


def sign(text: bytes, private_key: str) -> str:
    """Base64 of the RSA-SHA256 signature."""
    return base64.b64encode(_load(private_key).sign(text, PKCS1v15(), SHA256())).decode()


def check_answer(response: httpx.Response) -> None:
    """Checks an answer against the schema of its endpoint, or that of errors."""
    methods, _ = _CARD.routes.find(response.request.url.path.rpartition("/changelly")[2])
    endpoint = methods.get(response.request.method)
    if endpoint is not None and endpoint.page:
        assert response.headers["content-type"] == "text/html; charset=utf-8"
        return
    assert response.headers["content-type"] == JSON_TYPE
    body = json_text.decode(response.content)
    name = "error"
    if response.is_success:
        assert endpoint is not None
        name = f"{endpoint.name}.response"
    violations = _CARD.schemas[name].violations(body)
    assert not violations, (name, body, violations)


@cache
def _load(private_key: str) -> RSAPrivateKey:
    key = load_pem_private_key(private_key.encode(), None)
    assert isinstance(key, RSAPrivateKey)
    return key


def _changed(members: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**members, **changes}.items() if value is not None}


# -- what tests over all providers ask of each

MALFORMED_STATUS = 400
"""What it answers to a body that cannot be read."""
A_MEMBER = "currencyTo"
"""A text of the create call that has to be one of a few."""


def smallest() -> dict[str, Any]:
    """The body of the smallest create call."""
    return dict(BUY)


def send_create(client: Client, content: bytes, headers: Mapping[str, str], method: str = "POST") -> httpx.Response:
    """The create call with these bytes, signed over them even where the provider signs `{}`."""
    signed = (client.url + "/v1/orders").encode() + content
    sent = {"X-Api-Signature": sign(signed, client.private_key), **headers}
    return client.request(method, "/v1/orders", content=content, headers=sent)


def authorize(emulator: Emulator) -> Callable[[str, str, bytes], dict[str, str]]:
    """What gives a request (method, URL, body) its headers."""
    access = emulator.changelly.credentials

    def headers(method: str, url: str, body: bytes) -> dict[str, str]:
        signed = url.encode() + (body if body.strip() and method != "GET" else b"{}")
        return {"X-Api-Key": str(access["api_key"]), "X-Api-Signature": sign(signed, str(access["private_key"]))}

    return headers


def refuse(emulator: Emulator) -> None:
    """Sends a good order that is signed without its URL, with the header `X-Note: kept`."""
    with Client(emulator) as partner:
        signature = sign(json_text.encode(BUY), partner.private_key)
        partner.create(headers={"X-Api-Signature": signature, "X-Note": "kept"})


def tell(client: httpx.Client) -> None:
    """A few calls of every kind, as a client that signs by itself makes them."""
    client.post("/v1/orders", json=BUY)
    client.get("/v1/providers")
    for _ in range(2):
        client.get("/v1/orders")
    client.post("/v1/orders", json={**BUY, "country": "nowhere"})
