"""How a refused signature was made: the usual mistakes of clients, tried one after the other.

The public key opens the signature, which gives the digest that was signed; texts are then compared by their digests.
Wrong URLs are tried with every body, right and wrong, so that two mistakes at once are named, too. Assumed: which
mistakes are usual.
"""

import json
from base64 import b64decode, b64encode, urlsafe_b64decode
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import md5, sha1, sha224, sha256, sha384, sha512
from typing import Any, NamedTuple
from urllib.parse import urlencode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from emulator.core.credential_mistakes import read_encodings
from emulator.providers.changelly.signature.signed_text import (
    EMPTY_BODY,
    PUBLIC_BASE,
    SignedRequest,
    SignedText,
    as_sent,
    decode_query,
)

LONGEST_DIAGNOSED = 16 * 1024
"""Bytes of a body; with a longer one the texts would take long to try, so none is tried."""

_PADDING = PKCS1v15()
_DIGESTS: Mapping[bytes, tuple[str, Callable[[bytes], Any]]] = {
    bytes.fromhex("3020300c06082a864886f70d020505000410"): ("MD5", lambda text: md5(text, usedforsecurity=False)),
    bytes.fromhex("3021300906052b0e03021a05000414"): ("SHA-1", lambda text: sha1(text, usedforsecurity=False)),
    bytes.fromhex("302d300d06096086480165030402040500041c"): ("SHA-224", sha224),
    bytes.fromhex("3031300d060960864801650304020105000420"): ("SHA-256", sha256),
    bytes.fromhex("3041300d060960864801650304020205000430"): ("SHA-384", sha384),
    bytes.fromhex("3051300d060960864801650304020305000440"): ("SHA-512", sha512),
}
"""What PKCS#1 v1.5 puts before a digest (RFC 8017, section 9.2) -> the name of the hash, and the hash."""

_ENCODINGS: tuple[tuple[str, Callable[[str], bytes]], ...] = (
    ("", lambda text: b64decode(text, validate=True)),
    ("it is hex, not base64", bytes.fromhex),
    ("it is hex in base64: encode the bytes, not their hex", lambda text: bytes.fromhex(b64decode(text).decode())),
    ("it is base64 twice over", lambda text: b64decode(b64decode(text, validate=True), validate=True)),
    ("it is base64 without its padding", lambda text: b64decode(text + "=" * (-len(text) % 4), validate=True)),
    ("it is URL-safe base64", lambda text: urlsafe_b64decode(text + "=" * (-len(text) % 4))),
)
"""What is wrong with each encoding that a signature may have, and how it is read; the right one first."""

_LOCAL = ("localhost", "127.0.0.1", "[::1]", "0.0.0.0", "host.docker.internal")  # noqa: S104 (nothing listens there)
"""Names of one machine: a client often signs another than it uses."""
_OPTIONAL = (
    "state", "ip", "providerCode", "externalUserId", "paymentMethod", "paymentMethodCode", "type", "supportedFlow",
    "orderId", "externalOrderId", "status", "startDate", "endDate", "offset", "limit",
)  # fmt: skip
"""Parameters that the official Node SDK signs as `undefined`, and does not send, where they have no value."""
_JOINTS = {b"\n": "a line break", b" ": "a space", b"&": "&", b"|": "|", b":": ":", b".": ".", b"?": "?", b",": ","}


class Found(NamedTuple):
    """A mistake, and the text that was signed; None if the mistake is not about the text."""

    mistake: str
    text: bytes | None = None


class Opened(NamedTuple):
    """What a signature was made of."""

    name: str
    """The hash before the signed bytes; empty if there is none."""
    hash: Callable[[bytes], Any]
    signed: bytes


def find_mistake(
    request: SignedRequest,
    written: str,
    key: RSAPublicKey,
    bases: Sequence[bytes],
    list_good: Callable[[], Sequence[SignedText]],
    other_keys: Mapping[str, RSAPublicKey],
) -> Found | None:
    """The usual mistake with which the X-Api-Signature `written` was made; None if it was none of them.

    `bases` may stand before the target; `list_good` gives the texts that would have been right, the likeliest first,
    and is called only if something was signed with the right key; `other_keys`: what a known key is -> the key.
    Example: `the client signed the path without scheme and host`.
    """
    for how, octets in read_encodings(written, _ENCODINGS):
        told = f"{how}; " if how else ""
        opened = _open(key, octets)
        if opened is not None:
            found = _find_wrong_text(request, opened, list_good())
            if found is None:
                return Found(how) if how else None
            return Found((told + found.mistake).removesuffix("; "), found.text)
        mistake = _find_wrong_kind(request, octets, key, bases) or _find_other_key(octets, other_keys)
        if mistake is not None:
            return Found(told + mistake)
    return None


