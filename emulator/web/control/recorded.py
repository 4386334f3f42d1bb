"""The calls of the control API that belong to what was done in a sandbox, so that a reproduction does them again."""

from starlette.requests import Request

from emulator.core.recording import BROKEN_OFF, Commanded, Recording
from emulator.core.sandbox import Sandbox
from emulator.web.control.context import Call, Context
from emulator.web.control.reading import BODY

_BELOW = "/sandboxes/{sandbox}/"
_CHANGE_NOTHING = frozenset({"journal/count", "webhooks/wait", "receiver/verify", "receiver"})
_ASK_PROVIDERS = frozenset({"orders", "journal/{number}/resend"})
"""What they do is a request to a provider, which is recorded itself."""
_BEGIN_ANEW = frozenset({"reset", "snapshot"})


class Command:
    """A call that is recorded."""

    def __init__(self, context: Context, sandbox: Sandbox, recording: Recording, step: Commanded) -> None:
        self._context = context
        self._sandbox = sandbox
        self._recording = recording
        self._step = step

    def end(self, request: Request, status: int) -> None:
        """It was answered."""
        self._leave()
        self._step.body = request.scope.get(BODY, b"")
        self._recording.end_command(self._context.engine.real_ms(), self._step, status, self._sandbox.clock)

    def break_off(self) -> None:
        """Nobody waits for it any more, and how far it has come is not known."""
        self._leave()
        self._recording.give_up(BROKEN_OFF)

    def _leave(self) -> None:
        commanded, name = self._context.engine.commanded, self._sandbox.name
        if commanded.get(name) is self._step:
            del commanded[name]


def begin_command(context: Context, call: Call, request: Request) -> Command | None:
    """The call as one that is recorded; None where there is nothing to be done again."""
    below = call.path.removeprefix(_BELOW)
    skipped = _CHANGE_NOTHING | _ASK_PROVIDERS | _BEGIN_ANEW
    if call.method == "GET" or below == call.path or below in skipped:
        return None
    sandbox = context.sandbox(request)
    recording = context.engine.sandboxes.recordings.find(sandbox.name)
    path = request.scope["path"].partition(f"/sandboxes/{sandbox.name}/")[2]
    step = recording.begin_command(context.engine.real_ms(), call.method, path)
    context.engine.commanded[sandbox.name] = step
    return Command(context, sandbox, recording, step)
