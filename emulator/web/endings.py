"""How an answer can end on the connection if a fault wants it to end badly."""

import socket
import struct
from collections.abc import Awaitable, Callable

from emulator.contract.reply import Ending, Reply
from emulator.web.connection import Connection
from emulator.web.intake import write_head


async def end(connection: Connection, reply: Reply, method: str) -> None:
    """Sends as much of a reply to a request by this method as its `ending` lets through, and ends."""
    await _ENDINGS[reply.ending](connection, reply, method)


async def _cut(connection: Connection, reply: Reply, method: str) -> None:
    begun = b"" if method == "HEAD" else reply.body[: len(reply.body) // 2]
    connection.transport.write(write_head(reply) + begun)
    connection.transport.close()


async def _reset(connection: Connection, reply: Reply, method: str) -> None:
    open_socket = connection.transport.get_extra_info("socket")
    if open_socket is not None:  # no lingering: the other side sees a reset, not an end
        open_socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.transport.abort()


async def _say_nothing(connection: Connection, reply: Reply, method: str) -> None:
    await connection.lost.wait()


_ENDINGS: dict[Ending, Callable[[Connection, Reply, str], Awaitable[None]]] = {
    "cut": _cut,
    "reset": _reset,
    "silence": _say_nothing,
}
