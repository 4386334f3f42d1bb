"""The answer to any input is the provider's own, and never a failure of the emulator."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.contract.request import Request
from emulator.core import json_text
from emulator.engine.engine import Engine
from emulator.providers.changelly.errors import ERRORS
from emulator.web.application import Options
from emulator.web.library import load_library
from emulator.web.server import Server
from tests.clients.changelly import BUY, SELL

# One event loop for all: to make one takes longer than an answer.
RUNNER = asyncio.Runner()
CALLS = {
    "create-order": ("POST", "/v1/orders"),
    "create-sell-order": ("POST", "/v1/sell/orders"),
    "validate-address": ("POST", "/v1/validate-address"),
    "update-sandbox-order": ("PATCH", "/v1/sandbox/order/{id}"),
    "resend-callback": ("POST", "/v1/sandbox/order/{id}/resend-callback"),
    "press-checkout": ("POST", "/checkout/moonpay/{id}"),
}
LISTS = ["/v1/orders", "/v1/offers", "/v1/sell/offers", "/v1/currencies", "/v1/available-countries", "/v1/providers"]
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.sampled_from(["", "USD", "ETH", "EE", "US", "CA", "1", "0.1", "complete", "moonpay", "card", "::1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
NAMES = sorted({*BUY, *SELL, "state", "ip", "walletExtraId", "refundAddress", "paymentMethod", "userAgent", "metadata",
                "returnSuccessUrl", "returnFailedUrl", "offerId", "callbackUrl", "status", "amountTo", "payinAmount",
                "payoutAmount", "payinCurrency", "payoutCurrency", "currency", "extraId"})  # fmt: skip
FEW = settings(max_examples=40)
HEADERS = st.dictionaries(
    st.sampled_from(["host", "x-sandbox-fault", "x-forwarded-host", "x-forwarded-proto", "x-api-signature"]),
    st.text(st.characters(max_codepoint=255)) | st.sampled_from(["http", "a b", "x/y?z#", "timeout@wert", "\xff:99"]),
)


@pytest.fixture(scope="module")
def engine() -> Engine:
    """An engine in which signatures are not looked at, and every answer must fit its schema."""
    library, folders = load_library()
    folders.load()
    wanted = {"changelly": {"signatureCheck": "off", "trustProxy": True, "acceptCallbackUrl": True}}
    engine = Server(Options(port=0, self_check=True, settings=wanted), library, folders).engine
    RUNNER.run(engine.open())
    return engine


def ask(
    engine: Engine, method: str, path: str, *, query: str = "", body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[int, bytes]:
    """The answer to a partner's request; the schema of the answer is checked by the engine."""
    sent = {"x-api-key": "key-default", "host": "127.0.0.1", **(headers or {})}
    request = Request(method, f"{path}?{query}" if query else path, path, query, sent, body)
    reply = RUNNER.run(engine.answer(engine.library.providers["changelly"], request))
    if reply.body.startswith(b"<!doctype"):
        assert path.startswith("/checkout/"), path
        assert reply.status in (200, 404), reply.body
        return reply.status, reply.body
    if reply.status >= 400:
        error = json_text.decode(reply.body)
        assert list(error) == ["errorType", "errorMessage", "errorDetails"], reply.body
        assert error["errorType"] in ERRORS
        assert reply.status < 500, reply.body
    return reply.status, reply.body


@pytest.fixture(scope="module")
def order_id(engine: Engine) -> str:
    status, body = ask(engine, "POST", "/v1/orders", body=json_text.encode(BUY))
    assert status == 201
    return str(json_text.decode(body)["orderId"])


@FEW
@given(body=st.binary(), headers=HEADERS)
@pytest.mark.parametrize("name", CALLS)
def test_the_provider_answers_any_bytes(
    engine: Engine, order_id: str, name: str, body: bytes, headers: dict[str, str]
) -> None:
    method, path = CALLS[name]
    ask(engine, method, path.format(id=order_id), body=body, headers=_without_faults(headers))


@FEW
@given(changes=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4))
@pytest.mark.parametrize("name", ["create-order", "create-sell-order", "validate-address", "update-sandbox-order"])
def test_the_provider_answers_any_members(engine: Engine, order_id: str, name: str, changes: dict[str, Any]) -> None:
    method, path = CALLS[name]
    usual = {"create-order": BUY, "create-sell-order": SELL}.get(name, {})
    ask(engine, method, path.format(id=order_id), body=json_text.encode({**usual, **changes}))
    ask(engine, "GET", "/v1/orders", query=f"orderId={order_id}")


@FEW
@given(query=st.text(st.characters(max_codepoint=255)) | st.text("&=[]%+0aZ.-:"))
@pytest.mark.parametrize("path", LISTS)
def test_the_provider_answers_any_query(engine: Engine, path: str, query: str) -> None:
    names = "currencyFrom=USD&currencyTo=ETH&amountFrom=150&country=EE&"
    ask(engine, "GET", path, query=query)
    ask(engine, "GET", path, query=names + query)


@FEW
@given(path=st.text(st.characters(max_codepoint=127)), method=st.sampled_from(["GET", "POST", "PATCH", "DELETE"]))
@pytest.mark.parametrize("start", ["/", "/v1/", "/v1/sandbox/order/", "/checkout/moonpay/", "/checkout/"])
def test_the_provider_answers_any_path(engine: Engine, start: str, path: str, method: str) -> None:
    ask(engine, method, start + path, body=b"{}")


@FEW
@given(headers=HEADERS, key=st.text(st.characters(max_codepoint=255)))
def test_the_provider_answers_any_headers(engine: Engine, headers: dict[str, str], key: str) -> None:
    ask(engine, "GET", "/v1/providers", headers={**_without_faults(headers), "x-api-key": key})
    ask(engine, "POST", "/v1/orders", headers=_without_faults(headers), body=json_text.encode(BUY))


def _without_faults(headers: dict[str, str]) -> dict[str, str]:
    """A fault that is asked for may well be 500."""
    return {name: value for name, value in headers.items() if not value.startswith("internalServerError")}
