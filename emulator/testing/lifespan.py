"""The lifespan of an ASGI application: told when it starts and when it stops, as a server would tell it."""

import asyncio
from typing import Any

__tracebackhide__ = True


class Lifespan:
    """Of one application, in the event loop that runs when it is started. One that knows of no lifespan has none."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._state: dict[str, Any] = {}
        self._told: asyncio.Queue[dict[str, Any]]
        self._said: list[dict[str, Any]] = []
        self._has_spoken: asyncio.Event
        self._running: asyncio.Future[None]

    async def start(self) -> None:
        """Returns when the application has started. Raises what it raises, if it says that it could not start."""
        self._told, self._has_spoken = asyncio.Queue(), asyncio.Event()
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self._state}
        self._running = asyncio.ensure_future(self._app(scope, self._told.get, self._hear))
        await self._turn("startup")

    async def stop(self) -> None:
        """Returns when it has stopped. Raises what it raises, if it says that it could not stop well."""
        if not self._running.done():
            await self._turn("shutdown")

    async def _turn(self, name: str) -> None:
        """One of the two messages, and what is answered to it."""
        self._has_spoken.clear()
        self._told.put_nowait({"type": f"lifespan.{name}"})
        spoken: asyncio.Future[Any] = asyncio.ensure_future(self._has_spoken.wait())
        await asyncio.wait([spoken, self._running], return_when=asyncio.FIRST_COMPLETED)
        spoken.cancel()
        said = self._said.pop() if self._said else {}
        if said.get("type") == f"lifespan.{name}.failed":
            await self._running
            raise RuntimeError(f"the application failed at its {name}: {said.get('message', '')}")
        if said.get("type") == f"lifespan.{name}.complete":
            if name == "shutdown":
                await self._running
            return
        self._running.cancel()  # it does not know of lifespans
        await asyncio.wait({self._running})
        if not self._running.cancelled():
            self._running.exception()

    async def _hear(self, message: dict[str, Any]) -> None:
        self._said.append(message)
        self._has_spoken.set()

    async def with_state(self, scope: Any, receive: Any, send: Any) -> None:
        """The application, with what its lifespan has left in `state`."""
        await self._app({**scope, "state": dict(self._state)}, receive, send)
