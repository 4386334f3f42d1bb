"""Serves a proxy on a socket until a signal ends it."""

import socket

import uvicorn

from emulator.engine import real_time
from emulator.web.forwarding import Forwarding
from emulator.web.server import Graceful, bare_config


def config_for(forwarding: Forwarding) -> uvicorn.Config:
    """How it is served: by the parser that leaves the request's target as it was sent, which shows what is meant for
    others."""
    return bare_config(forwarding, http="h11", lifespan="on", port=0)


def serve(bound: socket.socket, forwarding: Forwarding) -> None:
    """Answers at a bound socket until SIGTERM or Ctrl-C."""
    real_time.run(Graceful(config_for(forwarding)).serve([bound]))
