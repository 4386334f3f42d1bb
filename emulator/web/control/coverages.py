"""Calls about coverage: which of the providers' behaviour the clients of the sandboxes have met."""

from collections.abc import Collection
from typing import Any

from starlette.requests import Request

from emulator.core.coverage import FROM_A_STORE, Coverage
from emulator.core.origin import DEFAULT
from emulator.core.sandbox import Sandbox
from emulator.files.recipes import hint_for
from emulator.views.coverage import measure
from emulator.web.control.context import Context
from emulator.web.control.reading import require_provider

SELECTION = {"provider": "counted even if nobody has touched it; may be repeated"}


async def get_coverage(context: Context, request: Request) -> Any:
    """What the client of a sandbox has met of each provider, and for all else the shortest way to it."""
    sandbox = context.sandbox(request)
    await context.engine.settle_in_turns(sandbox)
    return measure_met(context, request, sandbox, _read_named(context, request))


async def get_whole_coverage(context: Context, request: Request) -> Any:
    """The same for all sandboxes together, including those that were removed."""
    return measure_met(context, request, None, _read_named(context, request))


def _read_named(context: Context, request: Request) -> list[str]:
    return [require_provider(context, name) for name in request.query_params.getlist("provider")]


def measure_met(
    context: Context, request: Request, sandbox: Sandbox | None, named: Collection[str] = ()
) -> dict[str, Any]:
    """The coverage of a sandbox, or of all (None); of providers that nobody has used, only the `named` ones count."""
    coverages = context.engine.sandboxes.coverages
    found = coverages.of_all() if sandbox is None else coverages.find(sandbox.name) or Coverage(FROM_A_STORE)
    hint = hint_for(DEFAULT if sandbox is None else sandbox.name, context.control_url(request))
    return measure(context.engine.library.providers.values(), found, hint, named)
