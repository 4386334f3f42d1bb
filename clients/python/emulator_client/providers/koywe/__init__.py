# Made by scripts/generate_docs.py from emulator/providers/koywe/__init__.py: edit that, and run it again.
"""Koywe: a payments API for Latin America. A merchant makes orders of seven types that move fiat and crypto money.

Sources: the pages under https://docs.koywe.com that each module names, seen 2026-11.
"""

from __future__ import annotations
