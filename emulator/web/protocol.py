"""HTTP/1.1 as uvicorn and httptools speak it, but deaf to offers of another protocol.

A client may offer to go on in HTTP/2 (`Upgrade: h2c`), as Java's does by default on its first request without TLS. A
server that does not want to answers the request as if nothing had been offered (RFC 9110, 7.8). httptools takes the
offer for accepted and gives up the request's body; here the request is read again without the offer.
"""

from typing import Any, cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class _OneWrite:
    """A connection that sends the head of an answer together with the beginning of its body: one call to the system
    instead of two, which is a tenth of the time that a short answer takes."""

    __slots__ = ("_head", "_transport")

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._head: bytes | None = None

    def write(self, data: bytes) -> None:
        """Takes the head first, and whatever follows."""
        head = self._head
        if head is None:
            self._head = data
            return
        self._head = b""
        self._transport.write(head + data if head else data)

    def close(self) -> None:
        """Ends the connection, after what was held back."""
        if self._head:
            self.write(b"")
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class Protocol(HttpToolsProtocol):
    """One connection."""

    def on_headers_complete(self) -> None:
        """Begins to answer the request, unless it has to be read again."""
        if self._offers_another_protocol():
            return
        super().on_headers_complete()
        if self.scope["method"] != "HEAD" and not self.expect_100_continue:
            self.cycle.transport = cast(Any, _OneWrite(self.transport))

    def on_message_complete(self) -> None:
        """The request's body is complete, unless it has to be read again."""
        if not self._offers_another_protocol():
            super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        """Takes what has come over the connection."""
        self._unset_keepalive_if_required()
        while True:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as offer:
                if not self._offers_another_protocol():
                    return
                data = self._head_without_offer() + data[offer.args[0] :]
                self.parser = httptools.HttpRequestParser(self)
                self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
                continue
            except httptools.HttpParserError:
                self.logger.warning("Invalid HTTP request received.")
                self.send_400_response("Invalid HTTP request received.")
            return

    def _offers_another_protocol(self) -> bool:
        return self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT"

    def _head_without_offer(self) -> bytes:
        version = self.parser.get_http_version().encode()
        lines = [b"%s %s HTTP/%s" % (self.parser.get_method(), self.url, version)]
        lines += [b"%s: %s" % (name, value) for name, value in self.headers if name != b"upgrade"]
        return b"\r\n".join([*lines, b"", b""])
