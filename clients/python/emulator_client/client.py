# Made by scripts/generate_docs.py from emulator/testing/client.py: edit that, and run it again.
"""A client of the control API, for one sandbox. Whatever it does can be done with plain HTTP."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from typing_extensions import Unpack


from emulator_client.async_client import AsyncEmulator
from emulator_client.calls import Call
from emulator_client.connection import Sockets
from emulator_client.methods import Calls, Waiting
from emulator_client.sandbox import NOT_FOUND, Sandbox, make_call, read_answer
from emulator_client.types.arguments import NewSandbox

T = TypeVar("T")

__tracebackhide__ = True


class Emulator(Calls, Sandbox, Waiting):
    """One sandbox of a running emulator."""

    @classmethod
    def create(cls, control_url: str, token: str | None = None, **wanted: Unpack[NewSandbox]) -> "Emulator":
        """A new sandbox; `wanted` are members of `POST sandboxes`."""
        link = Sockets(control_url)
        try:
            return cls(control_url, make_call(link, control_url, token, Call("POST", "sandboxes", wanted)), token)
        finally:
            link.close()

    def _make(self, call: Call[T]) -> T:
        """Makes a call and waits for its answer. Raises LoopNeeded if that would take for ever."""
        if call.waits:
            self._require_free_loop()
        return self._read(call, self._ask(call))

    def awaited(self) -> AsyncEmulator:
        """The same sandbox, with calls that are awaited; it ends with this one."""
        return self._as(AsyncEmulator)

    def close(self) -> None:
        """Ends its receivers and closes the connection; the sandbox stays."""
        self._close()

    def __enter__(self) -> "Emulator":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            answered = self._ask(Call("DELETE", ""))
            if answered.status != NOT_FOUND:
                read_answer(answered)
        finally:
            self.close()
        if error is None:
            self._raise_failures()
