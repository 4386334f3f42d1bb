"""What a connection may send and how long it may take: each limit as a client meets it, over a raw socket."""

import contextlib
import json
import logging
import select
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from msgspec.structs import fields

from emulator.engine import real_time
from emulator.testing import BackgroundServer
from emulator.testing.connection import tls
from emulator.web.application import Options
from emulator.web.limits import Limits
from emulator.web.router import Router
from tests.command import Serving
from tests.polling import eventually

LIMITS = Limits()
KEY = b"X-Client-ID: client-default\r\nAuthorization: Bearer user-default\r\n"
GET = b"GET /v1/order/none HTTP/1.1\r\nHost: baanx.test\r\n" + KEY
HEALTH = b"GET /_emulator/health HTTP/1.1\r\nHost: localhost\r\n"
CLOSE = b"Connection: close\r\n\r\n"
POST = b"POST /v1/order HTTP/1.1\r\nHost: baanx.test\r\nContent-Type: application/json\r\n" + KEY
SNAPSHOT = b"PUT /_emulator/sandboxes/default/snapshot HTTP/1.1\r\nHost: localhost\r\n"


@contextlib.contextmanager
def served(**limits: Any) -> Iterator[BackgroundServer]:
    """An emulator with these limits."""
    with BackgroundServer(Options(port=0, clock="manual", limits=Limits(**limits))) as server:
        yield server


def connect(server: BackgroundServer) -> socket.socket:
    """A connection to the port of Baanx."""
    connection = socket.create_connection(("127.0.0.1", server.server.addresses.provider_ports["baanx"]), timeout=20)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def rest(connection: socket.socket) -> bytes:
    """Everything that arrives until the other side closes the connection."""
    return b"".join(iter(lambda: connection.recv(65_536), b""))


def said(server: BackgroundServer, *pieces: bytes) -> bytes:
    """Everything that the emulator sends in answer to these pieces until it closes the connection."""
    with connect(server) as connection:
        for piece in pieces:
            connection.sendall(piece)
        return rest(connection)


def is_admitted(server: BackgroundServer) -> bool:
    """Whether a new connection is admitted; one that is not may be reset while it speaks."""
    with contextlib.suppress(ConnectionResetError):
        return statuses(said(server, GET + CLOSE)) == [404]
    return False


def begin(connection: socket.socket) -> None:
    """Sends the head of a request, and waits until the emulator has read it; a body of two bytes is still to come."""
    connection.sendall(POST + b"Content-Length: 2\r\nExpect: 100-continue\r\n" + CLOSE)
    assert statuses(connection.recv(65_536)) == [100]


def cut(octets: bytes, size: int) -> list[bytes]:
    return [octets[start : start + size] for start in range(0, len(octets), size)]


def statuses(answers: bytes) -> list[int]:
    return [int(part[:3]) for part in answers.split(b"HTTP/1.1 ")[1:]]


def assert_refused(answer: bytes, status: int, words: str) -> None:
    """The answer is plain text with what to do, and the end of the connection."""
    assert statuses(answer)[-1] == status
    head, _, body = answer[answer.rindex(b"HTTP/1.1 ") :].partition(b"\r\n\r\n")
    assert b"\r\ncontent-type: text/plain; charset=utf-8" in head
    assert b"\r\nconnection: close" in head
    assert b"\r\ncontent-length: %d" % len(body) in head
    assert words in body.decode()
    assert body.endswith(b"\n")


# -- the head


def test_an_endless_head_is_refused_long_before_60_megabytes(emulator_server: BackgroundServer) -> None:
    sent = 0
    with connect(emulator_server) as connection:
        connection.sendall(GET + b"X-Long: ")
        while sent < 60_000_000 and not select.select([connection], [], [], 0)[0]:
            sent += connection.send(b"a" * 65_536)
        connection.shutdown(socket.SHUT_WR)
        assert_refused(rest(connection), 431, "65536 bytes of request line and headers")
    assert sent < 30_000_000


