"""What keeps a document from being a scenario, in words for its author. The published JSON Schema decides."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from emulator.contract.schemas import ValuePath, Violation
from emulator.core import wording
from emulator.core.problems import Problem
from emulator.core.schema import Schema
from emulator.core.suggestion import nearest

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
_WHEN = ("after", "wait", "on", "reads")
_WHAT = ("to", "do", "one_of")
_BELONGS_TO = {"with": "do", "force": "to"}
_STEP_KEYS = (*_WHEN, *_WHAT, *_BELONGS_TO)
_OUTCOME_KEYS = ("weight", "to", "do", *_BELONGS_TO)
_DASH = "a step needs a dash: write `- {after: 5s, to: ...}`"
_STEPS = "must be a list of steps, or such a list for each kind of order"
_SAID_IN_WORDS = frozenset({"anyOf", "oneOf", "not", "required", "minProperties"})
"""Rules of the schema about steps that `_step_problems` puts into words."""


def document_problems(schema: Schema, document: Any) -> list[Problem]:
    """What keeps a document from being read as a scenario at all; empty if nothing does."""
    too_much = _size_problems(document)
    if too_much or schema.accepts(document):
        return too_much
    if not isinstance(document, Mapping):
        return [Problem((), _no_mapping(document))]
    shaped = _timeline_shape(document.get("timeline", []))
    of_steps = shaped or _step_problems(document)
    violations = schema.violations(document)
    rest = [each for each in violations if each.path[:1] != ("timeline",) or not (shaped or _is_said(each))]
    if not rest and not of_steps:  # so that a rule that is new in the schema is never swallowed
        rest = violations
    worded = [problem for violation in rest for problem in _word(violation, schema.document)]
    return list(dict.fromkeys([*worded, *of_steps]))


def _is_said(violation: Violation) -> bool:
    return violation.keyword in _SAID_IN_WORDS and len(violation.path) > 1


def _no_mapping(document: Any) -> str:
    if document is None:
        return "it is empty: a scenario needs version, provider and about"
    if isinstance(document, list):
        return "a scenario is a mapping, such as `version: 1`, not a list: remove the dashes before its keys"
    return f"a scenario is a mapping, such as `version: 1`, not {wording.kind_word(document)}"


def _timeline_shape(written: Any) -> list[Problem]:
    """Steps where a list of steps belongs."""
    if isinstance(written, list):
        return []
    if not isinstance(written, Mapping):
        return [Problem(("timeline",), f"`timeline` {_STEPS}, not {wording.kind_word(written)}")]
    stray = next((key for key in written if key in _STEP_KEYS), None)
    if stray is not None:
        return [Problem(("timeline", stray), _DASH)]
    return [
        Problem(("timeline", kind, *tuple(steps)[:1]), _DASH)
        if isinstance(steps, Mapping)
        else Problem(("timeline", kind), f"`{kind}` must be a list of steps, not {wording.kind_word(steps)}")
        for kind, steps in written.items()
        if not isinstance(steps, list)
    ]


def _word(violation: Violation, schema: Mapping[str, Any]) -> Iterator[Problem]:
    """A broken rule of the schema in words, at the key that has to change."""
    path, keyword = violation.path, violation.keyword
    known = _known_keys(path, schema)
    if keyword == "additionalProperties":
        yield from (Problem((*path, key), _unknown_key(key, known)) for key in violation.unexpected)
        return
    if keyword == "propertyNames":
        yield from (Problem((*path, name), _no_condition(name)) for name in violation.unexpected)
        return
    yield Problem(path, _sentence(violation, schema).replace(wording.KINDS["object"], "a mapping"))


def _sentence(violation: Violation, schema: Mapping[str, Any]) -> str:
    path, keyword = violation.path, violation.keyword
    name = next((part for part in reversed(path) if isinstance(part, str)), "file")
    if path == ("timeline",) and keyword == "timeline":
        return "a refused order has no timeline: leave out `answer` or `timeline`"
    if path[:1] == ("match",) and len(path) == 2:
        return f"{path[1]}: write a literal, or a JSON Schema such as {{enum: [1, 2]}}"
    if keyword == "required":
        about = schema["properties"].get(name, {}).get("description", "") if len(path) == 1 else ""
        return f"`{name}` is missing" + (f": {about}" if about else "")
    if keyword in ("minLength", "minProperties"):
        return f"`{name}` must not be empty"
    if isinstance(path[-1], int):
        what = {"timeline": "a step", "one_of": "an outcome", "faults": "a fault rule"}.get(name, "an item")
        return f"{what} must be {wording.wanted(keyword, violation.expected) or 'something else'}, got {violation.got}"
    if keyword in ("minimum", "minItems"):
        return (
            f"`{name}` needs at least {violation.expected} outcomes"
            if keyword == "minItems"
            else f"`{name}` must be at least {violation.expected}, not {violation.got}"
        )
    noun = wording.wanted(keyword, violation.expected) if violation.expected is not None else ""
    near = nearest(violation.got.strip('"'), violation.expected) if keyword == "enum" else None
    meant = f": did you mean `{near}`?" if near is not None else ""
    return f"`{name}` must be {noun}, not {violation.got}{meant}" if noun else f"`{name}`: {violation.message}"


def _known_keys(path: ValuePath, schema: Mapping[str, Any]) -> Iterable[str]:
    if not path:
        return tuple(schema["properties"])
    if path[0] == "timeline":
        return _OUTCOME_KEYS if "one_of" in path else _STEP_KEYS
    return tuple(schema["properties"].get(path[0], {}).get("properties", ()))


def _unknown_key(key: str, known: Iterable[str]) -> str:
    near = nearest(key, known)
    key = wording.cut(key)
    return f"`{key}`: did you mean `{near}`?" if near else f"`{key}` is not a key: use one of {', '.join(known)}"


def _no_condition(name: str) -> str:
    name = wording.cut(name)
    return f"`{name}`: a condition is on body.{name}, header.{name}, query.{name}, path.{name} or setting.{name}"


# -- steps


def _step_problems(document: Mapping[str, Any]) -> list[Problem]:
    """Steps that say too little or too much."""
    problems: list[Problem] = []
    for path, step in written_steps(document):
        if sum(key in step for key in _WHEN) != 1:
            problems.append(Problem(path, f"a step needs exactly one of {', '.join(_WHEN)}"))
        what = sum(key in step for key in _WHAT)
        if what > 1 or (not what and "after" in step):
            needs = f"a step needs exactly one of {', '.join(_WHAT)}"
            problems.append(
                Problem(path, f"{needs}; with `on` or `reads` it may do nothing, and with `wait` it must do nothing")
            )
        if what and "wait" in step:
            problems.append(Problem((*path, "wait"), "a step that waits does nothing: write `after` instead of `wait`"))
        problems += _stray_keys(path, step)
        outcomes = step.get("one_of")
        for place, outcome in enumerate(outcomes if isinstance(outcomes, list) else ()):
            if isinstance(outcome, Mapping):
                here = (*path, "one_of", place)
                if "to" in outcome and "do" in outcome:
                    problems.append(Problem(here, "an outcome has `to` or `do`, not both"))
                problems += _stray_keys(here, outcome)
    return problems


def written_steps(document: Mapping[str, Any]) -> Iterator[tuple[ValuePath, Mapping[str, Any]]]:
    """Everything that looks like a step in the timelines of a document, with its path."""
    written = document.get("timeline")
    by_kind: dict[ValuePath, Any] = (
        {("timeline", kind): steps for kind, steps in written.items()}
        if isinstance(written, Mapping)
        else {("timeline",): written}
    )
    for path, steps in by_kind.items():
        for place, step in enumerate(steps if isinstance(steps, list) else ()):
            if isinstance(step, Mapping):
                yield (*path, place), step


def _stray_keys(path: ValuePath, outcome: Mapping[str, Any]) -> list[Problem]:
    return [
        Problem((*path, key), f"`{key}` needs `{owner}` beside it")
        for key, owner in _BELONGS_TO.items()
        if key in outcome and owner not in outcome
    ]


# -- size


def _size_problems(document: Any) -> list[Problem]:
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


def _bounded(document: Any) -> Iterator[tuple[ValuePath, Any, int, str]]:
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
