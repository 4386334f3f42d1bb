"""Routes beside the control API: pages, and the receiver of webhooks. Elsewhere nothing is served."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from emulator.web.control.refusals import ControlError, write_error


def serve_only(routes: Sequence[Route]) -> Starlette:
    """An application that answers at these routes, and elsewhere says where there is something."""
    app = Starlette(routes=routes, exception_handlers={404: _nothing_here, 405: _nothing_here})
    app.router.redirect_slashes = False
    return app


async def _nothing_here(request: Request, error: Exception) -> Response:
    message = "there is nothing here: use a provider's port, /<provider>/... or /_emulator/..."
    return write_error(ControlError("not-found", message))
