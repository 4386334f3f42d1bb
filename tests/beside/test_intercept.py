"""Requests to the providers' public host names are sent to a sandbox, also beside mocks of all other requests."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import Any

import httpx
import pytest
import requests
import responses
import respx

from emulator.testing import BackgroundServer, Emulator
from tests.beside.asking import BAANX, BAANX_URL, ask_all, keys
from tests.receivers import Receiver


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


def test_requests_to_public_host_names_reach_the_sandbox(sandbox: Emulator) -> None:
    with sandbox.intercept():
        ask_all(sandbox)


def test_all_other_requests_go_where_they_went_before(sandbox: Emulator) -> None:
    with Receiver() as receiver, sandbox.intercept():
        httpx.post(receiver.url)
        requests.post(receiver.url, timeout=20)
        with httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(418))) as own:
            assert own.get(BAANX_URL).status_code == 418
        assert len(receiver.received) == 2


def test_a_custom_transport_is_left_alone(sandbox: Emulator) -> None:
    class Teapot(requests.adapters.BaseAdapter):
        def send(self, *_: Any, **__: Any) -> requests.Response:
            answer = requests.Response()
            answer.status_code = 418
            return answer

        def close(self) -> None: ...

    with sandbox.intercept(), requests.Session() as session:
        session.mount("https://", Teapot())
        assert session.get(BAANX_URL, timeout=20).status_code == 418


def test_afterwards_everything_is_as_before(sandbox: Emulator) -> None:
    def looked_up() -> list[Any]:
        kinds = [httpx.Client, httpx.AsyncClient, requests.Session]
        return [vars(kind).get(name) for kind in kinds for name in ("_send_single_request", "get_adapter")]

    before = looked_up()
    with pytest.raises(KeyError), sandbox.intercept(), sandbox.intercept():
        assert looked_up() != before
        raise KeyError
    assert looked_up() == before


def test_a_client_created_before_or_used_afterwards_works(sandbox: Emulator) -> None:
    with httpx.Client(headers=keys(sandbox)) as client, respx.mock as router:
        router.post(BAANX_URL).respond(418)
        with sandbox.intercept():
            assert client.post(BAANX_URL, json=BAANX).status_code == 200
        assert client.post(BAANX_URL, json=BAANX).status_code == 418


def mocks() -> dict[str, AbstractContextManager[Any]]:
    """Mocks of all that carries requests."""
    return {
        "respx": respx.mock(assert_all_called=False),
        "respx at httpx": respx.mock(using="httpx", assert_all_called=False),
        "responses": responses.RequestsMock(assert_all_requests_are_fired=False),
    }


@pytest.mark.parametrize("name", mocks())
@pytest.mark.parametrize("mock_first", [True, False])
def test_it_works_together_with_a_mock_in_either_order(sandbox: Emulator, name: str, mock_first: bool) -> None:
    mock: AbstractContextManager[Any] = mocks()[name]
    with ExitStack() as stack:
        if not mock_first:
            stack.enter_context(sandbox.intercept())
        caught = stack.enter_context(mock)
        if mock_first:
            stack.enter_context(sandbox.intercept())
        if name == "responses":
            caught.get("http://upstream.test/", status=418)
            assert requests.get("http://upstream.test/", timeout=20).status_code == 418
        else:
            caught.get("http://upstream.test/").respond(418)
            assert httpx.get("http://upstream.test/").status_code == 418
        ask_all(sandbox)
        assert len(caught.calls) == 1


def test_no_proxy_from_the_environment_gets_intercepted_requests(
    sandbox: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    with sandbox.intercept():
        ask_all(sandbox)


def test_requests_from_other_threads_are_intercepted_too(sandbox: Emulator) -> None:
    statuses: list[int] = []

    def post() -> None:
        statuses.append(httpx.post(BAANX_URL, json=BAANX, headers=keys(sandbox)).status_code)

    with sandbox.intercept():
        threads = [threading.Thread(target=post) for _ in range(5)]
        for each in threads:
            each.start()
        for each in threads:
            each.join(20)
    assert statuses == [200] * 5


def test_two_intercepted_sandboxes_are_told_apart_by_credentials(server: BackgroundServer, sandbox: Emulator) -> None:
    with server.sandbox() as other, sandbox.intercept(), other.intercept():
        httpx.post(BAANX_URL, json=BAANX, headers=keys(sandbox))
        assert (len(sandbox.orders()), len(other.orders())) == (1, 0)


def test_of_two_emulators_the_last_intercepts(sandbox: Emulator) -> None:
    with BackgroundServer(sockets=False) as server, server.sandbox(name="elsewhere") as other, sandbox.intercept():
        with other.intercept():
            httpx.post(BAANX_URL, json=BAANX, headers=keys(other))
        httpx.post(BAANX_URL, json=BAANX, headers=keys(sandbox))
        assert (len(sandbox.orders()), len(other.orders())) == (1, 1)


BREAKS: dict[str, tuple[type[Exception], type[Exception]]] = {
    "reset": (httpx.ReadError, requests.ConnectionError),
    "truncate": (httpx.RemoteProtocolError, requests.exceptions.ChunkedEncodingError),
    "timeout": (httpx.ReadTimeout, requests.ReadTimeout),
}


@pytest.mark.parametrize("fault", BREAKS)
def test_a_broken_connection_is_raised_as_the_library_raises_it(sandbox: Emulator, fault: Any) -> None:
    by_httpx, by_requests = BREAKS[fault]
    sandbox.inject(fault, provider="baanx", when="after")
    with sandbox.intercept():
        with pytest.raises(by_httpx):
            httpx.post(BAANX_URL, json=BAANX, headers=keys(sandbox), timeout=0.2)
        with pytest.raises(by_requests):
            requests.post(BAANX_URL, json=BAANX, headers=keys(sandbox), timeout=0.2)
    assert len(sandbox.orders()) == 2


def test_with_requests_an_emulator_that_has_stopped_cannot_be_connected_to() -> None:
    with BackgroundServer() as server:
        sandbox = server.sandbox()
    with sandbox.intercept(), pytest.raises(requests.ConnectionError):
        requests.get(BAANX_URL, timeout=20)


def test_requests_can_be_intercepted_for_an_emulator_in_another_process() -> None:
    with (
        BackgroundServer() as server,
        Emulator.create(server.server.addresses.control, name="far") as sandbox,
        sandbox.intercept(),
        respx.mock(assert_all_called=False) as router,
    ):
        ask_all(sandbox)
        assert len(router.calls) == 0
