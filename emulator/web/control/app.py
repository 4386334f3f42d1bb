"""The control API as an application: the table of its calls, and how one of them is answered."""

import asyncio
import logging
import secrets

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from emulator.engine.engine import Engine
from emulator.stores import StoreError
from emulator.web.console_cookie import has_cookie
from emulator.web.control import (
    behaviour,
    diagnoses,
    faults,
    journals,
    new_orders,
    orders,
    receivers,
    sandboxes,
    server,
    streams,
    webhooks,
)
from emulator.web.control.desk import MAX_SNAPSHOT_BYTES, Call, Desk
from emulator.web.control.reading import CALL, require_query
from emulator.web.control.refusals import ControlError, not_ready, write_error, write_json
from emulator.web.guard import CONTROL_PREFIX

log = logging.getLogger("emulator")

_OBJECT = {"type": "object"}

CALLS = (
    Call("GET", "/health", server.get_health, probe=True),
    Call("GET", "/ready", server.get_ready, probe=True),
    Call("GET", "/version", server.get_version),
    Call("GET", "/ca.pem", server.get_ca),
    Call("GET", "/metrics", server.get_metrics),
    Call("GET", "/providers", server.get_providers),
    Call("GET", "/openapi.json", server.get_own_openapi),
    Call("GET", "/openapi/{document}", server.get_openapi),
    Call("GET", "/docs", server.get_docs, page=True),
    Call("POST", "/sandboxes", sandboxes.post_sandbox, body=sandboxes.NEW_SANDBOX),
    Call("GET", "/sandboxes", sandboxes.get_sandboxes),
    Call("GET", "/sandboxes/{sandbox}", sandboxes.get_sandbox),
    Call("DELETE", "/sandboxes/{sandbox}", sandboxes.delete_sandbox),
    Call("POST", "/sandboxes/{sandbox}/reset", sandboxes.post_reset),
    Call("GET", "/sandboxes/{sandbox}/clock", sandboxes.get_clock),
    Call("PUT", "/sandboxes/{sandbox}/clock", sandboxes.put_clock, body=sandboxes.CHANGED_CLOCK),
    Call("POST", "/sandboxes/{sandbox}/clock/advance", sandboxes.post_advance, body=sandboxes.ADVANCE),
    Call("GET", "/sandboxes/{sandbox}/orders", orders.get_orders, orders.SELECTION),
    Call("POST", "/sandboxes/{sandbox}/orders", new_orders.post_order, body=new_orders.NEW),
    Call("GET", "/sandboxes/{sandbox}/orders/{order}", orders.get_order),
    Call("POST", "/sandboxes/{sandbox}/orders/{order}/events", orders.post_event, body=orders.EVENT),
    Call("POST", "/sandboxes/{sandbox}/commands/{provider}/{name}", orders.post_command, body=_OBJECT),
    Call("GET", "/sandboxes/{sandbox}/events", streams.get_events, streams.SELECTION),
    Call("GET", "/sandboxes/{sandbox}/journal", journals.get_journal, journals.SELECTION),
    Call("POST", "/sandboxes/{sandbox}/journal/count", journals.post_count, body=journals.COUNT),
    Call("GET", "/sandboxes/{sandbox}/journal/{number}/diagnosis", diagnoses.get_diagnosis),
    Call("POST", "/sandboxes/{sandbox}/journal/{number}/resend", diagnoses.post_resend),
    Call("GET", "/sandboxes/{sandbox}/faults", faults.get_faults),
    Call("POST", "/sandboxes/{sandbox}/faults", faults.post_fault, body=faults.RULE),
    Call("DELETE", "/sandboxes/{sandbox}/faults", faults.delete_faults),
    Call("DELETE", "/sandboxes/{sandbox}/faults/{fault}", faults.delete_faults),
    Call("GET", "/sandboxes/{sandbox}/webhooks", webhooks.get_webhooks, webhooks.SELECTION),
    Call("POST", "/sandboxes/{sandbox}/webhooks/wait", webhooks.post_wait, body=webhooks.WAIT),
    Call("POST", "/sandboxes/{sandbox}/webhooks/send", webhooks.post_send, body=webhooks.SEND),
    Call("POST", "/sandboxes/{sandbox}/webhooks/{webhook}/replay", webhooks.post_replay),
    Call("POST", "/sandboxes/{sandbox}/webhooks/{webhook}/resend", webhooks.post_replay),
    Call("GET", "/sandboxes/{sandbox}/receiver", receivers.get_receiver, receivers.SELECTION),
    Call("DELETE", "/sandboxes/{sandbox}/receiver", receivers.delete_receiver),
    Call("GET", "/sandboxes/{sandbox}/settings", behaviour.get_settings),
    Call("PUT", "/sandboxes/{sandbox}/settings", behaviour.put_settings, body=behaviour.SETTINGS),
    Call("GET", "/sandboxes/{sandbox}/scenarios", behaviour.get_scenarios),
    Call(
        "PUT",
        "/sandboxes/{sandbox}/scenarios/{provider}/{name}",
        behaviour.put_scenario,
        body=behaviour.SCENARIO,
        media_types=behaviour.SCENARIO_TYPES,
    ),
    Call("PUT", "/sandboxes/{sandbox}/default-scenario", behaviour.put_default_scenario, body=behaviour.CHOICE),
    Call("GET", "/sandboxes/{sandbox}/snapshot", sandboxes.get_snapshot),
    Call("PUT", "/sandboxes/{sandbox}/snapshot", sandboxes.put_snapshot, body=_OBJECT, body_limit=MAX_SNAPSHOT_BYTES),
)
PROBES = frozenset(CONTROL_PREFIX + call.path for call in CALLS if call.probe)
PAGES = frozenset(CONTROL_PREFIX + call.path for call in CALLS if call.page)


