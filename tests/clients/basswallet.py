"""A client of BassWallet as merchants have it: one connection, every request stamped and signed.

It holds each answer to the published schema, so that all tests that use it check what is on the wire.
"""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

import httpx

from emulator import providers
from emulator.core import json_text
from emulator.engine import real_time
from emulator.testing import Emulator
from tests.clients.connected import Connected

JSON_TYPE = "application/json; charset=utf-8"
FORM_TYPE = "application/x-www-form-urlencoded"
BOUNDARY = "merchant-boundary"
_CARD = providers.load("basswallet")
_PAGES = ("/payin/", "/api/payin/")


def sign(text: str, secret: str) -> str:
    """HMAC-SHA256 over the UTF-8 bytes of a text, in lower-case hexadecimal."""
    return hmac.digest(secret.encode(), text.encode(), "sha256").hex()


def plain(parameters: Mapping[str, str]) -> str:
    """The values as they are, joined in order."""
    return "&".join(f"{name}={value}" for name, value in parameters.items())


def _multipart(parameters: Mapping[str, str]) -> bytes:
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in parameters.items()
    ]
    return f"{''.join(parts)}--{BOUNDARY}--\r\n".encode()


@dataclass(frozen=True)
class Style:
    """How a client writes a body and which text it signs."""

    content_type: str
    write: Callable[[Mapping[str, str]], bytes]
    text: Callable[[Mapping[str, str]], str]


STYLES = {
    "python": Style(FORM_TYPE, lambda parameters: urlencode(parameters).encode(), plain),
    "java": Style(FORM_TYPE, lambda parameters: plain(parameters).encode(), plain),
    "php": Style(f"multipart/form-data; boundary={BOUNDARY}", _multipart, lambda p: urlencode(p, quote_via=quote_plus)),
    "curl": Style(FORM_TYPE, lambda p: urlencode(p, quote_via=quote).encode(), lambda p: urlencode(p, quote_via=quote)),
    "json": Style("application/json", lambda parameters: json_text.encode(dict(parameters)), plain),
}


OUTSIDE = "TKjLDbk7LC9NXzRBCYahKa8pzMHRfahJjn"
"""An address on Tron that no sandbox has given out."""

VARIANTS: list[dict[str, Any]] = [{}, {"amount": "25.50"}, {"kind": "withdrawal"}]
"""Changes to the smallest create request that give an order of each kind."""


class Client(Connected):
    """A merchant's server."""

    def __init__(self, emulator: Emulator, *, word: str = "access", style: str = "python") -> None:
        """`word`: which of the sandbox's keys; `style`: which of the sample programs it follows."""
        access = emulator.basswallet
        super().__init__(access.url)
        self.access_key = f"{word}-{emulator.name}"
        self.secret = f"secret-{emulator.name}" if word == "access" else f"secret-{word}-{emulator.name}"
        self.style = style

    def create(
        self, headers: Mapping[str, str | None] | None = None, *, kind: str | None = None, **changes: str | None
    ) -> httpx.Response:
        """The smallest valid create call; `changes` replace parameters, None takes one out.

        `kind`: "withdrawal" for one in place of a payment.
        """
        if kind == "withdrawal":
            return self.withdraw(headers, **changes)
        parameters = {"tokenName": "USDT", "chainName": "Tron"} | changes
        return self.request("POST", "/v1/account/payment", parameters, headers=headers)

    def start(self, scenario: str = "manual", **changes: str | None) -> str:
        """Id of a new order that follows a scenario."""
        return self.order_id(self.create({"X-Emulator-Scenario": scenario}, **changes))

    def read(self, order_id: str) -> httpx.Response:
        """The order, as a query shows it."""
        return self.query(id=order_id)

    def query(self, **parameters: str | None) -> httpx.Response:
        """A query by `id`, by `businessId`, or both."""
        return self.request("GET", "/v1/account/order/query", parameters)

    def history(self, **parameters: str | None) -> httpx.Response:
        """The order history of payments, unless `type` says otherwise."""
        return self.request("GET", "/v1/account/order/history", {"type": "Payment"} | parameters)

    def withdraw(self, headers: Mapping[str, str | None] | None = None, **changes: str | None) -> httpx.Response:
        """A withdrawal of 50 USDT on Tron; `changes` replace parameters, None takes one out."""
        parameters = {"tokenName": "USDT", "chainName": "Tron", "toAddress": OUTSIDE, "amount": "50"} | changes
        return self.request("POST", "/v1/account/withdraw", parameters, headers=headers)

    def withdrawal(self, scenario: str | None = None, **changes: str | None) -> str:
        """Id of a new withdrawal, which follows a scenario."""
        return self.order_id(self.withdraw({"X-Emulator-Scenario": scenario}, **changes))

    def addresses(self, **changes: str | None) -> httpx.Response:
        """New deposit addresses on Tron, one unless `changes` say otherwise."""
        return self.request("POST", "/v1/account/address/create", {"chainName": "Tron"} | changes)

    def balance(self, token: str = "USDT") -> tuple[str, str] | None:
        """The free and the frozen amount of a token; None if it is not listed."""
        listed = self.data(self.request("GET", "/v1/account/balance"))
        return next(((each["free"], each["freeze"]) for each in listed if each["tokenName"] == token), None)

    def tokens(self, **parameters: str) -> httpx.Response:
        """The token list, which needs neither a timestamp nor a signature."""
        unstamped: dict[str, str | None] = {"timestamp": None, **parameters}
        return self.request("GET", "/v1/common/tokens", unstamped, headers={"Signature": None})

    def page(self, order_id: str) -> httpx.Response:
        """The order's hosted page, as the payer's browser gets it."""
        return self._http.get(httpx.URL(self.data(self.read(order_id))["redirectUrl"]).path)

    def pay_on_page(self, order_id: str, content: str = "") -> httpx.Response:
        """What the form of the hosted page sends."""
        path = httpx.URL(self.data(self.read(order_id))["redirectUrl"]).path
        return self._http.post(f"{path}/pay", content=content, headers={"Content-Type": FORM_TYPE})

    def order_id(self, created: httpx.Response) -> str:
        """The id in the answer to a create call that has succeeded."""
        return str(self.data(created)["id"])

    def status(self, order_id: str) -> str:
        """The provider's status of the order."""
        return str(self.data(self.read(order_id))["status"])

    def outcome(self, order_id: str) -> tuple[str, str | None]:
        """The status of the order, and the amount paid if it is shown."""
        order = self.data(self.read(order_id))
        return order["status"], None if "amountActual" not in order else str(order["amountActual"])

    def data(self, response: httpx.Response) -> Any:
        """The contents of a successful answer's envelope; numbers as they are written."""
        body = json_text.decode(response.content)
        assert response.status_code == 200, response.text
        assert body["code"] == 200, response.text
        return body["data"]

    def request(
        self,
        method: str,
        path: str,
        parameters: Mapping[str, str | None] | None = None,
        *,
        style: str | None = None,
        headers: Mapping[str, str | None] | None = None,
    ) -> httpx.Response:
        """Any call, stamped with the real time unless it says otherwise, and signed.

        `parameters` and `headers` replace what would be sent, None takes it out.
        """
        stamped = {"timestamp": str(real_time.now_ms())} | dict(parameters or {})
        # The stamp comes last, as in the samples of the docs, unless it was given.
        sent = {name: value for name, value in stamped.items() if value is not None}
        if parameters is None or "timestamp" not in parameters:
            sent["timestamp"] = sent.pop("timestamp")
        chosen = STYLES[style or self.style]
        signed = sign(chosen.text(sent), self.secret)
        if method in ("GET", "HEAD"):
            query = chosen.text(sent) if style in ("php", "curl") else urlencode(sent)
            return self.send(method, f"{path}?{query}", None, {"Signature": signed} | dict(headers or {}))
        usual = {"Signature": signed, "Content-Type": chosen.content_type}
        return self.send(method, path, chosen.write(sent), usual | dict(headers or {}))

    def send(
        self, method: str, target: str, content: bytes | None = None, headers: Mapping[str, str | None] | None = None
    ) -> httpx.Response:
        """A request as given, with the access key; an answer that is not a page is checked against its schema."""
        sent = {"API-Access-Key": self.access_key} | dict(headers or {})
        present = {name: value for name, value in sent.items() if value is not None}
        response = self._http.request(method, target, content=content, headers=present)
        if not response.request.url.path.startswith(_PAGES):
            check_answer(response)
        return response


