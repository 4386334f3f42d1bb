"""A Redis that hangs, that requires TLS and a password, and the ways to start an emulator with one."""

import asyncio
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme
from starlette.applications import Starlette

from emulator.asgi import create_app
from emulator.engine import real_time
from emulator.web.application import Options
from tests.command import Serving, emulator, in_process
from tests.polling import eventually
from tests.receivers import Receiver
from tests.redis_server import PASSWORD, RedisServer

BAANX = {"X-Client-ID": "client-default", "Authorization": "Bearer user-default", "X-Emulator-Scenario": "manual"}
ORDER = {"productId": "PRODUCT_ID_ABC", "paymentMethod": "CRYPTO_EXTERNAL_DAIMO"}
BOUNDED_MS = 15_000
"""So long an answer may take while Redis says nothing: it waits for a look at it that has begun, and for one more."""


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """Closes in the end what a test has opened."""
    with ExitStack() as opened:
        yield opened


def start(folder: Path, stack: ExitStack, *arguments: str) -> tuple[Serving, dict[str, Any]]:
    """A serving emulator, and what its ready file says."""
    serving = Serving(folder / f"ready-{len(list(folder.iterdir()))}", "--port", "0", *arguments)
    stack.callback(lambda: serving.end() if serving.process.poll() is None else None)
    return serving, serving.ready()


def create(baanx: str) -> httpx.Response:
    """The answer to a request for a new order."""
    return httpx.post(f"{baanx}/v1/order", json=ORDER, headers=BAANX, timeout=60)


def orders_at(control: str) -> list[str]:
    """Ids of all orders."""
    shown = httpx.get(f"{control}/sandboxes/default/orders", params={"limit": 1000}).json()["orders"]
    return [each["id"] for each in shown]


def test_while_redis_hangs_requests_are_refused_and_afterwards_served_again(
    tmp_path: Path, redis_server: RedisServer, stack: ExitStack
) -> None:
    (_, one), (_, other) = [start(tmp_path, stack, "--store", redis_server.url) for _ in range(2)]
    acknowledged = [create(each["urls"]["baanx"]).json()["orderId"] for each in (one, other) for _ in range(3)]
    redis_server.stand_still()
    try:
        asked_ms = real_time.stopwatch_ms()
        with ThreadPoolExecutor(6) as threads:
            refused = list(threads.map(create, [one["urls"]["baanx"], other["urls"]["baanx"]] * 3))
        assert {each.status_code for each in refused} == {503}
        assert {tuple(each.json()) for each in refused} == {("message",)}
        control = httpx.get(f"{other['control']}/sandboxes", timeout=60)
        assert (control.status_code, control.json()["error"]) == (503, "store-unavailable")
        assert real_time.stopwatch_ms() - asked_ms < 2 * BOUNDED_MS
        assert httpx.get(f"{one['control']}/health").status_code == 200
    finally:
        redis_server.go_on()
    for each in (one, other):
        eventually(lambda each=each: httpx.get(f"{each['control']}/ready", timeout=30).status_code == 200, 30)  # type: ignore[misc]
        acknowledged.append(create(each["urls"]["baanx"]).json()["orderId"])
    shown = orders_at(one["control"])
    assert len(shown) == len({*shown}) <= len(acknowledged) + len(refused)
    assert {*acknowledged} <= {*shown} and orders_at(other["control"]) == shown


def test_redis_can_be_reached_over_tls_and_its_password_is_shown_nowhere(
    tmp_path: Path, stack: ExitStack, encrypted: RedisServer
) -> None:
    authority = tmp_path / "redis" / "ca.pem"
    url = f"{encrypted.tls_url}?ssl_ca_certs={authority}"
    assert PASSWORD in url
    serving, ready = start(tmp_path / "emulator", stack, "--store", url)
    order = create(ready["urls"]["baanx"]).json()["orderId"]
    assert orders_at(ready["control"]) == [order]
    encrypted.kill()
    control = httpx.get(f"{ready['control']}/sandboxes", timeout=60)
    assert control.status_code == 503 and PASSWORD not in control.text
    journal = httpx.get(f"{ready['control']}/metrics", timeout=60)
    assert PASSWORD not in journal.text
    _, out, log = serving.end()
    assert "it cannot be reached" in log and PASSWORD not in log + out


