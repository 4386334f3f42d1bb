"""Whatever comes in, every provider answers in its own form: never an error of ours, never nothing, never late."""

import logging
import socket
from collections.abc import Iterator
from importlib import import_module
from inspect import signature
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator import providers
from emulator.core import wire
from emulator.core.provider import Endpoint, Provider
from emulator.credentials import credentials_of
from emulator.server import build_library
from emulator.stores.memory import MemoryStore
from emulator.testing import BackgroundServer
from emulator.web.app import Addresses, Front
from emulator.web.control import Control
from emulator.world import Origin, World
from tests.asgi import Answer, Asking

LIBRARY = build_library()[0]
PORTS = {name: 1000 + place for place, name in enumerate(providers.NAMES)}
FUZZED = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
DEEPER = settings(FUZZED, max_examples=60)


@pytest.fixture(scope="module")
def asking() -> Iterator[Asking]:
    with Asking() as asking:
        yield asking


@pytest.fixture(scope="module")
def front(asking: Asking) -> Front:
    """All providers in this process, which hold their own answers to their schemas."""
    world = World(LIBRARY, MemoryStore(), Origin("seed", "manual", "1", 1_767_614_400_000), self_check=True)
    asking.run(world.open())
    addresses = Addresses("127.0.0.1", 80, PORTS)
    control = Control(world)
    return Front(world, control, addresses)


