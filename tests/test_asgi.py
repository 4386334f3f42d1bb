"""The whole emulator as one application, asked without a socket."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from emulator.asgi import create_app
from emulator.providers import NAMES
from emulator.web.application import Options
from emulator.web.asgi_door import BrokenConnection

ORDER = {"productId": "PRODUCT_ID_ABC", "paymentMethod": "CRYPTO_EXTERNAL_DAIMO"}
KEYS = {"X-Client-ID": "client-default", "Authorization": "Bearer user-default"}
CONTROL = "http://localhost/_emulator/sandboxes/default"


def ask(story: Callable[[httpx.AsyncClient], Awaitable[Any]], **options: Any) -> Any:
    """The result of a story played with its own application."""

    async def tell() -> Any:
        app = create_app(Options(clock="manual", self_check=True, **options))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), trust_env=False) as client:
            return await story(client)

    return asyncio.run(tell())


@pytest.mark.parametrize("base", ["http://localhost/baanx", "http://api.baanx.com", "https://api.baanx.com"])
def test_a_provider_is_reached_by_its_mount_and_by_its_host_name(base: str) -> None:
    async def story(client: httpx.AsyncClient) -> tuple[int, str]:
        created = await client.post(f"{base}/v1/order", json=ORDER, headers=KEYS)
        await client.post(f"{CONTROL}/clock/advance", json={"by": "10s"})
        read = await client.get(f"{base}/v1/order/{created.json()['orderId']}", headers=KEYS)
        return created.status_code, read.json()["status"]

    assert ask(story) == (200, "COMPLETED")


def test_addresses_lead_to_the_application() -> None:
    async def story(client: httpx.AsyncClient) -> Any:
        return (await client.get(CONTROL)).json()["urls"]

    assert ask(story)["koywe"] == "http://localhost/koywe"


def test_pages_and_control_api_are_there_and_guarded() -> None:
    async def story(client: httpx.AsyncClient) -> list[int]:
        calls = [("http://localhost/", {}), (CONTROL, {"Origin": "http://evil.test"}), ("http://evil.test/", {})]
        return [(await client.get(url, headers=headers)).status_code for url, headers in calls]

    assert ask(story) == [200, 403, 403]


@pytest.mark.parametrize("base", ["http://localhost", "https://emulator.test:8443"])
def test_webhooks_reach_the_built_in_receiver_without_a_socket(base: str) -> None:
    async def tell() -> Any:
        app = create_app(Options(clock="manual", self_check=True, allowed_host=("emulator.test",)), base_url=base)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=f"{base}/_emulator/sandboxes/default") as client:
            url = (await client.get("/receiver")).json()["url"]
            for provider in NAMES:
                await client.post(f"/commands/{provider}/test_webhook", json={"url": url})
            await client.post("/webhooks/wait", json={"count": len(NAMES)})
            return url, (await client.get("/receiver")).json()["received"]

    url, received = asyncio.run(tell())
    assert url == f"{base}/receiver/default"
    assert {each["provider"]: (each["verified"], each["reason"]) for each in received} == dict.fromkeys(
        NAMES, (True, None)
    )


def test_a_body_that_is_too_long_gets_the_provider_s_error() -> None:
    async def story(client: httpx.AsyncClient) -> int:
        return (await client.post("http://api.baanx.com/v1/order", content=b" " * 200_000, headers=KEYS)).status_code

    assert ask(story) == 413


@pytest.mark.parametrize(("fault", "words"), [("reset", "is reset"), ("truncate", "is cut")])
def test_without_a_socket_a_broken_connection_is_an_exception(fault: str, words: str) -> None:
    async def story(client: httpx.AsyncClient) -> list[str]:
        with pytest.raises(BrokenConnection, match=words):
            await client.post(
                "http://api.baanx.com/v1/order",
                json=ORDER,
                headers={**KEYS, "X-Emulator-Fault": f"{fault}; when=after"},
            )
        return [order["status"] for order in (await client.get(f"{CONTROL}/orders")).json()["orders"]]

    assert ask(story) == ["STARTED"]


@pytest.mark.parametrize("fault", ["truncate", "malformed", "gateway"])
def test_the_answer_to_a_head_request_has_no_body_whatever_the_fault(fault: str) -> None:
    async def story(client: httpx.AsyncClient) -> bytes:
        sent: list[Any] = []
        headers = {**KEYS, "X-Emulator-Fault": fault}
        request = client.build_request("HEAD", "http://api.baanx.com/v1/order/products/available", headers=headers)
        scope = {
            "type": "http", "http_version": "1.1", "scheme": "http", "method": request.method, "query_string": b"",
            "path": request.url.path, "raw_path": request.url.raw_path, "root_path": "", "headers": request.headers.raw,
            "server": ("api.baanx.com", 80), "client": ("127.0.0.1", 1),
        }  # fmt: skip

        async def receive() -> Any:
            return {"type": "http.request", "body": b""}

        async def send(message: Any) -> None:
            sent.append(message)

        with contextlib.suppress(BrokenConnection):
            await create_app(Options(clock="manual"))(scope, receive, send)
        assert sent[0]["type"] == "http.response.start"
        return b"".join(message["body"] for message in sent[1:])

    assert ask(story) == b""


def test_a_malformed_answer_has_the_length_it_declares() -> None:
    async def story(client: httpx.AsyncClient) -> httpx.Response:
        return await client.post(
            "http://api.baanx.com/v1/order", json=ORDER, headers={**KEYS, "X-Emulator-Fault": "malformed"}
        )

    answer = ask(story)
    assert int(answer.headers["content-length"]) == len(answer.content)
    with pytest.raises(ValueError):
        answer.json()


def test_a_fault_that_never_answers_ends_when_the_client_goes() -> None:
    async def story(client: httpx.AsyncClient) -> str:
        app = create_app(Options(clock="manual"))
        messages = [{"type": "http.request", "body": b""}, {"type": "http.disconnect"}]
        sent: list[Any] = []

        async def receive() -> Any:
            return messages.pop(0)

        async def send(message: Any) -> None:
            sent.append(message)

        headers = [(b"host", b"api.baanx.com"), (b"x-emulator-fault", b"timeout"), (b"x-client-id", b"client-default")]
        scope = {
            "type": "http", "method": "GET", "scheme": "http", "path": "/v1/order/x", "raw_path": b"/v1/order/x",
            "query_string": b"", "headers": headers, "root_path": "", "http_version": "1.1",
        }  # fmt: skip
        await app(scope, receive, send)
        return str(sent)

    assert ask(story) == "[]"


def test_with_a_lifespan_timers_fire_by_themselves() -> None:
    async def tell() -> str:
        app = create_app(Options(clock="real", rate="1000"))
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), trust_env=False) as client,
        ):
            created = (await client.post("http://api.baanx.com/v1/order", json=ORDER, headers=KEYS)).json()
            story = f"{CONTROL}/orders/{created['orderId']}"
            while (found := (await client.get(story)).json())["status"] != "COMPLETED":
                pass
            return str(found["status"])

    assert asyncio.run(asyncio.wait_for(tell(), 20)) == "COMPLETED"
