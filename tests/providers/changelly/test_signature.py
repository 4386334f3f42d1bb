"""Signatures: what real clients send is accepted, everything else is refused, nothing raises."""

import hmac
import json
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from emulator.providers.changelly.signature import javascript_json
from emulator.providers.changelly.signature.rsa import (
    BodyTooLong,
    UnreadableKey,
    Verdict,
    check_signature,
    read_private_key,
    read_public_key,
    sign,
    sign_callback,
    write_callback_text,
)
from emulator.providers.changelly.signature.signed_text import LONGEST_BODY, PUBLIC_BASE, SignedRequest, list_texts
from emulator.providers.changelly.signature.test_key import PRIVATE_KEY_BASE64, PRIVATE_KEY_PEM, PUBLIC_KEY_PEM

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "signature_vectors.json").read_text("utf-8"))
BODY = b'{"b":"1","a":["x"]}'
POST = SignedRequest("POST", "/v1/orders", BODY, host="127.0.0.1:8080")
PUBLIC_KEY_BASE64 = b64encode(PUBLIC_KEY_PEM.encode()).decode()
GET = SignedRequest("GET", "/v1/offers?currencyFrom=USD&amountFrom=150", host="127.0.0.1:8080")


def check(request: SignedRequest, signature: str | None, bases: tuple[str, ...] = (PUBLIC_BASE,)) -> Verdict:
    return check_signature(request, signature, PUBLIC_KEY_PEM, bases)


def verdict_on(request: SignedRequest, text: bytes | str) -> Verdict:
    return check(request, sign(text, PRIVATE_KEY_PEM))


@cache
def strangers_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def to_pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize("vector", VECTORS["requests"], ids=lambda vector: vector["id"])
def test_signatures_of_all_known_clients_are_judged_correctly(vector: dict[str, Any]) -> None:
    body = (vector["body"] or "").encode()
    request = SignedRequest(vector["method"], vector["target"], body, host=vector["host"])
    verdict = check(request, vector["signature"])
    assert verdict.accepted is vector["accepted"], verdict.explanation
    if verdict.accepted:
        assert str(verdict.text) == vector["text"]
    else:
        assert vector["id"] == "R6" or vector["text"] not in map(str, list_texts(request))


@pytest.mark.parametrize("vector", VECTORS["requests"], ids=lambda vector: vector["id"])
def test_our_signature_is_what_known_clients_send(vector: dict[str, Any]) -> None:
    signature = sign(vector["text"], PRIVATE_KEY_BASE64)
    assert vector["signature"] in (signature, b64decode(signature).hex())


def test_a_callback_is_signed_over_its_order_id_alone() -> None:
    callback = VECTORS["callback"]
    order_id = json.loads(callback["text"])["orderId"]
    assert write_callback_text(order_id) == callback["text"]
    assert sign_callback(order_id, PRIVATE_KEY_PEM) == callback["signature"]


def test_the_test_keys_are_shown_in_the_form_that_partners_know() -> None:
    assert VECTORS["keyBase64"] == {"private": PRIVATE_KEY_BASE64, "public": PUBLIC_KEY_BASE64}


# What must be refused


@pytest.mark.parametrize(
    "request_, text, reason",
    [
        (
            GET,
            PUBLIC_BASE + GET.target,
            "the client signed the URL without {}: where there is no body, sign {} in its place",
        ),
        (POST, BODY, "the client signed the body without the URL"),
        (POST, POST.target, "the client signed the path alone"),
        (POST, POST.target.encode() + BODY, "the client signed the path without scheme and host"),
        (POST, PUBLIC_BASE + POST.target + '{"a":["x"],"b":"1"}', "the client signed the body with its keys sorted"),
        (POST, PUBLIC_BASE + POST.target + "{}", "the client signed {} although there is a body"),
        (POST, PUBLIC_BASE + POST.target + '{"b":"2","a":["x"]}', "the client signed another text"),
        (POST, PUBLIC_BASE + "/v1/order" + BODY.decode(), "the client signed another text"),
        (POST, PUBLIC_BASE + POST.target + '{"b":"1","a":{}}', "the client signed another text"),
        (POST, PUBLIC_BASE + POST.target + '{"b":"1","a":{"0":"x"}}', "the client signed another text"),
        (GET, PUBLIC_BASE + GET.target + "1{}", "the client signed another text"),
        (
            GET,
            PUBLIC_BASE + GET.target + "&state=undefined{}",
            "the client signed state=undefined, which was not sent: leave out parameters without a value",
        ),
        (GET, "https://shop.example" + GET.target + "{}", "the client signed another text"),
    ],
)
def test_a_signature_of_another_text_is_refused_and_the_mistake_named(
    request_: SignedRequest, text: bytes | str, reason: str
) -> None:
    verdict = verdict_on(request_, text)
    assert (verdict.accepted, verdict.reason) == (False, reason)
    right = verdict.text
    assert right is not None
    used = right.url.decode()
    assert verdict.explanation.startswith(f"{reason}; the client used {used} (also accepted in place of its base: ")
    assert verdict.explanation.endswith(f"; the text to sign is: {right}")
    assert verdict_on(request_, right.text).accepted


