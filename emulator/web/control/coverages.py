"""Calls about coverage: how much of the providers' behaviour the clients of the sandboxes have met."""

from typing import Any

from starlette.requests import Request

from emulator.core.coverage import FROM_A_STORE, Coverage
from emulator.core.origin import DEFAULT
from emulator.files.recipes import hint_for
from emulator.views.coverage import measure
from emulator.web.control.context import Context
from emulator.web.control.reading import require_provider

SELECTION = {"provider": "counted even if nobody has touched it; may be repeated"}


async def get_coverage(context: Context, request: Request) -> Any:
    """What the client of a sandbox has met of each provider, and for all else the shortest way to it."""
    sandbox = context.sandbox(request)
    await context.engine.settle_in_turns(sandbox)
    met = context.engine.records.coverages.find(sandbox.name) or Coverage(FROM_A_STORE)
    return _measure(context, request, sandbox.name, met)


async def get_whole_coverage(context: Context, request: Request) -> Any:
    """The same for all sandboxes together, including those that were removed."""
    return _measure(context, request, DEFAULT, context.engine.records.coverages.merged())


def _measure(context: Context, request: Request, sandbox: str, met: Coverage) -> dict[str, Any]:
    """The document, with ways to meet the rest in the sandbox of this name."""
    named = [require_provider(context, name) for name in request.query_params.getlist("provider")]
    hint = hint_for(sandbox, context.control_url(request))
    return measure(context.providers.values(), met, hint, named)
