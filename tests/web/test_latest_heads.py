"""A head that came before is not parsed again, and nobody can tell."""

from collections.abc import Iterable
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from emulator.contract.reply import Reply
from emulator.contract.request import Request
from emulator.web import latest_heads
from emulator.web.latest_heads import LatestHeads
from tests.web.connected import Connected

METHODS = ["GET", "POST", "HEAD"]
LINES = [
    "Connection: keep-alive",
    "Connection: close",
    "Expect: 100-continue",
    "Upgrade: h2c",
    "X-Two: 1\r\nX-Two: 2",
    "Authorization:  Bearer a ",
    "Content-Length: 007",
]
BODIES = ["", "a", "GET / HTTP/1.1\r\n\r\n", "\r\n\r\n", '{"a": 1}']

heads = st.tuples(
    st.sampled_from(METHODS),
    st.sampled_from(["/", "/orders?a=1", "http://a.test/orders"]),
    st.sampled_from(["1.1", "1.0"]),
    st.lists(st.sampled_from(LINES), max_size=2, unique=True),
)


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    (method, target, version, lines), body = draw(heads), draw(st.sampled_from(BODIES))
    lines = [f"{method} {target} HTTP/{version}", "Host: a.test", *lines]
    if draw(st.booleans()):
        lines.append("Transfer-Encoding: chunked")
        body = f"{len(body):x}\r\n{body}\r\n" * bool(body) + "0\r\n\r\n"
    elif body and not any(line.startswith("Content-Length") for line in lines):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", body]).encode()


@st.composite
def pieces(draw: st.DrawFn) -> list[bytes]:
    """What arrives at once: mostly whole requests, of which some come again; but also halves, and two together."""
    pool = draw(st.lists(requests(), min_size=1, max_size=3))
    arrived = []
    for request in draw(st.lists(st.sampled_from(pool), max_size=8)):
        middle = draw(st.sampled_from([0, 0, 0, len(request) // 2, len(request) - 1]))
        arrived += [part for part in (request[:middle], request[middle:]) if part]
        if len(arrived) > 1 and draw(st.integers(0, 4)) == 0:
            arrived[-2:] = [arrived[-2] + arrived[-1]]
    return arrived


class Asked:
    """All requests that come in; each is answered."""

    body_limit = 1000

    def __init__(self) -> None:
        self.requests: list[Request] = []

    def intake(self, port: int | None, request: Request) -> "Asked":
        return self

    def ask(self, request: Request, body: bytes) -> Reply:
        request.body = body
        request.path += "!"  # as a mount prefix is taken off
        self.requests.append(request)
        return Reply(200, b"ok", "text/plain")


class Front:
    """A server's: what it is asked on its connections."""

    def __init__(self) -> None:
        self.heads = LatestHeads()
        self.asked = Asked()

    def connect(self) -> Connected:
        connected = Connected()
        connected.protocol._front, connected.protocol._heads = cast(Any, self.asked), self.heads
        return connected

    def say(self, arrived: Iterable[bytes], *, forgetful: bool = False) -> tuple[list[Request], bytes, bool]:
        """What was asked, what was answered, and whether the connection has ended, after one piece after another came
        on a new connection. `forgetful`: no head is known."""
        connected = self.connect()
        self.asked.requests = []
        for piece in arrived:
            if forgetful:
                connected.protocol._heads = LatestHeads()
            if not connected.transport.is_closing():
                connected.receive(piece)
        transport = connected.transport
        return self.asked.requests, transport.written, transport.is_closing() or transport.ended


@given(pieces())
def test_a_remembered_head_gives_the_same_request(arrived: list[bytes]) -> None:
    front = Front()
    front.say(arrived)
    assert front.say(arrived) == front.say(arrived, forgetful=True)


GET = b"GET /orders?a=1 HTTP/1.1\r\nHost: a.test\r\n\r\n"
HEAD = GET[:-4]


def test_a_repeated_head_is_not_parsed_again() -> None:
    connected = Connected()
    connected.receive(GET)
    connected.protocol.parser = cast(Any, None)
    connected.receive(GET)
    assert connected.statuses == [200, 200]


def test_a_remembered_head_depends_on_the_sender_s_address_and_the_door() -> None:
    front = Front()
    front.say([GET])
    connected = front.connect()
    connected.protocol._peer = "10.0.0.9"
    connected.receive(GET)
    connected.protocol._door = "https://127.0.0.1:443"
    connected.receive(GET)
    assert [request.peer for request in front.asked.requests] == ["127.0.0.1", "10.0.0.9", "10.0.0.9"]
    known = front.heads.find(HEAD)
    assert known is not None
    assert known.door == "https://127.0.0.1:443"


def test_a_limited_number_of_short_heads_is_remembered() -> None:
    front = Front()
    heads = [HEAD.replace(b"a=1", b"a=%d" % number) for number in range(latest_heads.MAX_HEADS + 1)]
    long = HEAD.replace(b"a=1", b"a" * latest_heads.MAX_HEAD_BYTES)
    front.say([head + b"\r\n\r\n" for head in (*heads, long)])
    assert [front.heads.find(head) is not None for head in (*heads, long)] == [False, *[True] * (len(heads) - 1), False]
