"""The proxy passes on what it gets, byte for byte, in both directions, and reports differences."""

import asyncio
import contextlib
import gzip
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import trustme
import uvicorn
from starlette.types import Receive, Scope, Send

from emulator.engine.sender import trusted
from emulator.providers import NAMES, load
from emulator.testing.connection import tls
from emulator.traffic.bodies import MAX_BODY_BYTES
from emulator.traffic.judge import Judge
from emulator.traffic.proxied_call import ProxiedCall
from emulator.traffic.report import Report
from emulator.web.forwarding import Forwarding, read_upstream
from emulator.web.proxy_server import config_for
from tests.polling import eventually
from tests.raw import send
from tests.traffic.planted import PLANTED, Planted
from tests.traffic.stand_in import StandIn, served, standing_in
from tests.traffic.stories import tell


@pytest.fixture(scope="module")
def stand_in() -> Iterator[StandIn]:
    """One for all tests."""
    with standing_in() as started:
        yield started


@contextlib.contextmanager
def proxied(
    url: str, told: Callable[[ProxiedCall], Any] = lambda exchange: None, *, timeout_s: float = 20, ca: Any = None
) -> Iterator[str]:
    """Base URL of a proxy to this URL."""
    context = tls() if ca is None else trusted(None)
    if ca is not None:
        ca.configure_trust(context)
    with served(config_for(Forwarding(read_upstream(url, "--to"), context, timeout_s, told))) as at:
        yield at


class Upstream:
    """A provider that keeps what it gets, and answers as it is told to."""

    def __init__(self, status: int = 200, headers: Any = (), parts: tuple[bytes, ...] = (b"{}",)) -> None:
        self.status, self.headers, self.parts = status, list(headers), parts
        self.scope: Scope = {}
        self.body = b""
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope, self.body = scope, b""
        more = True
        while more:
            message = await receive()
            self.body += message.get("body", b"")
            more = message.get("more_body", False)
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        for part in self.parts:
            await send({"type": "http.response.body", "body": part, "more_body": True})
            await asyncio.to_thread(self.may_go_on.wait, 20)
        await send({"type": "http.response.body", "body": b""})

    def header(self, name: bytes) -> list[bytes]:
        """All values of a header that came."""
        return [value for each, value in self.scope["headers"] if each == name]


@contextlib.contextmanager
def behind(upstream: Upstream, **options: Any) -> Iterator[str]:
    """Base URL of a proxy to it."""
    with served(bare(upstream)) as url, proxied(url, **options) as at:
        yield at


def bare(upstream: Upstream, **options: Any) -> uvicorn.Config:
    """How it is served, with no header of the server's own."""
    return uvicorn.Config(
        upstream, port=0, log_config=None, lifespan="off", server_header=False, date_header=False, **options
    )


def ask(url: str, method: str = "GET", **content: Any) -> httpx.Response:
    """The answer to a request; no redirect is followed."""
    return httpx.request(method, url, verify=tls(), timeout=30, **content)


def port_of(url: str) -> int:
    """The port in a base URL."""
    port = urlsplit(url).port
    assert port is not None
    return port


@pytest.mark.parametrize("provider", NAMES)
def test_through_the_proxy_every_provider_answers_the_same(stand_in: StandIn, provider: str) -> None:
    report, judge = Report(), Judge({provider: load(provider)}, provider)

    def told(exchange: ProxiedCall) -> None:
        report.add("", "", judge.judge(exchange.recorded(provider, "", "")))

    direct = tell(stand_in, provider)["log"]["entries"]
    with proxied(f"{stand_in.url}/{provider}", told) as at:
        through = tell(stand_in, provider, by_way_of=at)["log"]["entries"]
    statuses = [[entry["response"]["status"] for entry in entries] for entries in (direct, through)]
    assert statuses[0] == statuses[1]
    assert report.groups == {}
    assert report.matched == len(through)


