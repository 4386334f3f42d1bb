"""What the handlers of the control API work with."""

from typing import Any

from starlette.requests import Request

from emulator.core.journal import Journal
from emulator.core.sandbox import Sandbox
from emulator.web.app import Addresses
from emulator.web.control.refusals import ControlError
from emulator.world import World


class Desk:
    """The world, where it is reached, and whether it can serve."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ready = False
        self.addresses = Addresses("127.0.0.1", 0, {})
        self.calls: tuple[tuple[str, str, Any], ...] = ()
        """What can be called: method, path, and the handler, whose docstring says what it does."""

    def sandbox(self, request: Request) -> Sandbox:
        """The sandbox that the path names."""
        name = request.path_params["sandbox"]
        found = self.world.sandboxes.get(name)
        if found is None:
            raise ControlError("unknown-sandbox", f"no sandbox {name!r}: POST /_emulator/sandboxes creates one")
        return found

    def journal(self, sandbox: Sandbox) -> Journal:
        """The journal of a sandbox."""
        return self.world.journals[sandbox.name]
