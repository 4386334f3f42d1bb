"""Makes sandboxes for tests, whether the emulator runs in this process or elsewhere."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from itertools import count
from types import TracebackType
from typing import Any, Unpack

from emulator.testing.async_client import AsyncEmulator
from emulator.testing.calls import Call
from emulator.testing.client import Emulator
from emulator.testing.connection import Sockets
from emulator.testing.link import Link
from emulator.testing.receivers import Failures, Receiver, Receivers
from emulator.testing.sandbox import ControlRefused, make_call
from emulator.testing.types.arguments import NewSandbox

MANUAL_START = "2026-01-05T12:00:00Z"
"""The instant at which sandboxes with a manual clock begin unless told otherwise, so that runs are reproducible."""


class Sandboxes(ABC):
    """One emulator, for as many tests as there are."""

    control_url: str
    token: str | None
    _link: Link
    _local: Link | None
    _receivers: Receivers

    def __init__(self, names: str) -> None:
        """`names`: what the names of its sandboxes begin with, unless another is asked for."""
        self._names = (f"{names}-{number}" for number in count(1))
        self._failures = Failures()

    @abstractmethod
    def _stop(self) -> None:
        """Ends what it has started, once its receivers have ended."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._receivers.end_all()
        finally:
            self._stop()
        if error is None:
            self._failures.raise_first()

    def receive_at(self, host: str, app: Any, *, lifespan: bool | None = None, reraise: bool = True) -> Receiver:
        """As `Emulator.receive_at`, for the webhooks of all sandboxes, until the server stops; what a handler raises is
        raised by the next call of any of them."""
        return self._receivers.add(host, app, self._failures, lifespan=lifespan, reraise=reraise)

    def receive_here(
        self, host: str, app: Any, *, lifespan: bool | None = None, reraise: bool = True
    ) -> AbstractAsyncContextManager[Receiver]:
        """As `Emulator.receive_here`, for the webhooks of all sandboxes."""
        return self._receivers.here(host, app, self._failures, lifespan=lifespan, reraise=reraise)

    def sandbox(self, **wanted: Unpack[NewSandbox]) -> Emulator:
        """A new sandbox. `wanted`: members of `POST sandboxes`; by default a free name and a manual clock."""
        return Emulator(self.control_url, self._create(wanted), self.token, **self._shared())

    def async_sandbox(self, **wanted: Unpack[NewSandbox]) -> AsyncEmulator:
        """As `sandbox`, with calls that are awaited."""
        return AsyncEmulator(self.control_url, self._create(wanted), self.token, **self._shared())

    def coverage(self) -> Any:
        """What was met of each provider's behaviour in all sandboxes that the emulator has had."""
        return make_call(self._link, self.control_url, self.token, Call("GET", "coverage"))

    def _create(self, wanted: Mapping[str, Any]) -> Any:
        usual = {"clock": {"mode": "manual", "now": MANUAL_START}}
        while True:
            named = {"name": wanted.get("name") or next(self._names), **usual, **wanted}
            try:
                return make_call(self._link, self.control_url, self.token, Call("POST", "sandboxes", named))
            except ControlRefused as error:
                if "name" in wanted or error.error != "sandbox-exists":  # else somebody has it, or a killed run left it
                    raise

    def _shared(self) -> dict[str, Any]:
        """What all sandboxes share."""
        link = None if isinstance(self._link, Sockets) and self._local is None else self._link
        return {"link": link, "local": self._local, "receivers": self._receivers, "failures": self._failures}
