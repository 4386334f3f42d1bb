"""A request as it arrived."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct


class Request(Struct):
    """One HTTP request as it arrived, before anything of it is parsed. Nobody changes it once it is complete."""

    method: str
    target: str
    """Mount prefix, path and query exactly as on the request line."""
    path: str
    """Undecoded, without the mount prefix and the query."""
    query: str
    """Undecoded, without the question mark."""
    headers: Mapping[str, str]
    """Names in lower case; of a repeated header the first value."""
    body: bytes
    """At most the provider's `body_limit` + 1 bytes."""
    origin: str = "http://127.0.0.1"
    """Scheme, host and port by which the client has reached the emulator."""
    mount: str = ""
    """The path prefix under which the provider is mounted, as `/name`, or empty."""
    peer: str = "127.0.0.1"
    repeated: frozenset[str] = frozenset()
    """Names of headers that were sent more than once."""
    header_lines: bytes = b""
    """All headers in their order, for the journal: each name and each value on a line of its own."""
    prefix: str = ""
    """The beginning of the path that a proxy has taken away, as `/emulator`, or empty."""
    public_url: str = ""
    """The provider's base URL for everybody, where that was said."""
    entry: Any = None
    """What the journal has of it, once it was answered."""

    @property
    def base_url(self) -> str:
        """What the client has for the provider's base URL."""
        return self.public_url or self.origin + self.root

    @property
    def root(self) -> str:
        """What stands before the path where a browser asks for it."""
        return self.prefix + self.mount
