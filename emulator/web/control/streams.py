"""The call that does not end: what happens in a sandbox, as it happens, by server-sent events."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from emulator.core import json_text
from emulator.core.journal import Entry, as_json
from emulator.engine import real_time
from emulator.web.control.context import Context
from emulator.web.control.reading import read_whole, require_provider
from emulator.web.control.refusals import ControlError

MAX_STREAMS = 100
"""How many streams there may be at once."""
GATHER_MS = 100
"""What happens within this much real time is sent together."""
ALIVE_MS = 15_000
"""After this much real time without news a comment is sent, lest a proxy take the connection for dead."""
_MOST_AT_ONCE = 500
MEDIA_TYPE = "text/event-stream"
SELECTION = {
    "kind": "only entries of this kind, such as request or transition",
    "order": "only entries about the order with this id",
    "provider": "only entries of this provider",
    "after": "begins with the entry after this number; without it, with what is new",
}
_EVENT_ID = re.compile(r"(\d+)-(\d+)")
Selection = tuple[str | None, str | None, str | None]
"""Kind, order and provider of the entries that are wanted; None: all."""
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class _Events(StreamingResponse):
    """An answer that ends when its listener is gone, not only when there is something to send: Starlette watches for
    that if the server speaks ASGI 2.3."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await super().__call__({**scope, "asgi": {"spec_version": "2.3"}}, receive, send)


async def get_events(context: Context, request: Request) -> Any:
    """Every journal entry as it happens, by server-sent events; `Last-Event-ID` resumes."""
    return open_stream(context, request)


def open_stream(context: Context, request: Request, *, named: bool = True) -> StreamingResponse:
    """The answer that does not end. `named`: each event has the kind of its entry as its name; otherwise it has none,
    so that a browser hears all kinds, also those that only one provider has."""
    sandbox, query = context.sandbox(request), request.query_params
    if query.get("provider"):
        require_provider(context, query["provider"])
    if context.streams >= MAX_STREAMS:
        raise ControlError("too-many-streams", f"{MAX_STREAMS} streams are open, and no more are allowed: close one")
    journal = context.journal(sandbox)
    begun_ms, after = journal.begun_ms, read_whole(request, "after", journal.newest)
    seen = _EVENT_ID.fullmatch(request.headers.get("last-event-id", ""))
    if seen is not None:
        begun_ms, after = int(seen[1]), int(seen[2])
    wanted = (query.get("kind"), query.get("order"), query.get("provider"))
    stream = _stream(context, sandbox.name, begun_ms, after, wanted, named=named)
    return _Events(stream, media_type=MEDIA_TYPE, headers=_HEADERS)


async def _stream(
    context: Context, name: str, begun_ms: int, after: int, wanted: Selection, *, named: bool
) -> AsyncIterator[bytes]:
    """The events of a sandbox from an entry of its journal on, until it is gone or the emulator stops. Nothing is kept
    for slow listeners: what the journal has dropped in the meantime is left out."""
    journals, news = context.engine.records.journals, asyncio.Event()

    def tell(name: str) -> None:
        news.set()

    journals.watch(tell, name)
    context.streams += 1
    try:
        async with context.engine.using(name):
            yield b"retry: 1000\n\n"
            while context.ready and name in journals:
                news.clear()
                journal = journals[name]
                if journal.begun_ms != begun_ms:
                    begun_ms, after = journal.begun_ms, 0
                    yield b"event: reset\ndata: {}\n\n"
                newest = min(journal.newest, after + _MOST_AT_ONCE)
                chunk = [
                    b"id: %d-%d\n%bdata: %b\n\n"
                    % (begun_ms, entry.number, _name_line(entry) if named else b"", json_text.encode(as_json(entry)))
                    for entry in journal.entries(*wanted, after, newest + 1)
                ]
                if newest > after:
                    after = newest
                    if chunk:
                        yield b"".join(chunk)
                    await real_time.pause(GATHER_MS)
                    continue
                await real_time.wait(news, ALIVE_MS)
                if not news.is_set():
                    yield b": still here\n\n"
    finally:
        context.streams -= 1
        journals.unwatch(tell, name)


def _name_line(entry: Entry) -> bytes:
    return b"event: %b\n" % entry.kind.encode()
