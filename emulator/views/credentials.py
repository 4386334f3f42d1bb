"""What a client needs to use a sandbox: the same object in the ready file, the start-up table and the control API."""

from typing import Any

from emulator.core.library import Library
from emulator.core.sandbox import Sandbox


def credentials_of(sandbox: Sandbox, library: Library) -> dict[str, Any]:
    """`{"sandbox": name, "<provider>": {...}, ...}`."""
    return {"sandbox": sandbox.name} | {
        name: outline.credentials(sandbox.name, sandbox.settings(outline)) for name, outline in library.outlines.items()
    }
