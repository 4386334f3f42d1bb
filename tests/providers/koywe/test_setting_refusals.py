"""Bad values of settings are refused in a short sentence, with their place."""

from typing import Any

import pytest

from emulator import providers
from emulator.testing import ControlRefused, Emulator

LONGEST = 300

BAD: list[tuple[str, Any, str]] = [
    ("profile", "prod", "use one of production, sandbox"),
    ("quote_network_required", "yes", "not true or false"),
    ("token_ttl_s", 0, "below 1"),
    ("fee_bps_cross", 10_000, "above 9999"),
    ("timers.kyb_form", 0, "below 1"),
    ("timers.payin_expire", "1d", "not a whole number or null"),
    ("webhook_retry_delays_s", [60, -1], "/1: below 0"),
    ("webhook_retry_delays_s", [60, "x", -1, 1.5, None], "/1: not a whole number; /2: below 0; /3: not a whole number"),
    ("webhook_retry_delays_s", list(range(51)), "51 items, at most 50"),
    ("webhook_extra_headers", {"X-A": 5}, "/X-A: not a string"),
    ("webhook_extra_headers", {"X A": "x"}, "unknown: X A"),
    ("currency_decimals", {"COP": 0, "CLP": 9}, "/CLP: above 8"),
    ("currency_decimals", {"EUR": 2}, "unknown: EUR"),
    ("body_dialect", "guide", "use one of reference, guides"),
    ("paid_method", True, "use one of hidden, shown"),
]


@pytest.mark.parametrize(("name", "value", "problem"), BAD, ids=[f"{name}-{problem}" for name, _, problem in BAD])
def test_28_a_bad_value_is_refused_briefly_with_its_place(
    emulator: Emulator, name: str, value: Any, problem: str
) -> None:
    with pytest.raises(ControlRefused) as refused:
        emulator.set("koywe", **{name: value})
    said = str(refused.value)
    assert f"koywe.{name} cannot be " in said
    assert f": {problem}" in said
    assert len(said) <= LONGEST, said


def test_28_settings_with_members_are_shown_with_one_complete_entry() -> None:
    card = providers.load("koywe")
    with_members = {name for name, each in card.settings.items() if each.schema.get("type") == "object"}
    assert {"currency_decimals", "webhook_extra_headers"} <= with_members
    assert all(card.settings[name].schema.get("examples") for name in with_members)
