"""The first checks of every request: does its path exist, its method, is its body of a bearable size, is it to fail.

Assumed: all of them, with their order; the provider's pages say nothing of them.
"""

from emulator.core.call import Call
from emulator.core.provider import Refusal
from emulator.providers.baanx import answers

BODY_LIMIT_BYTES = 100 * 1024


def require_path(call: Call) -> None:
    """404 where nothing is."""
    if not call.methods:
        raise Refusal("not_found", f"there is no {call.request.path}")


def require_method(call: Call) -> None:
    """405 where only other methods are; with the setting `cors` a preflight request finds its own endpoint."""
    if call.endpoint is not None:
        return
    if call.request.method == answers.PREFLIGHT.method and call.settings["cors"]:
        call.endpoint = answers.PREFLIGHT
        return
    allowed = ", ".join(call.methods)
    raise Refusal("method_not_allowed", f"{call.request.path} takes {allowed}, not {call.request.method}")


def require_small_body(call: Call) -> None:
    """413 for a body over the limit."""
    if len(call.request.body) > BODY_LIMIT_BYTES:
        raise Refusal("payload_too_large", f"the body is longer than {BODY_LIMIT_BYTES} bytes")


def befall(call: Call) -> None:
    """Lets faults happen to calls of the API; a preflight request is the browser's, and takes none away."""
    if call.endpoint is not answers.PREFLIGHT:
        call.befall()
