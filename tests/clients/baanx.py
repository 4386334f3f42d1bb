"""A client of Baanx as apps have it: one connection, the client key and the bearer token on every request.

It holds each answer to the published schema, so that all tests that use it check what is on the wire.
"""

from collections.abc import Callable, Mapping
from typing import Any

import httpx

from emulator import providers
from emulator.core import json_text
from emulator.testing import Emulator
from tests.clients.connected import Connected

JSON_TYPE = "application/json; charset=utf-8"
HTML_TYPE = "text/html; charset=utf-8"
_CARD = providers.load("baanx")


class Client(Connected):
    """An app with a signed-in user."""

    def __init__(self, emulator: Emulator, *, token: str | None = None) -> None:
        """`token`: the user's bearer token, by default the sandbox's ready one; "" sends none."""
        access = emulator.baanx
        super().__init__(access.url)
        self.client_id = str(access.credentials["client_id"])
        self.token = str(access.credentials["token"]) if token is None else token

    def create(self, headers: Mapping[str, str | None] | None = None, **changes: Any) -> httpx.Response:
        """The smallest valid create call; `changes` replace members, None takes one out."""
        body = smallest() | changes
        present = {name: value for name, value in body.items() if value is not None}
        return self.request("POST", "/v1/order", present, headers=headers)

    def read(self, order_id: str) -> httpx.Response:
        """The order, as polling shows it."""
        return self.request("GET", f"/v1/order/{order_id}")

    def order_id(self, created: httpx.Response) -> str:
        """The id in the answer to a create call that has succeeded."""
        assert created.status_code == 200, created.text
        return str(created.json()["orderId"])

    def start(self, product: str = "PRODUCT_ID_ABC", scenario: str = "manual") -> str:
        """Id of a new order that follows a scenario."""
        return self.order_id(self.create({"X-Emulator-Scenario": scenario}, productId=product))

    def status(self, order_id: str) -> str:
        """The provider's status of the order."""
        return str(self.read(order_id).json()["status"])

    def login(self, email: str, password: str = "sandbox", **more: Any) -> httpx.Response:
        """A login call; `more` are further members, as `otpCode`."""
        return self.request("POST", "/v1/auth/login", {"email": email, "password": password, **more})

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str | None] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Any call with the client's credentials. `headers` replace, None takes one out; `content` is a raw body."""
        sent: dict[str, str | None] = {
            "X-Client-ID": self.client_id,
            "Authorization": f"Bearer {self.token}" if self.token else None,
            "Content-Type": "application/json",
            "x-us-env": "false",
        }
        sent |= headers or {}
        response = self._http.request(
            method,
            path,
            headers={name: value for name, value in sent.items() if value is not None},
            content=json_text.encode(body) if body is not None else content,
            params=params,
        )
        check_answer(response)
        return response


def check_answer(response: httpx.Response) -> None:
    """Checks an answer against the schema of its endpoint, or that of errors."""
    if response.request.method == "HEAD":
        assert response.content == b""
        return
    methods, _ = _CARD.routes.find(response.request.url.path.rpartition("/baanx")[2])
    endpoint = methods.get(response.request.method)
    if endpoint is not None and endpoint.page and response.headers["content-type"] != JSON_TYPE:
        assert response.headers["content-type"] == HTML_TYPE
        return
    if endpoint is not None and endpoint.content_type and response.status_code < 400:
        assert response.headers["content-type"] == endpoint.content_type
        return
    assert response.headers["content-type"] == JSON_TYPE
    body = json_text.decode(response.content)
    name = "error"
    if endpoint is not None:
        name = f"{endpoint.name}.response" if response.status_code < 400 else endpoint.error_schema
    violations = _CARD.schemas[name].violations(body)
    assert not violations, (name, body, violations)


# -- what tests over all providers ask of each

MALFORMED_STATUS = 422
"""What it answers to a body that cannot be read."""
A_MEMBER = "productId"
"""A text of the create call that has to be one of a few."""


def smallest() -> dict[str, Any]:
    """The body of the smallest create call, as JSON."""
    return {"productId": "PRODUCT_ID_ABC", "paymentMethod": "CRYPTO_EXTERNAL_DAIMO"}


def send_create(client: Client, content: bytes, headers: Mapping[str, str], method: str = "POST") -> httpx.Response:
    """The create call with these bytes."""
    return client.request(method, "/v1/order", content=content, headers=headers)


def authorize(emulator: Emulator) -> Callable[[str, str, bytes], dict[str, str]]:
    """What gives a request (method, URL, body) its headers."""
    access = emulator.baanx.credentials
    headers = {"X-Client-ID": str(access["client_id"]), "Authorization": f"Bearer {access['token']}"}
    return lambda method, url, body: headers


def refuse(emulator: Emulator) -> None:
    """Sends a good order whose token has no scheme, with the header `X-Note: kept`."""
    access = emulator.baanx.credentials
    headers = {"X-Client-ID": str(access["client_id"]), "Authorization": str(access["token"]), "X-Note": "kept"}
    httpx.post(f"{emulator.baanx.url}/v1/order", json=smallest(), headers=headers)


def tell(client: httpx.Client) -> None:
    """A few calls of every kind, as a client that signs by itself makes them."""
    made = client.post("/v1/order", json=smallest())
    for _ in range(2):
        client.get(f"/v1/order/{made.json()['orderId']}")
    client.get("/v1/order/products/available")
    client.post("/v1/order", json={})
