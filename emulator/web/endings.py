"""How an answer ends on the connection if a fault spoils it."""

import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable

from emulator.contract.reply import Ending, Reply
from emulator.engine import real_time
from emulator.web.connection import Connection
from emulator.web.intake import write_head

_PIECE_MS = 100
"""The wait between two pieces of a body that is sent slowly."""


async def end(connection: Connection, reply: Reply, ending: Ending, method: str) -> None:
    """Sends as much of a reply to a request by this method as its ending lets through, and ends the connection."""
    if ending.sent:
        connection.transport.write(write_head(reply))
        async for piece in pieces_of(reply, ending, method):
            connection.transport.write(piece)
    await _THEN[ending.then](connection)


async def pieces_of(reply: Reply, ending: Ending, method: str) -> AsyncIterator[bytes]:
    """What is sent of the body, each piece when it is due; to HEAD nothing."""
    body = b"" if method == "HEAD" else reply.body[: int(len(reply.body) * ending.sent)]
    count = min(ending.over_ms // _PIECE_MS, len(body)) or 1
    for place in range(count):
        await real_time.pause(ending.over_ms // count)
        yield body[len(body) * place // count : len(body) * (place + 1) // count]


async def _close(connection: Connection) -> None:
    connection.transport.close()


async def _reset(connection: Connection) -> None:
    open_socket = connection.transport.get_extra_info("socket")
    if open_socket is not None:  # no lingering: the other side sees a reset, not an end
        open_socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.transport.abort()


async def _say_nothing(connection: Connection) -> None:
    await connection.lost.wait()


_THEN: dict[str, Callable[[Connection], Awaitable[None]]] = {
    "close": _close,
    "reset": _reset,
    "silence": _say_nothing,
}
