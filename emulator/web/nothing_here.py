"""The answer to a path that nothing serves."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response


async def nothing_here(request: Request, error: Exception) -> Response:
    """Says where there is something."""
    message = "there is nothing here: use a provider's port, /<provider>/... or /_emulator/..."
    return JSONResponse({"error": "not-found", "message": message}, 404)
