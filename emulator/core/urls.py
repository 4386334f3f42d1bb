"""Whether a URL can be called, and whether an address may be. Judges text only; resolves no names."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

LONGEST_URL = 2048
"""In characters."""
_LONGEST_HOST = 253
_NOWHERE = re.compile(r"[\s\x00-\x20\x7f-\xa0\\]")
_LABEL = r"[^\s/?#@:.\[\]\\%<>\"^`{|}]{1,63}"
_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*\.?")
_FOUR_NUMBERS = re.compile(r"[0-9]+(\.[0-9]+){3}")
_WANTED = "write http://host/path or https://host/path"

Address = IPv4Address | IPv6Address

_LOCAL = tuple(
    ip_network(text) for text in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
)
_NEVER = tuple(
    ip_network(text)
    for text in (
        "169.254.0.0/16", "fe80::/10",  # link-local: the metadata of most clouds and their containers
        "fd00:ec2::/32", "fd20:ce::254/128", "fd00:42::42/128", "fd00:a9fe:a9fe::1/128",  # metadata over IPv6
        "100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32",  # metadata at addresses of the cloud's own
    )
)  # fmt: skip
_EMBEDDING = (
    # networks of IPv6 addresses that contain an IPv4 address, and the number of bits after it
    (ip_network("::/96"), 0), (ip_network("::ffff:0:0:0/96"), 0),
    (ip_network("64:ff9b::/96"), 0), (ip_network("64:ff9b:1::/48"), 0), (ip_network("2002::/16"), 80),
)  # fmt: skip
_ISATAP = 0x5EFE


def url_problem(url: str | None) -> str | None:
    """Why a URL can never be called, and what to write; None if it can, or if there is no URL."""
    if url is None:
        return None
    if len(url) > LONGEST_URL:
        return f"a URL has at most {LONGEST_URL} characters"
    if _NOWHERE.search(url):
        return f"a URL has no spaces, backslashes or control characters: {_WANTED}"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return f"host or port cannot be read, or the port is above 65535: {_WANTED}"
    if parts.scheme not in ("http", "https"):
        return f"only http and https can be called: {_WANTED}"
    if port == 0:
        return f"nobody listens on port 0: {_WANTED}"
    if not _is_host(host, bracketed="[" in parts.netloc):
        return f"there is no host, or it is not a valid one: {_WANTED}"
    return None


def _is_host(host: str, *, bracketed: bool) -> bool:
    if bracketed or _FOUR_NUMBERS.fullmatch(host):
        return "%" not in host and _read_address(host) is not None
    try:
        written = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        return False
    return len(written) <= _LONGEST_HOST and _NAME.fullmatch(written) is not None


def is_address(host: str) -> bool:
    """Whether a host is an address rather than a name."""
    return _read_address(host) is not None


def unmapped(address: str) -> str:
    """An address in its usual spelling; an IPv4 address that is mapped into IPv6 as IPv4."""
    return str(_unmapped(address) or address)


def is_loopback(address: str) -> bool:
    """Whether an address leads back to this machine: a loopback address, or the unspecified one."""
    parsed = _unmapped(address)
    return parsed is not None and (parsed.is_loopback or parsed.is_unspecified)


def is_local(address: str) -> bool:
    """Whether an address is loopback or in a private network."""
    parsed = _unmapped(address)
    return parsed is not None and _is_in(parsed, _LOCAL)


def is_never_called(address: str) -> bool:
    """Whether an address must never be called, even if it is allowed, in any spelling: clouds' metadata services, which
    hand out keys, and everything link-local."""
    parsed = _read_address(address)
    return parsed is None or any(_is_in(each, _NEVER) for each in (parsed, *_embedded(parsed)))


def _read_address(address: str) -> Address | None:
    try:
        return ip_address(address.partition("%")[0])
    except ValueError:
        return None


def _unmapped(address: str) -> Address | None:
    parsed = _read_address(address)
    return getattr(parsed, "ipv4_mapped", None) or parsed


def _is_in(address: Address, networks: tuple[object, ...]) -> bool:
    return any(address in network for network in networks)  # type: ignore[operator]


def _embedded(address: Address) -> list[Address]:
    """The IPv4 addresses that an IPv6 address stands for: mapped, translated (NAT64) or tunnelled."""
    if isinstance(address, IPv4Address):
        return []
    number = int(address)
    found: list[Address | None] = [address.ipv4_mapped, *(address.teredo or ())]
    found += [IPv4Address(number >> behind & 0xFFFFFFFF) for network, behind in _EMBEDDING if address in network]
    if number >> 32 & 0xFFFF == _ISATAP:
        found.append(IPv4Address(number & 0xFFFFFFFF))
    return [each for each in found if each is not None]
