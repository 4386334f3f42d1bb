"""Applications that receive webhooks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


class Shop:
    """An ASGI application that remembers what it receives; `breaks`: the number of webhooks after which its handler
    fails.
    """

    def __init__(self, breaks: int = 1000, error: BaseException | None = None) -> None:
        self.seen: list[bytes] = []
        self.loops: set[asyncio.AbstractEventLoop] = set()
        self._breaks = breaks
        self._error = error or ValueError("no such order")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        self.loops.add(asyncio.get_running_loop())
        self.seen.append((await receive())["body"])
        if len(self.seen) > self._breaks:
            self.handle_webhook()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})

    def handle_webhook(self) -> None:
        """Fails."""
        raise self._error


class Wsgi:
    """A WSGI application as frameworks have them: an object that is called."""

    def __init__(self, error: Exception | None = None) -> None:
        self.seen: list[tuple[str, str, bytes]] = []
        self._error = error

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        self.seen.append((environ["PATH_INFO"], environ["HTTP_SIGNATURE"], body))
        if self._error is not None:
            self.handle_webhook(self._error)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"suc", b"cess"]

    def handle_webhook(self, error: Exception) -> None:
        """Fails."""
        raise error


def starlette(events: list[str]) -> Starlette:
    """An application with a lifespan, whose handler uses what the lifespan has set up."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, Any]]:
        events.append("started")
        yield {"database": events}
        events.append("stopped")

    async def take(request: Request) -> Response:
        request.state.database.append("webhook")
        return Response("ok")

    return Starlette(routes=[Route("/hook", take, methods=["POST"])], lifespan=lifespan)
