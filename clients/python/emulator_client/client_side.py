# Made by scripts/generate_docs.py from emulator/contract/client_side.py: edit that, and run it again.
"""What the client side of a provider works with: where the provider is, and the headers of a webhook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ProviderAccess:
    """What a client of a provider is configured with."""

    url: str
    """Base URL, which replaces the provider's own."""
    credentials: Mapping[str, Any]


def read_header(headers: Mapping[str, str], name: str) -> str:
    """The value of a header, whatever the case of its name; `name` in lower case. Empty where it is missing."""
    return next((value for each, value in headers.items() if each.lower() == name), "")
