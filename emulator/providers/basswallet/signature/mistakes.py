"""How a refused signature was made: the usual mistakes of clients, tried one after the other.

What came is compared with the keyed hashes of all likely texts. Wrong secrets are tried with the texts that would have
been right, so that two mistakes at once are named if both are usual. Assumed: which mistakes are usual.
"""

import hashlib
import hmac
import json
import re
from base64 import b64decode, b64encode, urlsafe_b64decode
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import quote, unquote

from msgspec import Struct

from emulator.core.credential_mistakes import read_encodings
from emulator.providers.basswallet.signature.texts import (
    ALLOWED_FORMS,
    TEXTS,
    Pairs,
    SignatureText,
    SignedText,
    write_encoded_text,
    write_plain_text,
)
from emulator.providers.basswallet.wire import Parameters

LONGEST_DIAGNOSED_BYTES = 16 * 1024
"""How long the parameters may be; with longer ones the texts would take too long to try, and none is."""
LONGEST_SIGNATURE = 512
"""How many characters a signature may have in which a mistake is looked for: SHA-512 in hex twice over."""

_HASHES = {16: "md5", 20: "sha1", 28: "sha224", 32: "sha256", 48: "sha384", 64: "sha512"}
"""Length of a digest in bytes -> the hash that makes it."""
_NAMES = {"md5": "MD5", "sha1": "SHA-1", "sha224": "SHA-224", "sha384": "SHA-384", "sha512": "SHA-512"}


class SignedRequest(Struct, frozen=True):
    """The parts of a request that clients sign, rightly or wrongly."""

    parameters: Parameters
    method: str
    path: str
    """With the mount prefix, without the query."""
    base_url: str
    """What stands before the path."""
    body: bytes
    access_key: str


class Found(NamedTuple):
    """A mistake, and the text that was signed with it."""

    mistake: str
    text: str


def find_mistake(
    signature: str, secrets: Mapping[str, str], request: SignedRequest, signature_text: SignatureText = "any"
) -> Found | None:
    """The usual mistake with which the signature was made; None if there is none.

    `secrets`: secrets by their owners, the right one first. Example: `the client signed the text with its + kept`.
    """
    if (
        len(signature) > LONGEST_SIGNATURE
        or sum(map(len, request.parameters.values.values())) > LONGEST_DIAGNOSED_BYTES
    ):
        return None
    for how, octets in read_encodings(signature, _ENCODINGS):
        algorithm = _HASHES.get(len(octets))
        if algorithm is None:
            continue
        found = _find_text(octets, algorithm, secrets, request, signature_text)
        if found is not None:
            hashed = f"the hash is {_NAMES[algorithm]}, not SHA-256" if algorithm in _NAMES else ""
            return Found("; ".join(filter(None, (how, hashed, found.mistake))), found.text)
    return None


def list_good_texts(parameters: Parameters, signature_text: SignatureText = "any") -> dict[str, SignedText]:
    """Each text that may be signed, once, with its form; the plain one first."""
    forms: dict[str, SignedText] = {}
    for form, write in TEXTS.items():
        text = write(parameters) if form in ALLOWED_FORMS[signature_text] else None
        if text is not None:
            forms.setdefault(text, form)
    return forms


def explain_signature(parameters: Parameters, signature_text: SignatureText = "any") -> str:
    """What should have been signed, each text once. Example: `sign one of: plain "a=1&b=2"`."""
    forms = list_good_texts(parameters, signature_text)
    if not forms:
        return "a body of this type has no text that the setting signature_text allows"
    hint = "; a bare + is read as a space: send %2B for a plus" if "+" in (parameters.raw or "") else ""
    return "sign one of: " + ", ".join([f'{form} "{text}"' for text, form in forms.items()]) + hint


def _after_name(text: str) -> bytes:
    name, mark, digits = text.partition("=")
    if not mark or not name.isalnum():
        raise ValueError("nothing stands before it")
    return bytes.fromhex(digits)


_ENCODINGS: tuple[tuple[str, Callable[[str], bytes]], ...] = (
    ("", bytes.fromhex),
    ("it is base64, not hex", lambda text: b64decode(text, validate=True)),
    ("it is base64, not hex", lambda text: urlsafe_b64decode(text + "=" * (-len(text) % 4))),
    ("it is hex in base64: send the hex itself", lambda text: bytes.fromhex(b64decode(text).decode())),
    ("it is hex twice over", lambda text: bytes.fromhex(bytes.fromhex(text).decode())),
    ("0x stands before it", lambda text: bytes.fromhex(text.removeprefix("0x"))),
    ("the hash's name stands before it", _after_name),
    ("it has separators between its bytes", lambda text: bytes.fromhex(text.replace(":", "").replace("-", ""))),
)