def _open(key: RSAPublicKey, octets: bytes) -> Opened | None:
    """What was signed with the private key of `key` by PKCS#1 v1.5; None if nothing was."""
    try:
        signed = key.recover_data_from_signature(octets, _PADDING, None)
    except (InvalidSignature, ValueError):
        return None
    for beginning, (name, algorithm) in _DIGESTS.items():
        if signed.startswith(beginning):
            return Opened(name, algorithm, signed.removeprefix(beginning))
    return Opened("", sha256, signed)


def _find_wrong_text(request: SignedRequest, opened: Opened, texts: Sequence[SignedText]) -> Found | None:
    """What is wrong with the signed text, its hash or both; empty if nothing is, None if nobody knows."""
    hashed = {
        "SHA-256": "",
        "": "the digest was signed without the name of its hash: sign with RSASSA-PKCS1-v1_5, do not encrypt a digest",
    }.get(opened.name, f"the hash is {opened.name}, not SHA-256")
    for good in texts:
        if opened.hash(good.text).digest() == opened.signed:
            return Found(hashed, good.text)
    for mistake, text in _list_wrong_texts(request, texts):
        if opened.hash(text).digest() == opened.signed:
            return Found("; ".join(filter(None, (hashed, f"the client signed {mistake}"))), text)
    return Found(hashed) if hashed else None


def _find_wrong_kind(request: SignedRequest, octets: bytes, key: RSAPublicKey, bases: Sequence[bytes]) -> str | None:
    """What was made of the text in place of a signature by PKCS#1 v1.5."""
    for base in bases:
        text = base + b"".join(as_sent(request))
        if octets in (sha256(text).digest(), sha256(text).hexdigest().encode()):
            return "it is the SHA-256 of the text, not a signature"
        try:
            key.verify(octets, text, PSS(MGF1(SHA256()), PSS.AUTO), SHA256())
        except (InvalidSignature, ValueError):
            continue
        return "it was made by RSA-PSS: sign by RSASSA-PKCS1-v1_5"
    if len(octets) in (20, 32, 48, 64):
        return f"it has {len(octets)} bytes, like an HMAC: sign with the RSA private key"
    return None


def _find_other_key(octets: bytes, other_keys: Mapping[str, RSAPublicKey]) -> str | None:
    return next((f"it was made with {name}" for name, key in other_keys.items() if _open(key, octets)), None)


def _list_wrong_texts(request: SignedRequest, texts: Sequence[SignedText]) -> Iterator[tuple[str, bytes]]:
    """Texts that are signed by mistake, and what is wrong with each."""
    if len(request.body) > LONGEST_DIAGNOSED:
        return
    yield "the path alone", as_sent(request)[0]
    urls = [("", url) for url in dict.fromkeys(text.url for text in texts)]
    bodies = [("", body) for body in dict.fromkeys(text.body for text in texts)]
    wrong_urls, wrong_bodies = [*_list_urls(request, urls)], [*_list_bodies(request)]
    for wrong_url, url in (*urls, *wrong_urls):
        for wrong_body, body in (*bodies, *wrong_bodies):
            yield ", and ".join(filter(None, (wrong_url, wrong_body))), url + body
    for _, url in urls:
        for _, body in bodies:
            yield from _list_joined(request, url, body)


def _list_joined(request: SignedRequest, url: bytes, body: bytes) -> Iterator[tuple[str, bytes]]:
    """A right URL and a right body, put together or treated in a wrong way."""
    method, text = request.method.encode(), url + body
    yield "the body before the URL", body + url
    for joint, name in _JOINTS.items():
        yield f"URL and body with {name} between them: join them with nothing", url + joint + body
        yield (
            f"method, URL and body with {name} between them: sign the last two alone",
            joint.join((method, url, body)),
        )
    yield "the method before the URL", method + text
    yield "the text with a line break at its end", text + b"\n"
    yield "the SHA-256 of the text in hex: the signature hashes it itself", sha256(text).hexdigest().encode()
    yield "the SHA-256 of the text: the signature hashes it itself", sha256(text).digest()
    yield "the text in base64", b64encode(text)
    for encoding in ("utf-16-le", "utf-16", "latin-1"):
        written = text.decode(errors="replace").encode(encoding, errors="replace")
        if written != text:
            yield f"the text in {encoding.upper()}: encode it in UTF-8", written