@pytest.fixture(scope="module")
def watched(stand_in: StandIn) -> Iterator[tuple[str, list[ProxiedCall]]]:
    """Base URL of a proxy to the stand-in, and what passes."""
    passed: list[ProxiedCall] = []
    with proxied(stand_in.url, passed.append) as at:
        yield at, passed


@pytest.mark.parametrize("planted", PLANTED, ids=str)
def test_each_kind_of_drift_is_seen_by_the_proxy(
    stand_in: StandIn, watched: tuple[str, list[ProxiedCall]], planted: Planted
) -> None:
    at, passed = watched
    passed.clear()
    with planted.at(stand_in):
        told = tell(stand_in, planted.provider, by_way_of=f"{at}/{planted.provider}")
    eventually(lambda: len(passed) == len(told["log"]["entries"]))
    report, judge = Report(), Judge({planted.provider: load(planted.provider)}, planted.provider)
    for exchange in passed:
        report.add("", "", judge.judge(exchange.recorded(planted.provider, "", "")))
    assert {(group.drift.kind, group.drift.field) for group in report.groups.values()} == planted.found


def test_a_request_passes_the_proxy_unchanged() -> None:
    body = gzip.compress(b'{"a": 1.0}')
    upstream = Upstream()
    with behind(upstream) as at:
        host, port = "127.0.0.1", port_of(at)
        head = (
            "POST /a%2fb//c;d?x=%20+&&y=%C3%A9 HTTP/1.1\r\n"
            f"Host: {host}:{port}\r\nX-Api-Signature: a+b/c==\r\nX-Two: 1\r\nX-Two: 2\r\nContent-Encoding: gzip\r\n"
            "Connection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nTE: trailers\r\n"
            f"Proxy-Authorization: Basic eDp5\r\nUpgrade: h2c\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode()
        assert send(port, head + body).status == 200
    assert upstream.scope["raw_path"] + b"?" + upstream.scope["query_string"] == b"/a%2fb//c;d?x=%20+&&y=%C3%A9"
    assert upstream.body == body
    assert upstream.header(b"x-api-signature") == [b"a+b/c=="]
    assert upstream.header(b"x-two") == [b"1", b"2"]
    assert upstream.header(b"content-length") == [str(len(body)).encode()]
    assert upstream.header(b"host") != [f"{host}:{port}".encode()]
    for name in (b"x-hop", b"keep-alive", b"te", b"proxy-authorization", b"upgrade"):
        assert upstream.header(name) == [], name


def test_a_chunked_body_stays_chunked() -> None:
    upstream = Upstream()
    with behind(upstream) as at:
        ask(at, "POST", content=iter([b"one", b"two"]))
    assert upstream.body == b"onetwo"
    assert upstream.header(b"transfer-encoding") == [b"chunked"]
    assert upstream.header(b"content-length") == []


def test_an_answer_passes_the_proxy_unchanged() -> None:
    body = gzip.compress(b'{"a": 1.0}')
    headers = [(b"content-encoding", b"gzip"), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"), (b"x-hop", b"1"),
               (b"connection", b"x-hop"), (b"content-length", str(len(body)).encode())]  # fmt: skip
    with behind(Upstream(201, headers, (body,))) as at, httpx.stream("GET", at, verify=tls()) as answer:
        assert (answer.status_code, b"".join(answer.iter_raw())) == (201, body)
        assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
        assert not {"x-hop", "server", "date"} & set(answer.headers)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_left_to_the_client(status: int) -> None:
    location = b"https://provider.example/elsewhere?x=1"
    with behind(Upstream(status, [(b"location", location), (b"content-length", b"0")], ())) as at:
        answer = ask(at)
    assert (answer.status_code, answer.headers["location"]) == (status, location.decode())


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304)])
def test_answers_without_a_body_have_none(method: str, status: int) -> None:
    with behind(Upstream(status, [], ())) as at:
        assert ask(at, method).content == b""


