"""What tests use: a running emulator, a sandbox of one's own, and its clock and events as plain calls.

With pytest, the fixture `emulator` gives a fresh `Emulator` to each test; elsewhere start a `BackgroundServer`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emulator.testing.background import BackgroundServer
    from emulator.testing.client import ControlRefused, Emulator, NotSettled, ProviderAccess
    from emulator.testing.loops import LoopNeeded
    from emulator.testing.verify import verify_baanx, verify_basswallet, verify_changelly, verify_koywe
else:
    _HOME = {
        "BackgroundServer": "background",
        "ControlRefused": "client",
        "Emulator": "client",
        "LoopNeeded": "loops",
        "NotSettled": "client",
        "ProviderAccess": "client",
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
    "BackgroundServer",
    "ControlRefused",
    "Emulator",
    "LoopNeeded",
    "NotSettled",
    "ProviderAccess",
    "verify_baanx",
    "verify_basswallet",
    "verify_changelly",
    "verify_koywe",
]
