"""A request to a provider and its answer, on one connection. It needs no ASGI between the bytes and the engine."""

import logging

from emulator.contract.reply import Reply
from emulator.contract.request import Request
from emulator.engine import real_time
from emulator.engine.engine import Waiting
from emulator.web import endings
from emulator.web.connection import Connection
from emulator.web.intake import DRAINED_BYTES, Intake, Refusing, write_head

log = logging.getLogger("emulator")

_FAILED = Reply(500, b"Internal Server Error", "text/plain; charset=utf-8")


class Exchange:
    """Reads the body, answers when it is complete and its turn has come, and lets the connection go on."""

    response_complete = False
    _body = b""
    _more: bytearray | None = None
    """The whole body, once it has come in several parts."""
    _drained = 0
    _complete = False
    _begun = False

    def __init__(
        self, connection: Connection, intake: Intake | Refusing, request: Request, *, keep_alive: bool, on_turn: bool
    ) -> None:
        """`on_turn`: no earlier request on the connection waits for its answer."""
        self.connection = connection
        self.keep_alive = keep_alive
        self.intake = intake
        self.request = request
        self._on_turn = on_turn

    def add_body(self, part: bytes) -> None:
        """Takes the next part of the body."""
        self._drained += len(part)
        if not self._body:
            self._body = part
        elif self._more is None:
            self._more = bytearray(self._body) + part
        elif len(self._more) <= self.intake.body_limit:
            self._more += part
        if self._drained > DRAINED_BYTES:
            self.complete_body()

    def complete_body(self) -> None:
        """Nothing more of the body matters. The answer follows once everything that has arrived on any connection was
        read: doing one thing many times, and then the other, is faster than taking turns."""
        self._complete = True
        if self._on_turn and not self._begun:
            self._begun = True
            self.connection.loop.call_soon(self._begin)

    def refuse(self, reply: Reply) -> None:
        """Answers with this, now or when its turn comes, instead of whatever it was about to say."""
        self.keep_alive = False
        if self.response_complete:
            self.connection.hang_up()
        elif self._on_turn:
            self._begun = True
            self.write(reply)
        else:
            self.intake = Refusing(reply)
            self._complete = True

    def take_turn(self) -> None:
        """The requests before this one have been answered."""
        self._on_turn = True
        if self._complete:
            self._begun = True
            self._begin()

    def _begin(self) -> None:
        if self.response_complete:
            return
        if self.connection.flow.write_paused:
            self.connection.spawn(self._answer_when_read())
        else:
            self._answer()

    async def _answer_when_read(self) -> None:
        """Answers once the client has read most of what was sent before."""
        await self.connection.flow.drain()
        if not self.response_complete:
            self._answer()

    def _answer(self) -> None:
        """Answers at once, which is the usual case; what has to be waited for becomes a task."""
        try:
            reply = self.intake.ask(self.request, self._body if self._more is None else bytes(self._more))
        except Exception:
            self.write(self._fail())
            return
        if isinstance(reply, Waiting):
            self.connection.spawn(self._wait_for(reply))
        elif reply.delay_ms or reply.ending:
            self.connection.spawn(self._finish_later(reply))
        else:
            self.write(reply)

    async def _wait_for(self, waiting: Waiting) -> None:
        try:
            reply = await waiting.reply
        except Exception:
            reply = self._fail()
        if not self.response_complete:
            await self._finish_later(reply)

    async def _finish_later(self, reply: Reply) -> None:
        if reply.delay_ms:
            await real_time.pause(reply.delay_ms)
        if self.response_complete:
            return
        if reply.ending and not self.connection.transport.is_closing():
            await endings.end(self.connection, reply, reply.ending, self.request.method)
        else:
            self.write(reply)

    def _fail(self) -> Reply:
        """The answer after a failure, which is the exception being handled."""
        log.exception("%s %s failed", self.request.method, self.request.path)
        self.keep_alive = False
        return _FAILED

    def write(self, reply: Reply) -> None:
        """Sends the whole answer at once, and lets the connection go on."""
        transport = self.connection.transport
        if transport.is_closing():
            self._tell_unsent()
        else:
            try:
                head = write_head(reply, close=not self.keep_alive)
            except ValueError:  # a header with characters that no header can have
                reply = self._fail()
                head = write_head(reply, close=True)
            transport.write(head if self.request.method == "HEAD" else head + reply.body)
            if not self.keep_alive:
                self.connection.hang_up()
        self.response_complete = True
        self.connection.on_response_complete()

    def _tell_unsent(self) -> None:
        """Notes that nobody is left to get the answer."""
        if self.request.entry is not None:
            self.request.entry.sent = False
