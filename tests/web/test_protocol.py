"""Offers of another protocol are ignored, as RFC 9110 wants it; nothing of such a request is lost."""

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
def test_the_body_after_an_offer_arrives_however_it_is_cut(
    emulator: Emulator, offer: str, chunked: bool, size: int
) -> None:
    sent = b"".join(sign_in(emulator, CLOSING[offer], chunked=chunked))
    status, body = exchange(emulator, [sent[start : start + size] for start in range(0, len(sent), size)])
    assert status == 200, body
    assert "token" in json.loads(body)


def test_the_connection_goes_on_after_an_offer(emulator: Emulator) -> None:
    first = b"".join(sign_in(emulator, H2C.format("")))
    last = b"".join(sign_in(emulator, "Connection: close\r\n"))
    assert exchange(emulator, [first + first, last])[0] == 200
    calls = [entry for entry in emulator.journal(kind="request") if entry["provider"] == "koywe"]
    assert len(calls) == 3


def test_an_offer_without_a_body_is_answered(emulator: Emulator) -> None:
    request = f"GET /api/v1/countries HTTP/1.1\r\nHost: koywe.test\r\n{CLOSING['h2c']}\r\n"
    assert exchange(emulator, [request.encode()])[0] == 401
