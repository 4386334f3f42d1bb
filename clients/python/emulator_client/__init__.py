"""What tests use of an emulator that runs elsewhere: a sandbox of one's own, and its clock and events as plain calls.

With pytest, the fixture `emulator` gives a fresh `Emulator` to each test; elsewhere make sandboxes with a `RemoteServer`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from emulator_client.client_side import ProviderAccess
    from emulator_client.async_client import AsyncEmulator
    from emulator_client.calls import NotSettled
    from emulator_client.client import Emulator
    from emulator_client.loops import LoopNeeded
    from emulator_client.remote import RemoteServer
    from emulator_client.sandbox import ControlRefused
    from emulator_client.verify import *  # noqa: F403

    __all__ = [
        "AsyncEmulator",
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
        "ControlRefused": "sandbox",
        "Emulator": "client",
        "LoopNeeded": "loops",
        "NotSettled": "calls",
        "ProviderAccess": "sandbox",
        "RemoteServer": "remote",
    }

    def __getattr__(name: str) -> Any:
        """Imports what is asked for: pytest loads this package in every run, also where no test uses the emulator."""
        if name == "__all__":
            return [*_HOME, *import_module(f"{__name__}.verify").__all__]
        home = "verify" if name.startswith("verify_") else _HOME.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{home}"), name)
