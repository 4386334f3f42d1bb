"""Calls about coverage: which of the providers' behaviour the clients of the sandboxes have met."""

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
    found = context.engine.sandboxes.coverages.find(sandbox.name) or Coverage(FROM_A_STORE)
    return read_coverage(context, request, sandbox.name, found)


async def get_whole_coverage(context: Context, request: Request) -> Any:
    """The same for all sandboxes together, including those that were removed."""
    return read_coverage(context, request, DEFAULT, context.engine.sandboxes.coverages.of_all())


def read_coverage(context: Context, request: Request, sandbox: str, coverage: Coverage) -> dict[str, Any]:
    """The document; its hints are for `sandbox`."""
    named = [require_provider(context, name) for name in request.query_params.getlist("provider")]
    hint = hint_for(sandbox, context.control_url(request))
    return measure(context.engine.library.providers.values(), coverage, hint, named)
