"""How a sandbox treats requests to a provider, as its settings, scenarios and fault rules decide.

A plan is made once, and again when one of these has changed, so that no request has to look everything up.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from emulator.contract.card import Check, CheckWhere, Endpoint, Provider
from emulator.contract.outline import Outline
from emulator.core import json_text
from emulator.core.library import Library
from emulator.core.scenario import Scenario, ScenarioSet

SETTINGS = "settings"
SCENARIOS = "scenarios"
DEFAULT_SCENARIOS = "default-scenarios"
FAULT_RULES = "faults"
BEHAVIOUR = frozenset({SETTINGS, SCENARIOS, DEFAULT_SCENARIOS, FAULT_RULES})
"""The tables that plans are made from."""

Tables = Mapping[str, Mapping[str, bytes]]


class Plan(Struct, frozen=True):
    """What is the same for every request to one provider."""

    provider: Provider
    shipped: ScenarioSet
    """The provider's scenarios that all sandboxes shared when the plan was made."""
    settings: Mapping[str, Any]
    """The value of each setting, by each of its spellings."""
    scenarios: ScenarioSet
    """The shared ones overlaid with the sandbox's own, and the sandbox's default."""
    has_fault_rules: bool
    _checks: dict[str, tuple[Check, ...]] = field(default_factory=dict)

    def checks(self, endpoint: Endpoint) -> tuple[Check, ...]:
        """Those checks of the provider and of the endpoint that can refuse something here, in order."""
        checks = self._checks.get(endpoint.name)
        if checks is None:
            checks = self._checks[endpoint.name] = tuple(
                each.check if isinstance(each, CheckWhere) else each
                for each in (*self.provider.checks, *endpoint.checks)
                if not isinstance(each, CheckWhere) or each.needed(self.settings, endpoint)
            )
        return checks


class Plans:
    """The plans of one sandbox."""

    def __init__(self) -> None:
        self.made: dict[str, Plan] = {}
        """By provider."""
        self._settings: dict[str, Mapping[str, Any]] = {}
        """The same."""
        self._parsed: dict[str, tuple[bytes, Scenario]] = {}
        """The sandbox's own scenarios, each with the document that it was parsed from."""

    def forget(self) -> None:
        """Drops all plans, because something that they are made from has changed."""
        self.made.clear()
        self._settings.clear()

    def settings(self, outline: Outline, tables: Tables) -> Mapping[str, Any]:
        """The value of each of a provider's settings, by each of its spellings; `tables` are the sandbox's."""
        settings = self._settings.get(outline.name)
        if settings is None:
            settings = self._settings[outline.name] = _read_settings(outline, tables)
        return settings

    def make(self, provider: Provider, library: Library, tables: Tables) -> Plan:
        """A new plan for a provider, made from the sandbox's tables."""
        settings = self.settings(provider, tables)
        shipped = library.shipped[provider.name]
        scenarios = self._merge(shipped, provider.name, library, tables)
        plan = self.made[provider.name] = Plan(provider, shipped, settings, scenarios, bool(tables.get(FAULT_RULES)))
        return plan

    def _merge(self, shipped: ScenarioSet, provider: str, library: Library, tables: Tables) -> ScenarioSet:
        prefix = f"{provider}/"
        added = [
            self._own_scenario(provider, key.removeprefix(prefix), document, library)
            for key, document in tables.get(SCENARIOS, {}).items()
            if key.startswith(prefix)
        ]
        chosen = tables.get(DEFAULT_SCENARIOS, {}).get(provider)
        if not added and chosen is None:
            return shipped
        names = {scenario.name for scenario in added}
        kept = [scenario for scenario in shipped.by_name.values() if scenario.name not in names]
        return ScenarioSet([*kept, *added], json_text.decode(chosen)["name"] if chosen is not None else None)

    def _own_scenario(self, provider: str, name: str, document: bytes, library: Library) -> Scenario:
        held = self._parsed.get(f"{provider}/{name}")
        if held is None or held[0] is not document:
            scenario = library.read_scenario(provider, name, json_text.decode(document))
            held = self._parsed[f"{provider}/{name}"] = (document, scenario)
        return held[1]


def _read_settings(outline: Outline, tables: Tables) -> Mapping[str, Any]:
    document = tables.get(SETTINGS, {}).get(outline.name)
    if not document:
        return outline.default_settings
    changed = json_text.decode(document)
    return {
        spelling: changed.get(setting.name, setting.default)
        for spelling, setting in outline.settings_by_spelling.items()
    }
