"""The lifespan of an ASGI application: told when it starts and when it stops, as a server would tell it."""

import asyncio
from typing import Any

from emulator.engine import real_time

__tracebackhide__ = True
LIMIT_MS = 30_000
"""Real time that an application may take to start or to stop."""


class Lifespan:
    """The lifespan of one application, in the event loop that runs when it is started. An application that does not
    know lifespans has none."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._state: dict[str, Any] = {}
        self._told: asyncio.Queue[dict[str, Any]]
        self._said: list[dict[str, Any]] = []
        self._has_spoken: asyncio.Event
        """Set when the application has answered, or has ended."""
        self._running: asyncio.Task[None]

    async def start(self) -> None:
        """Returns when the application has started. Raises TimeoutError, and what the application raises if it says
        that it could not start."""
        self._told, self._has_spoken = asyncio.Queue(), asyncio.Event()
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self._state}
        self._running = asyncio.ensure_future(self._app(scope, self._told.get, self._hear))
        self._running.add_done_callback(lambda running: self._has_spoken.set())
        await self._turn("startup")

    async def stop(self) -> None:
        """Returns when the application has stopped. Raises TimeoutError, and what the application raises if it says
        that it could not stop properly."""
        if not self._running.done():
            await self._turn("shutdown")

    async def _turn(self, name: str) -> None:
        """Sends one of the two messages, and does as the answer says."""
        self._has_spoken.clear()
        self._told.put_nowait({"type": f"lifespan.{name}"})
        await real_time.wait(self._has_spoken, LIMIT_MS)
        if not self._has_spoken.is_set():
            raise self._give_up(name)
        said = self._said.pop() if self._said else {}
        if said.get("type") == f"lifespan.{name}.failed":
            await self._end(name)
            raise RuntimeError(f"the application failed at its {name}: {said.get('message', '')}")
        if said.get("type") == f"lifespan.{name}.complete":
            if name == "shutdown":
                await self._end(name)
            return
        self._running.cancel()  # it does not know of lifespans
        await real_time.wait_for_all([self._running], LIMIT_MS)
        if self._running.done() and not self._running.cancelled():
            self._running.exception()  # asked for, lest it be reported as never asked for

    async def _end(self, name: str) -> None:
        """Lets the application come to its end. Raises what it raises."""
        if not await real_time.wait_for_all([self._running], LIMIT_MS):
            raise self._give_up(name)
        self._running.result()

    def _give_up(self, name: str) -> TimeoutError:
        self._running.cancel()
        return TimeoutError(f"the {name} of the application took longer than {LIMIT_MS // 1000}s")

    async def _hear(self, message: dict[str, Any]) -> None:
        self._said.append(message)
        self._has_spoken.set()

    async def with_state(self, scope: Any, receive: Any, send: Any) -> None:
        """The application, with what its lifespan left in `state`."""
        await self._app({**scope, "state": dict(self._state)}, receive, send)