@pytest.mark.parametrize("changed", ["body", "path", "query"])
def test_a_request_that_was_changed_after_signing_is_refused(changed: str) -> None:
    sent = replace(POST, target="/v1/orders?a=1")
    signature = sign(PUBLIC_BASE + sent.target + BODY.decode(), PRIVATE_KEY_PEM)
    assert check(sent, signature).accepted
    tampered = {
        "body": replace(sent, body=BODY.replace(b"1", b"2")),
        "path": replace(sent, target="/v1/order?a=1"),
        "query": replace(sent, target="/v1/orders?a=2"),
    }
    assert not check(tampered[changed], signature).accepted


def right_text() -> bytes:
    return PUBLIC_BASE.encode() + POST.target.encode() + BODY


def hash_with(algorithm: HashAlgorithm) -> bytes:
    return read_private_key(PRIVATE_KEY_PEM).sign(right_text(), padding.PKCS1v15(), algorithm)


def sign_with_pss() -> bytes:
    scheme = padding.PSS(padding.MGF1(SHA256()), 32)
    return read_private_key(PRIVATE_KEY_PEM).sign(right_text(), scheme, SHA256())


def compute_hmac(algorithm: str, key: str) -> bytes:
    return hmac.digest(key.encode(), right_text(), algorithm)


FOREIGN: dict[str, Callable[[], bytes]] = {
    "SHA-1": lambda: hash_with(SHA1()),
    "SHA-512": lambda: hash_with(SHA512()),
    "PSS": sign_with_pss,
    "HMAC-SHA-256": lambda: compute_hmac("sha256", PUBLIC_KEY_PEM),
    "HMAC-SHA-512": lambda: compute_hmac("sha512", "key-default"),
    "another partner's key": lambda: strangers_key().sign(right_text(), padding.PKCS1v15(), SHA256()),
    "zeros": lambda: bytes(256),
    "ones": lambda: b"\xff" * 256,
    "nothing": lambda: b"",
    "one byte more": lambda: hash_with(SHA256()) + b"\0",
    "one byte less": lambda: hash_with(SHA256())[:-1],
}


@pytest.mark.parametrize("name", FOREIGN)
def test_another_kind_of_signature_is_refused(name: str) -> None:
    assert not check(POST, b64encode(FOREIGN[name]()).decode()).accepted


RIGHT = sign(right_text(), PRIVATE_KEY_PEM)


@pytest.mark.parametrize(
    "written",
    [
        None,
        "",
        "=",
        "junk",
        "ключ",
        "\udc80",
        RIGHT.rstrip("="),
        RIGHT + "=",
        RIGHT + RIGHT,
        RIGHT[:100] + "\n" + RIGHT[100:],
        RIGHT[:-3] + chr(ord(RIGHT[-3]) + 1) + "==",
        RIGHT.replace("+", "-").replace("/", "_"),
        RIGHT.swapcase(),
        f'"{RIGHT}"',
        hash_with(SHA256()).hex(),
        urlsafe_b64encode(hash_with(SHA256())).decode(),
    ],
)
def test_a_header_that_is_not_strict_base64_is_refused(written: str | None) -> None:
    verdict = check(POST, written)
    assert not verdict.accepted
    assert verdict.text is not None
    assert verdict.text.text == b"http://127.0.0.1:8080" + POST.target.encode() + BODY


def test_spaces_around_the_header_s_value_are_ignored() -> None:
    assert check(POST, f" \t{RIGHT} ").accepted


# What must be accepted


def test_the_same_request_is_accepted_each_time() -> None:
    assert [check(POST, RIGHT).accepted for _ in range(3)] == [True] * 3


def test_a_signature_of_every_listed_text_is_accepted() -> None:
    request = SignedRequest(
        "POST",
        "/changelly/v1/a/./orders?x=a,b c",
        b'{ "b": 1.0, "a": "\\u00eb" }',
        host="LOCALHOST:80",
        mount="/changelly",
        forwarded_proto="https",
        forwarded_host="proxy.example",
    )
    texts = list(list_texts(request))
    assert len(texts) == len({text.text for text in texts}) > 50
    assert all(verdict_on(request, text.text).accepted for text in texts[::7])


