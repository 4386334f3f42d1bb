"""Where an authorization may send a browser back to, and the addresses that it sends it to.

Sources: https://docs.baanx.com/api-reference/auth/oauth-authorize-initiate (there is a whitelist; HTTPS in production,
HTTP for development only, other schemes on approval) and https://docs.baanx.com/guides/oauth/troubleshooting, seen
2026-11. Assumed: how a whitelist is written, and what is never allowed.
"""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlencode

LOOPBACK = "loopback"
"""The entry of a whitelist that stands for every port and path of this machine, over http."""

_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):.")
_NOWHERE = re.compile(r"[\s\x00-\x20\x7f-\x9f]")
_NEVER = frozenset({"javascript", "data", "vbscript", "file", "blob", "about"})
_LOOPBACK_FORM = re.compile(r"http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?([/?].*)?", re.IGNORECASE)
_IN_URLS = "".join(map(chr, range(0x21, 0x7F)))


def find_redirect_problem(redirect_uri: str, allowed: Sequence[str] | None) -> str | None:
    """Why a browser must not be sent to an address; None if it may. `allowed`: the whitelist, None: any address."""
    scheme = _SCHEME.match(redirect_uri)
    if scheme is None:
        return "it has no scheme"
    if _NOWHERE.search(redirect_uri) or "#" in redirect_uri:
        return "it has white space, a control character or a fragment"
    if scheme[1].lower() in _NEVER:
        return f"nobody is ever sent to the scheme {scheme[1]}"
    if allowed is None or redirect_uri in allowed:
        return None
    if LOOPBACK in allowed and _LOOPBACK_FORM.fullmatch(redirect_uri):
        return None
    return f"allowed are {', '.join(allowed) or 'none'} (setting redirect_uris)"


def write_redirect_url(redirect_uri: str, parameters: Mapping[str, str | None]) -> str:
    """The app's address with parameters added to whatever query it has, in this order and without those that are None.
    All of it is printable ASCII, so that a header can carry it."""
    joint = "&" if "?" in redirect_uri else "?"
    added = urlencode({name: value for name, value in parameters.items() if value is not None})
    return quote(f"{redirect_uri}{joint}{added}", safe=_IN_URLS)


def write_destination(redirect_uri: str) -> str:
    """What people are told about where they go back to: the host of a web address, or the scheme of any other."""
    scheme, _, rest = redirect_uri.partition(":")
    host = rest.removeprefix("//").partition("/")[0].partition("?")[0]
    return host if scheme.lower() in ("http", "https") else f"{scheme}:"
