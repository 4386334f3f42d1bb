"""Keys, signatures and the checks before every call, over HTTP; the vectors byte for byte on the wire."""

import base64
import hmac
import http.client
import json
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA512
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from emulator.core import json_text
from emulator.testing import Emulator
from tests.clients.changelly import BUY, Client, sign
from tests.providers.changelly.answers import causes, refused

VECTORS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "signature_vectors.json").read_text("utf-8"))[
    "requests"
]
PRODUCTION = "https://fiat-api.changelly.com"
UNAUTHORIZED = b'{"errorType":"unauthorized","errorMessage":"Unauthorized","errorDetails":null}'
STATUSES = {"V4": 200, "V5": 200, "V10": 404, "V11": 200}
EVERYTHING = [
    ("POST", "/v1/orders"),
    ("GET", "/v1/orders"),
    ("POST", "/v1/sell/orders"),
    ("GET", "/v1/offers"),
    ("GET", "/v1/sell/offers"),
    ("GET", "/v1/providers"),
    ("GET", "/v1/currencies"),
    ("GET", "/v1/available-countries"),
    ("POST", "/v1/validate-address"),
    ("PATCH", "/v1/sandbox/order/0f4c2a7e-5d0b-4b1e-9a55-3c1f9f2d8e11"),
    ("POST", "/v1/sandbox/order/0f4c2a7e-5d0b-4b1e-9a55-3c1f9f2d8e11/resend-callback"),
]


