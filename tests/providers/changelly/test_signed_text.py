"""Which texts may have been signed: URLs and bodies as libraries write them, each once and in order."""

import pytest
from msgspec.structs import replace

from emulator.providers.changelly.signature.signed_text import (
    PUBLIC_BASE,
    SignedRequest,
    encode_query,
    list_bases,
    list_bodies,
    list_targets,
    list_texts,
    text_to_sign,
    write_target,
)

GET = SignedRequest("GET", "/v1/providers", host="127.0.0.1:8080")


def bases(request: SignedRequest, *accepted: str) -> list[str]:
    return [base.decode() for base in list_bases(request, accepted)]


@pytest.mark.parametrize(
    "host, expected",
    [
        ("127.0.0.1:8080", ["http://127.0.0.1:8080", "https://127.0.0.1:8080"]),
        ("LocalHost:8903", ["http://localhost:8903", "https://localhost:8903"]),
        ("localhost:80", ["http://localhost:80", "http://localhost", "https://localhost:80"]),
        ("localhost:443", ["http://localhost:443", "https://localhost:443", "https://localhost"]),
        ("[::1]:8903", ["http://[::1]:8903", "https://[::1]:8903"]),
        ("[::1]:443", ["http://[::1]:443", "https://[::1]:443", "https://[::1]"]),
        ("fiat-api.changelly.com", ["http://fiat-api.changelly.com", "https://fiat-api.changelly.com"]),
        (None, []),
        ("", []),
    ],
)
def test_the_host_header_gives_a_base_with_each_scheme(host: str | None, expected: list[str]) -> None:
    assert bases(replace(GET, host=host)) == expected


def test_the_address_that_the_client_used_comes_first() -> None:
    assert bases(GET, PUBLIC_BASE, "https://other.example/") == [*bases(GET), PUBLIC_BASE, "https://other.example"]


def test_forwarded_headers_count_only_if_both_are_there() -> None:
    forwarded = replace(GET, forwarded_proto="https, http", forwarded_host="Proxy.example, inner")
    assert bases(forwarded)[-1] == "https://proxy.example"
    assert (
        bases(replace(forwarded, forwarded_proto=None)) == bases(GET) == bases(replace(forwarded, forwarded_host=None))
    )


@pytest.mark.parametrize(
    "sent, printed",
    [
        ("/v1/offers?a=1&b=x,y:z", "/v1/offers?a=1&b=x,y:z"),
        ("/v1/./x/../offers?a=/./b", "/v1/offers?a=/./b"),
        ("/v1/%2e%2E/v1/%2e/offers", "/v1/offers"),
        ("/v1/..", "/"),
        ("/v1/.", "/v1/"),
        ("/../../v1", "/v1"),
        ("/v1/.hidden/..x", "/v1/.hidden/..x"),
        ("/v1\\offers", "/v1/offers"),
        ("/v1/offers?a=b c\"#<>'d", "/v1/offers?a=b%20c%22%23%3C%3E%27d"),
        ("/v1/offers?a=\u00c3\u00ab", "/v1/offers?a=%C3%AB"),
        ("/v1/offers?a=%2c%2C[0]{|}^`~", "/v1/offers?a=%2c%2C[0]{|}^`~"),
        ("/v1/a`{}|^'b", "/v1/a%60%7B%7D|^'b"),
        ("/v1/offers?", "/v1/offers?"),
        ("/v1/offers?a?b", "/v1/offers?a?b"),
    ],
)
def test_a_target_is_written_as_a_url_parser_writes_it(sent: str, printed: str) -> None:
    assert write_target(sent.encode("latin-1")) == printed.encode()


@pytest.mark.parametrize(
    "query, written",
    [
        ("a=b", "a=b"),
        ("a=x,y&ip=2001:db8::1", "a=x%2Cy&ip=2001%3Adb8%3A%3A1"),
        ("a=b%20c+d", "a=b+c+d"),
        ("a=%7e~*-._", "a=%7E%7E*-._"),
        ("a=$&b='", "a=%24&b=%27"),
        ("id[0]=x&id[0]=y", "id%5B0%5D=x&id%5B0%5D=y"),
        ("b=1&a=2&b=1", "b=1&a=2&b=1"),
        ("a&&b=&=c", "a=&b=&=c"),
        ("a=b=c", "a=b%3Dc"),
        ("a=%c3%ab", "a=%C3%AB"),
        ("a=%ff", "a=%EF%BF%BD"),
        ("a=%zz", "a=%25zz"),
    ],
)
def test_a_query_is_rewritten_as_a_form(query: str, written: str) -> None:
    assert encode_query(f"/v1/offers?{query}".encode()) == f"/v1/offers?{written}".encode()


def test_a_mounted_target_is_accepted_with_and_without_its_prefix() -> None:
    targets = list(list_targets("/changelly/v1/providers?a=,", "/changelly"))
    assert targets[:2] == [b"/changelly/v1/providers?a=,", b"/v1/providers?a=,"]
    assert set(targets[4:]) == {b"/changelly/v1/providers?a=%2C", b"/v1/providers?a=%2C"}
    assert set(list_targets("/v1/providers", "/changelly")) == {b"/v1/providers"}
    assert set(list_targets("/changellyx/v1", "/changelly")) == {b"/changellyx/v1"}


@pytest.mark.parametrize(
    "method, body, bodies",
    [
        ("GET", b"", [b"{}"]),
        ("GET", b'{"a":1}', [b"{}"]),
        ("POST", b"", [b"{}"]),
        ("POST", b" \r\n\t", [b"{}"]),
        ("POST", b"{}", [b"{}", b"{}", b"{}"]),
        ("PATCH", b'{"a": 1.0}', [b'{"a": 1.0}', b'{"a":1.0}', b'{"a":1}']),
        ("POST", b'{"a": 1,}', [b'{"a": 1,}']),
        ("POST", b"\xff", [b"\xff"]),
    ],
)
def test_bodies_are_tried_as_sent_then_without_whitespace_then_reprinted(
    method: str, body: bytes, bodies: list[bytes]
) -> None:
    assert list(list_bodies(SignedRequest(method, "/v1/orders", body))) == bodies


def test_each_text_is_listed_once_likeliest_first() -> None:
    texts = [str(text) for text in list_texts(replace(GET, method="POST", body=b'{"a":1}', target="/v1/orders"))]
    tail = '/v1/orders{"a":1}'
    assert texts == ["http://127.0.0.1:8080" + tail, "https://127.0.0.1:8080" + tail, PUBLIC_BASE + tail]


def test_only_accepted_bases_and_the_host_are_listed() -> None:
    texts = [str(text) for text in list_texts(GET, ("http://one.example",))]
    assert "http://one.example/v1/providers{}" in texts
    assert not any(PUBLIC_BASE in text for text in texts)


@pytest.mark.parametrize(
    ("host", "accepted", "expected"),
    [
        ("h", (PUBLIC_BASE, "http://one.example"), "http://h/v1/providers{}"),
        ("fiat-api.changelly.com", ("http://one.example", PUBLIC_BASE), PUBLIC_BASE + "/v1/providers{}"),
        ("one.example", ("http://one.example/", PUBLIC_BASE), "http://one.example/v1/providers{}"),
        (None, (PUBLIC_BASE,), PUBLIC_BASE + "/v1/providers{}"),
        ("h", (), "http://h/v1/providers{}"),
        (None, (), "None"),
    ],
)
def test_the_text_to_sign_has_the_base_url_that_the_client_used(
    host: str | None, accepted: tuple[str, ...], expected: str
) -> None:
    assert str(text_to_sign(replace(GET, host=host), accepted)) == expected
