# Made by scripts/generate_docs.py from emulator/testing/sandbox.py: edit that, and run it again.
"""One sandbox of a running emulator, as `Emulator` and `AsyncEmulator` have it in common."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from emulator_client import __version__
from emulator_client.client_side import ProviderAccess
from emulator_client import json_text
from emulator_client.calls import TIMEOUT_S, Call
from emulator_client.connection import Sockets
from emulator_client.link import Answered, Asked, Link
from emulator_client.loops import LoopNeeded, listening_ports, running_loop
from emulator_client.receivers import Failures, Receiver, Receivers
from emulator_client.types import names
from emulator_client.types.by_provider import ByProvider

if TYPE_CHECKING:
    import httpx

    from emulator_client.transport import Transport

S = TypeVar("S", bound="Sandbox")
T = TypeVar("T")

__tracebackhide__ = True
"""pytest shows the test that was refused, not how this module did it."""
NOT_FOUND = 404
_SAFE = "/?:@!$&'()*+,;=-._~%"
"""What a path and a query may contain as it is."""
_PORT_IN_URL = re.compile(rb"https?://[^/\s\"\\]*?:(\d{1,5})")


class ControlRefused(Exception):
    """The control API says no; `error` is its name, the text what to do."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(f"{body.get('error')}: {body.get('message')}")
        self.status = status
        self.error = body.get("error")
        self.body = body


class Sandbox(ByProvider):
    """What is the same whether calls are waited for or awaited."""

    def __init__(
        self,
        control_url: str,
        document: Mapping[str, Any],
        token: str | None = None,
        *,
        link: Link | None = None,
        local: Link | None = None,
        receivers: Receivers | None = None,
        failures: Failures | None = None,
    ) -> None:
        """`link`: by which it is asked, if that is shared; `local`: one without a socket, and `receivers` of the
        server, if it runs in this process; `failures`: of those receivers that are for all sandboxes."""
        self.name: str = document["name"]
        self.control_url = control_url
        self._token = token
        self._owns_link = link is None
        self._link = link if link is not None else Sockets(control_url, document["urls"].values())
        self._local = local
        self._access = {
            provider: ProviderAccess(url, document["credentials"][provider])
            for provider, url in document["urls"].items()
        }
        self._receivers = receivers
        self._own_failures = Failures()
        self._failures = (self._own_failures, *([failures] if failures else []))

    def _as(self, kind: type[S]) -> S:
        """The same sandbox as another class, with which everything is shared."""
        other = kind.__new__(kind)
        other.__dict__.update(self.__dict__)
        return other

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: sandbox {self.name!r} at {self.control_url}>"

    def transport(self) -> "Transport":
        """The emulator as an httpx transport, sync and async, without a socket; of one that runs elsewhere, over
        sockets of its own. It takes the URLs of `ProviderAccess` and those of the providers' public host names. Answers
        come whole, so it cannot be used for `GET events`."""
        from emulator_client.transport import Transport

        return Transport(self._local or self._link)

    def client(self, provider: names.Provider, **options: Any) -> "httpx.Client":
        """An httpx client of a provider with base URL and credentials, which signs and signs in by itself. `options`:
        further arguments of `httpx.Client`."""
        import httpx

        return httpx.Client(**self._options(provider, options))

    def async_client(self, provider: names.Provider, **options: Any) -> "httpx.AsyncClient":
        """As `client`, an `httpx.AsyncClient`."""
        import httpx

        return httpx.AsyncClient(**self._options(provider, options))

    def _options(self, provider: str, options: Mapping[str, Any]) -> dict[str, Any]:
        from emulator_client.clients import auth_for
        from emulator_client.transport import Transport

        access = self[provider]
        usual = {"base_url": access.url, "auth": auth_for(provider, access), "transport": Transport(self._link)}
        return {**usual, "timeout": TIMEOUT_S, **options}

    def intercept(self) -> AbstractContextManager[None]:
        """Within the block, what httpx and requests send to the providers' public host names, in any thread of this
        process, comes to this emulator, to the sandbox whose credentials it bears; all else goes where it would."""
        from emulator_client.intercept import intercept

        return intercept(names.PUBLIC_HOSTS, self._local or self._link)

    def _request(self, call: Call[Any]) -> Asked:
        """A call about this sandbox as it is sent."""
        return control_request(self.control_url, self._token, call, self.name)

    def _ask(self, call: Call[Any]) -> Answered:
        """The answer to a call, whatever it is."""
        return self._link.exchange(self._request(call))

    def _read(self, call: Call[T], answered: Answered) -> T:
        """What the caller gets. Raises what receivers failed with, ControlRefused and NotSettled."""
        self._raise_failures()
        return call.read(read_answer(answered))

    def _raise_failures(self) -> None:
        for failures in self._failures:
            failures.raise_first()

    def _require_free_loop(self) -> None:
        """Raises LoopNeeded if this thread runs an event loop in which a receiver of this sandbox's webhooks lives."""
        loop = running_loop()
        if loop is None:
            return
        needed = self._receivers.hosts_in(loop) if self._receivers is not None else []
        ports = listening_ports(loop)
        if ports:
            mentioned = {int(port) for port in _PORT_IN_URL.findall(self._ask(Call("GET", "snapshot")).body)}
            needed += [f"port {port}" for port in sorted(ports & mentioned)]
        if needed:
            raise LoopNeeded(
                f"webhooks go to {', '.join(needed)}, which this event loop serves, and it could not answer while this "
                "call waits for it: use an AsyncEmulator, or call it in a thread, as `await asyncio.to_thread("
                'emulator.advance, "1h")`'
            )

    def receive_at(self, host: str, app: Any, *, lifespan: bool | None = None, reraise: bool = True) -> Receiver:
        """Lets an application of this process receive what goes to `http://<host>/...`, without a socket, until the
        sandbox's block ends; as `with emulator.receive_at(...)` until that block does. Of an emulator that runs
        elsewhere it listens at a port. Either way webhooks go to the `url` of the receiver.

        `app`: ASGI or WSGI. It runs in the server's event loop (WSGI: in threads). `lifespan`: whether it is told that
        it starts and stops; None: unless it is a plain function. `reraise`: an exception of a handler is raised in the
        test, by the next call or at the end; a webhook always gets a 500 for it. Raises what goes wrong at the start.
        """
        return self._local_receivers().add(host, app, self._own_failures, lifespan=lifespan, reraise=reraise)

    def receive_here(
        self, host: str, app: Any, *, lifespan: bool | None = None, reraise: bool = True
    ) -> AbstractAsyncContextManager[Receiver]:
        """As `receive_at`, for an `async with`: the application runs in the event loop of the caller. Calls that wait
        for it are then those of an `AsyncEmulator`, or made in a thread."""
        return self._local_receivers().here(host, app, self._own_failures, lifespan=lifespan, reraise=reraise)

    def _local_receivers(self) -> Receivers:
        if self._receivers is None:
            raise RuntimeError(
                f"the emulator at {self.control_url} does not run in this process: make the sandbox by a RemoteServer, "
                "or give it the URL of a real receiver"
            )
        return self._receivers

    def _close(self) -> None:
        try:
            if self._receivers is not None:
                self._receivers.end_all(self._own_failures)
        finally:
            if self._owns_link:
                self._link.close()


