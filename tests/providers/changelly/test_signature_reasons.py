"""Why a signature was refused, over HTTP: the text to sign, over the base that was used, and the client's mistake."""

import base64
from collections.abc import Callable, Mapping

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from emulator.core import json_text
from emulator.testing import BackgroundServer, Emulator
from emulator.testing.connection import tls
from tests.clients.changelly import BUY, sign

PRODUCTION = "https://fiat-api.changelly.com"
BODY = json_text.encode(BUY)


def ask(
    emulator: Emulator,
    method: str,
    target: str,
    signed: bytes | str,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:
    """A call with the signature of a text, or with a header value as it is."""
    key = str(emulator.changelly.credentials["private_key"])
    return httpx.request(
        method,
        emulator.changelly.url + target,
        content=body,
        headers={
            "X-Api-Key": str(emulator.changelly.credentials["api_key"]),
            "X-Api-Signature": sign(signed, key) if isinstance(signed, bytes) else signed,
            "X-Emulator-Explain": "1",
            **(headers or {}),
        },
        verify=tls(),
    )


def reason(emulator: Emulator, response: httpx.Response) -> str:
    """Why it was refused, by the header and by the journal."""
    assert response.status_code == 401, response.text
    told = response.headers["X-Emulator-Reason"]
    assert emulator.journal(kind="request")[-1]["reason"] == told
    return told


def test_42_for_a_client_of_the_local_address_the_reason_names_that_first(emulator: Emulator) -> None:
    url = f"{emulator.changelly.url}/v1/orders"
    told = reason(emulator, ask(emulator, "POST", "/v1/orders", b"nonsense", BODY))
    assert told.startswith(
        f"the client signed another text; the client used {url} (also accepted in place of its base: "
    )
    assert told.endswith(f"; the text to sign is: {url}{BODY.decode()}")
    assert PRODUCTION in told
    assert ask(emulator, "POST", "/v1/orders", told.partition("the text to sign is: ")[2].encode(), BODY).is_success


def test_42_the_text_to_sign_has_the_backslashes_of_the_body_as_they_are(emulator: Emulator) -> None:
    body = json_text.encode({**BUY, "returnSuccessUrl": "https://shop.example/ok"}).replace(b"/", rb"\/")
    told = reason(emulator, ask(emulator, "POST", "/v1/orders", b"nonsense", body))
    assert told.endswith(body.decode())
    assert ask(emulator, "POST", "/v1/orders", told.partition("the text to sign is: ")[2].encode(), body).is_success


def test_42_for_a_client_that_uses_the_production_host_the_reason_has_that_base(emulator: Emulator) -> None:
    host = "fiat-api.changelly.com"
    told = reason(emulator, ask(emulator, "GET", "/v1/offers?a=b", b"nonsense", headers={"Host": host}))
    assert f"the client used {PRODUCTION}/v1/offers?a=b (" in told
    assert told.endswith(f"; the text to sign is: {PRODUCTION}/v1/offers?a=b{{}}")


def test_42_behind_a_trusted_proxy_the_base_is_the_forwarded_one(emulator: Emulator) -> None:
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "proxy.example"}
    assert "has used https://proxy" not in reason(
        emulator, ask(emulator, "GET", "/v1/providers", b"x", headers=forwarded)
    )
    emulator.set("changelly", trustProxy=True)
    told = reason(emulator, ask(emulator, "GET", "/v1/providers", b"x", headers=forwarded))
    assert "the client used https://proxy.example/v1/providers (" in told


def test_42_the_scheme_in_the_reason_is_the_one_the_client_used(
    emulator: Emulator, emulator_server: BackgroundServer
) -> None:
    scheme, _, host = emulator.changelly.url.partition("://")
    other = "https" if scheme == "http" else "http"
    told = reason(emulator, ask(emulator, "GET", "/v1/providers", b"x"))
    assert f"the client used {scheme}://{host}/v1/providers (also accepted in place of its base: {other}://" in told


