# Made by scripts/generate_docs.py from emulator/testing/access.py: edit that, and run it again.
"""What a client of a provider has to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ProviderAccess:
    """What a client of a provider is configured with."""

    url: str
    """Base URL, in place of the provider's own."""
    credentials: Mapping[str, Any]
