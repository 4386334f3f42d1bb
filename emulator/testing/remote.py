"""An emulator that runs elsewhere: in another process, in a container, on another machine."""

import os

from emulator.testing.connection import Sockets
from emulator.testing.listeners import LOOPBACK, Listeners
from emulator.testing.receivers import Receivers
from emulator.testing.server import Sandboxes

_CONTROL = "/_emulator"


class RemoteServer(Sandboxes):
    """A context manager for the emulator at a URL. What receives its webhooks here listens on real ports."""

    def __init__(self, url: str, token: str | None = None, *, receiver_host: str = LOOPBACK) -> None:
        """`url`: of its front door; `token`: of `--control-token`; `receiver_host`: the name or address by which it
        reaches this machine. Raises ValueError for what is not a URL."""
        super().__init__(f"test-{os.getpid()}")
        base = url.rstrip("/")
        self.control_url = base if base.endswith(_CONTROL) else base + _CONTROL
        self.token = token
        self._link = Sockets(self.control_url)
        self._local = None
        self._listeners = Listeners(receiver_host)
        self._receivers = Receivers(self._listeners, self._listeners.loop)

    def __enter__(self) -> "RemoteServer":
        return self

    def _stop(self) -> None:
        self._listeners.end()
        self._link.close()
