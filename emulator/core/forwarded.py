"""The URL by which a client reached the emulator: scheme, host and port, as the request and trusted proxies say."""

import re
from collections.abc import Mapping
from functools import lru_cache

from msgspec import Struct

_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9_~!$&'()*+,;=.-]{1,253})(?::[0-9]{0,5})?")
_PREFIX = re.compile(r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@%-]+)+")
_PART = re.compile(r'\s*([A-Za-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;,"\s]*))\s*')
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


class Reached(Struct, frozen=True):
    """The part before the path of a URL by which a client reached the emulator."""

    origin: str
    """Scheme, host and port, such as `https://pay.example`; the scheme's default port is left out."""
    prefix: str = ""
    """The path prefix that a proxy has removed, such as `/emulator`, or empty."""

    @property
    def base(self) -> str:
        """Origin and prefix together."""
        return self.origin + self.prefix


@lru_cache(maxsize=1024)
def read_origin(scheme: str, host: str, server: str) -> str:
    """Scheme, host and port; `server`, the host and port of the connection, is used if `host` is not valid."""
    found = host if _HOST.fullmatch(host) else server
    return f"{scheme}://{found.removesuffix(_DEFAULT_PORTS.get(scheme, '')).removesuffix(':')}"


def read_forwarded(headers: Mapping[str, str], scheme: str, server: str) -> Reached:
    """What a trusted proxy says in `Forwarded`, else in `X-Forwarded-Proto`, `-Host` and `-Port`, and in `-Prefix`; for
    the rest, what the request says. Names of `headers` in lower case."""
    said = _read_first(headers.get("forwarded", ""))
    proto = said.get("proto") or _first(headers, "x-forwarded-proto")
    host = said.get("host") or _first(headers, "x-forwarded-host")
    scheme = proto.lower() if proto.lower() in _DEFAULT_PORTS else scheme
    if not _HOST.fullmatch(host):
        host = headers.get("host", "")
    port = "" if "host" in said else _first(headers, "x-forwarded-port")
    if port.isdecimal() and len(port) <= 5 and not re.search(r":[0-9]*$", host):
        host = f"{host}:{port}"
    prefix = "/" + _first(headers, "x-forwarded-prefix").strip("/")
    return Reached(read_origin(scheme, host, server), prefix if _PREFIX.fullmatch(prefix) else "")


def _first(headers: Mapping[str, str], name: str) -> str:
    """The first of a header's values, which the proxy next to the client wrote."""
    return headers.get(name, "").partition(",")[0].strip()


def _read_first(header: str) -> dict[str, str]:
    """The first element of a Forwarded header (RFC 7239)."""
    found: dict[str, str] = {}
    place = 0
    while (part := _PART.match(header, place)) is not None:
        found.setdefault(part[1].lower(), part[2] if part[2] is not None else part[3])
        place = part.end()
        if header[place : place + 1] != ";":
            break
        place += 1
    return found
