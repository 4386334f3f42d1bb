"""What is known about the event loop from which a call is made."""

import asyncio
import gc
import socket
import sys
from collections.abc import Iterable
from typing import Any

__tracebackhide__ = True
_WITH_PORT = (socket.AF_INET, socket.AF_INET6)


class LoopNeeded(RuntimeError):
    """A call would wait for a receiver of webhooks that cannot answer while the call holds up its event loop."""


def running_loop() -> asyncio.AbstractEventLoop | None:
    """The event loop that runs in this thread."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def listening_ports(loop: asyncio.AbstractEventLoop) -> set[int]:
    """The ports on which a loop of Python's own or of uvloop accepts connections; nothing is known about other
    loops."""
    uvloop = sys.modules.get("uvloop.loop")
    if uvloop is not None and isinstance(loop, uvloop.Loop):
        return _ports_of_uvloop(loop, uvloop.Server)
    registered: Iterable[int] = getattr(getattr(loop, "_selector", None), "get_map", dict)()
    ports = set()
    for descriptor in list(registered):
        copy = socket.dup(descriptor)
        try:
            found = socket.socket(fileno=copy)
        except OSError:  # a pipe; its other end would wait for ever if the copy stayed open
            socket.close(copy)
            continue
        with found:
            accepts = found.family in _WITH_PORT and found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
            if accepts:
                ports.add(found.getsockname()[1])
    return ports


def _ports_of_uvloop(loop: asyncio.AbstractEventLoop, kind: type[Any]) -> set[int]:
    """The loop does not list its servers, but each server knows its loop, and Python's collector knows all servers."""
    servers = [each for each in gc.get_objects() if type(each) is kind and each.get_loop() is loop]
    return {bound.getsockname()[1] for each in servers for bound in each.sockets if bound.family in _WITH_PORT}
