"""Asks an ASGI application without a server, with any bytes."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import unquote_to_bytes

from starlette.types import Message, Scope

from emulator.core import json_text

Headers = Iterable[tuple[bytes, bytes]]
LONGEST_S = 20


@dataclass(frozen=True)
class Answer:
    """The answer. Status 0: there was none."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json_text.decode(self.body)


class Asking:
    """A context manager in which applications can be called, all on one event loop."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()

    def __enter__(self) -> Self:
        self._runner.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.close()

    def run(self, coroutine: Any) -> Any:
        """The result of a coroutine, which must not take long."""
        return self._runner.run(asyncio.wait_for(coroutine, LONGEST_S))

    def ask(self, app: Any, method: str, target: bytes, headers: Headers = (), body: Iterable[bytes] = ()) -> Answer:
        """The answer to a request; `target` is the request target as sent, `body` comes in these pieces."""
        sent: list[Message] = []
        pieces = [*body, b""]

        async def receive() -> Message:
            if not pieces:
                return {"type": "http.disconnect"}
            return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

        async def send(message: Message) -> None:
            sent.append(message)

        path, _, query = target.partition(b"?")
        scope: Scope = {
            "type": "http", "http_version": "1.1", "asgi": {"version": "3.0"}, "scheme": "http", "method": method,
            "path": unquote_to_bytes(path).decode("utf-8", "replace"), "raw_path": path, "query_string": query,
            "root_path": "", "headers": list(headers), "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1),
        }  # fmt: skip
        self.run(app(scope, receive, send))
        if not sent:
            return Answer(0, {}, b"")
        first, *rest = sent
        shown = {name.decode("latin-1"): value.decode("latin-1") for name, value in first["headers"]}
        return Answer(first["status"], shown, b"".join(message.get("body", b"") for message in rest))
