"""Every provider answers any input in its own form: never with our own error, never not at all, never late."""

import logging
import socket
from collections.abc import Iterator
from importlib import import_module
from inspect import signature
from typing import Any, cast
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator import providers
from emulator.contract.card import Provider
from emulator.core import json_text
from emulator.core.origin import Origin
from emulator.engine import real_time
from emulator.engine.engine import Engine
from emulator.stores.memory import MemoryStore
from emulator.testing import BackgroundServer, Emulator
from emulator.web.console.app import Console
from emulator.web.control.app import Control
from emulator.web.exchange import Exchange
from emulator.web.guard import Guard
from emulator.web.intake import read_request
from emulator.web.library import load_library
from emulator.web.receiving import receiving_app
from emulator.web.router import Addresses, Router
from tests import nasty
from tests.asgi import Answer
from tests.thorough import tries
from tests.wired import Connection, Wired, read_answer

LIBRARY = load_library()[0]
PORTS = {name: 1000 + place for place, name in enumerate(providers.NAMES)}
START_MS = 1_767_614_400_000
HOOK = "http://127.0.0.1:1/hook"
"""Nobody listens there: what is sent to it is refused at once."""
QUIET = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
WIDE = settings(QUIET, max_examples=tries(120))
DEEP = settings(QUIET, max_examples=tries(40))


@pytest.fixture(scope="module")
def wired() -> Iterator[Wired]:
    with Wired() as wired:
        yield wired


@pytest.fixture(scope="module")
def front(wired: Wired) -> Router:
    """All providers in this process; they hold their own answers to their schemas."""
    engine = Engine(LIBRARY, MemoryStore(), Origin("seed", "manual", "1", START_MS), self_check=True)
    wired.run(engine.open())
    control = Control(engine)
    return Router(
        engine,
        control,
        Console(control).app,
        receiving_app(control.receiver),
        Addresses("127.0.0.1", 80, PORTS),
        Guard(),
    )


