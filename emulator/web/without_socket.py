"""Asking an ASGI application of this process, with no socket in between."""

import asyncio
from collections.abc import Iterable
from urllib.parse import unquote_to_bytes, urlsplit

from starlette.types import ASGIApp, Message, Scope


def scope_of(
    method: str, scheme: str, server: tuple[str, int | None], target: bytes, headers: Iterable[tuple[bytes, bytes]]
) -> Scope:
    """The scope of a request from this machine. `target`: path and query as they go over the wire."""
    path, _, query = target.partition(b"?")
    return {
        "type": "http", "http_version": "1.1", "asgi": {"version": "3.0"}, "scheme": scheme, "method": method,
        "path": unquote_to_bytes(path).decode("utf-8", "replace"), "raw_path": path, "query_string": query,
        "root_path": "", "headers": [(name.lower(), value) for name, value in headers], "server": server,
        "client": ("127.0.0.1", 0),
    }  # fmt: skip


async def hand_over(app: ASGIApp, scope: Scope, body: bytes, said: list[Message]) -> None:
    """Hands a request to an application, for a client that stays; `said` gets what it sends."""
    bodies = [body]

    async def receive() -> Message:
        if bodies:
            return {"type": "http.request", "body": bodies.pop(), "more_body": False}
        await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        said.append(message)

    await app(scope, receive, send)


async def ask(
    app: ASGIApp, method: str, url: str, headers: Iterable[tuple[str, str]], body: bytes
) -> tuple[int, bytes]:
    """Status and body of the answer to a request at a URL; `headers` without Host."""
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    sent = [("host", parts.netloc), *headers, ("content-length", str(len(body)))]
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in sent]
    scope = scope_of(method, parts.scheme, (parts.hostname or "", parts.port), target.encode(), raw)
    said: list[Message] = []
    await hand_over(app, scope, body, said)
    return said[0]["status"], b"".join(message.get("body", b"") for message in said[1:])