@pytest.fixture(autouse=True)
def no_failures(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing may fail inside, however well the answer hides it."""
    yield
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


# -- what may come in

NASTY_NUMBERS = ["1e999", "-1e999", "1E-999", "1e99999999999999999999", "9" * 400, "-" + "9" * 400, "0." + "1" * 400, "-0",
                 "0.0", "1e5", "275.0", "NaN", "01", "1.", "+1"]  # fmt: skip
NASTY_TEXTS = ["", " ", "\x00", "a\x00b", "\ud83d\ude00", "é", "\u202e", "{{7*7}}", "'; DROP TABLE orders; --", "../../etc/passwd",
               "<script>", "%00", "%s%n", "a" * 5000, "null", "true", "-1", "\n", "\r\nX-Evil: 1", "__proto__", "०१२"]  # fmt: skip
TEXTS = st.sampled_from(NASTY_TEXTS) | st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
LITERALS = (
    st.sampled_from([*NASTY_NUMBERS, "null", "true", "false", "[]", "{}", '""'])
    | TEXTS.map(lambda text: wire.encode(text.encode("utf-8", "replace").decode()).decode())
)  # fmt: skip
DOCUMENTS = st.recursive(
    LITERALS,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{','.join(items)}]")
        | st.lists(st.tuples(LITERALS.filter(lambda key: key.startswith('"')), inner), max_size=3).map(
            lambda members: "{" + ",".join(f"{key}:{value}" for key, value in members) + "}"
        )
    ),
    max_leaves=8,
)
BODIES = (
    st.binary(max_size=200)
    | DOCUMENTS.map(str.encode)
    | st.sampled_from(
        [
            b"",
            b"[" * 100_000,
            b'{"a":' * 50_000,
            b"x" * 120_000,
            b"\xef\xbb\xbf{}",
            b"a=1&a=2&=&%zz=%00",
            b"--x\r\n",
            b'{"a":1,"a":2}',
            b"null",
            b"\x00" * 1000,
            b"\xff" * 1000,
        ]
    )  # fmt: skip
)
HEADER_NAMES = st.sampled_from(
    [b"content-type", b"authorization", b"content-length", b"x-client-id", b"x-client-key", b"x-us-env", b"api-access-key",
     b"signature", b"x-api-key", b"x-api-signature", b"host", b"accept", b"cookie", b"x-emulator-explain", b"x-emulator-fault",
     b"idempotency-key", b"transfer-encoding", b"x-forwarded-for", b"", b"a b", b"\xff"]
)  # fmt: skip
HEADER_VALUES = st.sampled_from(
    [b"", b" ", b"application/json", b"application/x-www-form-urlencoded", b"multipart/form-data", b"multipart/form-data; boundary=x",
     b"text/html; charset=utf-99", b"Bearer", b"Bearer ", b"Basic Og==", b"null", b"\xff\xfe", b"a" * 8000, b"0", b"-1", b",", b";", b"latency",
     b"fault", b"status; error=", b"drop", b"=;=", b"reset; when", b"latency; fixed=soon", b"1e999"]
) | st.binary(max_size=30)  # fmt: skip
METHODS = st.sampled_from(
    ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "FOO", "get", ""]
)
CONTENT_TYPES = [(b"content-type", b"application/json"), (b"content-type", b"application/x-www-form-urlencoded")]


def keys_of(provider: str) -> list[tuple[bytes, bytes]]:
    """Headers with which the provider knows whose request it is."""
    access = credentials_of("default", LIBRARY.providers)[provider]
    return {
        "baanx": [
            (b"x-client-id", access.get("client_id", "").encode()),
            (b"authorization", f"Bearer {access.get('token')}".encode()),
        ],
        "basswallet": [(b"api-access-key", access.get("access_key", "").encode())],
        "changelly": [(b"x-api-key", access.get("api_key", "").encode())],
    }.get(provider, [])


@st.composite
def targets(draw: st.DrawFn, card: Provider) -> bytes:
    """A path of the provider with odd parameters, or anything else; sometimes with an odd query."""
    segments = TEXTS.map(lambda text: quote(text, safe="")) | st.sampled_from(
        ["%", "%zz", "%ff%fe", "..", ".", "%2e%2e", "%2F"]
    )
    if draw(st.booleans()) and card.endpoints:
        parts = draw(st.sampled_from([endpoint.path for endpoint in card.endpoints])).split("/")
        path = "/".join(draw(segments) if part.startswith("{") else part for part in parts)
    else:
        path = draw(
            st.sampled_from(["", "/", "//", "/v1", "/api", "*", "/v1/order/", "/" + "a" * 3000, "/a" * 500]) | segments
        )
    queries = st.binary(max_size=30) | st.sampled_from(
        [b"a=1&a=2", b"=", b"&&", b"%zz=%ff", b"limit=1e999&offset=-1", b"x" * 5000]
    )
    return path.encode() + (b"?" + draw(queries) if draw(st.booleans()) else b"")


@pytest.mark.parametrize("provider", providers.NAMES)
@FUZZED
@given(data=st.data())
def test_whatever_the_bytes_a_provider_answers_in_its_own_form(
    asking: Asking, front: Front, provider: str, data: st.DataObject
) -> None:
    card = LIBRARY.providers[provider]
    headers = data.draw(st.lists(st.tuples(HEADER_NAMES, HEADER_VALUES), max_size=4))
    if data.draw(st.booleans()):
        headers += [*keys_of(provider), data.draw(st.sampled_from(CONTENT_TYPES))]
    body = data.draw(BODIES)
    cut = data.draw(st.integers(0, len(body)))
    target = data.draw(targets(card))
    method = data.draw(METHODS)
    host = next((value for name, value in headers if name == b"host"), b"").partition(b":")[0].lower().decode("latin-1")
    answer = asking.ask(front, method, target, headers, [body[:cut], body[cut:]], PORTS[provider])
    if not target.startswith(b"/_emulator") and host in ("", *card.public_hosts):
        check(card, method, target.partition(b"?")[0].decode("latin-1"), answer)


def check(card: Provider, method: str, path: str, answer: Answer) -> None:
    """The answer of a provider, whatever it was asked."""
    assert 200 <= answer.status < 500, answer
    endpoint = card.route(path)[0].get(method)
    if answer.status == 204:
        assert answer.body == b""
    elif answer.headers["content-type"].startswith("text/html"):
        assert endpoint is None or endpoint.page
    else:
        assert answer.headers["content-type"].startswith("application/json")
        answer.json()
    assert int(answer.headers.get("content-length", 0)) == len(answer.body)


@pytest.mark.parametrize("provider", providers.NAMES)
@pytest.mark.parametrize("extra", [1, 1000, 10_000_000])
def test_a_body_over_the_limit_is_refused_whole_and_in_pieces(
    asking: Asking, front: Front, provider: str, extra: int
) -> None:
    card = LIBRARY.providers[provider]
    for endpoint in [each for each in card.endpoints if each.method == "POST"][:3]:
        body = b" " * (card.body_limit + extra)
        for pieces in ([body], [body[place : place + 65_536] for place in range(0, len(body), 65_536)]):
            target = endpoint.path.replace("{", "").replace("}", "").encode()
            answer = asking.ask(front, "POST", target, [*keys_of(provider), CONTENT_TYPES[0]], pieces, PORTS[provider])
            check(card, "POST", target.decode(), answer)
            assert answer.status >= 400


@pytest.mark.parametrize("provider", providers.NAMES)
def test_repeated_headers_and_keys_are_no_way_in(asking: Asking, front: Front, provider: str) -> None:
    card = LIBRARY.providers[provider]
    for endpoint in card.endpoints:
        for name, value in keys_of(provider):
            doubled = [*keys_of(provider), (name, value + b"x"), (name.upper(), b"")]
            answer = asking.ask(
                front, endpoint.method, endpoint.path.encode(), doubled, [b'{"a":1,"a":{}}'], PORTS[provider]
            )
            check(card, endpoint.method, endpoint.path, answer)


# -- valid requests with something wrong in them

HOOK = "http://127.0.0.1:1/hook"
"""Nobody listens there: what is sent to it is refused at once."""
ODD = (
    st.sampled_from([None, True, False, [], {}, "", 0, -1, 10**40, wire.decode("1e400"), wire.decode("1e-400"), [[]], [None]])
    | TEXTS | st.integers(-10, 10**12) | st.decimals(-1000, 1000, places=3)
)  # fmt: skip


def examples(card: Provider, schema: str) -> list[Any]:
    """Examples of a schema, with nobody's address in them."""
    return [_harmless(each) for each in card.schemas.documents.get(schema, {}).get("examples", [])] or [{}]


def _harmless(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _harmless(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_harmless(member) for member in value]
    return HOOK if isinstance(value, str) and value.startswith("http") else value


@st.composite
def spoilt(draw: st.DrawFn, value: Any) -> Any:
    """The value with something odd somewhere in it, or nothing odd at all."""
    if isinstance(value, dict) and value and draw(st.integers(0, 4)):
        key = draw(st.sampled_from(sorted(value)))
        kept = {name: member for name, member in value.items() if name != key}
        return kept if draw(st.integers(0, 4)) == 0 else {**value, key: draw(spoilt(value[key]))}
    if isinstance(value, list) and value and draw(st.booleans()):
        return [draw(spoilt(value[0])), *value[1:]]
    return value if draw(st.integers(0, 3)) == 0 else draw(ODD)


def text(value: Any) -> str:
    """A value as a form or query has it."""
    return value if isinstance(value, str) else wire.encode(value).decode()


def names_of(client: Any, order: str) -> dict[str, list[str]]:
    """What may stand for a parameter of a path: what is there, and what is not."""
    known = [order, "none", "", "..", "a" * 300, "\x00"]
    own = {name: [str(value)] for name, value in vars(client).items() if isinstance(value, str)}
    return {"": known} | own


def camel(name: str) -> str:
    """`organizationId` of `organization_id`, so that both find each other."""
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)


@st.composite
def calls(draw: st.DrawFn, card: Provider, names: dict[str, list[str]]) -> tuple[Endpoint, str, Any, dict[str, str]]:
    """A call of any endpoint with odd members: endpoint, path, body, query."""
    endpoint = draw(st.sampled_from(card.endpoints))
    by_camel = {camel(name): values for name, values in names.items()}
    parts = []
    for part in endpoint.path.split("/"):
        if part.startswith("{"):
            fitting = by_camel.get(camel(part[1:-1]), [])
            odd = draw(st.sampled_from(names[""]))
            part = quote(fitting[0] if fitting and draw(st.integers(0, 9)) else odd, safe="")
        parts.append(part)
    body = draw(spoilt(draw(st.sampled_from(examples(card, f"{endpoint.name}.request")))))
    asked = draw(spoilt(draw(st.sampled_from(examples(card, f"{endpoint.name}.query")))))
    query = {str(name): text(value) for name, value in asked.items()} if isinstance(asked, dict) else {}
    return endpoint, "/".join(parts), body, query


@pytest.mark.parametrize("provider", providers.NAMES)
@DEEPER
@given(data=st.data())
def test_a_good_client_with_odd_members_gets_answers_that_keep_their_schemas(
    emulator_server: BackgroundServer, provider: str, data: st.DataObject
) -> None:
    card = LIBRARY.providers[provider]
    module = import_module(f"tests.clients.{provider}")
    with emulator_server.sandbox() as sandbox, module.Client(sandbox) as client:
        order = client.order_id(client.create())
        for _ in range(3):
            endpoint, path, body, query = data.draw(calls(card, names_of(client, order)))
            if "params" in signature(client.request).parameters:
                content = None if endpoint.method == "GET" else body
                response = client.request(endpoint.method, path, content, params=query)
            else:
                members = body if isinstance(body, dict) else {"x": body}
                response = client.request(endpoint.method, path, query | {str(k): text(v) for k, v in members.items()})
            assert response.status_code < 500, response.text
        changes = data.draw(st.dictionaries(st.sampled_from(members_of_create(sandbox, client)), ODD, max_size=2))
        if "params" not in signature(client.request).parameters:
            changes = {name: None if value is None else text(value) for name, value in changes.items()}
        assert client.create(**changes).status_code < 500


def members_of_create(sandbox: Any, client: Any) -> list[str]:
    """Names of the members that the client sends when it creates an order."""
    client.create()
    body = sandbox.journal()[-1]["body"]
    while not any(entry["kind"] == "request" and entry["body"] for entry in sandbox.journal()[-1:]):
        break
    return (
        sorted(body)
        if isinstance(body, dict)
        else sorted(pair.partition("=")[0] for pair in str(body or "x").split("&"))
    )


# -- bytes that are hardly HTTP

RAW: dict[str, bytes] = {
    "nothing": b"",
    "blank lines": b"\r\n\r\n\r\n",
    "no headers": b"GET / HTTP/1.1\r\n\r\n",
    "HTTP/0.9": b"GET /\r\n",
    "HTTP/1.0": b"GET /v1/orders HTTP/1.0\r\n\r\n",
    "HTTP/9.9": b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200,
    "no version": b"GET /\r\nHost: x\r\n\r\n",
    "bare line feeds": b"GET / HTTP/1.1\nHost: x\n\n",
    "unknown method": b"FOO / HTTP/1.1\r\nHost: x\r\n\r\n",
    "long method": b"A" * 20_000 + b" / HTTP/1.1\r\nHost: x\r\n\r\n",
    "long path": b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "path of odd bytes": b"GET /\xff\xfe\x01 HTTP/1.1\r\nHost: x\r\n\r\n",
    "path with a blank": b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
    "NUL in the path": b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
    "asterisk": b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
    "connect": b"CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n",
    "absolute form": b"GET http://api.baanx.com/v1/order HTTP/1.1\r\nHost: x\r\n\r\n",
    "absolute nonsense": b"GET http://[::1/ HTTP/1.1\r\nHost: x\r\n\r\n",
    "no slash": b"GET v1/order HTTP/1.1\r\nHost: x\r\n\r\n",
    "empty host": b"GET / HTTP/1.1\r\nHost:\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "odd host": b"GET / HTTP/1.1\r\nHost: \xff:::[]\r\n\r\n",
    "header without colon": b"GET / HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n",
    "header without name": b"GET / HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n",
    "NUL in a header": b"GET / HTTP/1.1\r\nHost: x\r\nA: \x00\r\n\r\n",
    "folded header": b"GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n",
    "long header": b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 500_000 + b"\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 20_000 + b"\r\n",
    "negative length": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "length of words": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ten\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "huge length": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
    "body cut short": b"POST /v1/order HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
    "length and chunks": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "bad chunk": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "chunk cut short": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nabc",
    "unknown coding": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
    "expects to go on": b"POST /v1/order HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
    "offers websockets": b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\n\r\n",
    "offers HTTP/2": b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: \r\n\r\n",
    "two requests": b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /v1/order HTTP/1.1\r\nHost: x\r\n\r\n",
    "a request and noise": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n\x00\xff\x00\xff",
    "control with noise": b"PUT /_emulator/sandboxes/default/snapshot HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n\xff\xff\xff\xff",
}  # fmt: skip


def answers(port: int, octets: bytes) -> bytes:
    """Everything that the server says to these bytes before it hangs up."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        said = b""
        try:
            connection.sendall(octets)
            connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65_536):
                said += part
        except (ConnectionResetError, BrokenPipeError):  # it may hang up on what is no HTTP
            pass
        return said


@pytest.mark.parametrize("octets", RAW.values(), ids=RAW.keys())
def test_bytes_that_are_hardly_http_are_answered_or_hung_up_on(
    emulator_server: BackgroundServer, octets: bytes
) -> None:
    addresses = emulator_server.server.addresses
    for port in (addresses.front_port, *addresses.provider_ports.values()):
        said = answers(port, octets)
        for line in said.split(b"\r\n"):
            if line.startswith(b"HTTP/1.1 "):
                assert b"100" <= line.split()[1] < b"500", said
    assert httpx.get(f"{addresses.control}/health", verify=False).json() == {"status": "ok"}
