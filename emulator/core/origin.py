"""What a sandbox was created with, to which a reset returns."""

from typing import Any

from msgspec import Struct

from emulator.core import json_text
from emulator.core.clock import Mode

DEFAULT = "default"
"""The sandbox that always exists."""
ORIGIN = "origin"
"""Table and key of the origin."""


class Origin(Struct, frozen=True):
    """What a sandbox was created with. `now_ms`: where its clock started; None: at the real time."""

    seed: str
    mode: Mode = "real"
    rate: str = "1"
    now_ms: int | None = None
    settings: dict[str, dict[str, Any]] = {}
    webhook_url: str | None = None


decode_origin = json_text.typed_decoder(Origin).decode
"""A stored origin. Raises msgspec.DecodeError."""
