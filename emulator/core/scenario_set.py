"""A provider's scenarios, and which of them a request matches."""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any

from emulator.core.match import Gate
from emulator.core.scenario import Scenario


class ScenarioSet:
    """A provider's scenarios by name, and those with a `match` in the order in which they are tried."""

    def __init__(
        self, scenarios: Iterable[Scenario] | Callable[[], Iterable[Scenario]], default: str | None = None
    ) -> None:
        """`scenarios`: themselves, or a function that returns them, which is called when they are first needed."""
        self._scenarios = scenarios if callable(scenarios) else tuple(scenarios)
        self.default = default
        """Name of the scenario for requests for which nobody chose one; None: the provider's usual one."""

    @property
    def is_loaded(self) -> bool:
        """Whether the scenarios are loaded."""
        return not callable(self._scenarios) or "by_name" in vars(self)

    @cached_property
    def by_name(self) -> Mapping[str, Scenario]:
        """The scenarios by name; raises whatever the function that returns them raises."""
        scenarios = self._scenarios() if callable(self._scenarios) else self._scenarios
        return {scenario.name: scenario for scenario in scenarios}

    @cached_property
    def has_faults(self) -> bool:
        """Whether any scenario has fault rules."""
        return any(scenario.faults for scenario in self.by_name.values())

    @cached_property
    def _matching(self) -> list[Scenario]:
        return sorted(
            (scenario for scenario in self.by_name.values() if scenario.conditions),
            key=lambda scenario: (-len(scenario.conditions), scenario.name),
        )

    @cached_property
    def _gates(self) -> list[Gate]:
        first = [scenario.conditions[0] for scenario in self._matching]
        paths = dict.fromkeys(condition.path for condition in first)
        return [Gate(path, [each for each in first if each.path == path]) for path in paths]

    @cached_property
    def _members(self) -> list[tuple[str, Gate]] | None:
        """The gates with the member of the body that each looks at; None if any looks elsewhere."""
        members = [(gate.path[1], gate) for gate in self._gates if _is_member(gate.path)]
        return members if len(members) == len(self._gates) else None

    def may_fit(self, body: Any) -> bool:
        """Whether `fitting` may find a scenario for a request with this body; for most requests it quickly says no."""
        if body is None:
            return self._members is None
        if self._members is None or not isinstance(body, dict):
            return True
        for name, gate in self._members:  # noqa: SIM110  a generator takes longer
            if name in body and gate.may_take(body[name]):
                return True
        return False

    def fitting(self, subject: Mapping[str, Any]) -> Scenario | None:
        """The scenario whose `match` fits; of several, the one with the most conditions, then the first by name."""
        for gate in self._gates:
            if gate.may_open(subject):
                return next((scenario for scenario in self._matching if scenario.fits(subject)), None)
        return None


def _is_member(path: tuple[str, ...]) -> bool:
    return len(path) == 2 and path[0] == "body"