class Control(Desk):
    """An ASGI application: the control API of one engine."""

    def __init__(self, engine: Engine, token: str | None = None) -> None:
        super().__init__(engine, token)
        self.calls = CALLS
        routes = _routes(self)
        self._app = Starlette(
            routes=[Mount(CONTROL_PREFIX, routes=routes), Route(CONTROL_PREFIX, _endpoint(self, {}))],
            exception_handlers={404: _nowhere},
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].rstrip("/") == CONTROL_PREFIX and _wants_page(scope):
            await RedirectResponse(self.addresses.front_for(self.reached(Request(scope))) + "/")(scope, receive, send)
            return
        try:
            self._authorize(scope)
        except ControlError as error:
            await write_error(error)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _authorize(self, scope: Scope) -> None:
        if self.token is None or scope["path"] in PROBES:
            return
        if scope["method"] in ("GET", "HEAD") and has_cookie(scope, self.token):
            return
        scheme, _, token = dict(scope["headers"]).get(b"authorization", b"").partition(b" ")
        if scheme.lower() != b"bearer" or not secrets.compare_digest(token.strip(), self.token.encode()):
            raise ControlError("unauthorized", "send Authorization: Bearer with the token given to --control-token")


def _routes(desk: Desk) -> list[Route]:
    by_path: dict[str, dict[str, Call]] = {}
    for call in CALLS:
        by_path.setdefault(call.path, {})[call.method] = call
    routes = [Route(path, _endpoint(desk, by_path[path])) for path in sorted(by_path, key=_by_names)]
    return [*routes, Route("/{rest:path}", _endpoint(desk, {}))]


def _wants_page(scope: Scope) -> bool:
    """Whether somebody has typed the address into a browser."""
    accept = dict(scope["headers"]).get(b"accept", b"")
    return scope["method"] in ("GET", "HEAD") and b"text/html" in accept


def _by_names(path: str) -> list[bool]:
    """Where a path belongs: Starlette takes the first that fits, and names go before parameters in the same place."""
    return [part.startswith("{") for part in path.split("/")]


def _endpoint(desk: Desk, calls: dict[str, Call]) -> ASGIApp:
    """One path of the API as a plain ASGI application, so that Starlette leaves the method to us."""

    async def endpoint(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            if not calls:
                raise _no_such_path()
            call = calls.get("GET" if request.method == "HEAD" else request.method)
            if call is None:
                allowed = ", ".join(calls)
                raise ControlError("method-not-allowed", f"use {allowed} here", allowed=list(calls))
            scope[CALL] = call
            require_query(request)
            if not call.probe:
                await desk.engine.current()
            result = await call.handler(desk, request)
        except ControlError as error:
            await write_error(error)(scope, receive, send)
            return
        except asyncio.CancelledError:
            if desk.ready:
                raise
            await write_error(not_ready())(scope, receive, send)
            return
        except StoreError as failure:
            log.error("%s %s failed: %s", request.method, request.url.path, failure)
            await write_error(ControlError("store-unavailable", str(failure)))(scope, receive, send)
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
