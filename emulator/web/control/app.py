"""The control API as it is from the start: it says whether the emulator is ready, and is loaded when more is asked."""

from functools import partial

from starlette.types import ASGIApp, Receive, Scope, Send

from emulator.engine.engine import Engine
from emulator.web.control.context import Call, Context
from emulator.web.control.probes import answer_if_well
from emulator.web.late import late


class Control(Context):
    """An ASGI application: the control API of one engine."""

    def __init__(self, engine: Engine, token: str | None = None, calls: tuple[Call, ...] = ()) -> None:
        """`calls`: the calls to offer; by default all."""
        super().__init__(engine, token)
        self.calls = calls
        self._api = late(partial(_load, self))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not await answer_if_well(self, scope, send):
            await self._api(scope, receive, send)


def _load(control: Control) -> ASGIApp:
    from emulator.web.control.api import Api

    return Api(control)
