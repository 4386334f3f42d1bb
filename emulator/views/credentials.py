"""What a client needs to use a sandbox: the same object in the ready file, the start-up table and the control API."""

from collections.abc import Mapping
from typing import Any

from emulator.contract.card import Provider


def credentials_of(sandbox: str, providers: Mapping[str, Provider]) -> dict[str, Any]:
    """`{"sandbox": name, "<provider>": {...}, ...}`."""
    return {"sandbox": sandbox} | {name: provider.credentials(sandbox) for name, provider in providers.items()}
