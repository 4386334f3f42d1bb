"""One connection: the order of answers, what else HTTP requires, and upgrade offers, which are ignored as RFC 9110
allows, so that nothing of such a request is lost.
"""

import json
import socket
from urllib.parse import urlsplit

import pytest

from emulator.testing import Emulator

H2C = "Connection: Upgrade, HTTP2-Settings{}\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB\r\nUpgrade: h2c\r\n"
WEBSOCKET = "Connection: Upgrade{}\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AA==\r\n"
CLOSING = {"h2c": H2C.format(", close"), "websocket": WEBSOCKET.format(", close")}


def exchange(emulator: Emulator, pieces: list[bytes]) -> tuple[int, bytes]:
    """Sends pieces one by one to the Koywe port; status and body of the last answer on the connection."""
    address = urlsplit(emulator.koywe.url)
    assert address.hostname
    assert address.port
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            connection.sendall(piece)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = answer[answer.rindex(b"HTTP/1.1 ") :].partition(b"\r\n\r\n")
    return int(head.split()[1]), body


def sign_in(emulator: Emulator, headers: str, *, chunked: bool = False) -> tuple[bytes, bytes]:
    """Head and body of a request that only succeeds if its body has arrived; it asks to close the connection."""
    credentials = emulator.koywe.credentials
    body = json.dumps({"apiKey": credentials["api_key"], "secret": credentials["secret"]}).encode()
    length = f"Content-Length: {len(body)}"
    if chunked:
        length, body = "Transfer-Encoding: chunked", b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    head = (
        f"POST /api/v1/auth/sign-in HTTP/1.1\r\nHost: koywe.test\r\nContent-Type: application/json\r\n{headers}"
        f"{length}\r\n\r\n"
    )
    return head.encode(), body


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("offer", CLOSING)
@pytest.mark.parametrize("size", [1, 7, 100, 10_000])
def test_a_body_after_an_upgrade_offer_arrives_however_it_is_split(
    emulator: Emulator, offer: str, chunked: bool, size: int
) -> None:
    sent = b"".join(sign_in(emulator, CLOSING[offer], chunked=chunked))
    status, body = exchange(emulator, [sent[start : start + size] for start in range(0, len(sent), size)])
    assert status == 200, body
    assert "token" in json.loads(body)


def test_the_connection_goes_on_after_an_upgrade_offer(emulator: Emulator) -> None:
    first = b"".join(sign_in(emulator, H2C.format("")))
    last = b"".join(sign_in(emulator, "Connection: close\r\n"))
    assert exchange(emulator, [first + first, last])[0] == 200
    calls = [entry for entry in emulator.journal(kind="request") if entry["provider"] == "koywe"]
    assert len(calls) == 3


def test_an_upgrade_offer_without_a_body_is_answered(emulator: Emulator) -> None:
    request = f"GET /api/v1/countries HTTP/1.1\r\nHost: koywe.test\r\n{CLOSING['h2c']}\r\n"
    assert exchange(emulator, [request.encode()])[0] == 401


# -- requests to providers and to others on one connection

PRODUCTS = "/v1/order/products/available"
HELD_BACK = "X-Emulator-Fault: latency; fixed=100ms\r\n"


def baanx_request(emulator: Emulator, method: str = "GET", target: str = PRODUCTS, headers: str = "") -> bytes:
    """A request of a Baanx user, without a body."""
    return (
        f"{method} {target} HTTP/1.1\r\nHost: baanx.test\r\nX-Client-ID: client-{emulator.name}\r\n"
        f"Authorization: Bearer user-{emulator.name}\r\n{headers}\r\n"
    ).encode()


def said(emulator: Emulator, octets: bytes, provider: str = "baanx") -> bytes:
    """Everything that the provider's port sends in answer to these bytes until it closes the connection."""
    address = urlsplit(emulator[provider].url)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=10) as connection:
        connection.sendall(octets)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def statuses(answers: bytes) -> list[int]:
    return [int(part[:3]) for part in answers.split(b"HTTP/1.1 ")[1:]]


def test_answers_keep_the_order_of_the_requests(emulator: Emulator) -> None:
    requests = [
        baanx_request(emulator, headers=HELD_BACK),
        baanx_request(emulator, target="/v1/order/none"),
        b"GET /_emulator/health HTTP/1.1\r\nHost: localhost\r\n\r\n",
        baanx_request(emulator, headers=HELD_BACK),
        b"GET /_emulator/nothing HTTP/1.1\r\nHost: localhost\r\n\r\n",
        baanx_request(emulator, method="PUT", headers="Connection: close\r\n"),
    ]
    assert statuses(said(emulator, b"".join(requests))) == [200, 404, 200, 200, 404, 405]