def _find_text(
    octets: bytes, algorithm: str, secrets: Mapping[str, str], request: SignedRequest, signature_text: SignatureText
) -> Found | None:
    good = list_good_texts(request.parameters, signature_text)
    (owner, right), *others = secrets.items()
    for text in good:
        if _is_made_with(octets, right, text, algorithm):
            return Found("", text)
    for mistake, text in _list_wrong_texts(request):
        if _is_made_with(octets, right, text, algorithm):
            told = (
                f"the client signed {mistake}"
                if mistake
                else f"the setting signature_text allows {signature_text} alone"
            )
            return Found(told, text)
    texts = [*good, write_plain_text(request.parameters.pairs), write_plain_text(sorted(request.parameters.pairs))]
    for name, secret in others:
        for text in texts:
            if _is_made_with(octets, secret, text, algorithm):
                return Found(f"it was made with {name}, not with the secret of {owner}", text)
    return _find_other_code(octets, algorithm, right, texts)


def _is_made_with(octets: bytes, secret: str, text: str, algorithm: str) -> bool:
    return hmac.compare_digest(hmac.digest(secret.encode(), text.encode(), algorithm), octets)


def _find_other_code(octets: bytes, algorithm: str, secret: str, texts: list[str]) -> Found | None:
    """What was made of a text in place of a keyed hash."""
    for text in texts:
        for mistake, made in (
            ("it is a hash of the text without the secret: use HMAC", text),
            ("it is a hash of text and secret in a row: use HMAC", text + secret),
            ("it is a hash of secret and text in a row: use HMAC", secret + text),
            ("it is a hash of the text with the secret as key=: use HMAC", f"{text}&key={secret}"),
            ("it is a hash of the text with the secret as secret=: use HMAC", f"{text}&secret={secret}"),
            ("it is a hash of the text between two secrets: use HMAC", secret + text + secret),
        ):
            if hashlib.new(algorithm, made.encode(), usedforsecurity=False).digest() == octets:
                return Found(mistake, text)
        if hmac.digest(text.encode(), secret.encode(), algorithm) == octets:
            return Found("text and secret are swapped: the secret is the key of the HMAC", text)
    return None


def _list_wrong_texts(request: SignedRequest) -> Iterator[tuple[str, str]]:
    """Texts that are signed by mistake, and what is wrong with each; empty if only a setting forbids it."""
    parameters = request.parameters
    raw = parameters.raw
    if raw is not None and "+" in raw:
        kept = unquote(raw)
        yield "the text with its + kept, but a bare + is read as a space: send it as %2B", kept
    yield "", write_plain_text(parameters.pairs)
    yield "", write_encoded_text(parameters.pairs)
    if raw is not None:
        yield "", raw
    for mistake, pairs in _list_pairs(parameters):
        yield mistake, write_plain_text(pairs)
        yield f"{mistake[: _end(mistake)]}, encoded{mistake[_end(mistake) :]}", write_encoded_text(pairs)
    for mistake, write in _WRITERS:
        yield f"{mistake}: sign names and values as name=value, joined with &", write(parameters.pairs)
        yield f"{mistake} and its names sorted", write(sorted(parameters.pairs))
    yield from _list_decorated(request)


def _end(mistake: str) -> int:
    """Where the mistake ends and the advice begins."""
    place = mistake.find(":")
    return place if place >= 0 else len(mistake)


def _list_pairs(parameters: Parameters) -> Iterator[tuple[str, Pairs]]:
    """Other names and values, or the same in another order."""
    pairs = parameters.pairs
    without = [pair for pair in pairs if pair[0] != "timestamp"]
    stamp = parameters.values.get("timestamp", "")
    yield "the text with its names sorted: sign them as they are sent", sorted(pairs)
    by_name = [*sorted(without), ("timestamp", stamp)]
    yield "the text with its names sorted and the timestamp last: sign them as they are sent", by_name
    yield "the text with its names sorted, ignoring upper and lower case", sorted(pairs, key=lambda p: p[0].lower())
    yield "the text with its names sorted backwards: sign them as they are sent", sorted(pairs, reverse=True)
    yield "the text in reverse: sign it in the order in which it is sent", pairs[::-1]
    yield "the text without the timestamp: it has to be signed, too", without
    yield "the text without the timestamp and sorted: it has to be signed, too, in sent order", sorted(without)
    last, first = [*without, ("timestamp", stamp)], [("timestamp", stamp), *without]
    yield "the text with the timestamp last: sign it where it is sent", last
    yield "the text with the timestamp first: sign it where it is sent", first
    yield "the text without its empty values", [pair for pair in pairs if pair[1]]
    yield "the text with its values trimmed: sign what is sent", [(name, value.strip()) for name, value in pairs]
    yield "the text with its names in lower case: sign what is sent", [(name.lower(), value) for name, value in pairs]
    if stamp.isascii() and stamp.isdigit():
        for told, other in (
            ("in seconds: sign the milliseconds that are sent", stamp[:-3]),
            ("in milliseconds: sign the seconds that are sent", f"{stamp}000"),
            ("rounded to seconds: sign the milliseconds that are sent", f"{stamp[:-3]}000"),
        ):
            changed = [(name, other if name == "timestamp" else value) for name, value in pairs]
            yield f"the text with its timestamp {told}", changed


