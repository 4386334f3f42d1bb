"""Each common signing mistake is named, whatever the request, and nothing else is."""

import base64
import hmac
import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.providers.changelly.signature.mistakes import LONGEST_DIAGNOSED
from emulator.providers.changelly.signature.rsa import (
    LONGEST_SIGNATURE,
    check_signature,
    read_private_key,
    sign,
)
from emulator.providers.changelly.signature.signed_text import PUBLIC_BASE, SignedRequest
from emulator.providers.changelly.signature.test_key import PRIVATE_KEY_PEM, PUBLIC_KEY_PEM

KEY = read_private_key(PRIVATE_KEY_PEM)
STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
STRANGERS_PEM = STRANGER.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
BASE = "http://localhost:8903"

Words = st.text("abcXYZ0189", min_size=1, max_size=8)
BODIES = st.fixed_dictionaries(
    {"zone": Words, "amountFrom": st.integers(1, 999), "note": st.just("zoë / 5"), "state": st.none()},
    optional={"metadata": st.dictionaries(Words, Words, max_size=2)},
).map(lambda value: {"zone": value["zone"], **value})
"""Bodies whose keys are not sorted."""
QUERIES = st.dictionaries(st.from_regex(r"[m-r]{1,5}", fullmatch=True), Words, min_size=2, max_size=4).map(
    lambda pairs: urlencode({"z[0]": "a b", **pairs}, quote_via=quote)
)


def named(request: SignedRequest, signature: str) -> str:
    """What the refusal says of the signature."""
    verdict = check_signature(
        request, signature, PUBLIC_KEY_PEM, (PUBLIC_BASE,), list_other_keys=lambda: {"a stranger's key": STRANGERS_PEM}
    )
    assert not verdict.accepted
    return verdict.reason


def compact(value: Any, **how: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), **how).encode()


TEXTS_OF_POST: dict[str, Callable[[bytes, dict[str, Any]], bytes]] = {
    "the body without the URL": lambda url, value: compact(value),
    "the URL without the body": lambda url, value: url,
    "the body before the URL": lambda url, value: compact(value) + url,
    "the path without scheme and host": lambda url, value: b"/v1/orders" + compact(value),
    "the path alone": lambda url, value: b"/v1/orders",
    "{} although there is a body": lambda url, value: url + b"{}",
    "the URL without /v1": lambda url, value: url.replace(b"/v1", b"") + compact(value),
    "the URL with /v1 twice": lambda url, value: url.replace(b"/v1", b"/v1/v1") + compact(value),
    "the URL without its scheme": lambda url, value: url.removeprefix(b"http://") + compact(value),
    "the URL with two slashes": lambda url, value: url.replace(b"/v1", b"//v1") + compact(value),
    "the URL with a slash at its end": lambda url, value: url + b"/" + compact(value),
    "the base http://127.0.0.1:8903": lambda url, value: url.replace(b"localhost", b"127.0.0.1") + compact(value),
    "the base http://host.docker.internal:8903": lambda url, value: (
        url.replace(b"localhost", b"host.docker.internal") + compact(value)
    ),
    "URL and body with a line break": lambda url, value: url + b"\n" + compact(value),
    "method, URL and body with a line break": lambda url, value: b"POST\n" + url + b"\n" + compact(value),
    "the method before the URL": lambda url, value: b"POST" + url + compact(value),
    "the text with a line break at its end": lambda url, value: url + compact(value) + b"\n",
    "the body with its keys sorted": lambda url, value: url + compact(value, sort_keys=True),
    "the body written again, with spaces": lambda url, value: url + json.dumps(value).encode(),
    "the body written again, with line breaks": lambda url, value: url + json.dumps(value, indent=2).encode(),
    "the body written again, non-ASCII": lambda url, value: url + json.dumps(value, separators=(",", ":")).encode(),
    "the body written again, with \\/ for /": lambda url, value: url + compact(value).replace(b"/", b"\\/"),
    "the body without its null members": lambda url, value: (
        url + compact({name: member for name, member in value.items() if member is not None})
    ),
    "the body with its numbers as text": lambda url, value: (
        url
        + compact({name: member if isinstance(member, str) else json.dumps(member) for name, member in value.items()})
    ),
    "the body in base64": lambda url, value: url + base64.b64encode(compact(value)),
    "the SHA-256 of the body in hex": lambda url, value: url + sha256(compact(value)).hexdigest().encode(),
    "the SHA-256 of the text in hex": lambda url, value: sha256(url + compact(value)).hexdigest().encode(),
    "the SHA-256 of the text:": lambda url, value: sha256(url + compact(value)).digest(),
    "the text in base64": lambda url, value: base64.b64encode(url + compact(value)),
    "the text in LATIN-1": lambda url, value: (url + compact(value)).decode().encode("latin-1"),
    "the text in UTF-16": lambda url, value: (url + compact(value)).decode().encode("utf-16"),
    "the path without scheme and host, and the body with its keys sorted": lambda url, value: (
        b"/v1/orders" + compact(value, sort_keys=True)
    ),
}