def test_any_number_of_requests_may_wait_behind_a_delayed_one(emulator: Emulator) -> None:
    waiting = baanx_request(emulator, target="/v1/order/none") * 2000
    last = baanx_request(emulator, headers="Connection: close\r\n")
    answers = said(emulator, baanx_request(emulator, headers=HELD_BACK) + waiting + last)
    assert statuses(answers) == [200, *[404] * 2000, 200]


def test_a_client_may_send_expect_100_continue(emulator: Emulator) -> None:
    head = baanx_request(
        emulator, "POST", "/v1/order",
        "Content-Type: application/json\r\nContent-Length: 75\r\nExpect: 100-continue\r\nConnection: close\r\n",
    )  # fmt: skip
    body = b'{"productId":"PRODUCT_ID_ABC", "paymentMethod": "CRYPTO_EXTERNAL_DAIMO"}   '
    assert statuses(said(emulator, head + body)) == [100, 200]


def test_head_is_answered_without_a_body(emulator: Emulator) -> None:
    last = baanx_request(emulator, headers="Connection: close\r\n")
    answers = said(emulator, baanx_request(emulator, "HEAD", "/v1/order/none") + last)
    first, second = answers.split(b"HTTP/1.1 ")[1:]
    assert first.endswith(b"\r\n\r\n")
    assert int(first.partition(b"content-length: ")[2].partition(b"\r")[0]) > 0
    assert second.startswith(b"200 ")


@pytest.mark.parametrize("target", [f"http://elsewhere.test{PRODUCTS}?region=us#part", f"{PRODUCTS}#part"])
def test_a_request_target_may_be_a_whole_url(emulator: Emulator, target: str) -> None:
    answers = said(emulator, baanx_request(emulator, target=target, headers="Connection: close\r\n"))
    assert statuses(answers) == [200]
    entry = emulator.journal()[-1]
    assert (entry["path"], entry["query"]) == (PRODUCTS, "region=us" if "?" in target else "")


@pytest.mark.parametrize("blanks", [" ", "\t", " \t  "])
def test_spaces_around_a_header_value_are_ignored(emulator: Emulator, blanks: str) -> None:
    request = baanx_request(emulator, headers="Connection: close\r\n")
    request = request.replace(emulator.name.encode(), f"{emulator.name}{blanks}".encode())
    request = request.replace(b": client-", f":{blanks}client-".encode())
    assert statuses(said(emulator, request)) == [200]


def test_an_answer_without_content_has_no_content_length(emulator: Emulator) -> None:
    emulator.set("baanx", cors=True)
    answer = said(emulator, baanx_request(emulator, "OPTIONS", "/v1/order", "Connection: close\r\n"))
    assert statuses(answer) == [204]
    assert b"content-" not in answer.replace(b"access-control-allow-headers: content-type", b"")
    assert answer.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("method", ["FOO", "get", "X-1", "PURGE"])
@pytest.mark.parametrize(("provider", "target"), [
    ("baanx", "/v1/order"), ("basswallet", "/v1/account/payment"), ("changelly", "/v1/orders"), ("koywe", "/nowhere"),
])  # fmt: skip
def test_an_unknown_method_is_refused_by_the_provider(
    emulator: Emulator, provider: str, target: str, method: str
) -> None:
    headers = "Host: a.test\r\nX-Emulator-Explain: 1\r\nConnection: close\r\n"
    answer = said(emulator, f"{method} {target} HTTP/1.1\r\n{headers}\r\n".encode(), provider)
    [status] = statuses(answer)
    assert status in (404, 405)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert json.loads(body)
    assert b"\r\nconnection: close" in head
    assert b"\r\nx-emulator-reason: " in head


@pytest.mark.parametrize(
    "octets", [b"\x16\x03\x01\x02", b"FOO /v1/order\r\n\r\n", b"GET /a HTTP/1.1\r\nbad header\r\n\r\n"]
)
def test_anything_but_http_is_refused_without_a_provider(emulator: Emulator, octets: bytes) -> None:
    answer = said(emulator, octets)
    assert statuses(answer) == [400]
    assert b"Invalid HTTP request received: " in answer


def test_http_1_0_clients_are_answered_and_the_connection_closed(emulator: Emulator) -> None:
    answers = said(emulator, baanx_request(emulator).replace(b"HTTP/1.1", b"HTTP/1.0"))
    assert statuses(answers) == [200]
    assert b"\r\nconnection: close\r\n" in answers
