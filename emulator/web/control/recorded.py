"""The calls of the control API that count as done in a sandbox: they are recorded, so that a reproduction repeats them,
also those that somebody makes by a click in the console."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.requests import Request

from emulator.core.recording import Recording
from emulator.core.sandbox import Sandbox
from emulator.engine.moment import MOMENT, Moment
from emulator.web.control.context import Call, Context
from emulator.web.control.reading import BODY
from emulator.web.control.refusals import ERRORS, ControlError

_BELOW = "/sandboxes/{sandbox}/"
_CHANGE_NOTHING = frozenset({"journal/count", "webhooks/wait", "receiver/verify", "receiver"})
_ASK_PROVIDERS = frozenset({"orders", "journal/{number}/resend"})
"""What they do is a request to a provider, which is recorded itself."""
_BEGIN_ANEW = frozenset({"reset", "snapshot"})
_GIVEN_UP = 0
_FAILED = 500


class Command:
    """A call that is recorded, from when it is decided."""

    def __init__(
        self, context: Context, recording: Recording, method: str, path: str, read_body: Callable[[], bytes]
    ) -> None:
        self._real_ms = context.engine.real_ms
        self._moment = Moment(recording, method, path, read_body, context.engine.waiting)
        self._before = MOMENT.set(self._moment)

    def end(self, status: int) -> None:
        """It was answered."""
        MOMENT.reset(self._before)
        self._moment.end(self._real_ms(), status)

    def break_off(self) -> None:
        """Nobody waits for it any more: it got as far as where it last waited."""
        self.end(_GIVEN_UP)


def begin_command(context: Context, call: Call, request: Request) -> Command | None:
    """The call as one that is recorded; None if a reproduction does not repeat it."""
    below = call.path.removeprefix(_BELOW)
    skipped = _CHANGE_NOTHING | _ASK_PROVIDERS | _BEGIN_ANEW
    if call.method == "GET" or below == call.path or below in skipped:
        return None
    sandbox = context.sandbox(request)
    recording = context.engine.sandboxes.recordings.find(sandbox.name)
    path = request.scope["path"].partition(f"/sandboxes/{sandbox.name}/")[2]
    return Command(context, recording, call.method, path, lambda: request.scope.get(BODY, b""))


@asynccontextmanager
async def commanded(
    context: Context, sandbox: Sandbox, method: str, path: str, body: bytes = b"", status: int = 200
) -> AsyncIterator[None]:
    """What is done inside counts as this call of the control API, below the sandbox's path. `status`: what that answers
    where it does what it is asked for."""
    command = Command(context, context.engine.sandboxes.recordings.find(sandbox.name), method, path, lambda: body)
    try:
        yield
    except ControlError as error:
        command.end(ERRORS[error.error])
        raise
    except Exception:
        command.end(_FAILED)
        raise
    except BaseException:
        command.break_off()
        raise
    command.end(status)
