"""Applications that are loaded when somebody asks them first: the emulator starts without them."""

from collections.abc import Callable
from functools import cache

from starlette.types import ASGIApp, Receive, Scope, Send


def late(load: Callable[[], ASGIApp]) -> ASGIApp:
    """The application that `load` imports and makes, once the first request comes to it."""
    load_once = cache(load)

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await load_once()(scope, receive, send)

    return application
