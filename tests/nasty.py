"""What no sensible client sends, for Hypothesis to choose from."""

from typing import Any

from hypothesis import strategies as st

from emulator.core import json_text

NUMBERS = [
    "1e999", "-1e999", "1E-999", "1e99999999999999999999", "9" * 400, "-" + "9" * 400, "0." + "1" * 400,
    "-0", "0.0", "1e5", "275.0", "NaN", "01", "1.", "+1",
]  # fmt: skip
"""Number literals, and what looks like one."""

TEXTS = st.sampled_from(
    [
        "", " ", "\x00", "a\x00b", "\U0001f600", "é", "\u202e", "{{7*7}}", "'; DROP TABLE orders; --",
        "../../etc/passwd", "<script>", "%00", "%s%n", "a" * 5000, "null", "true", "-1", "\n", "\r\nX-Evil: 1",
        "__proto__", "०१२",
    ]
) | st.text(st.characters(exclude_categories=["Cs"]), max_size=30)  # fmt: skip
"""Any text that can be sent as UTF-8."""

LITERALS = st.sampled_from([*NUMBERS, "null", "true", "false", "[]", "{}", '""']) | TEXTS.map(
    lambda text: json_text.encode(text).decode()
)
"""JSON, or nearly."""

DOCUMENTS = st.recursive(
    LITERALS,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{','.join(items)}]")
        | st.lists(st.tuples(TEXTS.map(lambda key: json_text.encode(key).decode()), inner), max_size=3).map(
            lambda members: "{" + ",".join(f"{key}:{value}" for key, value in members) + "}"
        )
    ),
    max_leaves=8,
)
"""JSON documents, or nearly, with repeated keys, too."""

BODIES = (
    st.binary(max_size=200)
    | DOCUMENTS.map(str.encode)
    | st.sampled_from(
        [
            b"", b"[" * 100_000, b'{"a":' * 50_000, b"x" * 120_000, b"\xef\xbb\xbf{}", b"a=1&a=2&=&%zz=%00", b"--x\r\n",
            b'{"a":1,"a":2}', b"null", b"\x00" * 1000, b"\xff" * 1000,
        ]
    )
)  # fmt: skip
"""Bodies of requests."""

HEADER_NAMES = st.sampled_from(
    [
        b"content-type", b"authorization", b"content-length", b"x-client-id", b"x-client-key", b"x-us-env",
        b"api-access-key", b"signature", b"x-api-key", b"x-api-signature", b"host", b"accept", b"cookie",
        b"x-emulator-explain", b"x-emulator-fault", b"idempotency-key", b"transfer-encoding", b"x-forwarded-for",
        b"", b"a b", b"\xff",
    ]
)  # fmt: skip
HEADER_VALUES = st.binary(max_size=30).map(lambda value: value.replace(b"\n", b"")) | st.sampled_from(
    [
        b"", b" ", b"application/json", b"application/x-www-form-urlencoded", b"multipart/form-data",
        b"multipart/form-data; boundary=x", b"text/html; charset=utf-99", b"Bearer", b"Bearer ", b"Basic Og==", b"null",
        b"\xff\xfe", b"a" * 8000, b"0", b"-1", b",", b";", b"latency", b"fault", b"status; error=", b"drop", b"=;=",
        b"reset; when", b"latency; fixed=soon", b"1e999",
    ]
)  # fmt: skip
METHODS = st.sampled_from(
    ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "FOO", "get", ""]
)
QUERIES = st.binary(max_size=30) | st.sampled_from(
    [b"a=1&a=2", b"=", b"&&", b"%zz=%ff", b"limit=1e999&offset=-1", b"x" * 5000]
)
SEGMENTS = st.sampled_from(["%", "%zz", "%ff%fe", "..", ".", "%2e%2e", "%2F", "%00", "a" * 3000, "\x7f"])
"""Segments of a path, as they stand on the request line."""

VALUES: st.SearchStrategy[Any] = (
    st.sampled_from(
        [
            None,
            True,
            False,
            [],
            {},
            "",
            0,
            -1,
            10**40,
            json_text.decode("1e400"),
            json_text.decode("1e-400"),
            [[]],
            [None],
        ]
    )
    | TEXTS
    | st.integers(-10, 10**12)
    | st.decimals(-1000, 1000, places=3)
)
"""Values in place of the good one."""


@st.composite
def spoilt(draw: st.DrawFn, value: Any) -> Any:
    """The value with something odd somewhere in it, or nothing odd at all."""
    if isinstance(value, dict) and value and draw(st.integers(0, 4)):
        key = draw(st.sampled_from(sorted(value)))
        kept = {name: member for name, member in value.items() if name != key}
        return kept if draw(st.integers(0, 4)) == 0 else {**value, key: draw(spoilt(value[key]))}
    if isinstance(value, list) and value and draw(st.booleans()):
        return [draw(spoilt(value[0])), *value[1:]]
    return value if draw(st.integers(0, 3)) == 0 else draw(VALUES)


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
    "length and chunks": b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "bad chunk": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "chunk cut short": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nabc",
    "unknown coding": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
    "expects to go on": b"POST /v1/order HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
    "offers websockets": b"GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\n\r\n",
    "offers HTTP/2": b"GET / HTTP/1.1\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nHTTP2-Settings: \r\n\r\n",
    "two requests": b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /v1/order HTTP/1.1\r\nHost: x\r\n\r\n",
    "a request and noise": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n\x00\xff\x00\xff",
    "control with noise": b"PUT /_emulator/sandboxes/default/snapshot HTTP/1.1\r\nContent-Length: 2\r\n\r\n\xff\xff",
}
"""What is barely HTTP."""
