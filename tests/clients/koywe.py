"""A client of Koywe as backends have it: signs in once, keeps the token, one connection for everything.

It holds each answer to the published schema, so that all tests that use it check what is on the wire, and asks of each
refusal for its true reason.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import httpx

from emulator import providers
from emulator.core import json_text
from emulator.providers.koywe.sign_in.tokens import make_token
from emulator.testing import Emulator
from tests.clients.connected import Connected

JSON_TYPE = "application/json; charset=utf-8"
SIGN_IN = "/api/v1/auth/sign-in"
EXPLAIN = {"X-Emulator-Explain": "1"}
"""Asks for the true reason of each refusal."""
_CARD = providers.load("koywe")

_NOT_PAYIN: dict[str, Any] = {"paymentMethods": None}
VARIANTS: tuple[dict[str, Any], ...] = (
    {},
    {"type": "PAYMENT_LINK", "paymentMethods": []},
    {**_NOT_PAYIN, "type": "PAYOUT", "destinationAccountId": "acc_00000000-0000-4000-8000-000000000201"},
    {**_NOT_PAYIN, "type": "BALANCE_TRANSFER", "destinationCurrencySymbol": "USD"},
    {**_NOT_PAYIN, "type": "INTER_MERCHANT_TRANSFER"},
    {
        **_NOT_PAYIN,
        "type": "ONRAMP",
        "destinationCurrencySymbol": "USDC",
        "destinationAccountId": "acc_00000000-0000-4000-8000-000000000251",
    },
    {
        "type": "ONRAMP",
        "destinationCurrencySymbol": "USDC",
        "destinationAccountId": "acc_00000000-0000-4000-8000-000000000251",
    },
    {**_NOT_PAYIN, "type": "OFFRAMP", "originCurrencySymbol": "USDC", "amountIn": 100},
)
"""Changes to the smallest create request that give an order of each kind."""


class Client(Connected):
    """A merchant's backend."""

    def __init__(self, emulator: Emulator, *, api_key: str | None = None, merchant_id: str | None = None) -> None:
        """`api_key` and `merchant_id`: by default those of the sandbox."""
        access = emulator.koywe
        super().__init__(access.url)
        self.api_key = api_key or str(access.credentials["api_key"])
        self.secret = str(access.credentials["secret"])
        self.organization_id = str(access.credentials["organization_id"])
        self.merchant_id = merchant_id or str(access.credentials["merchant_id"])
        self.token: str | None = None

    @property
    def organization(self) -> str:
        """Path of the organization."""
        return f"/api/v1/organizations/{self.organization_id}"

    @property
    def merchant(self) -> str:
        """Path of the merchant."""
        return f"{self.organization}/merchants/{self.merchant_id}"

    def create(self, headers: Mapping[str, str | None] | None = None, **changes: Any) -> httpx.Response:
        """The smallest valid PAYIN; `changes` replace members, None removes one.

        A transfer to another merchant goes to a new one if none is named.
        """
        if changes.get("type") == "INTER_MERCHANT_TRANSFER" and "destinationMerchantId" not in changes:
            changes["destinationMerchantId"] = self.make_merchant()
        body = smallest() | changes
        present = {name: value for name, value in body.items() if value is not None}
        return self.request("POST", f"{self.merchant}/orders", present, headers=headers)

    def make_merchant(self, name: str = "Other Store", country: str = "CL") -> str:
        """Id of a new merchant of the same organization."""
        made = self.request("POST", f"{self.organization}/merchants", {"name": name, "countrySymbol": country})
        assert made.is_success, made.text
        return str(made.json()["id"])

    def read_account(self, currency: str) -> str:
        """Id of the merchant's virtual account in a currency."""
        return next(str(each["id"]) for each in self.get("/accounts/balances") if each["currency"] == currency)

    def read(self, order_id: str) -> httpx.Response:
        """The order, as polling shows it."""
        return self.request("GET", f"{self.merchant}/orders/{order_id}")

    def order_id(self, created: httpx.Response) -> str:
        """The id in the answer to a create call that has succeeded."""
        assert created.status_code in (200, 201), created.text
        return str(created.json()["id"])

    def status(self, order_id: str) -> str:
        """The provider's status of the order."""
        return str(self.read(order_id).json()["status"])

    def balances(self, currency: str = "COP") -> tuple[Any, Any, Any]:
        """The available, pending and reserved balance of the merchant's virtual account, each a Decimal."""
        for row in self.get("/bank-accounts/balances"):
            if row["currencySymbol"] == currency:
                parts = (row["availableBalance"], row["pendingBalance"], row["reservedBalance"])
                return (Decimal(parts[0]), Decimal(parts[1]), Decimal(parts[2]))
        raise LookupError(f"no virtual account in {currency}")

    def get(self, path: str, **query: Any) -> Any:
        """The body of a successful read below the merchant's path; numbers as they were written."""
        response = self.request("GET", self.merchant + path, params=query)
        assert response.status_code == 200, response.text
        return json_text.decode(response.content)

    def post(self, path: str, body: Any = None) -> Any:
        """The body of a successful write below the merchant's path."""
        response = self.request("POST", self.merchant + path, body)
        assert response.is_success, response.text
        return json_text.decode(response.content)

    def sign_in(self, **changes: Any) -> httpx.Response:
        """A sign-in; `changes` replace members of its body, None takes one out."""
        body = {"apiKey": self.api_key, "secret": self.secret} | changes
        present = {name: value for name, value in body.items() if value is not None}
        return self.request("POST", SIGN_IN, present, headers={"Authorization": None})

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str | None] | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> httpx.Response:
        """Any call with the token, repeated with a new one after a 401.

        `headers` replace, None removes one; `content` is a raw body.
        """
        content = json_text.encode(body) if body is not None else content
        given = headers or {}
        if "Authorization" in given:
            return self._send(method, path, content, given, params)
        response = self._send(method, path, content, {**self._authorization(), **given}, params)
        if response.status_code == 401:
            self.token = None
            response = self._send(method, path, content, {**self._authorization(), **given}, params)
        return response

    def _send(
        self,
        method: str,
        path: str,
        content: bytes | None,
        headers: Mapping[str, str | None],
        params: Mapping[str, Any] | None,
    ) -> httpx.Response:
        sent = {"Content-Type": "application/json", **EXPLAIN, **headers}
        present = {name: value for name, value in sent.items() if value is not None}
        response = self._http.request(method, path, headers=present, content=content, params=params)
        check_answer(response)
        return response

    def _authorization(self) -> dict[str, str]:
        if self.token is None:
            self.token = str(self.sign_in().json()["token"])
        return {"Authorization": f"Bearer {self.token}"}


