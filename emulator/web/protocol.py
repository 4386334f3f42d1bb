"""HTTP/1.1 as uvicorn and httptools speak it. Requests to providers go straight to the engine, all others by ASGI.

It is deaf to offers of another protocol. A client may offer to go on in HTTP/2 (`Upgrade: h2c`), as Java's does by
default on its first request without TLS. A server that does not want to answers the request as if nothing had been
offered (RFC 9110, 7.8). httptools takes the offer for accepted and gives up the request's body; here the request is
read again without the offer.
"""

import asyncio
import logging
from collections.abc import Coroutine
from http import HTTPMethod
from typing import Any, cast

import httptools
from msgspec.structs import replace
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from emulator.contract.reply import Reply
from emulator.contract.request import Request
from emulator.web.exchange import Exchange
from emulator.web.heads import REQUEST_LINE, BadHead, require_clear_head, size_of_head, why_unreadable
from emulator.web.intake import Refusing, read_request
from emulator.web.latest_heads import END_OF_HEAD, LatestHeads
from emulator.web.limits import Limits, Watch
from emulator.web.router import Router

log = logging.getLogger("emulator")

BETWEEN, HEAD, BODY = range(3)
"""What is being read: nothing of a request, its head, its body."""


class _Deaf:
    """Stands in for a parser: whatever comes is not heard."""

    def feed_data(self, data: bytes) -> None:
        """Does nothing."""


_DEAF: Any = _Deaf()
_NOBODY = read_request("", b"/", [], "", "")
"""Stands in for a request of which too little is known."""


