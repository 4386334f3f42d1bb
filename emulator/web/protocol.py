"""HTTP/1.1 as uvicorn and httptools speak it. Requests to providers go straight to the world, all others by ASGI.

It is deaf to offers of another protocol. A client may offer to go on in HTTP/2 (`Upgrade: h2c`), as Java's does by
default on its first request without TLS. A server that does not want to answers the request as if nothing had been
offered (RFC 9110, 7.8). httptools takes the offer for accepted and gives up the request's body; here the request is
read again without the offer.
"""

import asyncio
import re
from collections.abc import Coroutine
from http import HTTPMethod
from typing import Any, cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from emulator.web.app import Front
from emulator.web.exchange import Exchange
from emulator.web.intake import read_request

_REQUEST_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([!-~]+) HTTP/1\.[01]")


class Protocol(HttpToolsProtocol):
    """One connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Remembers between whom the connection is."""
        super().connection_made(transport)
        self._front = cast(Front, self.app)
        host, self._port = self.server or ("127.0.0.1", None)
        self._address = f"{host}:{self._port}"
        self._peer = self.client[0] if self.client else "127.0.0.1"
        self.lost = asyncio.Event()
        """Set when the connection is no more."""
        self._idle_since_s: float | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Tells those who wait for it."""
        self.lost.set()
        if isinstance(self.cycle, Exchange):
            self.cycle = cast(Any, None)
        super()._unset_keepalive_if_required()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Begins to read a request; most need no ASGI scope."""
        self.url = b""
        self.headers = []

    def on_header(self, name: bytes, value: bytes) -> None:
        """Takes a header; blanks around a value do not belong to it."""
        self.headers.append((name.lower(), value.rstrip(b" \t")))

    def on_headers_complete(self) -> None:
        """Finds out who answers the request, unless it has to be read again."""
        parser = self.parser
        method = parser.get_method()
        self._read_again = parser.should_upgrade() and method != b"CONNECT"
        if self._read_again:
            return
        self._idle_since_s = None
        request = read_request(method.decode("ascii"), self.url, self.headers, self._address, self._peer)
        expect_100_continue = "expect" in request.headers and request.headers["expect"].lower() == "100-continue"
        intake = self._front.intake(self._port, request)
        if intake is None:
            self._use_asgi(expect_100_continue)
            return
        if expect_100_continue:
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        keep_alive = parser.should_keep_alive() and parser.get_http_version() != "1.0"
        on_turn = self._is_free()
        self.cycle = cast(Any, Exchange(self, intake, request, keep_alive=keep_alive, on_turn=on_turn))
        if not on_turn:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))

    def _is_free(self) -> bool:
        """Whether no earlier request waits for its answer."""
        return self.cycle is None or self.cycle.response_complete

    def _use_asgi(self, expect_100_continue: bool) -> None:
        url, headers = self.url, self.headers
        super().on_message_begin()
        self.headers += headers
        self.url, self.expect_100_continue = url, expect_100_continue
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Takes the next part of the request's body."""
        if isinstance(self.cycle, Exchange):
            self.cycle.add_body(body)
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request's body is complete, unless it has to be read again."""
        if self._read_again:
            return
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
        self.flow.resume_reading()
        if self.pipeline:
            self._begin_next()
            return
        self._idle_since_s = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._look_again(self.timeout_keep_alive)

    def _begin_next(self) -> None:
        cycle, app = self.pipeline.pop()
        if isinstance(cycle, Exchange):
            self.loop.call_soon(cycle.take_turn)  # not now: each answer would call for the next ever deeper
        else:
            self.spawn(cycle.run_asgi(app))

    def timeout_keep_alive_handler(self) -> None:
        """Hangs up if nothing has come for long. One timer looks now and then; to set one each time takes longer."""
        self.timeout_keep_alive_task = None
        if self._idle_since_s is None:
            return
        left_s = self._idle_since_s + self.timeout_keep_alive - self.loop.time()
        if left_s > 0:
            self._look_again(left_s)
        else:
            super().timeout_keep_alive_handler()

    def _look_again(self, after_s: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(after_s, self.timeout_keep_alive_handler)

    def _unset_keepalive_if_required(self) -> None:
        self._idle_since_s = None

    def data_received(self, data: bytes) -> None:
        """Takes what has come over the connection."""
        self._idle_since_s = None
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
            except httptools.HttpParserError:
                if not self._refuse_method(data):
                    self.logger.warning("Invalid HTTP request received.")
                    self.send_400_response("Invalid HTTP request received.")
            return

    def _refuse_method(self, data: bytes) -> bool:
        """Leaves a request that can not be read to its provider, if all that is wrong with it is a method that nobody
        knows; tells whether it did. No endpoint has such a method, so that it comes to nothing but a refusal."""
        head = data.partition(b"\r\n\r\n")[0].split(b"\r\n")
        line = _REQUEST_LINE.fullmatch(head[0])
        if line is None or line[1].decode() in HTTPMethod.__members__ or not self._is_free():
            return False
        headers = [(name.lower(), value.strip(b" \t")) for name, colon, value in (h.partition(b":") for h in head[1:])]
        request = read_request(line[1].decode(), line[2], headers, self._address, self._peer)
        intake = self._front.intake(self._port, request)
        if intake is None:
            return False
        self.cycle = cast(Any, Exchange(self, intake, request, keep_alive=False, on_turn=True))
        cast(Exchange, self.cycle).complete_body()
        return True

    def _head_without_offer(self) -> bytes:
        version = self.parser.get_http_version().encode()
        lines = [b"%s %s HTTP/%s" % (self.parser.get_method(), self.url, version)]
        lines += [b"%s: %s" % (name, value) for name, value in self.headers if name != b"upgrade"]
        return b"\r\n".join([*lines, b"", b""])
