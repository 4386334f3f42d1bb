"""The control API as an application: the table of its calls, and how one of them is answered."""

import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from emulator.web.control import behaviour, faults, journals, orders, sandboxes, server, webhooks
from emulator.web.control.desk import Desk
from emulator.web.control.refusals import ControlError, write_error, write_json
from emulator.world import World

_OPEN_PATHS = ("/_emulator/health", "/_emulator/ready")
"""What probes ask, which have no token."""

log = logging.getLogger("emulator")

Handler = Callable[[Desk, Request], Awaitable[Any]]

CALLS: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/health", server.get_health),
    ("GET", "/ready", server.get_ready),
    ("GET", "/version", server.get_version),
    ("GET", "/providers", server.get_providers),
    ("GET", "/openapi.json", server.get_own_openapi),
    ("GET", "/openapi/{document}", server.get_openapi),
    ("GET", "/docs", server.get_docs),
    ("POST", "/sandboxes", sandboxes.post_sandbox),
    ("GET", "/sandboxes", sandboxes.get_sandboxes),
    ("GET", "/sandboxes/{sandbox}", sandboxes.get_sandbox),
    ("DELETE", "/sandboxes/{sandbox}", sandboxes.delete_sandbox),
    ("POST", "/sandboxes/{sandbox}/reset", sandboxes.post_reset),
    ("GET", "/sandboxes/{sandbox}/clock", sandboxes.get_clock),
    ("PUT", "/sandboxes/{sandbox}/clock", sandboxes.put_clock),
    ("POST", "/sandboxes/{sandbox}/clock/advance", sandboxes.post_advance),
    ("GET", "/sandboxes/{sandbox}/orders", orders.get_orders),
    ("GET", "/sandboxes/{sandbox}/orders/{order}", orders.get_order),
    ("POST", "/sandboxes/{sandbox}/orders/{order}/events", orders.post_event),
    ("POST", "/sandboxes/{sandbox}/commands/{provider}/{name}", orders.post_command),
    ("GET", "/sandboxes/{sandbox}/journal", journals.get_journal),
    ("POST", "/sandboxes/{sandbox}/journal/count", journals.post_count),
    ("GET", "/sandboxes/{sandbox}/faults", faults.get_faults),
    ("POST", "/sandboxes/{sandbox}/faults", faults.post_fault),
    ("DELETE", "/sandboxes/{sandbox}/faults", faults.delete_faults),
    ("DELETE", "/sandboxes/{sandbox}/faults/{fault}", faults.delete_faults),
    ("GET", "/sandboxes/{sandbox}/webhooks", webhooks.get_webhooks),
    ("POST", "/sandboxes/{sandbox}/webhooks/wait", webhooks.post_wait),
    ("POST", "/sandboxes/{sandbox}/webhooks/{webhook}/replay", webhooks.post_replay),
    ("GET", "/sandboxes/{sandbox}/settings", behaviour.get_settings),
    ("PUT", "/sandboxes/{sandbox}/settings", behaviour.put_settings),
    ("GET", "/sandboxes/{sandbox}/scenarios", behaviour.get_scenarios),
    ("PUT", "/sandboxes/{sandbox}/scenarios/{provider}/{name}", behaviour.put_scenario),
    ("PUT", "/sandboxes/{sandbox}/default-scenario", behaviour.put_default_scenario),
    ("GET", "/sandboxes/{sandbox}/snapshot", sandboxes.get_snapshot),
    ("PUT", "/sandboxes/{sandbox}/snapshot", sandboxes.put_snapshot),
)


class Control(Desk):
    """An ASGI application: the control API of one world."""

    def __init__(self, world: World, token: str | None = None) -> None:
        super().__init__(world)
        self.calls = CALLS
        self._token = token
        routes = _routes(self)
        self._app = Starlette(
            routes=[Mount("/_emulator", routes=routes), Route("/_emulator", _endpoint(self, {}))],
            exception_handlers={404: _nowhere},
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            self._authorize(scope)
        except ControlError as error:
            await write_error(error)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _authorize(self, scope: Scope) -> None:
        if self._token is None or scope["path"] in _OPEN_PATHS:
            return
        sent = dict(scope["headers"]).get(b"authorization", b"")
        if not secrets.compare_digest(sent, f"Bearer {self._token}".encode()):
            raise ControlError("unauthorized", "send Authorization: Bearer with the token given to --control-token")


def _routes(desk: Desk) -> list[Route]:
    by_path: dict[str, dict[str, Handler]] = {}
    for method, path, handler in CALLS:
        by_path.setdefault(path, {})[method] = handler
    routes = [Route(path, _endpoint(desk, handlers)) for path, handlers in by_path.items()]
    return [*routes, Route("/{rest:path}", _endpoint(desk, {}))]


def _endpoint(desk: Desk, handlers: dict[str, Handler]) -> ASGIApp:
    """One path of the API as a plain ASGI application, so that Starlette leaves the method to us."""

    async def endpoint(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            if not handlers:
                raise _no_such_path()
            handler = handlers.get("GET" if request.method == "HEAD" else request.method)
            if handler is None:
                allowed = ", ".join(handlers)
                raise ControlError("method-not-allowed", f"use {allowed} here", allowed=list(handlers))
            result = await handler(desk, request)
        except ControlError as error:
            await write_error(error)(scope, receive, send)
            return
        except Exception as failure:
            log.exception("%s %s failed", request.method, request.url.path)
            unforeseen = ControlError("internal", f"the emulator failed: {type(failure).__name__}: {failure}")
            await write_error(unforeseen)(scope, receive, send)
            return
        if isinstance(result, Response):
            await result(scope, receive, send)
            return
        status, value = result if isinstance(result, tuple) else (200, result)
        response = Response(status_code=204) if value is None else write_json(status, value)
        await response(scope, receive, send)

    return _Plain(endpoint)


def _no_such_path() -> ControlError:
    return ControlError("not-found", "the control API has no such path; /_emulator/docs lists its calls")


async def _nowhere(request: Request, error: Exception) -> Response:
    return write_error(_no_such_path())


class _Plain:
    """Marks an ASGI function as an application, which Starlette would otherwise take for a request handler."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)
