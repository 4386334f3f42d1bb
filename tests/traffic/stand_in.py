"""A stand-in for the real providers: an emulator behind a layer that changes what it answers."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from emulator.asgi import create_app
from emulator.contract.client_side import ProviderAccess
from emulator.providers import load
from emulator.testing.clients import auth_for
from emulator.testing.connection import tls
from emulator.web.application import Options

CONTROL = "/_emulator/"


@dataclass(frozen=True)
class Answer:
    """An answer on its way to the client."""

    method: str
    path: str
    status: int
    headers: dict[str, str]
    body: bytes

    def having(self, **members: Any) -> "Answer":
        """The same with other members."""
        return replace(self, **members)


Change = Callable[[Answer], Answer]


@dataclass
class StandIn:
    """Passes requests on to an application; answers of providers come changed."""

    app: ASGIApp
    url: str = ""
    change: Change = lambda answer: answer
    received: list[tuple[list[tuple[bytes, bytes]], bytes, bytes]] = field(default_factory=list)
    """Headers, target and body of every request to a provider."""
    credentials: dict[str, Any] = field(default_factory=dict)
    """Of the default sandbox, once somebody has asked."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or CONTROL in scope["path"]:
            await self.app(scope, receive, send)
            return
        body = await _read(receive)
        target = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
        self.received.append((list(scope["headers"]), target, body))
        sent: list[Message] = []

        async def keep(message: Message) -> None:
            sent.append(message)

        await self.app(scope, _again(body), keep)
        headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        whole = b"".join(message.get("body", b"") for message in sent[1:])
        answer = self.change(Answer(scope["method"], scope["path"], sent[0]["status"], headers, whole))
        kept = {name: value for name, value in answer.headers.items() if name != "content-length"}
        raw = [(name.encode(), value.encode()) for name, value in kept.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": raw})
        await send({"type": "http.response.body", "body": answer.body})

    def client(self, provider: str) -> httpx.Client:
        """A client of a provider that signs and signs in."""
        if not self.credentials:
            asked = httpx.get(f"{self.url}/_emulator/sandboxes/default", verify=tls())
            self.credentials = asked.json()["credentials"]
        access = ProviderAccess(f"{self.url}/{provider}", self.credentials[provider])
        return httpx.Client(base_url=access.url, auth=auth_for(provider, access), timeout=30, verify=tls())


async def _read(receive: Receive) -> bytes:
    body: bytes = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body


def _again(body: bytes) -> Callable[[], Awaitable[Message]]:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


@contextmanager
def served(config: uvicorn.Config) -> Iterator[str]:
    """Base URL of an application while it is served on a port of loopback."""
    server = uvicorn.Server(config)
    started = threading.Event()

    async def run() -> None:
        task = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.wait({task}, timeout=0.005)
        started.set()
        await task

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    assert started.wait(20)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)


@contextmanager
def standing_in() -> Iterator[StandIn]:
    """A stand-in on a port of its own, whose clock is moved by hand."""
    stand_in = StandIn(create_app(Options(clock="manual")))
    with served(uvicorn.Config(stand_in, port=0, log_config=None)) as url:
        stand_in.url = url
        yield stand_in


class Recorder:
    """Writes down what an httpx client sends and gets, as HAR does, as if it had asked the real host."""

    def __init__(self, provider: str, base_url: str) -> None:
        self._real = f"https://{load(provider).public_hosts[0]}"
        self._base_url = base_url
        self.entries: list[dict[str, Any]] = []

    def __call__(self, response: httpx.Response) -> None:
        response.read()
        request = response.request
        self.entries.append(
            {
                "request": {
                    "method": request.method,
                    "url": str(request.url).replace(self._base_url, self._real),
                    "headers": _headers(request.headers),
                    "postData": {"mimeType": request.headers.get("content-type", ""), "text": request.content.decode()},
                    "bodySize": len(request.content),
                },
                "response": {
                    "status": response.status_code,
                    "headers": _headers(response.headers),
                    "content": {"size": len(response.content), "text": response.text,
                                "mimeType": response.headers.get("content-type", "")},
                },
            }
        )  # fmt: skip

    def har(self) -> dict[str, Any]:
        """All of it."""
        return {"log": {"version": "1.2", "creator": {"name": "tests", "version": "1"}, "entries": self.entries}}


def _headers(headers: httpx.Headers) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers.multi_items()]
