"""How the receiver takes webhooks."""

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from emulator.web.nothing_here import nothing_here
from emulator.web.place import REACHED
from emulator.web.receiver import PATH, Receiver, judge_now

MAX_WEBHOOK_BYTES = 1024 * 1024
"""Longer bodies are refused with 413."""


class Receiving:
    """An ASGI application: the receivers of all sandboxes."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver, self._engine = receiver, receiver.engine
        taking = Route(f"{PATH}/{{sandbox}}", self._take_in_memory, methods=["POST", "PUT"])
        self._app = Starlette(routes=[taking], exception_handlers={404: nothing_here, 405: nothing_here})
        self._app.router.redirect_slashes = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    async def _take_in_memory(self, request: Request) -> Response:
        async with self._engine.using(request.path_params["sandbox"]):
            return await self._take(request)

    async def _take(self, request: Request) -> Response:
        sandbox = self._engine.sandboxes.get(request.path_params["sandbox"])
        if sandbox is None:
            return JSONResponse({"error": "unknown-sandbox", "message": "no sandbox has this receiver"}, 404)
        body = b""
        try:
            async for part in request.stream():
                body += part
                if len(body) > MAX_WEBHOOK_BYTES:
                    told = f"a webhook may have at most {MAX_WEBHOOK_BYTES} bytes"
                    return JSONResponse({"error": "too-large", "message": told}, 413)
        except ClientDisconnect:
            return Response(status_code=400)
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        headers = {name.lower(): value for name, value in reversed(request.headers.items())}
        now = self._engine.transaction(sandbox)
        verdict = judge_now(now, sandbox, request.scope[REACHED].origin + path, headers, body)
        self._receiver.inbox(sandbox).add(now.now_ms, request.method, path, headers, body, verdict)
        return Response(status_code=200)