@pytest.mark.parametrize("size", [1000, 100_000], ids=["in pieces", "in one go"])
@pytest.mark.parametrize("start", [GET, HEALTH], ids=["provider", "control"])
def test_a_head_may_have_up_to_64_kibibytes(emulator_server: BackgroundServer, start: bytes, size: int) -> None:
    def asked(length: int) -> bytes:
        filled = length - len(start) - len(b"X-Long: \r\n") - len(CLOSE)
        return said(emulator_server, *cut(start + b"X-Long: " + b"a" * filled + b"\r\n" + CLOSE, size))

    assert statuses(asked(LIMITS.head_bytes)) == [404 if start is GET else 200]
    assert_refused(asked(LIMITS.head_bytes + 100), 431, "65536 bytes")


@pytest.mark.parametrize("size", [1000, 100_000], ids=["in pieces", "in one go"])
def test_a_target_counts_as_part_of_the_head(emulator_server: BackgroundServer, size: int) -> None:
    head = b"GET /v1/order/" + b"a" * 66_000 + b" HTTP/1.1\r\nHost: baanx.test\r\n" + CLOSE
    assert_refused(said(emulator_server, *cut(head, size)), 431, "65536 bytes")


@pytest.mark.parametrize("end", [CLOSE, b""], ids=["complete", "still coming"])
@pytest.mark.parametrize("size", [100, 10_000], ids=["in pieces", "in one go"])
def test_a_head_may_have_up_to_100_header_lines(emulator_server: BackgroundServer, size: int, end: bytes) -> None:
    def asked(lines: int) -> bytes:
        lines -= GET.count(b": ") + end.count(b": ")
        return said(emulator_server, *cut(GET + b"X-A: b\r\n" * lines + (end or b"X-A"), size))

    if end:
        assert statuses(asked(LIMITS.header_lines)) == [404]
    assert_refused(asked(LIMITS.header_lines + 1), 431, "100 header lines")


def test_with_an_unknown_method_a_head_may_not_be_longer(emulator_server: BackgroundServer) -> None:
    for long in (b"X-A: b\r\n" * 100, b"X-A: " + b"b" * 66_000 + b"\r\n"):
        head = b"FOO /v1/order HTTP/1.1\r\nHost: a.test\r\n" + long + b"\r\n"
        assert_refused(said(emulator_server, head), 431, "send fewer or shorter ones")
    assert_refused(said(emulator_server, b"FOO /v1/order HTTP/1.1\r\nX-A: b\r\n\r\n"), 400, "no Host header")


@pytest.mark.parametrize("size", [1000, 65_536])
def test_chunk_sizes_and_trailers_are_limited_like_a_head(emulator_server: BackgroundServer, size: int) -> None:
    start = POST + b"Transfer-Encoding: chunked\r\n\r\n"
    for aside in (b"0\r\nX-Long: " + b"a" * 300_000, b"0\r\n" + b"X-A: b\r\n" * 200, b"1;a=" + b"b" * 300_000):
        assert_refused(said(emulator_server, start, *cut(aside, size)), 431, "send fewer or shorter ones")


def test_a_refusal_is_sent_after_earlier_answers(emulator_server: BackgroundServer) -> None:
    held_back = GET + b"X-Emulator-Fault: latency; fixed=50ms\r\n\r\n"
    long = GET + b"X-Long: " + b"a" * 66_000 + b"\r\n\r\n"
    assert statuses(said(emulator_server, held_back + HEALTH + b"\r\n" + GET + b"\r\n" + long)) == [404, 200, 404, 431]


@pytest.mark.parametrize("start", [POST, SNAPSHOT], ids=["provider", "control"])
def test_an_unreadable_body_is_refused_after_earlier_answers(emulator_server: BackgroundServer, start: bytes) -> None:
    held_back = GET + b"X-Emulator-Fault: latency; fixed=50ms\r\n\r\n"
    broken = start + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\nno number\r\n"
    answers = said(emulator_server, held_back + broken)
    assert statuses(answers) == [404, 400]
    assert_refused(answers, 400, "Invalid HTTP request received")


def test_many_short_requests_do_not_count_as_one_long_head(emulator_server: BackgroundServer) -> None:
    octets = (GET + b"\r\n") * 3000 + GET
    for size in (60_000, 200_001):
        answers = said(emulator_server, *cut(octets, size), CLOSE)
        assert statuses(answers) == [404] * 3001


