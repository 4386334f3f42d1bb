# Made by scripts/generate_docs.py from emulator/providers/koywe/__init__.py: edit that, and run it again.
"""Koywe: a payments API for Latin America. A merchant makes orders of six types that move fiat and crypto money.

Sources: the pages under https://docs.koywe.com named in each module, seen 2026-11.
"""

from __future__ import annotations