def test_an_answer_is_passed_on_as_it_arrives() -> None:
    upstream = Upstream(parts=(b"first", b"second"))
    upstream.may_go_on.clear()
    with behind(upstream) as at, httpx.stream("GET", at, verify=tls()) as answer:
        parts = answer.iter_raw()
        assert next(parts) == b"first"
        upstream.may_go_on.set()
        assert b"".join(parts) == b"second"


@pytest.mark.parametrize(
    "line", ["GET http://evil.example/ HTTP/1.1", "CONNECT evil.example:443 HTTP/1.1", "OPTIONS * HTTP/1.1"]
)
def test_requests_for_other_hosts_are_refused(line: str) -> None:
    upstream = Upstream()
    with behind(upstream) as at:
        answer = send(port_of(at), f"{line}\r\nHost: evil.example\r\nConnection: close\r\n\r\n".encode())
    assert answer.status == 400
    assert answer.body.startswith(b"this proxy forwards to http://127.0.0.1")
    assert upstream.scope == {}


def test_an_unreachable_provider_gives_502_with_a_sentence() -> None:
    told: list[ProxiedCall] = []
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with proxied(f"http://127.0.0.1:{port}", told.append) as at:
        answer = ask(at)
    assert answer.status_code == 502
    assert answer.text.startswith(f"emulator proxy: http://127.0.0.1:{port} cannot be reached: ")
    assert [exchange.status for exchange in told] == [None]


def test_a_silent_provider_gives_504_with_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with proxied(url, timeout_s=0.1) as at:
            answer = ask(at)
    assert (answer.status_code, answer.text) == (504, f"emulator proxy: {url} did not answer within 0.1s\n")


def test_an_answer_that_breaks_off_is_passed_on_so_and_not_checked() -> None:
    told: list[ProxiedCall] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")

        threading.Thread(target=answer, daemon=True).start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        with proxied(url, told.append) as at, pytest.raises(httpx.RemoteProtocolError):
            ask(at)
    [exchange] = told
    assert exchange.recorded("koywe", "", "").answer.body.why == "the connection broke off"


def test_a_body_too_long_to_check_passes_unchanged() -> None:
    told: list[ProxiedCall] = []
    long = b"x" * (MAX_BODY_BYTES + 10)
    with behind(Upstream(parts=(long,)), told=told.append) as at:
        assert len(ask(at).content) == len(long)
    assert "longer than" in told[0].recorded("koywe", "", "").answer.body.why


@pytest.mark.parametrize("is_trusted", [True, False])
def test_a_provider_over_tls_needs_a_valid_certificate(is_trusted: bool, tmp_path: Any) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem
    certificate.write_to_path(tmp_path / "pem")
    with served(bare(Upstream(), ssl_certfile=tmp_path / "pem")) as url:
        secure = url.replace("http://", "https://")
        with proxied(secure, ca=authority if is_trusted else None) as at:
            answer = ask(at)
    assert answer.status_code == (200 if is_trusted else 502), answer.text
    assert is_trusted or "certificate" in answer.text


@pytest.mark.parametrize(
    ("url", "origin", "base_path"),
    [
        ("https://api.example", "https://api.example", ""),
        ("https://api.example:443/v1/", "https://api.example", "/v1"),
        ("http://[::1]:80/a", "http://[::1]", "/a"),
        ("http://api.example:81", "http://api.example:81", ""),
    ],
)
def test_a_base_url_is_read(url: str, origin: str, base_path: str) -> None:
    upstream = read_upstream(url, "--to")
    assert (upstream.origin, upstream.base_path) == (origin, base_path)


@pytest.mark.parametrize(
    "url", ["", "api.example", "ftp://a", "https://", "https://u:p@a", "https://a?x", "https://a#x", "http://a:b"]
)
def test_anything_but_a_base_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="write the provider's base URL, such as https://api.provider.example"):
        read_upstream(url, "--to")


def test_the_tls_context_checks_certificates() -> None:
    assert trusted(None).verify_mode == ssl.CERT_REQUIRED
