# Made by scripts/generate_docs.py from emulator/providers/basswallet/__init__.py: edit that, and run it again.
"""BassWallet: a crypto payment gateway. A merchant creates a payment order and sends the payer to its hosted page.

Sources: the pages under https://docs-en.basswallet.com and https://docs-zh.basswallet.com named in each module,
seen 2026-11.
"""

from __future__ import annotations
