# Made by scripts/generate_docs.py from emulator/testing/async_client.py: edit that, and run it again.
"""The same client for tests that run in an event loop: its calls are awaited."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from typing_extensions import Unpack


from emulator_client.calls import Call
from emulator_client.connection import Sockets
from emulator_client.methods import Awaited, Calls
from emulator_client.sandbox import NOT_FOUND, Sandbox, control_request, read_answer
from emulator_client.types.arguments import NewSandbox

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
