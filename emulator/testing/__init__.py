"""What tests use: a running emulator, a sandbox of one's own, and its clock and events as plain calls.

With pytest, the fixture `emulator` gives a fresh `Emulator` to each test; elsewhere start a `BackgroundServer`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emulator.testing.access import ProviderAccess
    from emulator.testing.async_client import AsyncEmulator
    from emulator.testing.background import BackgroundServer
    from emulator.testing.calls import NotSettled
    from emulator.testing.client import Emulator
    from emulator.testing.loops import LoopNeeded
    from emulator.testing.remote import RemoteServer
    from emulator.testing.sandbox import ControlRefused
    from emulator.testing.verify import verify_baanx, verify_basswallet, verify_changelly, verify_koywe
else:
    _HOME = {
        "AsyncEmulator": "async_client",
        "BackgroundServer": "background",
        "ControlRefused": "sandbox",
        "Emulator": "client",
        "LoopNeeded": "loops",
        "NotSettled": "calls",
        "ProviderAccess": "access",
        "RemoteServer": "remote",
        "verify_baanx": "verify",
        "verify_basswallet": "verify",
        "verify_changelly": "verify",
        "verify_koywe": "verify",
    }

    def __getattr__(name: str) -> Any:
        """Imports what is asked for: pytest loads this package in every run, also where no test uses the emulator."""
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


__all__ = [
    "AsyncEmulator",
    "BackgroundServer",
    "ControlRefused",
    "Emulator",
    "LoopNeeded",
    "NotSettled",
    "ProviderAccess",
    "RemoteServer",
    "verify_baanx",
    "verify_basswallet",
    "verify_changelly",
    "verify_koywe",
]