@pytest.fixture(autouse=True)
def no_failures(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing may fail inside, however well the answer hides it."""
    yield
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


# -- any bytes at all


def keys_of(provider: str) -> list[tuple[bytes, bytes]]:
    """Headers from which the provider knows whose request it is."""
    card = LIBRARY.providers[provider]
    access = card.credentials("default", {name: setting.default for name, setting in card.settings.items()})
    sent = {
        "baanx": {"x-client-id": access.get("client_id"), "authorization": f"Bearer {access.get('token')}"},
        "basswallet": {"api-access-key": access.get("access_key")},
        "changelly": {"x-api-key": access.get("api_key")},
    }.get(provider, {})
    return [(name.encode(), str(value).encode()) for name, value in sent.items()]


@st.composite
def targets(draw: st.DrawFn, provider: str) -> bytes:
    """A path of the provider with odd parameters, or any other; sometimes with an odd query."""
    segments = nasty.TEXTS.map(lambda text: quote(text, safe="")) | nasty.SEGMENTS
    if draw(st.booleans()):
        parts = draw(st.sampled_from([endpoint.path for endpoint in LIBRARY.providers[provider].endpoints])).split("/")
        path = "/".join(draw(segments) if part.startswith("{") else part for part in parts)
    else:
        path = "/" + draw(st.sampled_from(["", "/", "v1", "api", "v1/order/", "a/" * 500]) | segments)
    return path.encode() + (b"?" + draw(nasty.QUERIES) if draw(st.booleans()) else b"")


@pytest.mark.parametrize("provider", providers.NAMES)
@WIDE
@given(data=st.data())
def test_a_provider_answers_any_bytes_in_its_own_form(
    wired: Wired, front: Router, provider: str, data: st.DataObject
) -> None:
    headers = data.draw(st.lists(st.tuples(nasty.HEADER_NAMES, nasty.HEADER_VALUES), max_size=4))
    if data.draw(st.booleans()):
        headers += [*keys_of(provider), (b"content-type", b"application/json")]
    body = data.draw(nasty.BODIES)
    cut = data.draw(st.integers(0, len(body)))
    method, target = data.draw(nasty.METHODS), data.draw(targets(provider))
    answer = wired.ask_provider(front, PORTS[provider], method, target, headers, [body[:cut], body[cut:]])
    check(LIBRARY.providers[provider], method, target, answer)


def check(card: Provider, method: str, target: bytes, answer: Answer) -> None:
    """The answer of a provider, whatever it was asked."""
    assert 200 <= answer.status < 500, answer
    endpoint = card.routes.find(target.partition(b"?")[0].decode("latin-1"))[0].get(method)
    if answer.status == 204 or method == "HEAD":
        assert answer.body == b""
        return
    if answer.headers["content-type"].startswith("text/html"):
        assert endpoint is None or endpoint.page
    else:
        assert answer.headers["content-type"].startswith("application/json")
        answer.json()
    assert int(answer.headers.get("content-length", 0)) == len(answer.body)


@pytest.mark.parametrize("provider", providers.NAMES)
@pytest.mark.parametrize("extra", [1, 1000, 10_000_000])
def test_a_body_over_the_limit_is_refused_whether_sent_whole_or_chunked(
    wired: Wired, front: Router, provider: str, extra: int
) -> None:
    card = LIBRARY.providers[provider]
    for endpoint in [each for each in card.endpoints if each.method == "POST"][:3]:
        body = b" " * (card.body_limit + extra)
        target = endpoint.path.replace("{", "").replace("}", "").encode()
        headers = [*keys_of(provider), (b"content-type", b"application/json")]
        for pieces in ([body], [body[place : place + 65_536] for place in range(0, len(body), 65_536)]):
            answer = wired.ask_provider(front, PORTS[provider], "POST", target, headers, pieces)
            check(card, "POST", target, answer)
            assert answer.status >= 400


@pytest.mark.parametrize("provider", providers.NAMES)
def test_repeated_headers_and_members_do_not_bypass_checks(wired: Wired, front: Router, provider: str) -> None:
    card = LIBRARY.providers[provider]
    for endpoint in card.endpoints:
        target = endpoint.path.encode()
        for name, value in keys_of(provider):
            doubled = [*keys_of(provider), (name, value + b"x"), (name.upper(), b"")]
            answer = wired.ask_provider(front, PORTS[provider], endpoint.method, target, doubled, [b'{"a":1,"a":{}}'])
            check(card, endpoint.method, target, answer)


def test_a_client_that_does_not_read_gets_no_further_answers(wired: Wired, front: Router) -> None:
    request = read_request("GET", b"/v1/nowhere", keys_of("baanx"), "127.0.0.1:80", "127.0.0.1")
    intake = front.intake(PORTS["baanx"], request)
    assert intake is not None

    async def ask() -> tuple[bytes, bytes]:
        connection = Connection()
        connection.flow.pause_writing()
        Exchange(cast(Any, connection), intake, request, keep_alive=True, on_turn=True).complete_body()
        for _ in range(10):
            await real_time.give_way()
        held_back = connection.written
        connection.flow.resume_writing()
        return held_back, await connection.answer()

    held_back, answer = wired.run(ask())
    assert held_back == b""
    assert read_answer(answer).status == 404


def test_a_path_need_not_begin_with_a_slash(wired: Wired, front: Router) -> None:
    for provider, port in PORTS.items():
        for method, target in (("OPTIONS", b"*"), ("CONNECT", b"example.com:443"), ("GET", b"")):
            check(LIBRARY.providers[provider], method, target, wired.ask_provider(front, port, method, target))


# -- a good client, with something wrong in what it sends


def examples(card: Provider, schema: str) -> list[Any]:
    """Examples of a schema, with nobody's address in them."""
    return [_harmless(each) for each in card.schemas.documents.get(schema, {}).get("examples", [])] or [{}]


def _harmless(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _harmless(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_harmless(member) for member in value]
    return HOOK if isinstance(value, str) and value.startswith("http") else value


def written(value: Any) -> str:
    """A value as a form or a query has it."""
    return value if isinstance(value, str) else json_text.encode(value).decode()


def camel(name: str) -> str:
    """`organizationId` of `organization_id`, so that both find each other."""
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)


@st.composite
def calls(draw: st.DrawFn, provider: str, order: str, known: dict[str, str]) -> tuple[str, str, Any, dict[str, str]]:
    """A call of any endpoint with something odd in it: method, path, body, query."""
    card = LIBRARY.providers[provider]
    name = draw(st.sampled_from([endpoint.name for endpoint in card.endpoints]))
    endpoint = next(each for each in card.endpoints if each.name == name)
    parts = endpoint.path.split("/")
    for place, part in enumerate(parts):
        if part.startswith("{"):
            fitting = known.get(camel(part[1:-1]), order)
            odd = st.sampled_from([order, "none", "..", "a" * 300, "\x00", "é"])
            parts[place] = quote(fitting if draw(st.integers(0, 9)) else draw(odd), safe="")
    body = draw(nasty.spoilt(draw(st.sampled_from(examples(card, f"{name}.request")))))
    asked = draw(nasty.spoilt(draw(st.sampled_from(examples(card, f"{name}.query")))))
    query = {str(key): written(value) for key, value in asked.items()} if isinstance(asked, dict) else {}
    return endpoint.method, "/".join(parts), body, query


def members_of_create(sandbox: Emulator, client: Any) -> list[str]:
    """Names of the members that the client sends when it creates an order."""
    client.create()
    body = sandbox.journal(kind="request")[-1]["body"]
    return sorted(body if isinstance(body, dict) else {pair.partition("=")[0] for pair in str(body).split("&")})


@pytest.mark.parametrize("provider", providers.NAMES)
@DEEP
@given(data=st.data())
def test_answers_to_odd_values_from_a_good_client_match_their_schemas(
    emulator_server: BackgroundServer, provider: str, data: st.DataObject
) -> None:
    make_client = import_module(f"tests.clients.{provider}").Client
    with emulator_server.sandbox() as sandbox, make_client(sandbox) as client:
        in_json = "params" in signature(client.request).parameters
        order = client.order_id(client.create())
        known = {camel(name): value for name, value in vars(client).items() if isinstance(value, str)}
        for _ in range(3):
            method, path, body, query = data.draw(calls(provider, order, known))
            if in_json:
                response = client.request(method, path, None if method == "GET" else body, params=query)
            else:
                members = body if isinstance(body, dict) else {"x": body}
                response = client.request(method, path, query | {key: written(each) for key, each in members.items()})
            assert response.status_code < 500, response.text
        odd = st.dictionaries(st.sampled_from(members_of_create(sandbox, client)), nasty.VALUES, max_size=2)
        changes = data.draw(odd)
        if not in_json:
            changes = {name: None if value is None else written(value) for name, value in changes.items()}
        assert client.create(**changes).status_code < 500


# -- what is barely HTTP


def said_to(port: int, octets: bytes) -> bytes:
    """Everything that the server sends in answer to these bytes until it closes the connection."""
    said = b""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        try:
            connection.sendall(octets)
            connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65_536):
                said += part
        except (ConnectionResetError, BrokenPipeError):  # it may hang up on what is no HTTP
            pass
    return said


