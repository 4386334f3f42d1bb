"""How a call of the control API is answered."""

import asyncio
import contextlib
import logging
import secrets
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from emulator.core import json_text
from emulator.web.console_cookie import has_cookie
from emulator.web.control.answers import answer_problem
from emulator.web.control.calls import CALLS
from emulator.web.control.context import JSON_TYPE, PROBES, Call, Context
from emulator.web.control.reading import CALL, require_query
from emulator.web.control.recorded import perform
from emulator.web.control.refusals import ControlError, log_failure, not_ready, refusal_of, write_error
from emulator.web.guard import CONTROL_PREFIX

log = logging.getLogger("emulator")


class Api:
    """An ASGI application: all calls."""

    def __init__(self, context: Context) -> None:
        self._context = context
        context.calls = context.calls or CALLS
        routes = _routes(context)
        self._app = Starlette(
            routes=[Mount(CONTROL_PREFIX, routes=routes), Route(CONTROL_PREFIX, _endpoint(context, {}))],
            exception_handlers={404: _nowhere},
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].rstrip("/") == CONTROL_PREFIX and _wants_page(scope):
            front = self._context.addresses.front_for(self._context.reached(Request(scope)))
            await RedirectResponse(front + "/")(scope, receive, send)
            return
        try:
            self._authorize(scope)
        except ControlError as error:
            await write_error(error)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _authorize(self, scope: Scope) -> None:
        token = self._context.token
        if token is None or scope["path"] in PROBES:
            return
        if scope["method"] in ("GET", "HEAD") and has_cookie(scope, token):
            return
        scheme, _, shown = dict(scope["headers"]).get(b"authorization", b"").partition(b" ")
        if scheme.lower() != b"bearer" or not secrets.compare_digest(shown.strip(), token.encode()):
            raise ControlError("unauthorized", "send Authorization: Bearer with the token given to --control-token")


def _routes(context: Context) -> list[Route]:
    by_path: dict[str, dict[str, Call]] = {}
    for call in context.calls:
        by_path.setdefault(call.path, {})[call.method] = call
    routes = [Route(path, _endpoint(context, by_path[path])) for path in sorted(by_path, key=_by_names)]
    return [*routes, Route("/{rest:path}", _endpoint(context, {}))]


def _wants_page(scope: Scope) -> bool:
    """Whether somebody has typed the address into a browser."""
    accept = dict(scope["headers"]).get(b"accept", b"")
    return scope["method"] in ("GET", "HEAD") and b"text/html" in accept


def _by_names(path: str) -> list[bool]:
    """Where a path belongs: Starlette takes the first that fits, and names go before parameters in the same place."""
    return [part.startswith("{") for part in path.split("/")]


def _endpoint(context: Context, calls: dict[str, Call]) -> ASGIApp:
    """One path of the API as a plain ASGI application, so that Starlette leaves the method to us."""

    async def endpoint(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        async with contextlib.AsyncExitStack() as uses:
            response = await _answer(context, calls, request, uses)
            await response(scope, receive, send)

    return _Plain(endpoint)


async def _answer(
    context: Context, calls: dict[str, Call], request: Request, uses: contextlib.AsyncExitStack
) -> Response:
    """The answer to a request; the sandbox that it is about is in memory until the end of `uses`."""
    call: Call | None = None
    try:
        call = _find_call(calls, request)
        request.scope[CALL] = call
        require_query(request)
        if not call.probe:
            await context.engine.current()
        if "sandbox" in request.path_params:
            await uses.enter_async_context(context.engine.using(request.path_params["sandbox"]))
        response = _write(call, await perform(context, call, request))
    except asyncio.CancelledError:
        if context.ready:
            raise
        response = write_error(not_ready())
    except Exception as failure:
        log_failure(request, failure)
        response = write_error(refusal_of(failure))
    return _checked(call, response) if context.engine.records.self_check and call is not None else response


def _find_call(calls: dict[str, Call], request: Request) -> Call:
    if not calls:
        raise _no_such_path()
    call = calls.get("GET" if request.method == "HEAD" else request.method)
    if call is None:
        allowed = ", ".join(calls)
        raise ControlError("method-not-allowed", f"use {allowed} here", allowed=list(calls))
    return call


def _write(call: Call, result: Any) -> Response:
    """What a handler has given, as an answer."""
    if isinstance(result, StreamingResponse):
        return result
    status, media_type = call.answer.status, call.answer.media_type
    if call.answer.schema is None:
        return Response(status_code=status)
    return Response(json_text.encode(result) if media_type == JSON_TYPE else result, status, media_type=media_type)


def _checked(call: Call, response: Response) -> Response:
    """The answer, or a loud 500 instead of one that breaks its own schema."""
    problem = answer_problem(call, response)
    if problem is None:
        return response
    message = f"the answer of {call.method} {call.path} breaks its own schema: {problem}"
    log.error("%s", message)
    return write_error(ControlError("internal", f"the emulator failed: {message}"))


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
