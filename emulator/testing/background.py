"""An emulator in a thread of this process, on free ports."""

import asyncio
import threading

from emulator.engine import real_time
from emulator.testing.connection import Sockets
from emulator.testing.in_process import InProcess, Socketless
from emulator.testing.receivers import Receivers, SameProcess
from emulator.testing.server import Sandboxes
from emulator.web.application import Options
from emulator.web.library import load_library
from emulator.web.server import Server

_START_S = 30
_STOP_S = 20
"""Longer than the server itself waits for what is under way."""


class BackgroundServer(Sandboxes):
    """A context manager: serves from `__enter__` to `__exit__`."""

    def __init__(self, options: Options | None = None, *, sockets: bool = True) -> None:
        """`options`: as for `emulator serve`; by default free ports on loopback, and self-checks. Without `sockets` it
        listens nowhere: only the calls, clients and transports of its sandboxes reach it."""
        super().__init__("test")
        library, folders = load_library(*((options.scenarios, options.known) if options else ()))
        kind = Server if sockets else Socketless
        self.server: Server | Socketless = kind(options or Options(port=0, self_check=True), library, folders)
        self._started = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="emulator", daemon=True)

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        self._receivers = Receivers(SameProcess(self.server.engine.dispatcher.sender.receivers), loop)

        def on_started(server: Server | Socketless) -> None:
            self.control_url, self.token = server.addresses.control, server.options.control_token
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
            raise TimeoutError(f"the emulator did not start within {_START_S}s")
        if self._failure is not None:
            raise self._failure
        return self

    def _stop(self) -> None:
        self._link.close()
        self.server.stop()
        self._thread.join(_STOP_S)
        if self._thread.is_alive():
            raise TimeoutError(f"the emulator did not stop within {_STOP_S}s")