class Protocol(HttpToolsProtocol):
    """One connection."""

    def __init__(self, *given: Any, watch: Watch | None = None, heads: LatestHeads | None = None, **named: Any) -> None:
        """`watch`, `heads`: those of the server; the rest is as uvicorn wants it."""
        super().__init__(*given, **named)
        self._watch = watch or Watch(Limits())
        self._heads = heads or LatestHeads()
        limits = self._watch.limits
        self._head_bytes_limit, self._header_lines_limit = limits.head_bytes, limits.header_lines
        self.reading = BETWEEN
        self.since_s = self.loop.time()
        """Since when it is idle, or a head is on its way, or no more of a body has come."""
        self._maybe_long = False
        self._head_bytes = self._body_bytes = self._aside_bytes = 0
        self._lingers = False
        self._asgi: Any = None
        """The last request that was handed to ASGI."""
        self._unsent_bytes = 0
        self._stuck_since_s = self.since_s

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Remembers both ends of the connection."""
        super().connection_made(transport)
        self._front = cast(Router, self.app)
        host, self._port = self.server or ("127.0.0.1", None)
        self._address = f"{host}:{self._port}"
        self._door = f"{self.scheme or 'http'}://{self._address}"
        self._peer = self.client[0] if self.client else "127.0.0.1"
        self.lost = asyncio.Event()
        """Set when the connection is gone."""
        if not self._watch.admit(self, self.loop):
            count = self._watch.limits.connections
            self._refuse(503, f"{count} connections are open, and none of them is idle: close or reuse some; "
                              "--max-connections allows more.")  # fmt: skip
            transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tells whatever waits for this."""
        self._watch.discard(self)
        self.lost.set()
        if self._asgi is not None and not self._asgi.response_complete:  # it need not be the last that was asked
            self._asgi.disconnected = True
            self._asgi.message_event.set()
        if isinstance(self.cycle, Exchange):
            self.cycle = cast(Any, None)
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Begins to read a request; most need no ASGI scope."""
        self.reading = HEAD
        self.url = b""
        self.headers = []

    def on_header(self, name: bytes, value: bytes) -> None:
        """Takes a header; spaces around a value do not belong to it."""
        self.headers.append((name.lower(), value.rstrip(b" \t")))

    def _read_request(self, method: bytes, url: bytes) -> Request:
        """The request whose head has arrived."""
        scheme = self.scheme or "http"
        return read_request(method.decode("ascii"), url, self.headers, self._address, self._peer, scheme)

    def on_headers_complete(self) -> None:
        """Finds out who answers the request, unless it has to be read again."""
        parser = self.parser
        method = parser.get_method()
        self._read_again = parser.should_upgrade() and method != b"CONNECT"
        if self._read_again:
            return
        if self._maybe_long or len(self.headers) > self._header_lines_limit:
            self._require_short_head()
        request = self._read_request(method, self.url)
        headers = request.headers
        if request.repeated or "host" not in headers or "transfer-encoding" in headers:
            require_clear_head(request, parser.get_http_version())
        expect_100_continue = "expect" in headers and headers["expect"].lower() == "100-continue"
        intake = self._front.intake(self._port, request)
        if intake is None:
            self._use_asgi(request, expect_100_continue)
            self.reading = BODY
            return
        if expect_100_continue:
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        keep_alive = parser.should_keep_alive()
        if keep_alive and "connection" in headers:  # without it, HTTP/1.0 does not keep the connection anyway
            keep_alive = parser.get_http_version() != "1.0"
        earlier = self.cycle
        on_turn = earlier is None or earlier.response_complete
        self.cycle = cast(Any, Exchange(self, intake, request, keep_alive=keep_alive, on_turn=on_turn))
        self.reading = BODY
        if not on_turn:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))

    def _is_free(self) -> bool:
        """Whether no earlier request is still waiting for its answer."""
        return self.cycle is None or self.cycle.response_complete

    def _use_asgi(self, request: Request, expect_100_continue: bool) -> None:
        headers = self.headers
        super().on_message_begin()
        self.headers += headers
        self.url, self.expect_100_continue = request.target.encode("latin-1"), expect_100_continue
        on_turn = self._is_free()
        super().on_headers_complete()
        if on_turn:
            self._asgi = self.cycle

    def on_body(self, body: bytes) -> None:
        """Takes the next part of the request's body."""
        self._aside_bytes = -1  # what comes is not beside the body
        if isinstance(self.cycle, Exchange):
            self.cycle.add_body(body)
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request's body is complete, unless it has to be read again."""
        if self._read_again:
            return
        self.reading = BETWEEN
        if isinstance(self.cycle, Exchange):
            self.cycle.complete_body()
        else:
            super().on_message_complete()

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Runs what takes longer; the server does not stop before it has ended."""
        task = self.loop.create_task(coroutine)
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    def on_response_complete(self) -> None:
        """Goes on with the next request that waits, or waits for one to come."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.since_s = self.loop.time()
        if self.pipeline:
            self._begin_next()
            if self.pipeline:  # nothing more is read until everything so far has been answered
                return
        if self.flow.read_paused:
            self.flow.resume_reading()

    def _begin_next(self) -> None:
        cycle, app = self.pipeline.pop()
        if isinstance(cycle, Exchange):
            self.loop.call_soon(cycle.take_turn)  # not now: the answers would call each other ever deeper
        else:
            self._asgi = cycle
            self.spawn(cycle.run_asgi(app))

    def _unset_keepalive_if_required(self) -> None:
        """Does nothing: the connection has no timer of its own."""

    def data_received(self, data: bytes) -> None:
        """Takes what has arrived on the connection."""
        reading, cycle = self.reading, self.cycle
        if not reading and self._take_known(data):  # the rule is BETWEEN, which is 0
            return
        self._maybe_long = reading == HEAD or len(data) > self._head_bytes_limit
        while True:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as offer:
                if not self._read_again:
                    return
                data = self._head_without_offer() + data[offer.args[0] :]
                self.parser = httptools.HttpRequestParser(self)
                self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
                continue
            except httptools.HttpParserCallbackError as error:
                self._refuse_failed(error.__context__)
                return
            except httptools.HttpParserError:
                if not self._refuse_method(data):
                    self._refuse(*why_unreadable(data))
                return
            break
        if self.reading:
            self._measure(len(data), reading, goes_on=self.cycle is cycle)
        elif not reading and self.cycle is not cycle and isinstance(self.cycle, Exchange):
            self._heads.remember(data, self._door, self.cycle)

    def _take_known(self, data: bytes) -> bool:
        """Takes a whole request whose head is known; says whether `data` was one."""
        head, _, body = data.partition(END_OF_HEAD)
        known = self._heads.find(head)
        if known is None or known.door != self._door or len(body) != known.body_bytes:
            return False
        if not self._is_free() or self.parser is _DEAF:
            return False
        request = replace(known.request, peer=self._peer)
        self.cycle = exchange = cast(Any, Exchange(self, known.intake, request, keep_alive=True, on_turn=True))
        exchange.add_body(body)
        exchange.complete_body()
        return True

    # -- what there may be of a request

    def _measure(self, size: int, before: int, *, goes_on: bool) -> None:
        """Counts what has arrived of a request that is not complete yet. `before`: what was read before the last `size`
        bytes; `goes_on`: with them no head has come to its end."""
        limits = self._watch.limits
        if self.reading == HEAD:
            if before == HEAD and goes_on:
                self._head_bytes += size
            else:
                self._head_bytes = size if before == BETWEEN and goes_on else size_of_head(self.url, self.headers)
                self.since_s = self.loop.time()
            if self._head_bytes > limits.head_bytes or len(self.headers) > limits.header_lines:
                self._refuse(*limits.too_long())
            return
        begins = before != BODY or not goes_on
        self._body_bytes = size if begins else self._body_bytes + size
        self._aside_bytes = 0 if begins or self._aside_bytes < 0 else self._aside_bytes + size
        self.since_s = self.loop.time()
        if self._body_bytes > limits.body_bytes:
            self._refuse(413, f"The body is longer than {limits.body_bytes} bytes: send less at once.")
        elif self._aside_bytes > limits.head_bytes or len(self.headers) > limits.header_lines:
            self._refuse(*limits.too_long())

    def _require_short_head(self) -> None:
        limits = self._watch.limits
        if size_of_head(self.url, self.headers) > limits.head_bytes or len(self.headers) > limits.header_lines:
            raise BadHead(*limits.too_long())

    # -- what takes too long

    def look(self, now_s: float) -> None:
        """Ends what takes too long."""
        limits = self._watch.limits
        unsent = self.transport.get_write_buffer_size()
        if not unsent or unsent != self._unsent_bytes:
            self._unsent_bytes, self._stuck_since_s = unsent, now_s
        elif now_s - self._stuck_since_s >= limits.write_s:
            self.transport.abort()
            return
        if self.transport.is_closing():
            return
        for_s = now_s - self.since_s
        if self._lingers:
            if for_s >= limits.linger_s:
                self.transport.close()
        elif unsent or self._is_busy():
            self.since_s = now_s
        elif self.reading == HEAD:
            if for_s >= limits.head_s:
                self._refuse(408, f"The head of the request did not arrive within {limits.head_s:g}s: end it with "
                                  "an empty line.")  # fmt: skip
        elif self.reading == BODY:
            if for_s >= limits.body_s:
                self._refuse(408, f"Nothing more of the body arrived for {limits.body_s:g}s: send as much as "
                                  "Content-Length says, or a last chunk.")  # fmt: skip
        elif for_s >= limits.keep_alive_s:
            self.transport.close()

    def _is_busy(self) -> bool:
        """Whether the client is waiting for an answer, and so need not say anything."""
        return not self._is_free() and (self.reading != BODY or self.flow.read_paused or bool(self.pipeline))

    def is_idle(self) -> bool:
        """Whether the client could just as well make a new connection."""
        return self.reading == BETWEEN and self._is_free() and not self._lingers and not self.has_unsent()

    def has_unsent(self) -> bool:
        """Whether the client has not yet taken everything that was sent to it."""
        return self.transport.get_write_buffer_size() > 0

    def has_ended(self) -> bool:
        """Whether everything has been sent."""
        return self.transport.is_closing() and not self.has_unsent()

    # -- what is refused

    def _refuse_failed(self, failure: BaseException | None) -> None:
        """Answers a request whose reading was broken off, on purpose or by a bug."""
        if isinstance(failure, BadHead):
            self._refuse(failure.status, str(failure))
        else:
            log.error("a request from %s failed", self._peer, exc_info=failure)
            self._refuse(500, "Internal Server Error")

    def _refuse(self, status: int, message: str) -> None:
        """Answers with this, in place of whatever would have, when it is the request's turn; then hears nothing
        more."""
        log.warning("a request from %s is refused: %d %s", self._peer, status, message)
        self.parser = _DEAF
        reply = Reply(status, f"{message}\n".encode(), "text/plain; charset=utf-8")
        incomplete: Any = self.cycle if self.reading == BODY else None
        self.reading = BETWEEN
        if isinstance(incomplete, Exchange):
            incomplete.refuse(reply)
            return
        on_turn = self._is_free()
        if incomplete is not None and self.pipeline:
            self.pipeline.popleft()
        elif incomplete is not None:
            on_turn = True
            incomplete.disconnected = True
            incomplete.message_event.set()
            if incomplete.response_started:
                self.hang_up()
                return
        self.cycle = exchange = cast(Any, Exchange(self, Refusing(reply), _NOBODY, keep_alive=False, on_turn=on_turn))
        if not on_turn:
            self.pipeline.appendleft((self.cycle, self.app))
        exchange.refuse(reply)

    def hang_up(self) -> None:
        """Ends the connection once everything is sent. A client that was refused may finish speaking, lest it lose the
        answer: to close a connection on which something was left unread is to reset it."""
        if self.parser is _DEAF and not self.transport.is_closing() and self.transport.can_write_eof():
            self.transport.write_eof()
            self._lingers = True
            self.since_s = self.loop.time()
        else:
            self.transport.close()

    def _refuse_method(self, data: bytes) -> bool:
        """Leaves a request that cannot be read to its provider, if all that is wrong with it is an unknown method; says
        whether it did. No endpoint has such a method, so the provider always refuses it."""
        head = data.partition(END_OF_HEAD)[0].split(b"\r\n")
        line = REQUEST_LINE.fullmatch(head[0])
        if line is None or line[1].decode() in HTTPMethod.__members__ or not self._is_free():
            return False
        self.url = line[2]
        self.headers = [
            (name.lower(), value.strip(b" \t")) for name, _, value in (each.partition(b":") for each in head[1:])
        ]
        request = self._read_request(line[1], line[2])
        intake = self._front.intake(self._port, request)
        if intake is None:
            return False
        try:
            self._require_short_head()
            require_clear_head(request, line[3].decode())
        except BadHead as refused:
            self._refuse(refused.status, str(refused))
            return True
        self.parser = _DEAF
        self.reading = BETWEEN
        self.cycle = cast(Any, Exchange(self, intake, request, keep_alive=False, on_turn=True))
        cast(Exchange, self.cycle).complete_body()
        return True

    # -- offers of another protocol

    def _head_without_offer(self) -> bytes:
        version = self.parser.get_http_version().encode()
        lines = [b"%s %s HTTP/%s" % (self.parser.get_method(), self.url, version)]
        lines += [b"%s: %s" % (name, value) for name, value in self.headers if name != b"upgrade"]
        return b"\r\n".join([*lines, b"", b""])
