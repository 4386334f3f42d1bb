"""The call that gives what was done in a sandbox as one file."""

from typing import Any

from starlette.requests import Request

from emulator.core.origin import ORIGIN, Origin, thaw_origin
from emulator.views.credentials import credentials_of
from emulator.views.reproduction import write_reproduction
from emulator.web.control.context import Context


async def get_reproduction(context: Context, request: Request) -> Any:
    """What the sandbox began with and all that was done in it, for `emulator reproduce`; secrets are left out."""
    sandbox = context.sandbox(request)
    document = sandbox.document(ORIGIN, ORIGIN)
    origin = thaw_origin(document) if document is not None else Origin(sandbox.seed)
    recording = context.engine.records.recordings.find(sandbox.name)
    return write_reproduction(sandbox.name, origin, recording, credentials_of(sandbox, context.engine.library))
