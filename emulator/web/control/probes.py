"""The calls that ask whether the emulator is there. Nothing else has to be loaded to say that all is well."""

import asyncio
from typing import Any

from starlette.types import Scope, Send

from emulator.web.asgi_door import send_json
from emulator.web.control.context import Context
from emulator.web.guard import CONTROL_PREFIX


async def get_health(context: Context, request: Any) -> Any:
    """Alive: `{status: ok}`."""
    return {"status": "ok"}


async def get_ready(context: Context, request: Any) -> Any:
    """200 when it can serve, else 503."""
    context.require_ready()
    await context.engine.current()
    return {"status": "ready"}


_ASKED = {f"{CONTROL_PREFIX}/health": get_health, f"{CONTROL_PREFIX}/ready": get_ready}


async def answer_if_well(context: Context, scope: Scope, send: Send) -> bool:
    """Answers a GET of a probe, and says whether it has: the API answers all others, and says what is wrong."""
    ask = _ASKED.get(scope["path"])
    if ask is None or scope["method"] != "GET" or context.engine.records.self_check:
        return False
    try:
        said = await ask(context, None)
    except asyncio.CancelledError:
        if context.ready:
            raise
        return False
    except Exception:
        return False
    await send_json(send, 200, said)
    return True
