"""What tests use: a running emulator, a sandbox of one's own, and its clock and events as plain calls.

With pytest, the fixture `emulator` gives a fresh `Emulator` to each test; elsewhere start a `BackgroundServer`.
"""

from emulator.testing.background import BackgroundServer
from emulator.testing.client import ControlRefused, Emulator, NotSettled, ProviderAccess
from emulator.testing.verify import verify_basswallet, verify_changelly, verify_koywe

__all__ = [
    "BackgroundServer",
    "ControlRefused",
    "Emulator",
    "NotSettled",
    "ProviderAccess",
    "verify_basswallet",
    "verify_changelly",
    "verify_koywe",
]
