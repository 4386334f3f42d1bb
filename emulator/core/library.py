"""What all sandboxes share: the providers and their shipped scenarios."""

from collections.abc import Mapping
from typing import Any

from emulator.contract.card import Provider
from emulator.contract.outline import Outline
from emulator.core.faults.rules import BadRule, check_rule
from emulator.core.match_problems import match_problems
from emulator.core.problems import Problem
from emulator.core.scenario import BrokenScenario, Scenario, ScenarioSet
from emulator.core.scenario_problems import document_problems
from emulator.core.scenario_reading import read_scenario
from emulator.core.schema import Schema


class Library:
    """Providers by name, their scenarios, and the one way to turn a document into a scenario."""

    def __init__(
        self, providers: Mapping[str, Provider], scenario_schema: Schema, outlines: Mapping[str, Outline] | None = None
    ) -> None:
        """`outlines`: the providers in outline, if loading `providers` is to wait for the first request to them."""
        self.providers = providers
        self.outlines: Mapping[str, Outline] = providers if outlines is None else outlines
        self.shipped = {name: ScenarioSet([]) for name in providers}
        self._schema = scenario_schema

    def read_new_scenario(self, provider: str, name: str, document: Any) -> Scenario:
        """The scenario in a document that somebody writes now, with a `match` that requests must be able to satisfy.

        Raises BrokenScenario with everything that is wrong.
        """
        scenario = self.read_scenario(provider, name, document)
        impossible = match_problems(self.providers[provider], scenario) if scenario.conditions else []
        if impossible:
            raise BrokenScenario(impossible)
        return scenario

    def read_scenario(self, provider: str, name: str, document: Any) -> Scenario:
        """The scenario in a document, which may be an old one. Raises BrokenScenario."""
        problems = self.problems(document)
        if problems:
            raise BrokenScenario(problems)
        scenario = read_scenario(self.providers[provider], name, document)
        for place, rule in enumerate(scenario.faults):
            try:
                if rule.get("provider", provider) != provider:
                    raise BadRule(f"the orders of this scenario are those of {provider}: leave provider out")
                check_rule({**rule, "provider": provider}, self.providers)
            except BadRule as error:
                raise BrokenScenario([Problem(("faults", place), str(error))]) from error
        return scenario

    def problems(self, document: Any) -> list[Problem]:
        """What keeps a document from being read as a scenario at all; empty if nothing does."""
        return document_problems(self._schema, document)
