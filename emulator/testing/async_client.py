"""The same client for tests that run in an event loop: its calls are awaited."""

from types import TracebackType
from typing import TYPE_CHECKING, TypeVar, Unpack

from emulator.testing.calls import Call
from emulator.testing.connection import Sockets
from emulator.testing.methods import Awaited, Calls
from emulator.testing.sandbox import NOT_FOUND, Sandbox, control_request, read_answer
from emulator.testing.types.arguments import NewSandbox

if TYPE_CHECKING:
    from emulator.testing.lives.life import Life
    from emulator.testing.lives.playing import After, Order, Played, Reader

T = TypeVar("T")

__tracebackhide__ = True


class AsyncEmulator(Calls, Sandbox, Awaited):
    """One sandbox of a running emulator, with the calls of `Emulator`, which are awaited. While one waits for a
    receiver of webhooks, the event loop is free to be that receiver."""

    @classmethod
    async def create(cls, control_url: str, token: str | None = None, **wanted: Unpack[NewSandbox]) -> "AsyncEmulator":
        """A new sandbox; `wanted` are members of `POST sandboxes`."""
        link = Sockets(control_url)
        try:
            asked = control_request(control_url, token, Call("POST", "sandboxes", wanted))
            answered = await link.exchange_async(asked)
        finally:
            link.close()
        return cls(control_url, read_answer(answered), token)

    async def _make(self, call: Call[T]) -> T:
        """Makes a call; the event loop goes on in the meantime."""
        return self._read(call, await self._link.exchange_async(self._request(call)))

    async def play(
        self, order: "Order", life: "Life", *, read: "Reader | None" = None, after: "After | None" = None
    ) -> "Played":
        """As `Emulator.play`; the functions may be asynchronous."""
        from emulator.testing.lives.playing import drive_async, play
        from emulator.testing.lives.reading import async_reader

        async with async_reader(self, life.provider) as usual:
            played: Played = await drive_async(play(order, life, read or usual, after), self._make)
        return played

    async def begin(self, life: "Life") -> None:
        """As `Emulator.begin`."""
        from emulator.testing.lives.playing import begin, drive_async

        await drive_async(begin(life), self._make)

    async def close(self) -> None:
        """Ends its receivers and closes the connection; the sandbox stays."""
        self._close()

    async def __aenter__(self) -> "AsyncEmulator":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            answered = await self._link.exchange_async(self._request(Call("DELETE", "")))
            if answered.status != NOT_FOUND:
                read_answer(answered)
        finally:
            await self.close()
        if error is None:
            self._raise_failures()
