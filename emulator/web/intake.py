"""Turns HTTP into the core's requests and its replies into HTTP, for one provider under one mount prefix."""

from collections import Counter
from urllib.parse import quote

from starlette.types import Receive, Scope, Send

from emulator import wall
from emulator.core.provider import Provider, Reply, Request
from emulator.web import breakage
from emulator.world import World

_NOTHING: frozenset[str] = frozenset()
_DRAINED_BYTES = 8 * 1024 * 1024


class ClientGone(Exception):
    """The client has closed the connection before its request was complete."""


class Intake:
    """An ASGI application: the API of one provider."""

    def __init__(self, world: World, provider: Provider, mount: str = "") -> None:
        self._world = world
        self._provider = provider
        self._mount = mount

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await read_body(receive, self._provider.body_limit)
        except ClientGone:
            return
        reply = await self._world.answer(self._provider, read_request(scope, body, self._mount))
        if reply.delay_ms:
            await wall.pause(reply.delay_ms)
        if reply.breakage:
            await breakage.spoil(reply, scope, receive, send)
        else:
            await write_reply(reply, send)


async def read_body(receive: Receive, limit: int) -> bytes:
    """The body; of one that is longer than `limit`, the first `limit` + 1 bytes. Raises ClientGone."""
    message = await receive()
    body: bytes = message.get("body", b"")
    drained = len(body)
    while message.get("more_body", False) and drained <= _DRAINED_BYTES:
        message = await receive()
        part = message.get("body", b"")
        drained += len(part)
        if len(body) <= limit:
            body += part
    if message["type"] == "http.disconnect":
        raise ClientGone
    return body if len(body) <= limit else body[: limit + 1]


def read_request(scope: Scope, body: bytes, mount: str) -> Request:
    """The request as the core sees it."""
    raw_headers: list[tuple[bytes, bytes]] = scope["headers"]
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(raw_headers)}
    raw_path: bytes | None = scope.get("raw_path")
    path = raw_path.decode("latin-1") if raw_path is not None else quote(scope["path"])
    server = scope.get("server") or ("127.0.0.1", 80)
    client = scope.get("client") or ("127.0.0.1", 0)
    return Request(
        method=scope["method"],
        path="/" + path[len(mount) :].removeprefix("/"),  # `OPTIONS *` has no slash
        query=scope["query_string"].decode("latin-1"),
        headers=headers,
        body=body,
        origin=f"{scope['scheme']}://{headers.get('host') or f'{server[0]}:{server[1]}'}",
        mount=mount,
        peer=client[0],
        received_ms=wall.now_ms(),
        repeated=_repeated(raw_headers) if len(headers) < len(raw_headers) else _NOTHING,
        raw_headers=tuple(raw_headers),
    )


def _repeated(raw_headers: list[tuple[bytes, bytes]]) -> frozenset[str]:
    counts = Counter(name.decode("latin-1") for name, _ in raw_headers)
    return frozenset(name for name, count in counts.items() if count > 1)


async def write_reply(reply: Reply, send: Send) -> None:
    """Writes a reply."""
    await send({"type": "http.response.start", "status": reply.status, "headers": write_headers(reply)})
    await send({"type": "http.response.body", "body": reply.body})


def write_headers(reply: Reply) -> list[tuple[bytes, bytes]]:
    """The headers of a reply, as ASGI wants them."""
    headers = [
        (b"content-type", reply.content_type.encode()),
        (b"content-length", str(len(reply.body)).encode()),
    ]
    if reply.headers:
        headers += [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers]
    return headers
