"""How the control API says no. Decides nothing."""

import logging
from typing import TYPE_CHECKING, Any

from emulator.core import json_text
from emulator.stores import StoreError
from emulator.web import guard

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

log = logging.getLogger("emulator")

ERRORS = {
    "bad-request": 400,
    "bad-json": 400,
    "unauthorized": 401,
    **guard.ERRORS,
    "not-found": 404,
    "unknown-sandbox": 404,
    "unknown-order": 404,
    "unknown-provider": 404,
    "unknown-command": 404,
    "unknown-scenario": 404,
    "unknown-webhook": 404,
    "unknown-fault": 404,
    "unknown-entry": 404,
    "method-not-allowed": 405,
    "sandbox-exists": 409,
    "too-many-sandboxes": 409,
    "too-many-scenarios": 409,
    "too-many-streams": 409,
    "too-many-faults": 409,
    "illegal-event": 409,
    "not-refused": 409,
    "not-signable": 409,
    "order-refused": 409,
    "advance-under-way": 409,
    "too-large": 413,
    "broken-scenario": 422,
    "internal": 500,
    "not-ready": 503,
    "store-unavailable": 503,
}
"""Name of the refusal -> HTTP status."""
_TEXTS = {"type": "array", "items": {"type": "string"}}
MEMBERS: dict[str, dict[str, Any]] = {
    "bad-request": {"pointer": {"type": "string", "description": "where in the snapshot"}},
    "too-large": {"limit": {"type": "integer", "description": "how many bytes there may be"}},
    "method-not-allowed": {"allowed": _TEXTS},
    "illegal-event": {"legal": {**_TEXTS, "description": "events that are possible now"}},
    "order-refused": {"sent": {"$ref": "#/components/schemas/sent-request"}},
    "broken-scenario": {"problems": {"type": "array", "items": {"$ref": "#/components/schemas/problem"}}},
}
"""Name of the refusal -> JSON Schemas of what it may have besides `error` and `message`."""

_BEGINNING = 1200
_END = 600


def clipped(message: str) -> str:
    """A message, of which only the beginning and the end are kept if it quotes too much of what was sent."""
    return message if len(message) <= _BEGINNING + _END else f"{message[:_BEGINNING]} ... {message[-_END:]}"


class ControlError(Exception):
    """A refusal of the control API: a name of ERRORS, and what to do about it."""

    def __init__(self, error: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.error = error
        self.message = clipped(message)
        self.more = more

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        return ERRORS[self.error]


def refusal_of(failure: Exception) -> ControlError:
    """What is said of a failure, whatever has failed."""
    if isinstance(failure, ControlError):
        return failure
    if isinstance(failure, StoreError):
        return ControlError("store-unavailable", str(failure))
    return ControlError("internal", f"the emulator failed: {type(failure).__name__}: {failure}")


def log_failure(request: "Request", failure: Exception) -> None:
    """Logs what is not the caller's fault."""
    if not isinstance(failure, ControlError):
        trace = None if isinstance(failure, StoreError) else failure
        log.error("%s %s failed: %s", request.method, request.url.path, failure, exc_info=trace)


def not_ready() -> ControlError:
    """The refusal of a call that only makes sense while the emulator serves."""
    return ControlError("not-ready", "the emulator is starting or stopping")


def write_error(error: ControlError) -> "Response":
    """The answer to a refused call."""
    from starlette.responses import Response

    told = json_text.encode({"error": error.error, "message": error.message, **error.more})
    response = Response(told, error.status, media_type="application/json")
    if error.error == "method-not-allowed":
        response.headers["Allow"] = ", ".join(error.more["allowed"])
    return response
