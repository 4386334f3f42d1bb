"""The emulator of this process, asked without a socket: a request is handed to the event loop in which it lives."""

import asyncio
from collections.abc import Callable
from concurrent.futures import CancelledError, Future

from starlette.types import ASGIApp, Message

from emulator.core.library import Library
from emulator.files.scenario_folders import ScenarioFolders
from emulator.testing.link import Answered, Asked, Broken, Cut, Silent, Unreachable
from emulator.testing.loops import running_loop
from emulator.web.application import Application, Options
from emulator.web.asgi_door import BrokenConnection
from emulator.web.router import Router
from emulator.web.without_socket import hand_over, scope_of

__tracebackhide__ = True
_BASE_URL = "http://localhost"
"""Base URL of an emulator that no socket reaches."""


class Socketless(Application):
    """An emulator that listens nowhere, with the members of `emulator.web.server.Server` that tests use."""

    def __init__(self, options: Options, library: Library, folders: ScenarioFolders) -> None:
        """`options`: as for `emulator serve`; what is about sockets has no effect."""
        super().__init__(options, library, folders)
        self.front: Router = self.router_without_socket(_BASE_URL)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end = asyncio.Event()

    async def serve(self, started: Callable[["Socketless"], None]) -> None:
        """Lets time pass and webhooks be sent, until `stop`."""
        self._loop = asyncio.get_running_loop()
        try:
            await self.engine.open()
            async with self.running():
                await self.make_seeds(self.front)
                self.control.ready = True
                started(self)
                await self._end.wait()
                self.end_waits()
        finally:
            await self.close()

    def stop(self) -> None:
        """Lets `serve` return soon; may be called from another thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._end.set)


class InProcess:
    """A link; may be used from any thread and any event loop."""

    def __init__(self, app: ASGIApp, loop: asyncio.AbstractEventLoop) -> None:
        """`app`: what answers; `loop`: where it lives."""
        self._app = app
        self._loop = loop

    def exchange(self, asked: Asked) -> Answered:
        """The answer. Raises RuntimeError if it would wait for itself."""
        if running_loop() is self._loop:
            raise RuntimeError("this runs in the emulator's own event loop, which could not answer: use AsyncEmulator")
        future = self._hand_over(asked)
        try:
            return future.result()
        except CancelledError as error:
            raise Unreachable("the emulator has stopped in the meantime") from error
        finally:
            future.cancel()

    async def exchange_async(self, asked: Asked) -> Answered:
        """The answer; whoever stops waiting for it is a client that has gone."""
        if running_loop() is self._loop:
            return await self._exchange(asked)
        return await asyncio.wrap_future(self._hand_over(asked))

    def close(self) -> None:
        """Nothing is kept open."""

    def _hand_over(self, asked: Asked) -> "Future[Answered]":
        if self._loop.is_closed():
            raise Unreachable("the emulator has stopped")
        return asyncio.run_coroutine_threadsafe(self._exchange(asked), self._loop)

    async def _exchange(self, asked: Asked) -> Answered:
        said: list[Message] = []
        scope = scope_of(asked.method, asked.scheme, (asked.host, asked.port), asked.target, asked.headers)
        what = f"{asked.method} {asked.target.decode('latin-1')}"
        try:
            async with asyncio.timeout(asked.timeout_s):
                await hand_over(self._app, scope, asked.body, said)
        except TimeoutError as error:
            raise Silent(f"{what} was not answered: timed out") from error
        except BrokenConnection as error:
            raise (Cut if len(said) > 1 else Broken)(f"{what} was not answered: {error}") from error
        body = b"".join(message.get("body", b"") for message in said[1:])
        return Answered(said[0]["status"], said[0]["headers"], body)
