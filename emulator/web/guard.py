"""Who may call what is the emulator's own: the control API and the pages, which no provider answers.

A web page that somebody has open in a browser must not: neither by sending requests from its own site, nor by giving
its own host name this machine's address, which makes a browser take both for one site. Programs are not concerned.
"""

import re
from collections.abc import Iterable
from ipaddress import ip_address
from typing import NamedTuple

from msgspec import Struct

CONTROL_PREFIX = "/_emulator"
FORBIDDEN = 403
FOREIGN_ORIGIN = "foreign-origin"
UNKNOWN_HOST = "unknown-host"
ERRORS = {FOREIGN_ORIGIN: FORBIDDEN, UNKNOWN_HOST: FORBIDDEN}
"""Name of the refusal -> HTTP status."""

_CONTAINER_HOSTS = frozenset({"host.docker.internal", "host.containers.internal"})
"""Names by which containers call the machine that they run on."""
_FOREIGN_SITES = frozenset({b"cross-site", b"same-site"})
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_HOST = re.compile(r"(\[[^\]]*\]|[^:/@,\s]*)(?::[0-9]*)?")
_LABEL = re.compile(r"[a-z0-9_-]+")
_LONGEST_SHOWN = 100


class Refusal(NamedTuple):
    """Why a request is refused: a name of ERRORS, and what to do about it."""

    error: str
    message: str


class Guard(Struct, frozen=True):
    """The rules, for one emulator."""

    known_hosts: frozenset[str] = frozenset()
    """Names by which it may be called, in lower case and without port, besides those that nobody else can have."""
    asks_host: bool = True
    """False if a token is required: a page that passes for the emulator's own does not know it."""
    pages: frozenset[str] = frozenset()
    """Paths of the pages of the control API; whatever is not of the control API is a page."""
    probes: frozenset[str] = frozenset()
    """Paths that may be requested under any name."""

    def refusal(self, scheme: str, method: str, path: str, headers: Iterable[tuple[bytes, bytes]]) -> Refusal | None:
        """Why the request may not be answered; None if it may. Names of `headers` in lower case."""
        sent: dict[bytes, list[bytes]] = {}
        for name, value in headers:
            sent.setdefault(name, []).append(value)
        host = b",".join(sent.get(b"host", ())).decode("latin-1")
        page = path in self.pages or not is_control(path)
        if not (page and _leads_here(method, sent)) and _is_foreign(scheme, host, sent):
            return Refusal(
                FOREIGN_ORIGIN,
                "this request comes from a page of another site, which may not call the emulator: call it from a "
                "program, or from its own pages under the same scheme, host and port",
            )
        if self.asks_host and host and path not in self.probes and not self._knows(host_name(host)):
            shown = host if len(host) <= _LONGEST_SHOWN else f"{host[:_LONGEST_SHOWN]}..."
            return Refusal(
                UNKNOWN_HOST,
                f"{shown!r} could be any site's name: call the emulator by its address or as localhost, or start it "
                "with --allowed-host and the name",
            )
        return None

    def _knows(self, name: str) -> bool:
        return (
            name in self.known_hosts
            or name in _CONTAINER_HOSTS
            or name.endswith(".localhost")
            or _LABEL.fullmatch(name) is not None
            or _is_address(name)
        )


def is_control(path: str) -> bool:
    """Whether a path is the control API's."""
    return path.startswith(CONTROL_PREFIX) and path[len(CONTROL_PREFIX) : len(CONTROL_PREFIX) + 1] in ("", "/")


def host_name(host: str) -> str:
    """The name or address in a Host header, in lower case, without port, brackets and final dot; `""` if none is."""
    found = _HOST.fullmatch(host)
    return found[1].strip("[]").removesuffix(".").lower() if found else ""


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _leads_here(method: str, sent: dict[bytes, list[bytes]]) -> bool:
    """Whether somebody followed a link: the answer is shown to them, and the page with the link sees nothing."""
    return (
        method == "GET"
        and sent.get(b"sec-fetch-mode") == [b"navigate"]
        and sent.get(b"sec-fetch-dest") == [b"document"]
    )


def _is_foreign(scheme: str, host: str, sent: dict[bytes, list[bytes]]) -> bool:
    """Whether a browser says that the request comes from a page that is not of the same scheme, host and port."""
    if any(site.lower() in _FOREIGN_SITES for site in sent.get(b"sec-fetch-site", ())):
        return True
    own = _origin(scheme, f"{scheme}://{host}") if host else None
    return any(_origin(scheme, origin.decode("latin-1")) != own for origin in sent.get(b"origin", ()))


def _origin(scheme: str, text: str) -> str:
    """An origin in one form, as a browser or as another client would write it."""
    return text.lower().removesuffix(_DEFAULT_PORTS.get(scheme, ""))