def exchange(
    url: str, method: str, target: str, headers: list[tuple[str, str]], body: bytes = b""
) -> tuple[int, dict[str, str], bytes]:
    """One request exactly as given: target, order and spelling of headers, body."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
    for name, value in headers:
        connection.putheader(name, value)
    if body:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body or None)
    response = connection.getresponse()
    answer = response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
    connection.close()
    return answer


@cache
def strangers_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def private_pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_pem(key: rsa.RSAPrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
@pytest.mark.parametrize("mounted", [False, True], ids=["own port", "front door"])
def test_05_vectors_are_accepted_and_refused_on_the_wire(
    emulator: Emulator, vector: dict[str, Any], mounted: bool
) -> None:
    front = urlsplit(emulator.control_url)
    url = f"{front.scheme}://{front.netloc}" if mounted else emulator.changelly.url
    headers = [
        ("Host", vector["host"]),
        ("X-Api-Key", emulator.changelly.credentials["api_key"]),
        ("X-Api-Signature", vector["signature"]),
    ]
    target = ("/changelly" if mounted else "") + vector["target"]
    status, _, body = exchange(url, vector["method"], target, headers, (vector["body"] or "").encode())
    if vector["accepted"]:
        assert status == STATUSES.get(vector["id"], 201), body
    else:
        assert (status, body) == (401, UNAUTHORIZED)


def test_05_credentials_include_the_test_key_pair(emulator: Emulator) -> None:
    credentials = emulator.changelly.credentials
    assert credentials["api_key"] == f"key-{emulator.name}"
    assert base64.b64decode(credentials["private_key_base64"]).decode() == credentials["private_key"]
    key = load_pem_private_key(str(credentials["private_key"]).encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    assert public_pem(key) == credentials["callback_public_key"]


@pytest.mark.parametrize(("method", "path"), EVERYTHING)
@pytest.mark.parametrize("missing", ["X-Api-Key", "X-Api-Signature"])
def test_04_both_headers_are_required_everywhere(client: Client, method: str, path: str, missing: str) -> None:
    response = client.request(method, path, headers={missing: None})
    assert (response.status_code, response.content) == (401, UNAUTHORIZED)
    assert "WWW-Authenticate" not in response.headers


@pytest.mark.parametrize(("method", "path"), EVERYTHING)
def test_04_a_valid_signature_is_accepted_everywhere(client: Client, method: str, path: str) -> None:
    assert client.request(method, path).status_code in (200, 400, 404)


@pytest.mark.parametrize("key", ["key-nobody", "", "x", "88ee1fc9", "KEY-{name}", "key-{name} x", "{name}"])
def test_04_an_unknown_key_is_refused(client: Client, emulator: Emulator, key: str) -> None:
    response = client.create({"X-Api-Key": key.format(name=emulator.name), "X-Emulator-Explain": "1"})
    assert (response.status_code, response.content) == (401, UNAUTHORIZED)
    assert "API key" in response.headers["X-Emulator-Reason"]


@pytest.mark.parametrize(
    "signature",
    ["x", "", "====", "A" * 343 + "!", "-_" * 171 + "==", "00" * 256, base64.b64encode(b"x" * 256).decode()],
)
def test_04_junk_is_not_a_signature(client: Client, signature: str) -> None:
    response = client.create({"X-Api-Signature": signature})
    assert (response.status_code, response.content) == (401, UNAUTHORIZED)


def test_04_another_partners_signature_is_refused(emulator: Emulator) -> None:
    with Client(emulator, private_key=private_pem(strangers_key())) as stranger:
        assert stranger.create().content == UNAUTHORIZED


@pytest.mark.parametrize("form", ["pem", "base64"])
def test_04_the_partners_own_key_can_be_given(emulator: Emulator, client: Client, form: str) -> None:
    pem = public_pem(strangers_key())
    emulator.set("changelly", publicKey=pem if form == "pem" else base64.b64encode(pem.encode()).decode())
    with Client(emulator, private_key=private_pem(strangers_key())) as owner:
        assert owner.create().status_code == 201
    assert client.create().content == UNAUTHORIZED


@pytest.mark.parametrize(
    "names", [("x-api-key", "x-api-signature"), ("X-API-KEY", "X-API-SIGNATURE"), ("X-aPi-KeY", "x-ApI-SiGnAtUrE")]
)
def test_04_header_names_are_known_in_any_case(emulator: Emulator, names: tuple[str, str]) -> None:
    credentials = emulator.changelly.credentials
    signature = sign(f"{PRODUCTION}/v1/providers{{}}".encode(), credentials["private_key"])
    headers = [("Host", "h"), (names[0], credentials["api_key"]), (names[1], signature)]
    assert exchange(emulator.changelly.url, "GET", "/v1/providers", headers)[0] == 200


@pytest.mark.parametrize("twice", ["X-Api-Key", "X-Api-Signature"])
def test_04_a_header_that_is_sent_twice_is_refused(emulator: Emulator, twice: str) -> None:
    credentials = emulator.changelly.credentials
    signature = sign(f"{PRODUCTION}/v1/providers{{}}".encode(), credentials["private_key"])
    headers = [("Host", "h"), ("X-Api-Key", credentials["api_key"]), ("X-Api-Signature", signature)]
    again = next((name, value) for name, value in headers if name == twice)
    status, _, body = exchange(emulator.changelly.url, "GET", "/v1/providers", [*headers, again])
    assert (status, body) == (401, UNAUTHORIZED)


@pytest.mark.parametrize(("twice", "status"), [("X-Api-Key", 401), ("X-Api-Signature", 200)])
def test_04_if_signatures_are_not_checked_a_header_may_be_sent_twice(
    emulator: Emulator, twice: str, status: int
) -> None:
    emulator.set("changelly", signatureCheck="off")
    headers = [("Host", "h"), ("X-Api-Key", emulator.changelly.credentials["api_key"]), ("X-Api-Signature", "x")]
    again = next((name, value) for name, value in headers if name == twice)
    assert exchange(emulator.changelly.url, "GET", "/v1/providers", [*headers, again])[0] == status


def test_04_the_same_request_works_twice_and_makes_two_orders(client: Client) -> None:
    first, second = client.create(externalOrderId="a"), client.create(externalOrderId="a")
    assert client.order_id(first) != client.order_id(second)


def test_05_a_signed_body_that_is_not_json_is_a_validation_error(client: Client) -> None:
    assert causes(client.request("POST", "/v1/orders", content=b"{not json")) == ["body"]


HUGE = b" " * 3 * 1024 * 1024


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_16_a_huge_body_is_refused_after_the_signature_is_checked(client: Client, method: str) -> None:
    path = "/v1/orders" if method == "POST" else "/v1/sandbox/order/abc"
    for signature in (None, "junk", base64.b64encode(b"x" * 256).decode()):
        response = client.request(method, path, content=HUGE, headers={"X-Api-Signature": signature})
        assert (response.status_code, response.content) == (401, UNAUTHORIZED)
    assert causes(client.request(method, path, content=HUGE)) == ["body"]


def test_16_a_huge_body_with_get_is_ignored(client: Client, emulator: Emulator) -> None:
    credentials = emulator.changelly.credentials
    signature = sign(f"{PRODUCTION}/v1/providers{{}}".encode(), credentials["private_key"])
    headers: dict[str, str | None] = {"X-Api-Signature": signature}
    assert client.request("GET", "/v1/providers", content=HUGE, headers=headers).status_code == 200


@pytest.mark.parametrize("base", ["", PRODUCTION])
def test_05_a_get_works_over_both_bases(client: Client, base: str) -> None:
    assert client.request("GET", "/v1/providers", signed_base=base).status_code == 200


@pytest.mark.parametrize("target", ["/v1/orders?", "/v1/providers?"])
def test_05_a_trailing_question_mark_is_part_of_the_signed_text(client: Client, target: str) -> None:
    assert client.request("GET", target).status_code == 200
    assert client.request("GET", target, signed_base="https://fiat-api.changelly.com").status_code == 200


@pytest.mark.parametrize("method", ["pss", "sha1", "sha512", "hmac", "path", "no url"])
def test_05_other_signatures_are_refused(client: Client, emulator: Emulator, method: str) -> None:
    body = json_text.encode(BUY)
    text = f"{emulator.changelly.url}/v1/orders".encode() + body
    key = load_pem_private_key(str(emulator.changelly.credentials["private_key"]).encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    made = {
        "pss": lambda: key.sign(text, PSS(MGF1(SHA256()), 32), SHA256()),
        "sha1": lambda: key.sign(text, PKCS1v15(), SHA1()),
        "sha512": lambda: key.sign(text, PKCS1v15(), SHA512()),
        "hmac": lambda: hmac.digest(b"secret", text, "sha256"),
        "path": lambda: key.sign(b"/v1/orders" + body, PKCS1v15(), SHA256()),
        "no url": lambda: key.sign(body, PKCS1v15(), SHA256()),
    }[method]()
    response = client.create({"X-Api-Signature": base64.b64encode(made).decode()})
    assert (response.status_code, response.content) == (401, UNAUTHORIZED)


def test_05_the_reason_has_the_text_that_should_have_been_signed(client: Client, emulator: Emulator) -> None:
    headers = {"X-Emulator-Explain": "1", "X-Api-Signature": sign(json_text.encode(BUY), _key(emulator))}
    response = client.create(headers)
    url = f"{emulator.changelly.url}/v1/orders"
    other = url.replace("http:", "https:").removesuffix("/v1/orders")
    expected = (
        f"the client signed the body without the URL; the client used {url} (also accepted in place of its base: "
        f"{other}, {PRODUCTION}); the text to sign is: {url}{json_text.encode(BUY).decode()}"
    )
    assert response.headers["X-Emulator-Reason"] == expected
    [entry] = emulator.journal(kind="request")
    assert entry["reason"] == expected


def test_05_the_reason_has_the_production_base_if_the_client_uses_its_host(client: Client) -> None:
    headers = {"X-Emulator-Explain": "1", "X-Api-Signature": None, "Host": "fiat-api.changelly.com"}
    reason = client.request("GET", "/v1/offers?a=b", headers=headers).headers["X-Emulator-Reason"]
    assert f"; the client used {PRODUCTION}/v1/offers?a=b (also accepted in place of its base: http://" in reason
    assert reason.endswith(f"; the text to sign is: {PRODUCTION}/v1/offers?a=b{{}}")


def test_05_the_reason_of_a_get_ends_with_an_empty_object(client: Client, emulator: Emulator) -> None:
    response = client.request("GET", "/v1/offers?a=b", headers={"X-Emulator-Explain": "1", "X-Api-Signature": None})
    reason = response.headers["X-Emulator-Reason"]
    assert reason.startswith("X-Api-Signature is missing; the client used http://")
    assert reason.endswith("/v1/offers?a=b{}")


def _key(emulator: Emulator) -> str:
    return str(emulator.changelly.credentials["private_key"])


def test_06_a_suspended_partner_is_refused(client: Client, other: Client, emulator: Emulator) -> None:
    emulator.set("changelly", suspended=True)
    assert refused(client.create()) == (403, "forbidden")
    assert refused(client.request("GET", "/v1/providers")) == (403, "forbidden")
    assert other.create().status_code == 201


@pytest.mark.parametrize(
    ("error", "status"), [("forbidden", 403), ("tooManyRequests", 429), ("internalServerError", 500)]
)
def test_06_faults_can_answer_with_every_status(client: Client, emulator: Emulator, error: str, status: int) -> None:
    emulator.inject("status", error=error, provider="changelly", times=1)
    response = client.create()
    assert refused(response) == (status, error)
    assert ("Retry-After" in response.headers) == (status == 429)
    assert client.create().status_code == 201


def test_06_the_rate_limit_counts_per_key_and_minute(client: Client, other: Client, emulator: Emulator) -> None:
    emulator.set("changelly", rateLimitPerMinute=2)
    assert client.create({"X-Api-Signature": "x"}).status_code == 401
    assert client.create().status_code == 201
    emulator.advance("20s")
    assert causes(client.create(amountFrom="x")) == ["amountFrom"]
    response = client.create()
    assert refused(response) == (429, "tooManyRequests")
    assert response.headers["Retry-After"] == "40"
    assert other.create().status_code == 201
    emulator.advance("40s")
    assert client.create().status_code == 201


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/orders/0f4c2a7e-5d0b-4b1e-9a55-3c1f9f2d8e11"),
        ("GET", "/v1/orders/"),
        ("POST", "/v1/orders/"),
        ("DELETE", "/v1/orders"),
        ("OPTIONS", "/v1/orders"),
        ("PUT", "/v1/orders"),
        ("GET", "/v1/sell/orders"),
        ("GET", "/v1/sandbox/order/0f4c2a7e-5d0b-4b1e-9a55-3c1f9f2d8e11"),
        ("GET", "/v1/sandbox/order/0f4c2a7e-5d0b-4b1e-9a55-3c1f9f2d8e11/resend-callback"),
        ("GET", "/orders"),
        ("GET", "/"),
    ],
)
def test_06_unknown_paths_are_not_found_whoever_asks(client: Client, method: str, path: str) -> None:
    assert refused(client.request(method, path, headers={"X-Api-Key": None})) == (404, "notFound")
    assert refused(client.request(method, path)) == (404, "notFound")


def test_06_head_is_not_found(emulator: Emulator) -> None:
    status, headers, _ = exchange(emulator.changelly.url, "HEAD", "/v1/providers", [("Host", "h")])
    assert status == 404
    assert headers["content-type"] == "application/json; charset=utf-8"