@pytest.mark.parametrize("mistake", TEXTS_OF_POST)
@settings(max_examples=10)
@given(value=BODIES)
def test_a_mistake_in_the_signed_body_is_named(mistake: str, value: dict[str, Any]) -> None:
    request = SignedRequest("POST", "/v1/orders", compact(value), host="localhost:8903")
    text = TEXTS_OF_POST[mistake](f"{BASE}/v1/orders".encode(), value)
    assert named(request, sign(text, PRIVATE_KEY_PEM)).startswith(f"the client signed {mistake}")


TEXTS_OF_GET: dict[str, Callable[[str, str], str]] = {
    "the URL without {}": lambda url, query: f"{url}?{query}",
    "null in place of the body": lambda url, query: f"{url}?{query}null",
    '"" in place of the body': lambda url, query: f'{url}?{query}""',
    "[] in place of the body": lambda url, query: f"{url}?{query}[]",
    "the URL without its query": lambda url, query: url + "{}",
    "the path alone": lambda url, query: f"/v1/orders?{query}",
    "the path without scheme and host": lambda url, query: f"/v1/orders?{query}{{}}",
    "the URL before its query was percent-encoded": lambda url, query: (
        f"{url}?{query.replace('%5B', '[').replace('%5D', ']').replace('%20', ' ')}{{}}"
    ),
    "the URL with its parameters sorted": lambda url, query: f"{url}?{'&'.join(sorted(query.split('&')))}{{}}",
    "state=undefined, which was not sent": lambda url, query: f"{url}?{query}&state=undefined{{}}",
    "limit=undefined, which was not sent": lambda url, query: f"{url}?limit=undefined&{query}{{}}",
    "the base http://127.0.0.1:8903": lambda url, query: f"{url.replace('localhost', '127.0.0.1')}?{query}{{}}",
    "the URL without {}: where there is no body, sign {} in its place": lambda url, query: f"{url}?{query}",
}


@pytest.mark.parametrize("mistake", TEXTS_OF_GET)
@settings(max_examples=10)
@given(query=QUERIES)
def test_a_mistake_in_the_signed_url_is_named(mistake: str, query: str) -> None:
    request = SignedRequest("GET", f"/v1/orders?{query}", host="localhost:8903")
    text = TEXTS_OF_GET[mistake](f"{BASE}/v1/orders", query)
    assert named(request, sign(text, PRIVATE_KEY_PEM)).startswith(f"the client signed {mistake}")


ENCODINGS: dict[str, Callable[[bytes], str]] = {
    "it is hex, not base64": lambda octets: octets.hex(),
    "it is hex in base64": lambda octets: base64.b64encode(octets.hex().encode()).decode(),
    "it is base64 twice over": lambda octets: base64.b64encode(base64.b64encode(octets)).decode(),
    "it is base64 without its padding": lambda octets: base64.b64encode(octets).decode().rstrip("="),
    "it is in quotation marks": lambda octets: f'"{base64.b64encode(octets).decode()}"',
}

KINDS: dict[str, Callable[[bytes], bytes]] = {
    "the hash is SHA-1, not SHA-256": lambda text: KEY.sign(text, PKCS1v15(), SHA1()),
    "the hash is SHA-384, not SHA-256": lambda text: KEY.sign(text, PKCS1v15(), SHA384()),
    "the hash is SHA-512, not SHA-256": lambda text: KEY.sign(text, PKCS1v15(), SHA512()),
    "it was made by RSA-PSS": lambda text: KEY.sign(text, PSS(MGF1(SHA256()), 32), SHA256()),
    "it has 32 bytes, like an HMAC": lambda text: hmac.digest(b"key-default", text, "sha256"),
    "it has 64 bytes, like an HMAC": lambda text: hmac.digest(b"key-default", text, "sha512"),
    "it is the SHA-256 of the text, not a signature": lambda text: sha256(text).digest(),
    "it was made with a stranger's key": lambda text: STRANGER.sign(text, PKCS1v15(), SHA256()),
    "the client signed the SHA-256 of the text": lambda text: KEY.sign(sha256(text).digest(), PKCS1v15(), SHA256()),
    "the digest was signed without the name of its hash": lambda text: encrypt_digest(text),
}


