# Made by scripts/generate_docs.py from emulator/providers/baanx/__init__.py: edit that, and run it again.
"""Baanx: a card programme's API. A user orders a product, pays it in crypto elsewhere, and the app polls the order.

Sources: the pages under https://docs.baanx.com named in each module, seen 2026-11.
"""

from __future__ import annotations