def check_answer(response: httpx.Response) -> None:
    """Checks an answer against the schema of its endpoint, or that of errors."""
    if response.request.method == "HEAD":
        assert response.content == b""
        return
    assert response.headers["content-type"] == JSON_TYPE
    body = json_text.decode(response.content)
    name = "error"
    if body["code"] == 200:
        methods, _ = _CARD.routes.find(response.request.url.path.rpartition("/basswallet")[2])
        name = f"{methods[response.request.method].name}.response"
    violations = _CARD.schemas[name].violations(body)
    assert not violations, (name, body, violations)


def refused(response: httpx.Response) -> tuple[int, str]:
    """HTTP status and `msg` of a refusal."""
    body = response.json()
    assert body["code"] != 200, body
    return response.status_code, str(body["msg"])


# -- what tests over all providers ask of each

MALFORMED_STATUS = 400
"""What it answers to a body that cannot be read."""
A_MEMBER = "tokenName"
"""A text of the create call that has to be one of a few."""


def smallest() -> dict[str, Any]:
    """The body of the smallest create call, as JSON."""
    return {"tokenName": "USDT", "chainName": "Tron", "timestamp": str(real_time.now_ms())}


def send_create(client: Client, content: bytes, headers: Mapping[str, str], method: str = "POST") -> httpx.Response:
    """The create call with these bytes and an invalid signature."""
    return client.send(method, "/v1/account/payment", content, {"Signature": "00", **headers})


def authorize(emulator: Emulator) -> Callable[[str, str, bytes], dict[str, str]]:
    """What gives a request (method, URL, body) its headers."""
    access = emulator.basswallet.credentials

    def headers(method: str, url: str, body: bytes) -> dict[str, str]:
        signed = body.decode() if method == "POST" else url.partition("?")[2]
        return {"API-Access-Key": str(access["access_key"]), "Signature": sign(signed, str(access["secret_key"]))}

    return headers


def refuse(emulator: Emulator) -> None:
    """Sends a good order whose parameters are signed in alphabetical order, with the header `X-Note: kept`."""
    wanted = {"tokenName": "USDT", "chainName": "Tron", "amount": "25.50", "displayInfo": "Gold plan ñ"}
    parameters = {**wanted, "timestamp": str(real_time.now_ms())}
    with Client(emulator) as merchant:
        headers = {"Signature": sign(plain(dict(sorted(parameters.items()))), merchant.secret), "X-Note": "kept"}
        merchant.send("POST", "/v1/account/payment", urlencode(parameters).encode(), headers)


def tell(client: httpx.Client) -> None:
    """A few calls of every kind, as a client that signs by itself makes them."""
    wanted = {"tokenName": "USDT", "chainName": "Tron", "amount": "25.50"}
    made = client.post("/v1/account/payment", data=wanted)
    for _ in range(2):
        client.get("/v1/account/order/query", params={"id": made.json()["data"]["id"]})
    client.get("/v1/common/tokens")
    client.post("/v1/account/payment", data={**wanted, "tokenName": "NONE"})
