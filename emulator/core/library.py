"""What all sandboxes share: the providers and their shipped scenarios."""

from collections.abc import Mapping
from typing import Any

from emulator.core.faults import BadRule, check_rule
from emulator.core.provider import Provider
from emulator.core.scenario import (
    BrokenScenario,
    Problem,
    Scenario,
    ScenarioSet,
    parse_scenario,
    step_problems,
)
from emulator.core.scenario_size import size_problems
from emulator.core.schema import Schema

_ABOUT_STEPS = frozenset({"anyOf", "oneOf", "not", "required", "minProperties"})
"""Rules of the schema for what `step_problems` says in words."""


class Library:
    """Providers by name, their scenarios, and the one way in which a scenario document becomes a scenario."""

    def __init__(self, providers: Mapping[str, Provider], scenario_schema: Schema) -> None:
        self.providers = providers
        self.shipped = {name: ScenarioSet([]) for name in providers}
        self._schema = scenario_schema

    def parse(self, provider: str, name: str, document: Any) -> Scenario:
        """The scenario of a loaded document. Raises BrokenScenario with everything that is wrong."""
        problems = self._problems(document)
        if problems:
            raise BrokenScenario(problems)
        card = self.providers[provider]
        scenario = parse_scenario(provider, name, document, card.lifecycle, card.answers, card.setting_defaults)
        for place, rule in enumerate(scenario.faults):
            try:
                if rule.get("provider", provider) != provider:
                    raise BadRule(f"the orders of this scenario are those of {provider}: leave provider out")
                check_rule({**rule, "provider": provider}, self.providers)
            except BadRule as error:
                raise BrokenScenario([Problem(("faults", place), str(error))]) from error
        return scenario

    def _problems(self, document: Any) -> list[Problem]:
        """What keeps a document from being read as a scenario at all."""
        oversized = size_problems(document)
        if oversized:
            return oversized
        if self._schema.accepts(document):
            return []
        violations = self._schema.violations(document)
        told = step_problems(document)
        clear = [each for each in violations if each.path[:1] != ("timeline",) or each.keyword not in _ABOUT_STEPS]
        shown = clear if clear or told else violations
        return [*(Problem(each.path, each.message) for each in shown), *told]