def test_an_untrusted_certificate_of_redis_is_refused(tmp_path: Path, encrypted: RedisServer) -> None:
    refused = emulator("serve", "--port", "0", "--store", encrypted.tls_url)
    assert refused.returncode == 2
    assert "it cannot be reached" in refused.stderr and PASSWORD not in refused.stderr


def test_an_unknown_parameter_in_the_url_of_redis_is_refused() -> None:
    refused = in_process("serve", "--store", f"redis://:{PASSWORD}@127.0.0.1:6379/0?colour=red")
    assert refused.exit_code == 2
    assert "colour" in refused.stderr and "Traceback" not in refused.stderr and PASSWORD not in refused.stderr


@pytest.fixture
def encrypted(tmp_path: Path, running_redis: RedisServer) -> Iterator[RedisServer]:
    """A Redis that also speaks TLS."""
    folder = tmp_path / "redis"
    folder.mkdir()
    (tmp_path / "emulator").mkdir()
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    certificate = authority.issue_cert("localhost", "127.0.0.1")
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    certificate.cert_chain_pems[0].write_to_path(folder / "certificate.pem")
    server = RedisServer(folder, tls=True)
    yield server
    server.end()


def test_workers_serve_https_with_one_certificate(tmp_path: Path, redis_server: RedisServer, stack: ExitStack) -> None:
    folder = tmp_path / "authority"
    _, ready = start(
        tmp_path, stack, "--store", redis_server.url, "--workers", "3", "--tls", "--tls-port", "0",
        "--tls-ca-folder", str(folder),
    )  # fmt: skip
    order = create(ready["urls"]["baanx"]).json()["orderId"]
    trusted = ssl.create_default_context(cafile=ready["tls"]["ca"])
    for _ in range(10):  # a new connection each, so that each worker has its turn
        with httpx.Client(verify=trusted, trust_env=False) as client:
            shown = client.get(f"{ready['tls']['url']}/baanx/v1/order/{order}", headers=BAANX)
            assert shown.status_code == 200


@pytest.mark.parametrize("lifespan", [True, False])
def test_an_application_shares_a_store_with_a_process(
    tmp_path: Path, redis_server: RedisServer, stack: ExitStack, lifespan: bool
) -> None:
    _, ready = start(tmp_path, stack, "--store", redis_server.url)
    receiver = stack.enter_context(Receiver())
    there = httpx.Client(base_url=f"{ready['control']}/sandboxes/alice/")

    async def ask(app: Starlette, client: httpx.AsyncClient) -> None:
        made = await client.post("/_emulator/sandboxes", json={"name": "alice", "webhook_url": receiver.url})
        assert made.status_code == 201
        order = await client.post(
            "/_emulator/sandboxes/alice/orders", json={"provider": "basswallet", "scenario": "manual"}
        )
        identity = order.json()["id"]
        fired = await client.post(f"/_emulator/sandboxes/alice/orders/{identity}/events", json={"event": "expire"})
        assert fired.status_code == 200
        waited = await client.post("/_emulator/sandboxes/alice/webhooks/wait", json={"timeout": "20s"})
        assert waited.json()["complete"]
        assert there.get(f"orders/{identity}").status_code == 200
        changed = there.put("settings", json={"basswallet": {"webhook_restamp": False}})
        assert changed.status_code == 200
        shown = (await client.get("/_emulator/sandboxes/alice/settings")).json()
        assert shown["basswallet"]["webhook_restamp"] is False

    async def work() -> None:
        app = create_app(Options(store=redis_server.url))
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://localhost", trust_env=False, timeout=30
        ) as client:
            if lifespan:
                async with app.router.lifespan_context(app):
                    await ask(app, client)
            else:
                await ask(app, client)
                async with app.router.lifespan_context(app):
                    pass  # closes the store

    asyncio.run(work())
    there.close()
    assert receiver.received
