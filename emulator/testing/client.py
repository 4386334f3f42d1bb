"""A client of the control API, for one sandbox. Whatever it does can be done with plain HTTP."""

from types import TracebackType
from typing import TYPE_CHECKING, TypeVar, Unpack

from emulator.testing.async_client import AsyncEmulator
from emulator.testing.calls import Call
from emulator.testing.connection import Sockets
from emulator.testing.methods import Calls, Waiting
from emulator.testing.sandbox import NOT_FOUND, Sandbox, make_call, read_answer
from emulator.testing.types.arguments import NewSandbox

if TYPE_CHECKING:
    from emulator.testing.lives.life import Life
    from emulator.testing.lives.playing import After, Order, Played, Reader

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

    def play(
        self, order: "Order", life: "Life", *, read: "Reader | None" = None, after: "After | None" = None
    ) -> "Played":
        """Makes a life happen, and says what was seen. `order`: a function that gets the life, makes the order with the
        client under test, and gives its id, or None if the client does not know it; or the id of an existing order;
        None: the usual request makes it. `read`: reads an order as the client under test does; None: as the provider's
        own client. `after`: gets each step once it was taken. Raises what these raise."""
        from emulator.testing.lives.playing import drive, play
        from emulator.testing.lives.reading import reader

        with reader(self, life.provider) as usual:
            played: Played = drive(play(order, life, read or usual, after), self._make)
        return played

    def begin(self, life: "Life") -> None:
        """Prepares the sandbox for the order of a life, which the next create call makes: its settings, the scenario
        and the faults of the call. `play` does so itself unless it is given an id."""
        from emulator.testing.lives.playing import begin, drive

        drive(begin(life), self._make)

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
