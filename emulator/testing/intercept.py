"""Requests that httpx and requests send to the providers' public host names, led to an emulator; all others go where
they would.

What is replaced is where these libraries send a single request, before they look up what will carry it. Mocks such as
respx and responses replace the look-up or what carries it, so that they and this do not interfere, whichever comes
first.
"""

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from emulator.testing.link import Link

if TYPE_CHECKING:
    from emulator.testing.transport import Transport

__tracebackhide__ = True
_lock = threading.Lock()
_led: list[tuple[frozenset[str], Link]] = []
"""Which hosts are led where; the last one of a host counts."""
_patched: ExitStack | None = None


@contextmanager
def intercept(hosts: Collection[str], link: Link) -> Iterator[None]:
    """Leads requests to these hosts over a link, in all of the process, until the block ends."""
    global _patched
    entry = (frozenset(hosts), link)
    with _lock:
        _led.append(entry)
        if _patched is None:
            _patched = _patch()
    try:
        yield
    finally:
        with _lock:
            _led.reverse()
            _led.remove(entry)
            _led.reverse()
            if not _led and _patched is not None:
                _patched.close()
                _patched = None


def _link_for(host: str | None) -> Link | None:
    return next((link for hosts, link in reversed(_led) if host in hosts), None)


def _patch() -> ExitStack:
    """Puts our look-up in front of the libraries' own; closing what it returns removes it."""
    import httpx

    from emulator.testing.transport import Transport

    stack = ExitStack()

    def send_by_httpx(send: Any, client: Any, request: httpx.Request) -> Any:
        link = _link_for(request.url.host)
        carrier = next((each for pattern, each in client._mounts.items() if pattern.matches(request.url)), None)
        is_ordinary = isinstance(carrier or client._transport, (httpx.HTTPTransport, httpx.AsyncHTTPTransport))
        return send(client if link is None or not is_ordinary else _Led(client, Transport(link)), request)

    for kind in (httpx.Client, httpx.AsyncClient):
        _replace(stack, kind, "_send_single_request", send_by_httpx)
    with suppress(ImportError):  # it is only needed by those who use it
        import requests
        from requests.adapters import HTTPAdapter

        from emulator.testing.adapter import Adapter

        def adapter_of_requests(get: Any, session: Any, url: str) -> Any:
            link, found = _link_for(urlsplit(url).hostname), get(session, url)
            is_ordinary = isinstance(found, HTTPAdapter)
            return found if link is None or not is_ordinary else Adapter(link)

        _replace(stack, requests.Session, "get_adapter", adapter_of_requests)
    return stack


class _Led:
    """Looks like an httpx client to the client's own method that sends a request, except for what will carry it."""

    def __init__(self, client: Any, transport: "Transport") -> None:
        self._client = client
        self._led_by = transport

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def _transport_for_url(self, url: Any) -> "Transport":
        return self._led_by


def _replace(stack: ExitStack, kind: type, name: str, replacement: Callable[..., Any]) -> None:
    """Replaces a method of a class by `replacement(method, self, ...)`."""
    method = getattr(kind, name)

    def stand_in(self: Any, *arguments: Any, **named: Any) -> Any:
        return replacement(method, self, *arguments, **named)

    def take_back() -> None:
        if getattr(kind, name) is stand_in:
            setattr(kind, name, method)

    setattr(kind, name, stand_in)
    stack.callback(take_back)