def test_malformed_json_can_be_signed_as_sent() -> None:
    request = replace(POST, body=b'{"a": 1,, }')
    assert verdict_on(request, PUBLIC_BASE.encode() + b'/v1/orders{"a": 1,, }').accepted
    assert not verdict_on(request, PUBLIC_BASE.encode() + b'/v1/orders{"a":1,,}').accepted


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(JSON_VALUES, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_a_body_may_be_signed_compact_and_sent_in_any_layout(value: Any, indent: Any, ascii_only: bool) -> None:
    compact = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    request = replace(POST, body=json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode())
    texts = list_texts(request)
    assert (PUBLIC_BASE + POST.target + compact).encode() in [text.text for text in texts]


@given(
    method=st.sampled_from(["GET", "POST", "PATCH", "DELETE"]),
    target=st.text(),
    body=st.binary(),
    host=st.none() | st.text(),
    signature=st.none() | st.text() | st.binary(min_size=256, max_size=256).map(lambda raw: b64encode(raw).decode()),
    mount=st.sampled_from(["", "/", "/changelly"]),
    bases=st.sampled_from([(PUBLIC_BASE,), ()]),
)
def test_nothing_that_a_client_sends_raises_an_exception(
    method: str,
    target: str,
    body: bytes,
    host: str | None,
    signature: str | None,
    mount: str,
    bases: tuple[str, ...],
) -> None:
    request = SignedRequest(method, target, body, host, mount, forwarded_proto=host, forwarded_host=target)
    verdict = check(request, signature, bases)
    assert not verdict.accepted
    assert verdict.explanation


def test_if_no_base_is_accepted_the_reason_says_what_to_do() -> None:
    verdict = check(replace(POST, host=None), sign("/v1/orders{}", PRIVATE_KEY_PEM), ())
    assert not verdict.accepted
    mistake = "the client signed the path without scheme and host, and {} although there is a body"
    assert verdict.explanation == f"{mistake}; send Host: the setting accepted_bases names no base URL"


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 500_000,
        b'{"a":' * 200_000 + b"1" + b"}" * 200_000,
        b'{"a":NaN}',
        b'{"a":"\\ud800"}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":1e999999,"b":' + b"7" * 100_000 + b"}",
        b'"' + b'\\"' * 200_000,
        b"\xff\x00\xfe" * 1000,
    ],
    ids=[
        "deep list",
        "deep object",
        "NaN",
        "lone surrogate",
        "surrogate bytes",
        "huge numbers",
        "open string",
        "bytes",
    ],
)
def test_signatures_of_hostile_bodies_are_checked_against_their_bytes(body: bytes) -> None:
    request = replace(POST, body=body)
    assert verdict_on(request, PUBLIC_BASE.encode() + b"/v1/orders" + body).accepted
    assert not verdict_on(request, "another text").accepted


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a_body_that_was_cut_off_is_too_long_only_for_a_signature_that_could_be_good(method: str) -> None:
    request = replace(POST, method=method, body=b" " * (LONGEST_BODY + 1))
    with pytest.raises(BodyTooLong, match=str(LONGEST_BODY)):
        check(request, RIGHT)
    for hopeless in (None, "junk", b64encode(b"x" * 256).decode(), b64encode(hash_with(SHA1())).decode()):
        assert not check(request, hopeless).accepted
    assert verdict_on(replace(request, method="GET"), PUBLIC_BASE + "/v1/orders{}").accepted


def test_with_a_hopeless_signature_the_body_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[bytes] = []
    monkeypatch.setattr(javascript_json, "read", read.append)
    assert not check(POST, b64encode(b"x" * 256).decode()).accepted
    assert read == []
    assert not verdict_on(POST, "another text").accepted
    assert read == [BODY]


# Keys


def test_a_private_key_is_read_in_every_form_that_partners_have() -> None:
    key = read_private_key(PRIVATE_KEY_PEM)
    for layout in (PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL):
        pem = key.private_bytes(Encoding.PEM, layout, NoEncryption())
        der = key.private_bytes(Encoding.DER, layout, NoEncryption())
        for form in (pem.decode(), b64encode(pem).decode(), b64encode(der).decode(), f"\n {pem.decode()} \n"):
            assert sign(right_text(), form) == RIGHT


def test_a_public_key_is_read_in_every_form() -> None:
    key = read_public_key(PUBLIC_KEY_BASE64)
    for encoding in (Encoding.PEM, Encoding.DER):
        for layout in (PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1):
            raw = key.public_bytes(encoding, layout)
            assert read_public_key(b64encode(raw).decode()).public_numbers() == key.public_numbers()
    assert read_public_key(PUBLIC_KEY_PEM).public_numbers() == key.public_numbers()


def test_a_key_is_parsed_once() -> None:
    assert read_public_key(PUBLIC_KEY_PEM) is read_public_key(PUBLIC_KEY_PEM)
    assert read_private_key(PRIVATE_KEY_PEM) is read_private_key(PRIVATE_KEY_PEM)


@pytest.mark.parametrize(
    "text", ["", "nonsense!", "bm9uc2Vuc2U=", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"]
)
def test_text_that_is_not_a_key_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(UnreadableKey, match="PEM|base64"):
        read_public_key(text)
    with pytest.raises(UnreadableKey, match="PEM|base64"):
        read_private_key(text)


def test_only_rsa_keys_are_accepted() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    with pytest.raises(UnreadableKey, match="RSA"):
        read_private_key(to_pem(key))
    with pytest.raises(UnreadableKey, match="RSA"):
        read_public_key(public)


def test_another_key_pair_works_the_same() -> None:
    public = strangers_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    assert check_signature(POST, sign(right_text(), to_pem(strangers_key())), public).accepted
    assert not check_signature(POST, RIGHT, public).accepted
