"""The ASGI door: requests to providers as any ASGI server, or a transport without a socket, brings them.

There is no connection to break here, so faults that break one become what ASGI has for it. `truncate` sends half of the
announced body and then fails. `reset` fails after the head, because a server would turn an earlier failure into an
answer of its own. `timeout` says nothing until the client has gone.
"""

from typing import Any
from urllib.parse import quote

from starlette.types import Receive, Scope, Send

from emulator.contract.reply import Ending, Reply
from emulator.contract.request import Request
from emulator.core import json_text
from emulator.engine import real_time
from emulator.engine.engine import Waiting
from emulator.web.endings import pieces_of
from emulator.web.headers import is_page, page_headers
from emulator.web.intake import DRAINED_BYTES, Asked, read_request

_NO_CONTENT = 204


class BrokenConnection(ConnectionError):
    """A fault wants the connection to break; whatever serves the application closes it, or passes this on."""


def request_of(scope: Scope) -> Request:
    """The request of a scope, whose body is still to come."""
    target: bytes = scope.get("raw_path") or quote(scope["path"]).encode("ascii")
    if scope["query_string"]:
        target += b"?" + scope["query_string"]
    host, port = scope.get("server") or ("localhost", None)
    peer = (scope.get("client") or ("127.0.0.1", 0))[0]
    headers = [(name.lower(), value) for name, value in scope["headers"]]
    server = f"{host}:{port}" if port else host
    return read_request(scope["method"], target, headers, server, peer, scope["scheme"])


async def answer(intake: Asked, request: Request, receive: Receive, send: Send) -> None:
    """Reads the body, asks, and sends the answer, or does to it what a fault asks for."""
    body = await _read_body(receive, intake.body_limit)
    if body is None:
        return
    reply = intake.ask(request, body)
    if isinstance(reply, Waiting):
        reply = await reply.reply
    await real_time.pause(reply.delay_ms)
    if reply.ending:
        await _end(request, reply, reply.ending, receive, send)
    else:
        await _send_whole(request, reply, send)


async def send_json(send: Send, status: int, value: Any) -> None:
    """Sends a JSON answer of the emulator's own."""
    body = json_text.encode(value)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _read_body(receive: Receive, limit: int) -> bytes | None:
    """As much of the body as the provider wants to see; None if the client went away before it was complete."""
    body, drained = b"", 0
    while drained <= DRAINED_BYTES:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part = message.get("body", b"")
        drained += len(part)
        if len(body) <= limit:
            body += part
        if not message.get("more_body", False):
            break
    return body


async def _send_whole(request: Request, reply: Reply, send: Send) -> None:
    await _start(reply, send)
    body = b"" if request.method == "HEAD" else reply.body
    await send({"type": "http.response.body", "body": body})


async def _end(request: Request, reply: Reply, ending: Ending, receive: Receive, send: Send) -> None:
    if ending.then == "silence":
        while (await receive())["type"] != "http.disconnect":
            pass
        return
    await _start(reply, send)
    if ending.then == "reset":
        raise BrokenConnection("the connection is reset, and there is no answer")
    async for piece in pieces_of(reply, ending, request.method):
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    if ending.sent < 1:
        raise BrokenConnection("the answer is cut: part of it was sent, and no more follows")
    await send({"type": "http.response.body", "body": b""})


async def _start(reply: Reply, send: Send) -> None:
    headers = [] if reply.status == _NO_CONTENT else [(b"content-type", reply.content_type.encode())]
    if reply.status != _NO_CONTENT:
        headers.append((b"content-length", str(len(reply.body)).encode()))
    if is_page(reply.content_type):
        headers += [
            (name.encode(), value.encode()) for name, value in page_headers(reply.scripts, reply.styles).items()
        ]
    headers += [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
