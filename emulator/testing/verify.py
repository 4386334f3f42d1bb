"""Checks a webhook's signature as a merchant would.

Each function takes the raw body as received, the headers (names in any case) and the receiver's key, and says whether
the signature is good.

Made by scripts/generate_docs.py from the tables of the emulator: run it again after a change to them.
"""
# fmt: off

from emulator.providers.baanx.verify import verify_baanx
from emulator.providers.basswallet.verify import verify_basswallet
from emulator.providers.changelly.verify import verify_changelly
from emulator.providers.koywe.verify import verify_koywe

__all__ = ["verify_baanx", "verify_basswallet", "verify_changelly", "verify_koywe"]
