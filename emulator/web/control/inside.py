"""Calls of the control API from inside this process: what is done in the console or by a seed file is the call that a
program would make, with the same checks, the same refusals, and the same place in the recording."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.types import Message, Scope

from emulator.core import json_text
from emulator.web.control.calls import CALLS
from emulator.web.control.context import Context
from emulator.web.control.reading import CALL
from emulator.web.control.recorded import perform
from emulator.web.guard import CONTROL_PREFIX

_CALLS = {(call.method, call.path): call for call in CALLS}


async def make_call(
    context: Context, scope: Scope, method: str, path: str, names: Mapping[str, str], body: Any = None
) -> Any:
    """What the handler of a call gives. `scope`: of the request on whose behalf it is made; `path`: as the table has
    it, and `names` its parameters; `body`: its bytes, or what is JSON there. Raises ControlError and StoreError."""
    call = _CALLS[method, path]
    content = b"" if body is None else body if isinstance(body, bytes) else json_text.encode(body)

    async def receive() -> Message:
        return {"type": "http.request", "body": content}

    scope = {
        **scope, "method": method, "path": CONTROL_PREFIX + path.format(**names), "query_string": b"", "headers": [],
        "path_params": names, CALL: call,
    }  # fmt: skip
    request = Request(scope, receive)
    await context.engine.current()
    return await perform(context, call, request)