@pytest.mark.parametrize("octets", nasty.RAW.values(), ids=nasty.RAW.keys())
def test_bytes_that_are_barely_http_are_answered_or_the_connection_is_closed(
    emulator_server: BackgroundServer, octets: bytes
) -> None:
    addresses = emulator_server.server.addresses
    for port in (addresses.front_port, *addresses.provider_ports.values()):
        said = said_to(port, octets)
        statuses = [int(line.split()[1]) for line in said.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]
        assert all(100 <= status < 500 or status == 501 for status in statuses), said
    assert httpx.get(f"{addresses.control}/health", verify=False).json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("provider", "method", "path", "secret"),
    [
        ("baanx", "PUT", "/v1/auth/login", "password"),
        ("baanx", "POST", "/v1/auth/login/", "password"),
        ("koywe", "PUT", "/api/v1/auth/sign-in", "secret"),
        ("koywe", "POST", "/api/v1/auth/login", "secret"),
    ],
)
def test_a_request_to_a_wrong_path_leaves_no_secret_in_the_journal(
    emulator_server: BackgroundServer, provider: str, method: str, path: str, secret: str
) -> None:
    addresses = emulator_server.server.addresses
    with httpx.Client(verify=False) as client:
        url = f"{addresses.urls()[provider]}{path}"
        assert client.request(method, url, json={"user": "a", secret: "s3cr3t"}).status_code in (404, 405)
        journal = client.get(f"{addresses.control}/sandboxes/default/journal?order=desc&limit=1").text
    assert "s3cr3t" not in journal
    assert secret in journal