def encrypt_digest(text: bytes) -> bytes:
    """PKCS#1 v1.5 of the bare digest, as an encryption with the private key gives it."""
    digest = sha256(text).digest()
    numbers = KEY.private_numbers()
    size = KEY.key_size // 8
    padded = b"\x00\x01" + b"\xff" * (size - 3 - len(digest)) + b"\x00" + digest
    return pow(int.from_bytes(padded), numbers.d, numbers.public_numbers.n).to_bytes(size)


@pytest.mark.parametrize("mistake", ENCODINGS)
@settings(max_examples=10)
@given(value=BODIES)
def test_a_wrong_encoding_is_named(mistake: str, value: dict[str, Any]) -> None:
    request = SignedRequest("POST", "/v1/orders", compact(value), host="localhost:8903")
    octets = KEY.sign(f"{BASE}/v1/orders".encode() + compact(value), PKCS1v15(), SHA256())
    assert f": {mistake}" in named(request, ENCODINGS[mistake](octets))


@settings(max_examples=10)
@given(value=BODIES)
def test_url_safe_base64_is_named(value: dict[str, Any]) -> None:
    request = SignedRequest("POST", "/v1/orders", compact(value), host="localhost:8903")
    octets = KEY.sign(f"{BASE}/v1/orders".encode() + compact(value), PKCS1v15(), SHA256())
    written = base64.urlsafe_b64encode(octets).decode()
    if "-" in written or "_" in written:
        assert ": it is URL-safe base64" in named(request, written)


@pytest.mark.parametrize("mistake", KINDS)
@settings(max_examples=10)
@given(value=BODIES)
def test_a_wrong_kind_of_signature_is_named(mistake: str, value: dict[str, Any]) -> None:
    request = SignedRequest("POST", "/v1/orders", compact(value), host="localhost:8903")
    octets = KINDS[mistake](f"{BASE}/v1/orders".encode() + compact(value))
    assert mistake in named(request, base64.b64encode(octets).decode())


def test_two_mistakes_at_once_are_both_named() -> None:
    request = SignedRequest("POST", "/v1/orders", b'{"b":1,"a":2}', host="localhost:8903")
    octets = KEY.sign(b'/v1/orders{"b":1,"a":2}', PKCS1v15(), SHA512())
    told = named(request, octets.hex())
    assert (
        ": it is hex, not base64; the hash is SHA-512, not SHA-256; the client signed the path without scheme" in told
    )


@given(text=st.binary(max_size=100))
def test_a_text_that_nobody_signs_by_mistake_is_only_reported_as_wrong(text: bytes) -> None:
    request = SignedRequest("POST", "/v1/orders", b'{"b":1}', host="localhost:8903")
    assert named(request, sign(b"?" + text, PRIVATE_KEY_PEM)) == "the client signed another text"


@given(signature=st.text(max_size=600) | st.binary(max_size=600).map(lambda octets: base64.b64encode(octets).decode()))
def test_any_header_is_read_without_an_exception(signature: str) -> None:
    request = SignedRequest("POST", "/v1/orders?a=%ff", b"\xff{", host="localhost:8903")
    assert named(request, signature)


def test_no_mistake_is_looked_for_in_a_long_body_or_header() -> None:
    body = b'{"a":"' + b"x" * LONGEST_DIAGNOSED + b'"}'
    request = SignedRequest("POST", "/v1/orders", body, host="localhost:8903")
    assert named(request, sign(body, PRIVATE_KEY_PEM)) == "the client signed another text"
    short = SignedRequest("POST", "/v1/orders", b"{}", host="localhost:8903")
    assert named(short, "ab" * LONGEST_SIGNATURE).endswith("instead of 256")


def test_a_signature_made_from_the_hash_of_the_text_is_accepted() -> None:
    """The control of the others: a right signature is not refused."""
    digest = sha256(f"{BASE}/v1/orders{{}}".encode()).digest()
    octets = KEY.sign(digest, PKCS1v15(), Prehashed(SHA256()))
    request = SignedRequest("GET", "/v1/orders", host="localhost:8903")
    assert check_signature(request, base64.b64encode(octets).decode(), PUBLIC_KEY_PEM).accepted
