"""An emulator in a thread of this process, on free ports."""

import asyncio
import threading
from itertools import count
from types import TracebackType
from typing import Any

from emulator.server import Options, Server, build_library
from emulator.testing.client import Emulator

_START_S = 30
MANUAL_START = "2026-01-05T12:00:00Z"
"""The instant at which sandboxes with a manual clock begin unless told otherwise, so that runs are reproducible."""


class BackgroundServer:
    """A context manager: serves from `__enter__` to `__exit__`."""

    def __init__(self, options: Options | None = None) -> None:
        """`options`: as for `emulator serve`; by default free ports on loopback, and self-checks."""
        library, folders = build_library(options.scenarios if options else None)
        self.server = Server(options or Options(port=0, self_check=True), library, folders)
        self._started = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="emulator", daemon=True)
        self._numbers = count(1)

    def _run(self) -> None:
        try:
            asyncio.run(self.server.serve(lambda server: self._started.set()))
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
        self.server.stop()
        self._thread.join()

    def receive_at(self, host: str, app: Any) -> None:
        """Lets an ASGI application receive all webhooks that go to `http://<host>/...`, without a socket."""
        self.server.world.outbox.courier.receive_at(host, app)

    def sandbox(self, **wanted: Any) -> Emulator:
        """A new sandbox. `wanted`: members of `POST sandboxes`; by default a free name and a manual clock."""
        wanted.setdefault("name", f"test-{next(self._numbers)}")
        wanted.setdefault("clock", {"mode": "manual", "now": MANUAL_START})
        return Emulator.create(self.server.addresses.control, **wanted)
