"""Tests that mock HTTP for other services, forbid sockets or run behind a proxy: none of that affects the emulator's
own calls and webhooks.
"""

import subprocess
import sys
import unittest.mock
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
import responses
import respx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from emulator.testing import BackgroundServer, Emulator
from tests.beside.orders import create_basswallet, outcomes
from tests.receivers import Receiver

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def server() -> Iterator[BackgroundServer]:
    """Started before anything was mocked."""
    with BackgroundServer() as running:
        yield running


def live(server: BackgroundServer) -> None:
    """Control calls, and webhooks to a socket, an ASGI and a WSGI application, each sandbox in a different way."""
    with Receiver() as receiver, server.sandbox() as sandbox:
        expect_webhooks(sandbox, receiver.url)
        assert len(receiver.received) == 2
    with Emulator.create(server.server.addresses.control, name="by-url") as sandbox, Receiver() as receiver:
        expect_webhooks(sandbox, receiver.url.replace("127.0.0.1", "localhost"))
    for app in (asgi_app(), wsgi_app):
        with server.sandbox() as sandbox, sandbox.receive_at("shop.test", app):
            expect_webhooks(sandbox, "http://shop.test/hook")


def expect_webhooks(sandbox: Emulator, url: str) -> None:
    """Creates an order whose two webhooks arrive there."""
    sandbox.set("basswallet", webhook_url=url)
    create_basswallet(sandbox)
    sandbox.advance("2m")
    assert outcomes(sandbox) == [("delivered", 200)] * 2


def asgi_app() -> Starlette:
    """Takes every webhook."""

    async def take(request: Request) -> Response:
        return Response("ok")

    return Starlette(routes=[Route("/hook", take, methods=["POST"])])


def wsgi_app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Takes every webhook."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"ok"]


MOCKS: dict[str, AbstractContextManager[Any]] = {
    "respx": respx.mock(assert_all_called=False),
    "respx at httpx": respx.mock(using="httpx", assert_all_called=False),
    "responses": responses.RequestsMock(assert_all_requests_are_fired=False),
}


@pytest.mark.parametrize("mock", MOCKS.values(), ids=MOCKS)
def test_a_mock_does_not_catch_the_emulator_s_own_calls(
    server: BackgroundServer, mock: AbstractContextManager[Any]
) -> None:
    with mock as caught:
        live(server)
        with BackgroundServer() as started_meanwhile:
            live(started_meanwhile)
        assert len(caught.calls) == 0


def test_a_mock_of_sockets_does_not_catch_the_emulator_s_own_calls(server: BackgroundServer) -> None:
    caught = RuntimeError("the mock has caught it")
    with (
        server.sandbox(name="kept") as kept,
        unittest.mock.patch("socket.socket", side_effect=caught),
        unittest.mock.patch("socket.create_connection", side_effect=caught),
        unittest.mock.patch("socket.getaddrinfo", side_effect=caught),
        server.sandbox(name="meanwhile") as meanwhile,
    ):
        for sandbox in (kept, meanwhile):
            with sandbox.receive_at("shop.test", asgi_app()):
                expect_webhooks(sandbox, "http://shop.test/hook")


def test_the_test_s_own_calls_stay_mocked(server: BackgroundServer) -> None:
    with respx.mock as router, responses.RequestsMock() as other, server.sandbox() as sandbox:
        router.get("http://upstream.test/").respond(418)
        other.get("http://upstream.test/", status=418)
        assert sandbox.orders() == []
        assert httpx.get("http://upstream.test/").status_code == 418
        assert requests.get("http://upstream.test/", timeout=5).status_code == 418


@pytest.mark.parametrize(
    "proxies",
    [
        {"HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"},
        {"ALL_PROXY": "socks5://127.0.0.1:9", "all_proxy": "socks5://127.0.0.1:9"},
        {"ALL_PROXY": "nonsense", "NO_PROXY": "nonsense:::", "no_proxy": "::/"},
    ],
    ids=["HTTP", "SOCKS", "nonsense"],
)
def test_no_proxy_from_the_environment_is_used(monkeypatch: pytest.MonkeyPatch, proxies: dict[str, str]) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name, value in proxies.items():
        monkeypatch.setenv(name, value)
    with BackgroundServer() as server:
        live(server)


WITH_PLUGINS = """
import pytest
import socket
from pytest_socket import SocketConnectBlockedError

from tests.beside.test_mocks import live

@pytest.mark.filterwarnings("ignore:A test tried to use socket")
def test_with_sockets_blocked_except_loopback_the_emulator_works(emulator_server):
    live(emulator_server)
    with pytest.raises(SocketConnectBlockedError), socket.socket() as other:
        other.connect(("192.0.2.1", 80))

def test_with_httpx_mocked_the_emulator_works(emulator_server, httpx_mock):
    live(emulator_server)
    assert httpx_mock.get_requests() == []

def test_the_server_survives_mocks(emulator_server):
    live(emulator_server)
"""


def test_the_emulator_works_with_plugins_that_mock_httpx_and_block_sockets(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(WITH_PLUGINS)
    plugins = [part for name in ("emulator.testing.plugin", "pytest_httpx", "pytest_socket") for part in ("-p", name)]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *plugins, "--disable-socket", "--allow-hosts=127.0.0.1"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60,
        env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "3 passed" in ran.stdout
