"""How a sandbox treats requests to a provider, as far as only its settings, scenarios and fault rules can change it.

It is made once, and again when one of them has changed, so that no request has to look it all up.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from emulator.contract.card import Check, CheckWhere, Endpoint, Provider
from emulator.core import json_text
from emulator.core.library import Library
from emulator.core.scenario import Scenario
from emulator.core.scenario_set import ScenarioSet

SETTINGS = "settings"
SCENARIOS = "scenarios"
DEFAULT_SCENARIOS = "default-scenarios"
FAULT_RULES = "faults"
BEHAVIOUR = frozenset({SETTINGS, SCENARIOS, DEFAULT_SCENARIOS, FAULT_RULES})
"""The tables of which plans are made."""

Tables = Mapping[str, Mapping[str, bytes]]


class Plan(Struct, frozen=True):
    """What holds for every request to one provider."""

    provider: Provider
    shipped: ScenarioSet
    """The provider's scenarios as all sandboxes have them, when the plan was made."""
    settings: Mapping[str, Any]
    """Every setting with its value; those with two spellings are found by either."""
    scenarios: ScenarioSet
    """The shipped ones with the sandbox's own over them, and with its default."""
    has_fault_rules: bool
    _checks: dict[str, tuple[Check, ...]] = field(default_factory=dict)

    def checks(self, endpoint: Endpoint) -> tuple[Check, ...]:
        """The checks of the provider and of the endpoint that can refuse anything, in order."""
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
        self._parsed: dict[str, tuple[bytes, Scenario]] = {}
        """Scenarios of the sandbox's own, with the documents that they are made of."""

    def forget(self) -> None:
        """Something of which plans are made has changed."""
        self.made.clear()

    def make(self, provider: Provider, library: Library, tables: Tables) -> Plan:
        """A new plan for a provider; `tables` are the sandbox's."""
        document = tables.get(SETTINGS, {}).get(provider.name)
        settings = provider.default_settings
        if document:
            changed = json_text.decode(document)
            settings = {
                spelling: changed.get(setting.name, setting.default)
                for spelling, setting in provider.settings_by_spelling.items()
            }
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
            scenario = library.parse(provider, name, json_text.decode(document))
            held = self._parsed[f"{provider}/{name}"] = (document, scenario)
        return held[1]
