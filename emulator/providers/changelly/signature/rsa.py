"""RSA signatures of requests and callbacks: PKCS#1 v1.5 with SHA-256, in base64.

Sources: https://fiat-api.changelly.com/docs/Integration-guide/Authentication and
https://fiat-api.changelly.com/docs/Webhooks-guide/Callbacks-receiving (seen 2026-11); the official Node SDK for the
signed text of a callback. Assumed: that every text of `signed_text` is accepted.

The public key opens the signature once, which gives the digest that the client signed; the acceptable texts are then
compared by their digests, so that many texts cost little.
"""

import binascii
import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Literal

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
    load_pem_private_key,
    load_pem_public_key,
)
from msgspec import Struct, ValidationError, convert

from emulator.core.wording import counted
from emulator.providers.changelly.signature.mistakes import LONGEST_DIAGNOSED, Found, find_mistake
from emulator.providers.changelly.signature.signed_text import (
    LONGEST_BODY,
    PUBLIC_BASE,
    SignedRequest,
    SignedText,
    as_sent,
    list_bases,
    list_texts,
    text_to_sign,
    used_base,
)
from emulator.providers.changelly.signature.test_key import PUBLIC_KEY_PEM

SIGNATURE_HEADER = "X-Api-Signature"
CALLBACK_KEY_HEADER = "X-Callback-Api-Key"
CALLBACK_SIGNATURE_HEADER = "X-Callback-Signature"

_PADDING = PKCS1v15()
_HASH = SHA256()
_FORMATS = {"spki": PublicFormat.SubjectPublicKeyInfo, "pkcs1": PublicFormat.PKCS1}
LONGEST_SIGNATURE = 4096
"""Characters of a header in which a mistake is looked for; a valid signature by an 8192-bit key is shorter."""
_PEM_START = b"-----BEGIN "
_HEADER_WHITESPACE = " \t\r\n"


class UnreadableKey(ValueError):
    """The text is not an RSA key in a known form; the message names the forms."""


class BodyTooLong(ValueError):
    """The signature was made with the right key, but the body is too long to know over which text."""


class Verdict(Struct, frozen=True):
    """Whether a signature is accepted, and if not, why."""

    accepted: bool
    reason: str
    """Why it was refused; empty if it was accepted."""
    text: SignedText | None
    """The text that was signed, or, after a refusal, the one that should have been; None if there is no base URL."""
    other_bases: tuple[bytes, ...] = ()
    """After a refusal, what else may stand before the target."""
    signed: bytes | None = None
    """After a refusal, the text that was signed instead, if it was found."""
    found: bool = False
    """After a refusal, whether a usual mistake explains it."""

    @property
    def expectation(self) -> str:
        """What should have been signed, for people; empty if it was accepted."""
        if self.accepted:
            return ""
        if self.text is None:
            return "send Host: the setting accepted_bases names no base URL"
        others = ", ".join(base.decode(errors="backslashreplace") for base in self.other_bases)
        url = self.text.url.decode(errors="backslashreplace")
        return (
            f"the client used {url}"
            + (f" (also accepted in place of its base: {others})" if others else "")
            + f"; the text to sign is: {self.text}"
        )

    @property
    def explanation(self) -> str:
        """Reason and expectation in one sentence, for people; empty if it was accepted."""
        return "" if self.accepted else f"{self.reason}; {self.expectation}"


def check_signature(
    request: SignedRequest,
    signature: str | None,
    public_key: str,
    accepted_bases: Sequence[str] = (PUBLIC_BASE,),
    *,
    decoded_query: bool = False,
    list_other_keys: Callable[[], Mapping[str, str]] = dict,
) -> Verdict:
    """The verdict on the X-Api-Signature header of a request.

    `signature` is the header value (None: not sent), `public_key` the partner's, in any form of `read_public_key`,
    which may raise UnreadableKey. `list_other_keys`: what a key is with which somebody may have signed by mistake ->
    its public key. Raises BodyTooLong for a body of more than LONGEST_BODY bytes whose signature could be right, and
    nothing else, whatever the request holds.
    """
    key = read_public_key(public_key)
    digest = _open_signature(key, signature)
    if isinstance(digest, bytes):
        if len(request.body) > LONGEST_BODY and request.method != "GET":
            raise BodyTooLong(f"the body is longer than {LONGEST_BODY} bytes, so that its signature cannot be checked")
        target, body = as_sent(request)
        for base in list_bases(request, accepted_bases):
            if sha256(base + target + body).digest() == digest:
                return Verdict(True, "", SignedText(base + target, body))
    texts = list_texts(request, accepted_bases, decoded_query=decoded_query)
    good: list[SignedText] = []
    for candidate in texts if isinstance(digest, bytes) else ():
        if sha256(candidate.text).digest() == digest:
            return Verdict(True, "", candidate)
        good.append(candidate)
    reason = digest if isinstance(digest, str) else "the client signed another text"
    if signature is not None and len(signature) <= LONGEST_SIGNATURE and len(request.body) <= LONGEST_DIAGNOSED:
        others = {what: read_public_key(other) for what, other in list_other_keys().items()}
        strangers = {what: other for what, other in others.items() if other.public_numbers() != key.public_numbers()}
        written, bases = signature.strip(_HEADER_WHITESPACE), list_bases(request, accepted_bases)
        found = find_mistake(request, written, key, bases, lambda: [*good, *texts], strangers)
        if found is not None:
            told = found.mistake if isinstance(digest, bytes) else f"{reason}: {found.mistake}"
            return _refused(request, told, accepted_bases, found)
    return _refused(request, reason, accepted_bases)


