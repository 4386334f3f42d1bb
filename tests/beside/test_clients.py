"""The emulator's own httpx clients, and the emulator as a transport: over a socket and without one."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import respx

from emulator.testing import BackgroundServer, Emulator
from emulator.testing.types.names import Provider
from tests.beside.asking import BAANX, JSON, calls, is_let_in, koywe_orders


@pytest.fixture(scope="module", params=[True, False], ids=["sockets", "no sockets"])
def server(request: pytest.FixtureRequest) -> Iterator[BackgroundServer]:
    """A server in a thread."""
    with BackgroundServer(sockets=request.param) as running:
        yield running


@pytest.fixture
def sandbox(server: BackgroundServer) -> Iterator[Emulator]:
    """A sandbox of it."""
    with server.sandbox() as made:
        yield made


def test_each_provider_s_client_has_url_and_credentials_and_signs(sandbox: Emulator) -> None:
    for provider, method, path, arguments in calls(sandbox):
        with sandbox.client(provider) as client:
            answer = client.request(method, path, **arguments)
        assert is_let_in(answer), (provider, answer.text, sandbox.journal()[-1]["reason"])
    assert {each["provider"] for each in sandbox.orders()} == {"baanx", "basswallet", "changelly"}


def test_an_async_client_has_them_too(sandbox: Emulator) -> None:
    async def ask() -> None:
        for provider, method, path, arguments in calls(sandbox):
            async with sandbox.async_client(provider) as client:
                answer = await client.request(method, path, **arguments)
            assert is_let_in(answer), (provider, answer.text)

    asyncio.run(ask())


def test_headers_that_a_request_sets_itself_are_kept(sandbox: Emulator) -> None:
    own: dict[Provider, tuple[str, dict[str, str]]] = {
        "baanx": ("/v1/order/none", {"Authorization": "Bearer wrong"}),
        "basswallet": ("/v1/account/balance", {"Signature": "wrong"}),
        "changelly": ("/v1/providers", {"X-Api-Signature": "wrong"}),
        "koywe": (koywe_orders(sandbox), {"Authorization": "Bearer wrong"}),
    }
    for provider, (path, headers) in own.items():
        with sandbox.client(provider) as client:
            assert not is_let_in(client.get(path, headers=headers)), provider


def test_a_signature_is_made_of_what_is_sent(sandbox: Emulator) -> None:
    def forge(request: httpx.Request) -> None:
        request.url = request.url.copy_merge_params({"more": "1"})

    signed: dict[Provider, str] = {"basswallet": "/v1/account/balance", "changelly": "/v1/providers"}
    for provider, path in signed.items():
        with sandbox.client(provider, event_hooks={"request": [forge]}) as client:
            assert not is_let_in(client.get(path)), provider


def test_a_head_request_is_signed_like_a_get(sandbox: Emulator) -> None:
    with sandbox.client("basswallet") as client:
        answer = client.head("/v1/account/balance")
    assert (answer.status_code, answer.content) == (200, b"")


def test_a_client_of_koywe_signs_in_once_and_again_after_its_token_expired(sandbox: Emulator) -> None:
    def sign_ins() -> int:
        return int(sandbox.count({"kind": "request", "endpoint": "sign-in"})["count"])

    with sandbox.client("koywe") as client:
        for _ in range(3):
            assert client.get(koywe_orders(sandbox)).status_code == 200
        assert sign_ins() == 1
        sandbox.advance("2d")
        assert client.get(koywe_orders(sandbox)).status_code == 200
        assert sign_ins() == 2


def test_a_client_that_is_refused_tries_to_sign_in_only_once(sandbox: Emulator) -> None:
    sandbox.koywe.credentials["secret"] = "wrong"  # type: ignore[index]
    with sandbox.client("koywe") as client:
        assert client.get(koywe_orders(sandbox)).status_code == 401
    assert sandbox.count({"kind": "request", "endpoint": "sign-in"})["count"] == 1


def test_a_sign_in_answered_by_a_gateway_gives_no_token(sandbox: Emulator) -> None:
    for rule in ({"fault": "gateway", "status": 200}, {"fault": "malformed"}):
        sandbox.call("POST", "faults", {**rule, "endpoint": "sign-in", "provider": "koywe", "times": 1})
        with sandbox.client("koywe") as client:
            path = f"/api/v1/organizations/{sandbox.koywe.credentials['organization_id']}/merchants"
            assert client.get(path).status_code == 401
            assert client.get(path).status_code == 200


def test_a_body_that_cannot_be_signed_says_so(sandbox: Emulator) -> None:
    with sandbox.client("basswallet") as client, pytest.raises(ValueError, match="is not signed here: send data="):
        client.post("/v1/account/payment", files={"amount": b"5"})


def test_without_the_private_key_of_a_custom_key_no_client_signs(server: BackgroundServer) -> None:
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public = generate_private_key(65537, 2048).public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    with (
        server.sandbox(settings={"changelly": {"public_key": pem}}) as own,
        own.client("changelly") as client,
        pytest.raises(ValueError, match="the sandbox does not know"),
    ):
        client.get("/v1/providers")


def test_options_of_httpx_are_passed_on(sandbox: Emulator) -> None:
    with sandbox.client("baanx", headers={"X-Emulator-Scenario": "manual"}, auth=None) as client:
        assert client.get("/v1/order/none").status_code == 499
        assert client.headers["x-emulator-scenario"] == "manual"


def test_no_mock_catches_a_client(sandbox: Emulator) -> None:
    with respx.mock(assert_all_called=False) as router, sandbox.client("baanx") as client:
        assert client.post("/v1/order", json=BAANX).status_code == 200
        assert len(router.calls) == 0


@pytest.mark.parametrize("base", ["own", "https://api.baanx.com", "http://dev.api.baanx.com"])
def test_a_transport_accepts_the_provider_s_own_url_and_its_public_ones(sandbox: Emulator, base: str) -> None:
    base = sandbox.baanx.url if base == "own" else base
    keys = {"X-Client-ID": sandbox.baanx.credentials["client_id"], "Authorization": f"Bearer {token(sandbox)}"}
    with httpx.Client(transport=sandbox.transport(), headers=keys) as client:
        answer = client.post(f"{base}/v1/order", json=BAANX)
    assert answer.status_code == 200
    assert sandbox.orders()[0]["id"] == answer.json()["orderId"]

    async def ask() -> int:
        async with httpx.AsyncClient(transport=sandbox.transport(), headers=keys) as client:
            return (await client.post(f"{base}/v1/order", content=pieces(), headers=JSON)).status_code

    assert asyncio.run(ask()) == 200
    assert len(sandbox.orders()) == 2


async def pieces() -> Any:
    """A body of unknown length."""
    for piece in (b'{"productId": "PRODUCT_ID_ABC", ', b'"paymentMethod": "CRYPTO_EXTERNAL_DAIMO"}'):
        yield piece


def token(sandbox: Emulator) -> str:
    """The token of the user of Baanx."""
    return str(sandbox.baanx.credentials["token"])


BREAKS = {"reset": httpx.ReadError, "truncate": httpx.RemoteProtocolError, "timeout": httpx.ReadTimeout}


@pytest.mark.parametrize(("fault", "error"), BREAKS.items(), ids=BREAKS)
def test_a_broken_connection_is_raised_as_httpx_raises_it(
    sandbox: Emulator, fault: Any, error: type[Exception]
) -> None:
    sandbox.inject(fault, provider="baanx", when="after", times=2)
    with sandbox.client("baanx", timeout=0.2) as client, pytest.raises(error):
        client.post("/v1/order", json=BAANX)

    async def ask() -> None:
        async with sandbox.async_client("baanx", timeout=0.2) as client:
            with pytest.raises(error):
                await client.post("/v1/order", json=BAANX)

    asyncio.run(ask())
    assert len(sandbox.orders()) == 2


def test_to_a_stopped_emulator_httpx_cannot_connect() -> None:
    for sockets in (True, False):
        with BackgroundServer(sockets=sockets) as server:
            sandbox = server.sandbox()
        with sandbox.client("baanx") as client, pytest.raises(httpx.ConnectError):
            client.get("/v1/order/none")
        with pytest.raises(ConnectionError):
            sandbox.orders()


def test_in_the_emulator_s_own_event_loop_a_blocking_call_is_refused() -> None:
    with BackgroundServer(sockets=False) as server, server.sandbox() as sandbox:

        async def shop(scope: Any, receive: Any, send: Any) -> None:
            sandbox.orders()

        sandbox.receive_at("shop.test", shop)
        sandbox.set("basswallet", webhook_url="http://shop.test/hook")
        sandbox.make_order("basswallet")
        with pytest.raises(RuntimeError, match="use AsyncEmulator"):
            sandbox.advance("2m")


def test_a_whole_life_works_without_a_socket(tmp_path: Any) -> None:
    received: list[Any] = []

    async def shop(scope: Any, receive: Any, send: Any) -> None:
        received.append(scope["path"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})

    with BackgroundServer(sockets=False) as server, server.sandbox() as sandbox:
        sandbox.receive_at("shop.test", shop)
        sandbox.set("basswallet", webhook_url="http://shop.test/hook")
        order = sandbox.make_order("basswallet")
        sandbox.advance("2m")
        assert sandbox.order(order["id"])["status"] == "Success"
        assert received == ["/hook", "/hook"]
        assert sandbox.koywe.url == "http://localhost/koywe"