def control_request(control_url: str, token: str | None, call: Call[Any], sandbox: str = "") -> Asked:
    """A call of the control API as it is sent, below a sandbox if one is named; of a list in its query each item is
    sent. Raises ValueError for what is not a URL."""
    parts = urlsplit(control_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{control_url!r} is not an http(s) URL: write it as http://127.0.0.1:8900/_emulator")
    path = "/".join(filter(None, (parts.path.rstrip("/"), sandbox and f"sandboxes/{sandbox}", call.path)))
    query = urlencode({name: value for name, value in call.query.items() if value is not None}, doseq=True)
    target = quote(path + (f"?{query}" if query else ""), safe=_SAFE).encode()
    body = b"" if call.body is None else json_text.encode(call.body)
    headers = {
        "Host": parts.netloc.rpartition("@")[2],
        "User-Agent": f"payment-provider-emulator-client/{__version__}",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
    } | ({"Authorization": f"Bearer {token}"} if token else {})
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    return Asked(call.method, parts.scheme, parts.hostname, parts.port, target, raw, body, call.timeout_s)


def read_answer(answered: Answered) -> Any:
    """The body of an answer of the control API. Raises ControlRefused."""
    body = json_text.decode(answered.body) if answered.body else None
    if 200 <= answered.status < 300:
        return body
    raise ControlRefused(answered.status, body if isinstance(body, dict) else {})


def make_call(link: Link, control_url: str, token: str | None, call: Call[T]) -> T:
    """What a call gives that is about no sandbox. Raises ControlRefused."""
    return call.read(read_answer(link.exchange(control_request(control_url, token, call))))
