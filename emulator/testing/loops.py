"""What is known of the event loop from which a call is made."""

import asyncio
import socket
from collections.abc import Iterable

__tracebackhide__ = True


class LoopNeeded(RuntimeError):
    """A call would wait for a receiver of webhooks that can not answer while the call holds up its event loop."""


def running_loop() -> asyncio.AbstractEventLoop | None:
    """The event loop that runs in this thread."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def listening_ports(loop: asyncio.AbstractEventLoop) -> set[int]:
    """On which ports a loop of Python's own accepts connections; of other loops nothing is known."""
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
            accepts = found.family in (socket.AF_INET, socket.AF_INET6) and found.getsockopt(
                socket.SOL_SOCKET, socket.SO_ACCEPTCONN
            )
            if accepts:
                ports.add(found.getsockname()[1])
    return ports