def _refused(request: SignedRequest, reason: str, accepted_bases: Sequence[str], found: Found | None = None) -> Verdict:
    used = used_base(request, accepted_bases)
    others = tuple(base for base in list_bases(request, accepted_bases) if base != used)
    signed = found.text if found is not None else None
    return Verdict(False, reason, text_to_sign(request, accepted_bases), others, signed, found is not None)


def sign(text: bytes | str, private_key: str) -> str:
    """The header value for a text (str: as UTF-8); the key in any form of `read_private_key`. Raises UnreadableKey."""
    message = text.encode(errors="backslashreplace") if isinstance(text, str) else text
    return b64encode(read_private_key(private_key).sign(message, _PADDING, _HASH)).decode()


def write_callback_text(order_id: str) -> str:
    """What is signed for a callback: an object with the order id alone, not the body. Every callback of an order has
    it.
    """
    return json.dumps({"orderId": order_id}, separators=(",", ":"), ensure_ascii=False)


@lru_cache(maxsize=4096)
def sign_callback(order_id: str, private_key: str) -> str:
    """The X-Callback-Signature of every callback of an order. Raises UnreadableKey."""
    return sign(write_callback_text(order_id), private_key)


@lru_cache(maxsize=256)
def read_public_key(text: str) -> RSAPublicKey:
    """A public RSA key from PEM, base64 of PEM, or base64 of DER. Raises UnreadableKey."""
    encoded = _decode_key(text)
    try:
        key = load_pem_public_key(encoded) if encoded.startswith(_PEM_START) else load_der_public_key(encoded)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        if _is_private(text):
            raise UnreadableKey("this is a private key: give the public one that belongs to it") from error
        raise UnreadableKey("not a public key: give PEM, base64 of PEM, or base64 of DER") from error
    if not isinstance(key, RSAPublicKey):
        raise UnreadableKey("not an RSA key")
    return key


@lru_cache(maxsize=256)
def read_private_key(text: str) -> RSAPrivateKey:
    """A private RSA key, PKCS#8 or PKCS#1, without password, from PEM, base64 of PEM, or base64 of DER. Raises
    UnreadableKey.
    """
    encoded = _decode_key(text)
    try:
        load = load_pem_private_key if encoded.startswith(_PEM_START) else load_der_private_key
        key = load(encoded, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UnreadableKey(
            "not a private key: give PKCS#8 or PKCS#1 as PEM, base64 of PEM, or base64 of DER"
        ) from error
    if not isinstance(key, RSAPrivateKey):
        raise UnreadableKey("not an RSA key")
    return key


def is_test_key(public_key: str) -> bool:
    """Whether the text is the public key of the test pair, in whatever form. Raises UnreadableKey."""
    return read_public_key(public_key).public_numbers() == read_public_key(PUBLIC_KEY_PEM).public_numbers()


def write_public_key(private_key: str, form: Literal["spki", "pkcs1"]) -> str:
    """The public key that belongs to a private one, as PEM of SubjectPublicKeyInfo or of PKCS#1. Raises
    UnreadableKey."""
    key = read_private_key(private_key).public_key()
    return key.public_bytes(Encoding.PEM, _FORMATS[form]).decode()


def _is_private(text: str) -> bool:
    try:
        read_private_key(text)
    except UnreadableKey:
        return False
    return True


def _decode_key(text: str) -> bytes:
    """PEM or DER bytes of a key, whichever of the two the text holds."""
    stripped = text.strip().encode(errors="replace")
    if stripped.startswith(_PEM_START):
        return stripped
    try:
        return b64decode(b"".join(stripped.split()), validate=True)
    except binascii.Error as error:
        raise UnreadableKey("neither PEM nor base64") from error


def _open_signature(key: RSAPublicKey, signature: str | None) -> bytes | str:
    """The digest that was signed, or a text that says why there is none."""
    if signature is None:
        return f"{SIGNATURE_HEADER} is missing"
    written = signature.strip(_HEADER_WHITESPACE)
    try:
        decoded = convert(written, bytes)
    except (ValidationError, ValueError):
        return f"{SIGNATURE_HEADER} is not standard base64"
    if binascii.b2a_base64(decoded, newline=False).decode() != written:
        return f"{SIGNATURE_HEADER} is not standard base64"
    modulus_bytes = key.key_size // 8
    if len(decoded) != modulus_bytes:
        return f"{SIGNATURE_HEADER} decodes to {counted(len(decoded), 'byte')} instead of {modulus_bytes}"
    try:
        return key.recover_data_from_signature(decoded, _PADDING, _HASH)
    except (InvalidSignature, ValueError):
        return "the signature was not made with the partner's private key, PKCS#1 v1.5 and SHA-256"
