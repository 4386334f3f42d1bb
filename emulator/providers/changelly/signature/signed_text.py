"""Which texts a client may have signed for a request. Knows nothing of keys and signatures, and never raises.

A client signs the full URL followed by the JSON body, or by `{}` where there is no body
(https://fiat-api.changelly.com/docs/Integration-guide/Manual-of-sending-a-request, seen 2026-11). HTTP libraries
rewrite both on their way to the wire, so that several texts stand for one request. Assumed: exactly which of them the
provider accepts.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from urllib.parse import quote_plus, unquote_to_bytes

from msgspec import Struct

from emulator.providers.changelly.signature import javascript_json

PUBLIC_BASE = "https://fiat-api.changelly.com"
EMPTY_BODY = b"{}"
"""What is signed where there is no body."""

LONGEST_BODY = 2 * 1024 * 1024
"""How many bytes of a body are read; of a longer one the signature cannot be checked."""

JSON_WHITESPACE = b" \t\r\n"
DEFAULT_PORTS = {"http": "80", "https": "443"}

_ORDINARY_TARGET = re.compile(rb"[A-Za-z0-9\-._~/?&=%+,:;@!$()*\[\]|^]*")
_DOT_SEGMENT = re.compile(rb"/(?:\.|%2e)", re.IGNORECASE)
_FORM_ENCODED = re.compile(rb"[A-Za-z0-9*\-._]+=[A-Za-z0-9*\-._]*(?:&[A-Za-z0-9*\-._]+=[A-Za-z0-9*\-._]*)*")


def _escape_table(escaped: bytes) -> tuple[bytes, ...]:
    """What a URL parser writes for each byte: itself, or an escape for control bytes, non-ASCII and `escaped`."""
    return tuple(
        b"%%%02X" % byte if byte < 0x20 or byte > 0x7E or byte in escaped else bytes((byte,)) for byte in range(256)
    )


_PATH_BYTES = _escape_table(b' "#<>?`{}')
_QUERY_BYTES = _escape_table(b" \"#<>'")


class SignedRequest(Struct, frozen=True):
    """The parts of a request that its signature depends on, exactly as they arrived."""

    method: str
    target: str
    """Path, question mark and query as on the request line, undecoded, with the mount prefix if there is one."""
    body: bytes = b""
    host: str | None = None
    """The Host header."""
    scheme: str = "http"
    """The scheme that the client used."""
    mount: str = ""
    """The path prefix under which the provider is mounted, such as `/changelly`, or empty."""
    forwarded_proto: str | None = None
    """The X-Forwarded-Proto header; give it only where proxies are trusted."""
    forwarded_host: str | None = None
    """The X-Forwarded-Host header; give it only where proxies are trusted."""


class SignedText(Struct, frozen=True):
    """An acceptable text, in two parts, so that a large body is not kept once for each URL."""

    url: bytes
    body: bytes

    @property
    def text(self) -> bytes:
        """The bytes to sign."""
        return self.url + self.body

    def __str__(self) -> str:
        return self.text.decode(errors="backslashreplace")


def as_sent(request: SignedRequest) -> tuple[bytes, bytes]:
    """Target and body as they were sent, which most clients sign after one of the bases; `{}` where there is no body.

    The body of a GET is ignored, and whitespace does not count as a body.
    """
    body = request.body
    return _to_bytes(request.target), EMPTY_BODY if request.method == "GET" or not body.strip(JSON_WHITESPACE) else body


def text_to_sign(request: SignedRequest, accepted_bases: Sequence[str] = (PUBLIC_BASE,)) -> SignedText | None:
    """The text that the documentation asks for: the base that the client used, then target and body as sent. None if
    there is no base at all.
    """
    base = used_base(request, accepted_bases)
    if base is None:
        return None
    target, body = as_sent(request)
    return SignedText(base + target, body)


def used_base(request: SignedRequest, accepted_bases: Sequence[str] = (PUBLIC_BASE,)) -> bytes | None:
    """Scheme, host and port that the client used: the accepted base that the Host header names, else what a trusted
    proxy says, else the Host as received. None if there is none of them.
    """
    host = (request.host or "").strip().lower()
    named = next(
        (base for base in accepted_bases if host and base.rstrip("/").partition("://")[2].lower() == host), None
    )
    if named is not None:
        return _to_bytes(named.rstrip("/"))
    bases = list_bases(request, accepted_bases)
    if request.forwarded_proto and request.forwarded_host:
        scheme, name = (
            each.split(",")[0].strip().lower() for each in (request.forwarded_proto, request.forwarded_host)
        )
        return _to_bytes(f"{scheme}://{name}")
    return bases[0] if bases else None


def list_texts(
    request: SignedRequest, accepted_bases: Sequence[str] = (PUBLIC_BASE,), *, decoded_query: bool = False
) -> Iterator[SignedText]:
    """Every text that may have been signed, each once, the likeliest first; the costly ones are made only when they are
    asked for. `decoded_query`: a URL may have been signed before its query was percent-encoded.
    """
    bases = list_bases(request, accepted_bases)
    seen: set[tuple[bytes, bytes]] = set()
    for body in list_bodies(request):
        for target in list_targets(request.target, request.mount, decoded_query=decoded_query):
            if (target, body) not in seen:
                seen.add((target, body))
                for base in bases:
                    yield SignedText(base + target, body)


def list_bases(request: SignedRequest, accepted_bases: Sequence[str] = (PUBLIC_BASE,)) -> tuple[bytes, ...]:
    """Scheme, host and port that may stand before the target, each once: first what the client used, then what else is
    accepted.
    """
    return _list_bases(
        request.scheme, request.host, request.forwarded_proto, request.forwarded_host, tuple(accepted_bases)
    )


@lru_cache(maxsize=1024)
def _list_bases(
    used_scheme: str,
    host: str | None,
    forwarded_proto: str | None,
    forwarded_host: str | None,
    accepted_bases: tuple[str, ...],
) -> tuple[bytes, ...]:
    bases = []
    if host:
        host = host.strip().lower()
        name, _, port = host.rpartition(":")
        for scheme in sorted(DEFAULT_PORTS, key=lambda scheme: scheme != used_scheme):
            bases.append(f"{scheme}://{host}")
            if name and port == DEFAULT_PORTS[scheme]:
                bases.append(f"{scheme}://{name}")
    if forwarded_proto and forwarded_host:
        proxy_scheme, proxy_host = (value.split(",")[0].strip().lower() for value in (forwarded_proto, forwarded_host))
        bases.append(f"{proxy_scheme}://{proxy_host}")
    bases += [base.rstrip("/") for base in accepted_bases]
    return tuple(dict.fromkeys(map(_to_bytes, bases)))


def list_targets(target: str, mount: str = "", *, decoded_query: bool = False) -> Iterator[bytes]:
    """The target as sent, as a URL parser prints it, with a form-encoded query, and, if `decoded_query`, with one that
    is not encoded at all; with and without the mount prefix.
    """
    sent = _to_bytes(target)
    yield sent
    targets = [sent]
    prefix = _to_bytes(mount.rstrip("/"))
    if prefix and sent.startswith((prefix + b"/", prefix + b"?")):
        bare = sent[len(prefix) :]
        yield bare
        targets.append(bare)
    parsed = [write_target(one) for one in targets]
    yield from parsed
    yield from map(encode_query, parsed)
    if decoded_query:
        for one in targets:
            yield from decode_query(one)


def decode_query(target: bytes) -> Iterator[bytes]:
    """A target with its query percent-decoded once: with `+` kept, and with `+` as spaces.

    Such a text is signed by clients whose HTTP library, like Python's requests, encodes what they wrote.
    """
    path, mark, query = target.partition(b"?")
    if mark:
        yield path + mark + unquote_to_bytes(query)
        yield path + mark + unquote_to_bytes(query.replace(b"+", b" "))


def list_bodies(request: SignedRequest) -> Iterator[bytes]:
    """The body as sent, without whitespace between tokens, and as JavaScript prints it; `{}` alone where there is
    none.
    """
    _, body = as_sent(request)
    yield body
    if body is EMPTY_BODY:
        return
    parsed = javascript_json.read(request.body)
    if parsed is not None:
        yield javascript_json.drop_whitespace(request.body)
        yield javascript_json.write_value(parsed[0])


def write_target(target: bytes) -> bytes:
    """A target as a WHATWG URL parser prints it (https://url.spec.whatwg.org/#url-parsing, seen 2026-11).

    Dot segments are resolved, and bytes that a URL may not have are escaped; escapes stay as they are.
    """
    path, mark, query = target.partition(b"?")
    if _ORDINARY_TARGET.fullmatch(target) and not _DOT_SEGMENT.search(path):
        return target
    printed = b"".join(map(_PATH_BYTES.__getitem__, _resolve_dots(path.replace(b"\\", b"/"))))
    return printed + mark + b"".join(map(_QUERY_BYTES.__getitem__, query))


def encode_query(target: bytes) -> bytes:
    """A target with its query decoded and written again as a browser writes a form; order and repetitions are kept."""
    path, mark, query = target.partition(b"?")
    if not mark or _FORM_ENCODED.fullmatch(query):
        return target
    return path + mark + b"&".join(_encode_pair(pair) for pair in query.split(b"&") if pair)


def _encode_pair(pair: bytes) -> bytes:
    name, _, value = pair.partition(b"=")
    return f"{_encode_form(name)}={_encode_form(value)}".encode()


def _encode_form(text: bytes) -> str:
    decoded = unquote_to_bytes(text.replace(b"+", b" ")).decode(errors="replace")
    return quote_plus(decoded, safe="*").replace("~", "%7E")


def _resolve_dots(path: bytes) -> bytes:
    kept: list[bytes] = []
    segments = path.split(b"/")[1:]
    for place, segment in enumerate(segments):
        plain = segment.lower().replace(b"%2e", b".")
        if plain == b"..":
            del kept[-1:]
        if plain not in (b".", b".."):
            kept.append(segment)
        elif place == len(segments) - 1:
            kept.append(b"")
    return b"/" + b"/".join(kept)


def _to_bytes(text: str) -> bytes:
    """The bytes of a header or target that a server decoded byte by byte; any other text counts as UTF-8."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode(errors="surrogatepass")