FOUR: dict[str, tuple[str, Callable[[str], bytes], str]] = {
    "no {}": ("GET", lambda url: url.encode(), "the client signed the URL without {}: "),
    "no URL": ("POST", lambda url: BODY, "the client signed the body without the URL; "),
    "no origin": ("POST", lambda url: b"/v1/orders" + BODY, "the client signed the path without scheme and host; "),
    "decoded": (
        "GET",
        lambda url: url.replace("%5B0%5D", "[0]").encode() + b"{}",
        "set accept_decoded_query (acceptDec",
    ),
}


@pytest.mark.parametrize(("method", "text", "mistake"), FOUR.values(), ids=FOUR)
def test_42_the_four_common_mistakes_are_named(
    emulator: Emulator, method: str, text: Callable[[str], bytes], mistake: str
) -> None:
    target, body = ("/v1/orders?orderId%5B0%5D=a", b"") if method == "GET" else ("/v1/orders", BODY)
    signed = text(emulator.changelly.url + target)
    assert mistake in reason(emulator, ask(emulator, method, target, signed, body))


@pytest.mark.parametrize(
    ("sent", "written"),
    [
        ("orderId%5B0%5D=a", "orderId[0]=a"),
        ("externalUserId=a%20b", "externalUserId=a b"),
        ("externalUserId=a+b", "externalUserId=a b"),
        ("externalUserId=zo%C3%AB", "externalUserId=zoë"),
        ("externalUserId=a%2Bb%20c", "externalUserId=a+b c"),
    ],
)
def test_43_a_query_may_be_signed_before_it_is_encoded_by_setting(emulator: Emulator, sent: str, written: str) -> None:
    text = f"{emulator.changelly.url}/v1/orders?{written}{{}}".encode()
    assert "acceptDecodedQuery" in reason(emulator, ask(emulator, "GET", f"/v1/orders?{sent}", text))
    emulator.set("changelly", acceptDecodedQuery=True)
    assert ask(emulator, "GET", f"/v1/orders?{sent}", text).status_code == 200
    assert ask(emulator, "GET", f"/v1/orders?{sent}x", text).status_code == 401
    assert ask(emulator, "GET", f"/v1/orders?limit=1&{sent}", text).status_code == 401


def test_43_a_query_is_decoded_once_only(emulator: Emulator) -> None:
    emulator.set("changelly", acceptDecodedQuery=True)
    target = "/v1/orders?externalUserId=100%2525"
    url = f"{emulator.changelly.url}/v1/orders?externalUserId=100"
    assert ask(emulator, "GET", target, f"{url}%25{{}}".encode()).status_code == 200
    assert ask(emulator, "GET", target, f"{url}%{{}}".encode()).status_code == 401


def test_42_other_mistakes_are_named_too(emulator: Emulator) -> None:
    """Encoding, kind and key of the signature."""
    url = f"{emulator.changelly.url}/v1/providers"
    good = sign(f"{url}{{}}".encode(), str(emulator.changelly.credentials["private_key"]))
    octets = base64.b64decode(good)
    key = load_pem_private_key(str(emulator.changelly.credentials["private_key"]).encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    strong = base64.b64encode(key.sign(f"{url}{{}}".encode(), PKCS1v15(), SHA512())).decode()
    for written, mistake in (
        (octets.hex(), "it is hex, not base64;"),
        (strong, "the hash is SHA-512, not SHA-256;"),
        (base64.b64encode(bytes(32)).decode(), "it has 32 bytes, like an HMAC"),
    ):
        assert mistake in reason(emulator, ask(emulator, "GET", "/v1/providers", written))


def test_42_a_signature_by_another_known_key_is_reported_as_such(emulator: Emulator) -> None:
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = stranger.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    emulator.set("changelly", publicKey=pem)
    told = reason(
        emulator, ask(emulator, "GET", "/v1/providers", f"{emulator.changelly.url}/v1/providers{{}}".encode())
    )
    assert "it was made with the private key that callbacks are signed with" in told
    emulator.set("changelly", publicKey=emulator.changelly.credentials["callback_public_key"])
    emulator.set("changelly", otherPartner={"publicKey": pem})
    octets = stranger.sign(f"{emulator.changelly.url}/v1/providers{{}}".encode(), PKCS1v15(), SHA256())
    told = reason(emulator, ask(emulator, "GET", "/v1/providers", base64.b64encode(octets).decode()))
    assert "it was made with another partner's private key" in told
