"""The front of everything: finds out by port, host name or mount prefix whose a request is."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from emulator.web.breakage import remember_transport
from emulator.web.intake import Intake
from emulator.web.pages import index_page
from emulator.world import World

CONTROL_PREFIX = "/_emulator"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the emulator is reached: the front door's port and each provider's."""

    host: str
    front_port: int
    provider_ports: Mapping[str, int]

    @property
    def _shown_host(self) -> str:
        if self.host in ("0.0.0.0", "::", ""):  # noqa: S104  shown, not bound
            return "127.0.0.1"
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def front(self) -> str:
        """Base URL of the front door."""
        return f"http://{self._shown_host}:{self.front_port}"

    @property
    def control(self) -> str:
        """Base URL of the control API."""
        return self.front + CONTROL_PREFIX

    def urls(self) -> dict[str, str]:
        """Base URL of each provider, as the provider's own base URL would be."""
        return {name: f"http://{self._shown_host}:{port}" for name, port in self.provider_ports.items()}


class Front:
    """An ASGI application: all providers, the control API and the pages."""

    def __init__(self, world: World, control: ASGIApp, addresses: Addresses) -> None:
        providers = world.library.providers
        self._control = control
        at_root = {name: Intake(world, provider) for name, provider in providers.items()}
        self._by_port = {port: at_root[name] for name, port in addresses.provider_ports.items()}
        self._by_host = {
            host.encode(): at_root[name] for name, provider in providers.items() for host in provider.public_hosts
        }
        mounts = [Mount(f"/{name}", app=Intake(world, card, f"/{name}")) for name, card in providers.items()]
        self._door = Starlette(
            routes=[Route("/", _index(addresses)), *mounts], exception_handlers={404: _nothing_here, 405: _nothing_here}
        )
        self._door.router.redirect_slashes = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        remember_transport(scope, send)
        path: str = scope["path"]
        if path.startswith(CONTROL_PREFIX) and path[len(CONTROL_PREFIX) : len(CONTROL_PREFIX) + 1] in ("", "/"):
            await self._control(scope, receive, send)
            return
        app: ASGIApp | None = None
        for name, value in scope["headers"]:
            if name == b"host":
                app = self._by_host.get(value.partition(b":")[0].lower())
                break
        if app is None:
            app = self._by_port.get(scope["server"][1], self._door) if scope.get("server") else self._door
        await app(scope, receive, send)


def _index(addresses: Addresses) -> Callable[[Request], Awaitable[Response]]:
    page = index_page(addresses.urls(), addresses.control)

    async def index(request: Request) -> Response:
        return HTMLResponse(page)

    return index


async def _nothing_here(request: Request, error: Exception) -> Response:
    message = "nothing is here: use a provider's port, /<provider>/... or /_emulator/..."
    return JSONResponse({"error": "not-found", "message": message}, 404)
