"""The whole emulator as one application: control API, pages, and every provider, by host name and by mount."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from emulator.web.application import Application, Options


def create_app(options: Options | None = None, base_url: str = "http://localhost") -> Starlette:
    """An application for any ASGI server, or for a transport without a socket.

    `options`: as for `emulator serve`; what is about sockets has no effect. `base_url`: where the application is
    reached, for the addresses that it gives out. Without a lifespan it opens with the first request, and what falls due
    on a running clock happens when somebody asks.
    """
    application = Application(options or Options())
    front = application.router_without_socket(base_url)
    opening = asyncio.Lock()

    async def open_once() -> None:
        async with opening:
            if not application.control.ready:
                await application.engine.open()
                application.control.ready = True

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if not application.control.ready:
            await open_once()
        await front(scope, receive, send)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await open_once()
        try:
            async with application.running():
                yield
        finally:
            await application.close()

    return Starlette(routes=[Mount("", app=answer)], lifespan=lifespan)
