"""What tests use: a running emulator, a sandbox of their own, and its clock and events as plain calls.

With pytest, the fixture `emulator` gives a fresh `Emulator` to each test; elsewhere start a `BackgroundServer`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emulator.contract.client_side import ProviderAccess
    from emulator.testing.async_client import AsyncEmulator
    from emulator.testing.background import BackgroundServer
    from emulator.testing.calls import NotSettled
    from emulator.testing.client import Emulator
    from emulator.testing.loops import LoopNeeded
    from emulator.testing.remote import RemoteServer
    from emulator.testing.sandbox import ControlRefused
    from emulator.testing.verify import *  # noqa: F403

    __all__ = [
        "AsyncEmulator",
        "BackgroundServer",
        "ControlRefused",
        "Emulator",
        "LoopNeeded",
        "NotSettled",
        "ProviderAccess",
        "RemoteServer",
    ]
else:
    _HOME = {
        "AsyncEmulator": "async_client",
        "BackgroundServer": "background",
        "ControlRefused": "sandbox",
        "Emulator": "client",
        "LoopNeeded": "loops",
        "NotSettled": "calls",
        "ProviderAccess": "sandbox",
        "RemoteServer": "remote",
    }

    def __getattr__(name: str) -> Any:
        """Imports what is asked for: pytest loads this package in every run, even if no test uses the emulator."""
        if name == "__all__":
            return [*_HOME, *import_module(f"{__name__}.verify").__all__]
        home = "verify" if name.startswith("verify_") else _HOME.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{home}"), name)
