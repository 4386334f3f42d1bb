"""Answers that go wrong on their way, as a fault asks for. One fault is one function of the table at the end."""

import socket
import struct
from typing import Any

import msgspec
from starlette.types import Receive, Scope, Send

from emulator.core.provider import Reply
from emulator.web import intake

TRANSPORT = "emulator.transport"
"""Where the front leaves the connection in the scope, as the server hides it from applications."""


def remember_transport(scope: Scope, send: Send) -> None:
    """Leaves the connection where faults find it."""
    scope[TRANSPORT] = getattr(getattr(send, "__self__", None), "transport", None)


async def spoil(reply: Reply, scope: Scope, receive: Receive, send: Send) -> None:
    """Does to the answer what its `breakage` says."""
    await _BREAKAGES[reply.breakage](reply, scope, receive, send)


async def _malformed(reply: Reply, scope: Scope, receive: Receive, send: Send) -> None:
    cut = reply.body[: len(reply.body) * 2 // 3] or b"{"
    await intake.write_reply(msgspec.structs.replace(reply, body=cut), send)


async def _truncate(reply: Reply, scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": reply.status, "headers": intake.write_headers(reply)})
    await send({"type": "http.response.body", "body": reply.body[: len(reply.body) // 2], "more_body": True})
    _transport(scope).close()
    await _disconnect(receive)


async def _reset(reply: Reply, scope: Scope, receive: Receive, send: Send) -> None:
    transport = _transport(scope)
    connection = transport.get_extra_info("socket")
    if connection is not None:  # no lingering: the other side sees a reset rather than an end
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await _disconnect(receive)


async def _timeout(reply: Reply, scope: Scope, receive: Receive, send: Send) -> None:
    await _disconnect(receive)


async def _disconnect(receive: Receive) -> None:
    """Returns when the connection is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _transport(scope: Scope) -> Any:
    transport = scope.get(TRANSPORT)
    if transport is None:
        raise ConnectionResetError("the fault ends the connection, and this server has none to end")
    return transport


_BREAKAGES = {"malformed": _malformed, "truncate": _truncate, "reset": _reset, "timeout": _timeout}
