"""The calls of the control API that count as done in a sandbox: they are recorded, so that a reproduction repeats them,
also those that somebody makes by a click in the console."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.requests import Request

from emulator.engine.control_call import CONTROL_CALL, ControlCall
from emulator.web.control.context import Call, Context
from emulator.web.control.reading import BODY
from emulator.web.control.refusals import refusal_of

_GIVEN_UP = 0


async def perform(context: Context, call: Call, request: Request) -> Any:
    """What the handler of a call gives. A call that only reads waits until the store has kept what it shows."""
    async with _recorded(context, call, request):
        if call.reads:
            return await context.engine.read(lambda: call.handler(context, request), request.path_params.get("sandbox"))
        return await call.handler(context, request)


@asynccontextmanager
async def _recorded(context: Context, call: Call, request: Request) -> AsyncIterator[None]:
    """What is done inside is recorded as this call, from when it is decided; as far as where it last waited if nobody
    waits for it any more."""
    if not call.recorded:
        yield
        return
    sandbox = context.sandbox(request)
    recording = context.engine.records.recordings.find(sandbox.name)
    path = request.scope["path"].partition(f"/sandboxes/{sandbox.name}/")[2]
    recorded = ControlCall(recording, call.method, path, lambda: request.scope.get(BODY, b""), context.engine.pacing)
    before = CONTROL_CALL.set(recorded)
    status = _GIVEN_UP
    try:
        yield
        status = call.answer.status
    except Exception as failure:
        status = refusal_of(failure).status
        raise
    finally:
        CONTROL_CALL.reset(before)
        recorded.end(context.engine.real_ms(), status)
