"""Any bytes get the provider's own answer, and nothing ever breaks."""

from collections.abc import Iterator

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator import providers
from emulator.core import json_text
from emulator.testing import BackgroundServer, Emulator
from tests.clients.baanx import Client
from tests.thorough import tries

CARD = providers.load("baanx")
UUID = "3d0f6c1e-9b7a-4f12-8c55-b7a1e2d94c01"
ENDPOINTS = {
    endpoint.name: (endpoint.method, endpoint.path)
    for endpoint in CARD.endpoints
    if endpoint.name != "sign-out"  # after it, no user is signed in
}
MEMBERS = sorted(
    {name for document in CARD.schemas.documents.values() for name in document.get("properties", {})}
    | {"__proto__", ""}
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=5
)
LIKELY = st.sampled_from(
    ["authorization_code", "refresh_token", "CRYPTO_EXTERNAL_DAIMO", "PRODUCT_ID_ABC", "user@a.test", "123456", "S256"]
)
BODIES = st.dictionaries(st.sampled_from(MEMBERS), LIKELY | VALUES, max_size=5).map(json_text.encode)
# What a server may be sent at all; other octets end the connection.
HEADER_VALUES = st.lists(st.integers(0x20, 0x7E) | st.integers(0x80, 0xFF), max_size=20).map(bytes).map(bytes.strip)
QUIET = settings(max_examples=tries(30), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def app(emulator_server: BackgroundServer) -> Iterator[Client]:
    with emulator_server.sandbox() as sandbox, Client(sandbox) as client:
        yield client


@pytest.fixture(scope="module")
def connection(emulator_server: BackgroundServer) -> Iterator[httpx.Client]:
    """A connection that adds nothing of its own."""
    with httpx.Client(base_url=emulator_server.server.addresses.urls()["baanx"], verify=False) as client:
        yield client


def path_of(endpoint: str) -> tuple[str, str]:
    method, path = ENDPOINTS[endpoint]
    return method, path.format(order_id="ord_1", request_id="1" * 43, webhook_id=UUID, event_id=UUID)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@QUIET
@given(content=BODIES | st.binary(max_size=60))
def test_the_provider_answers_any_body(app: Client, endpoint: str, content: bytes) -> None:
    method, path = path_of(endpoint)
    assert app.request(method, path, content=content).status_code < 500


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@QUIET
@given(query=st.dictionaries(st.sampled_from(MEMBERS), st.text(st.characters(exclude_categories=["Cs"])), max_size=8))
def test_the_provider_answers_any_query(app: Client, endpoint: str, query: dict[str, str]) -> None:
    method, path = path_of(endpoint)
    assert app.request(method, path, params=query).status_code < 500


@QUIET
@given(raw=st.binary(max_size=40).map(lambda octets: "".join(f"%{octet:02x}" for octet in octets)))
def test_the_provider_answers_any_order_id(app: Client, raw: str) -> None:
    assert app.request("GET", f"/v1/order/{raw}").status_code == 404


@QUIET
@given(
    name=st.sampled_from(["authorization", "content-type", "x-client-id", "x-client-key", "x-us-env"]),
    value=HEADER_VALUES,
)
def test_the_provider_answers_any_header(app: Client, connection: httpx.Client, name: str, value: bytes) -> None:
    headers = {b"x-client-key": app.client_id.encode(), b"authorization": f"Bearer {app.token}".encode()}
    headers[name.encode()] = value
    response = connection.post("/v1/order", headers=headers, content=b"{}")
    assert response.status_code in (401, 422, 498, 499)


def test_nothing_in_the_journal_says_that_the_emulator_failed(emulator: Emulator, client: Client) -> None:
    for content in (b"\x00", b"[" * 100_000, b'{"a":' * 300, b'{"productId":1e400000000}', b'{"productId":-0.0e-5}'):
        client.request("POST", "/v1/order", content=content)
        client.request("POST", "/v1/auth/login", content=content)
    assert [entry for entry in emulator.journal(kind="request") if entry["error"] == "internal"] == []
