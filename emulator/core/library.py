"""What all sandboxes share: the providers and their shipped scenarios."""

from collections.abc import Mapping
from typing import Any

from emulator.core.faults import BadRule, check_rule
from emulator.core.provider import Provider
from emulator.core.scenario import BrokenScenario, Problem, Scenario, ScenarioSet, parse_scenario
from emulator.core.schema import Schema


class Library:
    """Providers by name, their scenarios, and the one way in which a scenario document becomes a scenario."""

    def __init__(self, providers: Mapping[str, Provider], scenario_schema: Schema) -> None:
        self.providers = providers
        self.shipped = {name: ScenarioSet([]) for name in providers}
        self._schema = scenario_schema

    def parse(self, provider: str, name: str, document: Any) -> Scenario:
        """The scenario of a loaded document. Raises BrokenScenario with everything that is wrong."""
        violations = self._schema.violations(document)
        if violations:
            raise BrokenScenario(Problem(violation.path, violation.message) for violation in violations)
        card = self.providers[provider]
        scenario = parse_scenario(provider, name, document, card.lifecycle, card.answers, card.settings)
        for place, rule in enumerate(scenario.faults):
            try:
                check_rule({**rule, "provider": provider}, self.providers)
            except BadRule as error:
                raise BrokenScenario([Problem(("faults", place), str(error))]) from error
        return scenario
