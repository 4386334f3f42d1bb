"""A request as it arrived."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct


def find_bearer(headers: Mapping[str, str]) -> str | None:
    """The token in `Authorization: Bearer <token>`; None if there is none. Names of headers are in lower case; the case
    of the scheme does not matter."""
    scheme, _, token = headers.get("authorization", "").strip(" \t").partition(" ")
    return (token.strip(" \t") or None) if scheme.lower() == "bearer" else None


class Request(Struct):
    """An HTTP request as it arrived, before any of it is parsed. It does not change once it is complete."""

    method: str
    target: str
    """Mount prefix, path and query, exactly as on the request line."""
    path: str
    """Undecoded, without mount prefix and query."""
    query: str
    """Undecoded, without the question mark."""
    headers: Mapping[str, str]
    """Names in lower case; for a repeated header, the first value."""
    body: bytes
    """At most the provider's `body_limit` + 1 bytes."""
    origin: str = "http://127.0.0.1"
    """Scheme, host and port by which the client reached the emulator."""
    mount: str = ""
    """The path prefix under which the provider is mounted, such as `/name`, or empty."""
    peer: str = "127.0.0.1"
    repeated: frozenset[str] = frozenset()
    """Names of headers that were sent more than once."""
    header_lines: bytes = b""
    """All headers in order, for the journal: each name and each value on a line of its own."""
    prefix: str = ""
    """The path prefix that a proxy has removed, such as `/emulator`, or empty."""
    public_url: str = ""
    """The provider's base URL for everybody, if one was configured."""
    entry: Any = None
    """Its entry in the journal, once it has been answered."""

    @property
    def base_url(self) -> str:
        """The provider's base URL, as the client knows it."""
        return self.public_url or self.origin + self.root

    @property
    def media_type(self) -> str:
        """The type that Content-Type names, in lower case and without parameters; empty without it."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def root(self) -> str:
        """What comes before the path in a browser's URL."""
        return self.prefix + self.mount