def _list_urls(request: SignedRequest, good: Sequence[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    target, _ = as_sent(request)
    path, mark, query = target.partition(b"?")
    yield "the body without the URL", b""
    yield "the path without scheme and host", target
    bases = dict.fromkeys(url.removesuffix(target) for _, url in good if url.endswith(target))
    for base in bases:
        yield "the URL without its scheme", base.partition(b"://")[2] + target
        yield "the URL with two slashes before its path", base + b"/" + target
        yield "the URL with a slash at its end", base + target + b"/"
        yield "the base URL without the path", base
        yield "the URL without /v1", base + target.removeprefix(b"/v1")
        yield "the URL with /v1 twice", base + b"/v1" + target
        for name in _list_other_bases(base):
            yield (
                f"the base {name.decode(errors='backslashreplace')}, which is not the one that was used",
                name + target,
            )
        if query:
            yield "the URL without its query", base + path
            pairs = query.split(b"&")
            yield "the URL with its parameters sorted", base + path + mark + b"&".join(sorted(pairs))
            for decoded in decode_query(target):
                how = (
                    "the URL before its query was percent-encoded: sign it as it is sent, or set accept_decoded_query "
                )
                yield how + "(acceptDecodedQuery)", base + decoded
        yield from _list_undefined(base + path, query)


def _list_undefined(start: bytes, query: bytes) -> Iterator[tuple[str, bytes]]:
    pairs = query.split(b"&") if query else []
    for name in _OPTIONAL:
        added = f"{name}=undefined".encode()
        for place in range(len(pairs), -1, -1):
            text = b"&".join((*pairs[:place], added, *pairs[place:]))
            yield f"{name}=undefined, which was not sent: leave out parameters without a value", start + b"?" + text


def _list_other_bases(base: bytes) -> Iterator[bytes]:
    yield PUBLIC_BASE.encode()
    scheme, _, host = base.decode(errors="backslashreplace").partition("://")
    name, _, port = host.rpartition(":")
    if name in _LOCAL:
        yield from (f"{scheme}://{other}:{port}".encode() for other in _LOCAL if other != name)
        yield f"{scheme}://{name}".encode()


def _list_bodies(request: SignedRequest) -> Iterator[tuple[str, bytes]]:
    _, sent = as_sent(request)
    if sent is EMPTY_BODY:
        yield "the URL without {}: where there is no body, sign {} in its place", b""
        for text in (b"null", b'""', b"undefined", b"[]", b"{ }", b"None"):
            yield f"{text.decode()} in place of the body: sign {{}} where there is none", text
        if request.body.strip():
            yield "the body of a GET, which is ignored: sign {}", request.body
        return
    yield "the URL without the body", b""
    yield "{} although there is a body", EMPTY_BODY
    yield "the body in base64", b64encode(sent)
    yield "the SHA-256 of the body in hex", sha256(sent).hexdigest().encode()
    try:
        value = json.loads(sent)
        yield from _list_reprints(value)
    except (ValueError, RecursionError):
        return


def _list_reprints(value: Any) -> Iterator[tuple[str, bytes]]:
    """A JSON body written in another way than the one sent."""
    compact: dict[str, Any] = {"separators": (",", ":")}
    for ascii_only in (False, True):
        how: dict[str, Any] = {"ensure_ascii": ascii_only}
        again = "the body written again"
        yield f"{again}, non-ASCII characters as \\u escapes", json.dumps(value, **how, **compact).encode()
        yield f"{again}, with spaces after , and :", json.dumps(value, **how).encode(errors="backslashreplace")
        for indent in (2, 4, "\t"):
            yield (
                f"{again}, with line breaks",
                json.dumps(value, indent=indent, **how).encode(errors="backslashreplace"),
            )
        for spaces in (compact, {}):
            ordered = json.dumps(value, sort_keys=True, **how, **spaces)
            yield "the body with its keys sorted", ordered.encode(errors="backslashreplace")
        escaped = json.dumps(value, **how, **compact).replace("/", "\\/")
        yield f"{again}, with \\/ for /", escaped.encode(errors="backslashreplace")
    if isinstance(value, dict):
        full = {name: member for name, member in value.items() if member is not None}
        if full != value:
            yield (
                "the body without its null members",
                json.dumps(full, ensure_ascii=False, **compact).encode(errors="backslashreplace"),
            )
        texts = {name: member if isinstance(member, str) else json.dumps(member) for name, member in value.items()}
        yield (
            "the body with its numbers as text",
            json.dumps(texts, ensure_ascii=False, **compact).encode(errors="backslashreplace"),
        )
        yield "the body as a form", urlencode(texts, errors="replace").encode()