def _write_escaped(safe: str) -> Callable[[Pairs], str]:
    return lambda pairs: "&".join(f"{quote(name, safe=safe)}={quote(value, safe=safe)}" for name, value in pairs)


_WRITERS: tuple[tuple[str, Callable[[Pairs], str]], ...] = (
    ("a JSON text", lambda pairs: json.dumps(dict(pairs), separators=(",", ":"), ensure_ascii=False)),
    ("a JSON text with \\u escapes", lambda pairs: json.dumps(dict(pairs), separators=(",", ":"))),
    ("a JSON text with spaces", lambda pairs: json.dumps(dict(pairs), ensure_ascii=False)),
    ("a JSON text with line breaks", lambda pairs: json.dumps(dict(pairs), indent=2, ensure_ascii=False)),
    ("the text with %20 for spaces", _write_escaped("")),
    ("the text as encodeURIComponent writes it", _write_escaped("!'()*~")),
    ("the text with its escapes in lower case", lambda pairs: _lower_escapes(write_encoded_text(pairs))),
    ("the text encoded twice", lambda pairs: quote(write_encoded_text(pairs), safe="=&")),
    ("the text encoded as a whole", lambda pairs: quote(write_plain_text(pairs), safe="")),
    ("the values alone, in a row", lambda pairs: "".join(value for _, value in pairs)),
    ("the values alone, joined with &", lambda pairs: "&".join(value for _, value in pairs)),
    ("the text without & between its parameters", lambda pairs: "".join(f"{name}={value}" for name, value in pairs)),
    ("the text without = and &", lambda pairs: "".join(name + value for name, value in pairs)),
    ("the text with commas between its parameters", lambda pairs: ",".join(f"{n}={v}" for n, v in pairs)),
    ("the text with line breaks between its parameters", lambda pairs: "\n".join(f"{n}={v}" for n, v in pairs)),
    ("the text with colons for =", lambda pairs: "&".join(f"{name}:{value}" for name, value in pairs)),
    ("the text with its values in quotation marks", lambda pairs: "&".join(f'{n}="{v}"' for n, v in pairs)),
    ("the text with & at its end", lambda pairs: write_plain_text(pairs) + "&"),
)
"""What is wrong with a text, and how such a text is written."""


def _lower_escapes(text: str) -> str:
    return re.sub("%[0-9A-F]{2}", lambda escape: escape[0].lower(), text)


def _list_decorated(request: SignedRequest) -> Iterator[tuple[str, str]]:
    """The text with something added, or changed before it is signed."""
    text = write_plain_text(request.parameters.pairs)
    bare = request.path.removeprefix("/api")
    for name, path in (("path", request.path), ("path without /api", bare), ("URL", request.base_url + request.path)):
        for joint in ("?", "", "\n"):
            yield f"the {name} before the text: sign the parameters alone", path + joint + text
            yield (
                f"the method and the {name} before the text: sign the parameters alone",
                request.method + joint.replace("?", "") + path + joint + text,
            )
    yield "the path alone: sign the parameters", request.path
    yield "the URL alone: sign the parameters", request.base_url + request.path
    yield "? before the text: sign the parameters alone", f"?{text}"
    yield "the access key before the text: sign the parameters alone", request.access_key + text
    yield "the access key after the text: sign the parameters alone", text + request.access_key
    yield "the text with a line break at its end", text + "\n"
    yield "an empty text: sign the parameters, which a GET has in its query", ""
    yield "{} in place of the parameters", "{}"
    yield "the SHA-256 of the text in hex: sign the text itself", hashlib.sha256(text.encode()).hexdigest()
    yield (
        "the MD5 of the text in hex: sign the text itself",
        hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(),
    )
    yield "the text in base64", b64encode(text.encode()).decode()
    yield "the text in upper case", text.upper()
    if request.body and len(request.body) <= LONGEST_DIAGNOSED_BYTES:
        body = request.body.decode(errors="replace")
        yield "the body as it is sent: sign names and values as name=value, joined with &", body
