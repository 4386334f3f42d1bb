"""Answers that go wrong on their way, as a fault asks for. One fault is one function of the table at the end."""

import socket
import struct
from typing import TYPE_CHECKING

from msgspec.structs import replace

from emulator.contract.reply import Reply
from emulator.web.intake import write_head

if TYPE_CHECKING:
    from emulator.web.exchange import Exchange


async def spoil(exchange: "Exchange", reply: Reply) -> None:
    """Does to the answer what its `breakage` says."""
    await _BREAKAGES[reply.breakage](exchange, reply)


async def _malformed(exchange: "Exchange", reply: Reply) -> None:
    exchange.write(replace(reply, body=reply.body[: len(reply.body) * 2 // 3] or b"{"))


async def _truncate(exchange: "Exchange", reply: Reply) -> None:
    transport = exchange.connection.transport
    transport.write(write_head(reply) + reply.body[: len(reply.body) // 2])
    transport.close()


async def _reset(exchange: "Exchange", reply: Reply) -> None:
    transport = exchange.connection.transport
    connection = transport.get_extra_info("socket")
    if connection is not None:  # no lingering: the other side sees a reset rather than an end
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def _timeout(exchange: "Exchange", reply: Reply) -> None:
    await exchange.connection.lost.wait()


_BREAKAGES = {"malformed": _malformed, "truncate": _truncate, "reset": _reset, "timeout": _timeout}
