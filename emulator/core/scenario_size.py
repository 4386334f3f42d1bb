"""Limits on the size of a scenario, checked before anything else about it."""

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.contract.schemas import Place
from emulator.core.problems import Problem
from emulator.core.scenario_problems import written_steps

MAX_STEPS = 500
"""How many steps a timeline may have."""
MAX_OUTCOMES = 100
"""How many outcomes a step may have."""
MAX_FAULTS = 50
"""How many fault rules a scenario may have."""
MAX_CONDITIONS = 50
"""How many conditions a match may have."""
MAX_VALUES = 10_000
"""How many values a scenario may have in all, keys and list items included."""


def size_problems(document: Any) -> list[Problem]:
    """What a document has too much of; empty if it can be checked further."""
    count, open_ends = 0, [document]
    while open_ends:
        value = open_ends.pop()
        if isinstance(value, (Mapping, list)):
            count += len(value)
            if count > MAX_VALUES:
                return [Problem((), f"more than {MAX_VALUES} values: make several scenarios of it")]
            open_ends.extend(value.values() if isinstance(value, Mapping) else value)
    return [
        Problem(path, f"more than {most} {what}")
        for path, value, most, what in _bounded(document)
        if isinstance(value, (Mapping, list)) and len(value) > most
    ]


def _bounded(document: Any) -> Iterator[tuple[Place, Any, int, str]]:
    """Everything bounded in a document: its path, its value, its limit, and what to say beyond that."""
    if not isinstance(document, Mapping):
        return
    yield ("match",), document.get("match"), MAX_CONDITIONS, "conditions: match on fewer"
    yield ("faults",), document.get("faults"), MAX_FAULTS, "fault rules: make several scenarios of it"
    timeline = document.get("timeline")
    for kind, steps in timeline.items() if isinstance(timeline, Mapping) else [("", timeline)]:
        yield ("timeline", kind) if kind else ("timeline",), steps, MAX_STEPS, "steps: no order lives that long"
    for path, step in written_steps(document):
        yield (*path, "one_of"), step.get("one_of"), MAX_OUTCOMES, "outcomes: give the likely ones more weight"