def check_answer(response: httpx.Response) -> None:
    """Checks an answer against the schema of its endpoint, or that of errors; pages and empty answers have none."""
    if response.request.method == "HEAD":
        assert response.content == b""
        return
    path = response.request.url.raw_path.partition(b"?")[0].decode("ascii")
    methods, _ = _CARD.routes.find(path.rpartition("/koywe")[2])
    endpoint = methods.get(response.request.method)
    if response.status_code == 204:
        assert response.content == b""
        return
    if endpoint is not None and endpoint.page and response.status_code != 404 and response.status_code < 422:
        assert response.headers["content-type"] == "text/html; charset=utf-8"
        return
    assert response.headers["content-type"] == JSON_TYPE, response.text
    body = json_text.decode(response.content)
    if response.status_code >= 400 and response.request.headers.get("X-Emulator-Explain") == "1":
        reason = response.headers.get("X-Emulator-Reason")
        assert reason, body
        assert reason != body["message"], "the true reason says more than the message"
    name = "error"
    if endpoint is not None:
        name = f"{endpoint.name}.response" if response.status_code < 400 else endpoint.error_schema
    violations = _CARD.schemas[name].violations(body)
    assert not violations, (name, body, violations)


# -- what tests over all providers ask of each

MALFORMED_STATUS = 400
"""What it answers to a body that cannot be read."""
A_MEMBER = "type"
"""A text of the create call that has to be one of a few."""


def smallest() -> dict[str, Any]:
    """The body of the smallest create call."""
    return {
        "type": "PAYIN",
        "originCurrencySymbol": "COP",
        "destinationCurrencySymbol": "COP",
        "amountIn": 50000,
        "paymentMethods": [{"method": "PSE"}],
    }


def send_create(client: Client, content: bytes, headers: Mapping[str, str], method: str = "POST") -> httpx.Response:
    """The create call with these bytes."""
    return client.request(method, f"{client.merchant}/orders", content=content, headers=headers)


def authorize(emulator: Emulator) -> Callable[[str, str, bytes], dict[str, str]]:
    """What gives a request (method, URL, body) its headers."""
    with Client(emulator) as client:
        headers = {"Authorization": f"Bearer {client.sign_in().json()['token']}"}
    return lambda method, url, body: headers


def refuse(emulator: Emulator) -> None:
    """Sends a good order with an expired token, with the header `X-Note: kept`."""
    with Client(emulator) as backend:
        old = emulator.call("GET", "clock")["now_ms"] - 7_200_000
        token = make_token(backend.api_key, backend.organization_id, old)
        headers = {"Authorization": f"Bearer {token}", "X-Note": "kept"}
        backend.create(headers=headers, description="ñ 'a' \"b\" €")


def tell(client: httpx.Client) -> None:
    """A few calls of every kind, as a client that signs by itself makes them."""
    orders = "/api/v1/organizations/org_default/merchants/mrc_default/orders"
    made = client.post(orders, json=smallest())
    for _ in range(2):
        client.get(f"{orders}/{made.json()['id']}")
    client.get("/api/v1/auth/me")
    client.post(orders, json={**smallest(), "paymentMethods": "PSE"})
    client.get("/api/v1/nowhere")
    client.delete(f"{orders}/{made.json()['id']}")
