"""An emulator in a thread of this process, on free ports."""

import asyncio
import threading
from contextlib import AbstractAsyncContextManager
from itertools import count
from types import TracebackType
from typing import Any

from emulator.engine import real_time
from emulator.testing.async_client import AsyncEmulator
from emulator.testing.client import Emulator
from emulator.testing.connection import Sockets
from emulator.testing.in_process import InProcess, Socketless
from emulator.testing.link import Link
from emulator.testing.receivers import Failures, Receiver, Receivers
from emulator.testing.sandbox import create_sandbox
from emulator.web.application import Options, build_library
from emulator.web.server import Server

_START_S = 30
_STOP_S = 20
"""Longer than the server itself waits for what is under way."""
MANUAL_START = "2026-01-05T12:00:00Z"
"""The instant at which sandboxes with a manual clock begin unless told otherwise, so that runs are reproducible."""


class BackgroundServer:
    """A context manager: serves from `__enter__` to `__exit__`."""

    def __init__(self, options: Options | None = None, *, sockets: bool = True) -> None:
        """`options`: as for `emulator serve`; by default free ports on loopback, and self-checks. Without `sockets` it
        listens nowhere: it is asked by the calls, clients and transports of its sandboxes, and by nothing else."""
        library, folders = build_library(options.scenarios if options else None)
        kind = Server if sockets else Socketless
        self.server: Server | Socketless = kind(options or Options(port=0, self_check=True), library, folders)
        self._started = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="emulator", daemon=True)
        self._numbers = count(1)
        self._failures = Failures()
        self._receivers: Receivers
        self._local: Link
        self._link: Link

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        self._receivers = Receivers(self.server.engine.dispatcher.sender.receivers, loop)

        def on_started(server: Server | Socketless) -> None:
            self._local = self._link = InProcess(server.front, loop)
            if isinstance(server, Server):
                self._link = Sockets(server.addresses.control, server.addresses.urls().values())
            self._started.set()

        await self.server.serve(on_started)

    def _run(self) -> None:
        try:
            real_time.run(self._serve())
        except BaseException as failure:  # handed to the thread that waits for the start
            self._failure = failure
        finally:
            self._started.set()

    def __enter__(self) -> "BackgroundServer":
        self._thread.start()
        if not self._started.wait(_START_S):
            raise TimeoutError(f"the emulator did not start within {_START_S} s")
        if self._failure is not None:
            raise self._failure
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._receivers.end_all()
        finally:
            self._link.close()
            self.server.stop()
            self._thread.join(_STOP_S)
        if error is None:
            if self._thread.is_alive():
                raise TimeoutError(f"the emulator did not stop within {_STOP_S} s")
            self._failures.raise_first()

    def receive_at(self, host: str, app: Any, *, lifespan: bool | None = None, reraise: bool = True) -> Receiver:
        """As `Emulator.receive_at`, for the webhooks of all sandboxes, until the server stops; what a handler raises is
        raised by the next call of any of them."""
        return self._receivers.add(host, app, self._failures, lifespan=lifespan, reraise=reraise)

    def receive_here(
        self, host: str, app: Any, *, lifespan: bool | None = None, reraise: bool = True
    ) -> AbstractAsyncContextManager[Receiver]:
        """As `Emulator.receive_here`, for the webhooks of all sandboxes."""
        return self._receivers.here(host, app, self._failures, lifespan=lifespan, reraise=reraise)

    def sandbox(self, **wanted: Any) -> Emulator:
        """A new sandbox. `wanted`: members of `POST sandboxes`; by default a free name and a manual clock."""
        return Emulator(self.server.addresses.control, self._create(wanted), self._token, **self._shared())

    def async_sandbox(self, **wanted: Any) -> AsyncEmulator:
        """As `sandbox`, with calls that are awaited."""
        return AsyncEmulator(self.server.addresses.control, self._create(wanted), self._token, **self._shared())

    @property
    def _token(self) -> str | None:
        return self.server.options.control_token

    def _create(self, wanted: dict[str, Any]) -> Any:
        wanted.setdefault("name", f"test-{next(self._numbers)}")
        wanted.setdefault("clock", {"mode": "manual", "now": MANUAL_START})
        return create_sandbox(self._link, self.server.addresses.control, self._token, wanted)

    def _shared(self) -> dict[str, Any]:
        """What all of its sandboxes share."""
        links = {"link": self._link, "local": self._local}
        return {**links, "receivers": self._receivers, "failures": self._failures}
