"""The front of everything: tells by port, host name or mount prefix which provider a request is for."""

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlsplit

from msgspec import Struct
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from emulator.contract.request import Request
from emulator.core.forwarded import Reached, read_forwarded
from emulator.engine.engine import Engine
from emulator.web.asgi_door import answer, request_of, send_json
from emulator.web.guard import CONTROL_PREFIX, FORBIDDEN, Guard, is_control
from emulator.web.headers import NOSNIFF, is_page, page_headers
from emulator.web.intake import Intake
from emulator.web.place import PLACE, Place
from emulator.web.receiver import PATH as RECEIVER


class Addresses(Struct, frozen=True):
    """Where the emulator is reached: the front door's port and each provider's."""

    host: str
    front_port: int
    provider_ports: Mapping[str, int]
    """Empty if the emulator has no ports of its own; then providers are reached under their names only."""
    base_url: str = ""
    """Base URL of the front door if it is not made of host and port."""
    names: tuple[str, ...] = ()
    """The providers that are reached under their names only."""
    public_url: str = ""
    """Base URL of the front door for everybody; empty: the one that each request used."""
    tls_port: int | None = None
    """Where the front door is served over HTTPS; None: nowhere."""

    @property
    def _shown_host(self) -> str:
        if self.host in ("0.0.0.0", "::", ""):  # noqa: S104  shown, not bound
            return "127.0.0.1"
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def front(self) -> str:
        """Base URL of the front door."""
        return self.base_url or f"http://{self._shown_host}:{self.front_port}"

    @property
    def control(self) -> str:
        """Base URL of the control API."""
        return self.front + CONTROL_PREFIX

    @property
    def tls(self) -> str:
        """Base URL of the front door over HTTPS; empty if there is none."""
        return f"https://{self._shown_host}:{self.tls_port}" if self.tls_port is not None else ""

    def urls(self) -> dict[str, str]:
        """Base URL of each provider, as the provider's own base URL would be."""
        if self.public_url:
            return self._mounts(self.public_url)
        ports = {name: f"http://{self._shown_host}:{port}" for name, port in self.provider_ports.items()}
        return {name: f"{self.front}/{name}" for name in self.names} | ports

    def front_for(self, reached: Reached) -> str:
        """Base URL of the front door for a client that used this URL."""
        return self.public_url or (self._at(reached, self.front_port) if self._is_direct(reached) else reached.base)

    def urls_for(self, reached: Reached) -> dict[str, str]:
        """Base URL of each provider for a client that used this URL: at its own port if the ports are reached directly,
        else below the front door."""
        if self.public_url or not self._is_direct(reached):
            return self._mounts(self.front_for(reached))
        return {name: self._at(reached, port) for name, port in self.provider_ports.items()}

    def _mounts(self, front: str) -> dict[str, str]:
        return {name: f"{front}/{name}" for name in (*self.names, *self.provider_ports)}

    def _is_direct(self, reached: Reached) -> bool:
        parts = urlsplit(reached.origin)
        ports = {self.front_port, *self.provider_ports.values()}
        return bool(self.provider_ports) and parts.scheme == "http" and not reached.prefix and parts.port in ports

    def _at(self, reached: Reached, port: int) -> str:
        return f"{reached.origin.rpartition(':')[0]}:{port}"


class Router:
    """Tells whose a request is. As an ASGI application, it answers them all."""

    def __init__(
        self,
        engine: Engine,
        control: ASGIApp,
        pages: ASGIApp,
        receiver: ASGIApp,
        addresses: Addresses,
        guard: Guard,
        place: Place = PLACE,
    ) -> None:
        outlines = engine.library.outlines
        self._place = place
        said = None if place == PLACE else place
        self._guard = guard
        self._control = control
        at_root = {name: Intake(engine, name, place=said) for name in outlines}
        self._by_port: dict[int | None, Intake] = {
            port: at_root[name] for name, port in addresses.provider_ports.items()
        }
        by_host = {host: at_root[name] for name, outline in outlines.items() for host in outline.public_hosts}
        self._of_host = lru_cache(maxsize=100)(lambda host: by_host.get(host.partition(":")[0].lower()))
        self._by_mount = {name: Intake(engine, name, f"/{name}", said) for name in outlines}
        self._pages = pages
        self._receiver = receiver

    def intake(self, port: int | None, request: Request) -> Intake | None:
        """What answers a request that came in at this port, by host name, port or mount prefix; None: no provider.

        The control API is everywhere.
        """
        path = request.path
        if is_control(path):
            return None
        intake = self._of_host(self._host(request)) or self._by_port.get(port)
        if intake is None and path.count("/") > 1:
            return self._by_mount.get(path.split("/", 2)[1])
        return intake

    def _host(self, request: Request) -> str:
        """The host that the client asked for."""
        if not self._place.trust_proxy:
            return request.headers.get("host", "")
        return read_forwarded(request.headers, "http", "").origin.partition("://")[2]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = request_of(scope)
        intake = self.intake((scope.get("server") or ("", None))[1], request)
        if intake is not None:
            await answer(intake, request, receive, send)
            return
        self._place.put_on_scope(scope)
        path = scope["path"]
        refusal = self._guard.refusal(scope["scheme"], scope["method"], path, scope["headers"])
        app: ASGIApp = self._control if is_control(path) else self._pages
        if path.startswith(f"{RECEIVER}/"):
            app = self._receiver
        send = _with_headers(send)
        if refusal is None:
            await app(scope, receive, send)
        else:
            await send_json(send, FORBIDDEN, refusal._asdict())


def _with_headers(send: Send) -> Send:
    """Adds the headers that keep a browser from doing more with an answer than it was made for."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            said = message["headers"]
            names = dict(said)
            bare_page = is_page(names.get(b"content-type", b"").decode()) and b"content-security-policy" not in names
            added = {
                name.encode(): value.encode() for name, value in (page_headers() if bare_page else NOSNIFF).items()
            }
            message["headers"] = [*(each for each in said if each[0] not in added), *added.items()]
        await send(message)

    return send_with_headers