# -- what is clear


@pytest.mark.parametrize(
    ("head", "status", "words"),
    [
        (b"GET /v1/order/none HTTP/1.1\r\n\r\n", 400, "no Host header"),
        (b"GET /_emulator/health HTTP/1.1\r\n\r\n", 400, "no Host header"),
        (GET + b"Host: baanx.test\r\n\r\n", 400, "several Host headers"),
        (HEALTH + b"HOST: other.test\r\n\r\n", 400, "several Host headers"),
        (POST + b"Transfer-Encoding: gzip\r\n\r\n", 501, "can only be chunked"),
        (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n", 501, "can only be chunked"),
        (POST + b"Transfer-Encoding: chunked, gzip\r\n\r\n", 501, "can only be chunked"),
        (POST + b"Transfer-Encoding: identity\r\n\r\n", 501, "can only be chunked"),
        (POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 501, "can only be chunked"),
        (POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}", 400, "given twice"),
        (POST + b"transfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n{}", 400, "given twice"),
        (POST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", 400, "given twice"),
        (b"GET /_emulator/h\xe9 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "plain HTTP/1.1"),
        (b"\x16\x03\x01\x02\x00\x01", 400, "plain HTTP/1.1"),
    ],
)
def test_ambiguous_framing_is_refused(emulator_server: BackgroundServer, head: bytes, status: int, words: str) -> None:
    assert_refused(said(emulator_server, head), status, words)


@pytest.mark.parametrize("start", [b"GET /v1/order/none", b"GET /_emulator/health"])
def test_a_probe_of_http_1_0_needs_no_host(emulator_server: BackgroundServer, start: bytes) -> None:
    assert statuses(said(emulator_server, start + b" HTTP/1.0\r\n" + KEY + b"\r\n")) == [
        404 if b"/v1" in start else 200
    ]


def test_the_word_chunked_may_be_in_any_case(emulator_server: BackgroundServer) -> None:
    octets = POST + b"Transfer-Encoding: Chunked\r\n" + CLOSE + b"2\r\n{}\r\n0\r\n\r\n"
    assert statuses(said(emulator_server, octets)) == [422]


def test_an_internal_error_is_not_reported_as_the_client_s_mistake(
    emulator_server: BackgroundServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("of ours")

    monkeypatch.setattr(Router, "intake", fail)
    with caplog.at_level(logging.ERROR, "emulator"):
        assert_refused(said(emulator_server, GET + b"\r\n"), 500, "Internal Server Error")
    assert "ZeroDivisionError: of ours" in caplog.text
    assert "in fail" in caplog.text, "no traceback"


# -- deadlines


def test_a_head_must_arrive_in_time() -> None:
    with served(head_s=0.2) as server:
        for start in (b"G", GET):
            assert_refused(said(server, start), 408, "not arrive within 0.2s")
        assert statuses(said(server, GET + b"\r\n" + GET)) == [404, 408]


@pytest.mark.parametrize("start", [POST, SNAPSHOT], ids=["provider", "control"])
@pytest.mark.parametrize("body", [b"Content-Length: 5\r\n\r\n", b"Content-Length: 5\r\n\r\n{",
                                  b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"])  # fmt: skip
def test_a_stalled_body_ends_the_connection(start: bytes, body: bytes) -> None:
    with served(body_s=0.2) as server:
        assert_refused(said(server, start + body), 408, "Nothing more of the body arrived for 0.2s")
        assert statuses(said(server, GET + b"\r\n" + start + body)) == [404, 408]


def test_an_answer_may_take_longer_than_these_limits() -> None:
    with served(head_s=0.1, body_s=0.1, keep_alive_s=0.1, write_s=0.1) as server:
        held_back = GET + b"X-Emulator-Fault: latency; fixed=600ms\r\n" + CLOSE
        waiting = HEALTH.replace(b"GET /_emulator/health", b"POST /_emulator/sandboxes/default/webhooks/wait")
        waiting += b"Content-Length: 19\r\n" + CLOSE + b'{"timeout":"600ms"}'
        assert statuses(said(server, held_back)) == [404]
        assert statuses(said(server, waiting)) == [200]


def test_an_idle_connection_is_closed() -> None:
    with served(keep_alive_s=0.2) as server, connect(server) as silent, connect(server) as used:
        used.sendall(GET + b"\r\n")
        assert statuses(rest(used)) == [404]
        assert rest(silent) == b""


def test_a_client_that_reads_no_answers_is_disconnected() -> None:
    large = HEALTH.replace(b"health", b"openapi/koywe.json") + b"\r\n"
    with served(write_s=0.2, connections=1) as server, connect(server) as connection:
        connection.sendall(large * 300)
        assert select.select([connection], [], [], 20)[0]
        eventually(lambda: is_admitted(server))
        with contextlib.suppress(ConnectionError):
            assert len(statuses(rest(connection))) < 300


# -- how many


def use(connection: socket.socket) -> None:
    """Sends a request, and reads the answer."""
    connection.sendall(GET + b"\r\n")
    assert statuses(connection.recv(65_536)) == [404]


def test_the_longest_idle_connection_is_closed_for_a_new_one() -> None:
    with served(connections=2) as server, connect(server) as first, connect(server) as second:
        use(first)
        use(second)
        until_ms = real_time.stopwatch_ms() + 10
        while real_time.stopwatch_ms() < until_ms:  # the server's clock has milliseconds
            use(first)
        with connect(server) as third:
            assert rest(second) == b""
            use(third)
            use(first)


def test_if_none_is_idle_a_new_connection_is_refused() -> None:
    with served(connections=1) as server, connect(server) as busy:
        begin(busy)
        for _ in range(2):
            assert_refused(said(server), 503, "--max-connections allows more")
        busy.sendall(b"{}")
        assert statuses(rest(busy)) == [422]
        assert statuses(said(server, GET + CLOSE)) == [404]


def test_a_body_longer_than_any_limit_is_not_read_further() -> None:
    with served(body_bytes=1_000_000) as server:
        for start in (POST, SNAPSHOT):
            head = start + b"Content-Length: 2000000\r\n\r\n"
            assert_refused(said(server, head, b" " * 1_500_000), 413, "longer than 1000000 bytes")


# -- the command


@pytest.mark.parametrize("how", ["flags", "variables"])
def test_the_number_and_timeouts_of_connections_can_be_set(tmp_path: Path, how: str) -> None:
    wanted = {"max-connections": "1", "keep-alive": "0.3"}
    flags = [part for name, value in wanted.items() for part in (f"--{name}", value)] if how == "flags" else []
    variables = {f"EMULATOR_{name.upper().replace('-', '_')}": value for name, value in wanted.items()}
    serving = Serving(tmp_path / "ready.json", "--port", "0", *flags, **(variables if how == "variables" else {}))
    try:
        url = urlsplit(serving.ready()["urls"]["baanx"])
        address = (url.hostname or "", url.port or 0)
        with socket.create_connection(address, timeout=20) as first:
            begin(first)
            assert _said_at(address, []) == [503]
            first.sendall(b"{}")
            assert statuses(rest(first)) == [422]
            assert _said_at(address, []) == []
        assert _said_at(address, [GET, b"X-Long: " + b"a" * 66_000]) == [431]
    finally:
        serving.process.kill()
        serving.process.communicate()


def _said_at(address: tuple[str, int], pieces: Iterable[bytes]) -> list[int]:
    with socket.create_connection(address, timeout=20) as connection:
        for piece in pieces:
            connection.sendall(piece)
        return statuses(rest(connection))


@pytest.mark.parametrize("wrong", [{"connections": 0}, {"keep_alive_s": 0}, {"keep_alive_s": 86_404}])
def test_limits_that_would_admit_nobody_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="--max-connections must|--keep-alive must"):
        Limits(**wrong)
    assert {each.name for each in fields(Limits)} >= wrong.keys()


def test_refusals_of_malformed_http_are_not_in_the_journal(emulator_server: BackgroundServer) -> None:
    control = emulator_server.server.addresses.control
    with httpx.Client(base_url=control, verify=tls()) as client:
        before = json.loads(client.get("/sandboxes/default/journal").content)
        said(emulator_server, GET + b"Host: x\r\n\r\n")
        assert json.loads(client.get("/sandboxes/default/journal").content) == before
