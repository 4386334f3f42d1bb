"""Serves a proxy on a socket until a signal ends it."""

import socket
from types import FrameType

import uvicorn

from emulator.engine import real_time
from emulator.web.forwarding import Forwarding

_SHUTDOWN_S = 5


class _Uvicorn(uvicorn.Server):
    """A signal ends it gracefully, so that the report is printed; a second one ends it at once."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True


def config_for(forwarding: Forwarding) -> uvicorn.Config:
    """How it is served: by the parser that leaves the request's target as it was sent, which shows what is meant for
    others, and with no headers of the server's own."""
    return uvicorn.Config(
        forwarding, http="h11", ws="none", lifespan="on", access_log=False, log_config=None, proxy_headers=False,
        server_header=False, date_header=False, port=0, timeout_graceful_shutdown=_SHUTDOWN_S,
    )  # fmt: skip


def serve(bound: socket.socket, forwarding: Forwarding) -> None:
    """Answers at a bound socket until SIGTERM or Ctrl-C."""
    real_time.run(_Uvicorn(config_for(forwarding)).serve([bound]))
