"""The bodies of the provider's older guides: a setting, `body_dialect`, that stands for several others.

Assumed: that clients follow the guides in all of it.
"""

from collections.abc import Mapping
from typing import Any

from emulator.contract.setting import Settings

GUIDES = "guides"
DIALECTS: Mapping[str, Mapping[str, Any]] = {
    "reference": {},
    GUIDES: {"quote_exclusivity": "lenient", "document_type_cc": "accept"},
}
"""Dialect -> the settings that it decides, whatever their own values."""


def read_setting(settings: Settings, name: str) -> Any:
    """The value of a setting, which the dialect may decide."""
    return DIALECTS[settings["body_dialect"]].get(name, settings[name])


def takes_guide_names(settings: Settings) -> bool:
    """Whether payment methods may have the names of the guides."""
    return bool(settings["body_dialect"] == GUIDES)
