"""How the receiver takes webhooks."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from emulator.web.control.reading import read_body
from emulator.web.control.refusals import ControlError, write_error
from emulator.web.place import REACHED
from emulator.web.receiver import PATH, Receiver, judge_now
from emulator.web.routes import serve_only

MAX_WEBHOOK_BYTES = 1024 * 1024
"""Longer bodies are refused with 413."""


def receiving_app(receiver: Receiver) -> Starlette:
    """The receivers of all sandboxes as an application."""

    async def receive(request: Request) -> Response:
        try:
            async with receiver.engine.using(request.path_params["sandbox"]):
                await _receive(receiver, request)
        except ControlError as error:
            return write_error(error)
        return Response(status_code=200)

    return serve_only([Route(f"{PATH}/{{sandbox}}", receive, methods=["POST", "PUT"])])


async def _receive(receiver: Receiver, request: Request) -> None:
    sandbox = receiver.engine.sandboxes.get(request.path_params["sandbox"])
    if sandbox is None:
        raise ControlError("unknown-sandbox", "no sandbox has this receiver")
    body = await read_body(request, MAX_WEBHOOK_BYTES, "a webhook")
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    headers = {name.lower(): value for name, value in reversed(request.headers.items())}
    now = receiver.engine.transaction(sandbox)
    verdict = judge_now(now, sandbox, request.scope[REACHED].origin + path, headers, body)
    receiver.inbox(sandbox).add(now.now_ms, request.method, path, headers, body, verdict)
