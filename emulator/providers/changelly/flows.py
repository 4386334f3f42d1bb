"""What happens to an order for which nobody has chosen a scenario, as the setting `defaultFlow` says. Only names.

Assumed: all of it; the documentation leaves the course of a test order to PATCH calls.
"""

from collections.abc import Mapping
from typing import Any, Final

from emulator.contract.card import Call

HAPPY: Final = "happy"
NONE: Final = "none"
FLOWS: Final = ("complete", "hold", "hold-failed", "failed", "expired", "refunded", "refunded-complete")

SCENARIOS: Final[Mapping[str, str]] = {
    HAPPY: "happy",
    NONE: "manual",
    **{flow: f"sandbox-flow-{flow}" for flow in FLOWS},
}
"""The scenario of each value of the setting."""


def usual_scenario(call: Call, fields: Mapping[str, Any], kind: str) -> str:
    """The scenario that the setting asks for."""
    return SCENARIOS[call.settings["defaultFlow"]]
