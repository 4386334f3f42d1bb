# Made by scripts/generate_docs.py from emulator/testing/types/__init__.py: edit that, and run it again.
"""Types of what calls take and give, for type checkers: `names`, `arguments` and `answers`.

A misspelt provider, event, status, fault, setting or argument is found before anything runs.
"""

from __future__ import annotations
