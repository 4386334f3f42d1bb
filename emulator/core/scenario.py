"""Scenarios: what happens to an order over time, and which of a provider's scenarios a request matches."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any

from msgspec import Struct

from emulator.contract.scenario import ScriptedAnswer, Step
from emulator.core.durations import read_duration_ms
from emulator.core.match import Condition, Gate
from emulator.core.problems import Problem

HAPPY = "happy"
ANY_KIND = "*"
PLACEHOLDER = re.compile(r"\{([\w.]+)\}")
"""What may be in `after`: a named group of the `match`, or a setting, whose name follows SETTING_PREFIX."""
SETTING_PREFIX = "setting."


class BrokenScenario(ValueError):
    """The document is not a valid scenario; `problems` has at least one entry."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{'.'.join(map(str, p.path)) or 'file'}: {p.message}" for p in self.problems))


class Scenario(Struct, frozen=True):
    """A scenario: what the contract says of it, and what only the core looks at."""

    provider: str
    name: str
    about: str
    conditions: tuple[Condition, ...]
    timelines: Mapping[str, tuple[Step, ...]]
    """Steps by kind of order; `*` stands for all kinds that are not named."""
    answer: ScriptedAnswer | None
    faults: tuple[Mapping[str, Any], ...]
    """Fault rules for its orders and their deliveries."""
    document: Mapping[str, Any]
    initial: str | None = None

    terms: Mapping[str, Any] = {}

    def timeline(self, kind: str) -> tuple[Step, ...]:
        return self.timelines.get(kind, self.timelines.get(ANY_KIND, ()))

    def fits(self, subject: Mapping[str, Any]) -> bool:
        """Whether its `match` fits this request."""
        return bool(self.conditions) and all(condition.holds(subject) for condition in self.conditions)

    def captured(self, subject: Mapping[str, Any]) -> dict[str, str]:
        return {name: text for condition in self.conditions for name, text in condition.captured(subject).items()}


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


def delay_ms(step: Step, captured: Mapping[str, str], settings: Mapping[str, Any]) -> int:
    """How long to wait before a step; in `after`, `{s}` stands for the named group s, `{setting.s}` for a setting."""

    def value(placeholder: re.Match[str]) -> str:
        name = placeholder[1]
        return captured[name] if name in captured else str(settings[name.removeprefix(SETTING_PREFIX)])

    try:
        return read_duration_ms(PLACEHOLDER.sub(value, step.after or "0"))
    except (ValueError, KeyError):
        return 0
