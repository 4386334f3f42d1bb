"""Reads scenarios from documents, and checks all that the schema cannot know: statuses, events, errors, settings."""

import contextlib
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from msgspec import Struct

from emulator.contract.card import Provider
from emulator.contract.lifecycle import Lifecycle
from emulator.contract.scenario import Outcome, ScriptedAnswer, Step
from emulator.contract.schemas import ValuePath
from emulator.contract.setting import Setting
from emulator.core.durations import read_duration_ms
from emulator.core.match import BadCondition, Condition, checked_conditions, require_small
from emulator.core.problems import Problem, arguments_problem, setting_problem
from emulator.core.scenario import ANY_KIND, PLACEHOLDER, SETTING_PREFIX, BrokenScenario, Scenario
from emulator.core.suggestion import use_one_of


def read_scenario(card: Provider, name: str, document: Any) -> Scenario:
    """The scenario of a provider in a document that has no `document_problems`. Raises BrokenScenario."""
    problems: list[Problem] = []
    if document["provider"] != card.name:
        problems.append(Problem(("provider",), f"this folder is for {card.name}, not {document['provider']}"))
    conditions, found = _read_match(document.get("match", {}), card.settings_by_spelling)
    problems += found
    groups = {name for condition in conditions if condition.pattern for name in condition.pattern.groupindex}
    placeholders = _Placeholders(groups, card.settings_by_spelling)
    answer = None
    if "answer" in document:
        error_name = document["answer"]["error"]
        if error_name not in card.answers:
            good = _one_of(error_name, card.answers)
            problems.append(Problem(("answer", "error"), f"no error {error_name!r}: {good}"))
        answer = ScriptedAnswer(error_name, document["answer"].get("with", {}))
    initial = document.get("initial")
    if initial is not None:
        beginnings = {status for statuses in card.lifecycle.initial.values() for status in statuses}
        if initial not in beginnings:
            problems.append(Problem(("initial",), f"no order begins as {initial!r}: {_one_of(initial, beginnings)}"))
    terms = document.get("terms", {})
    problems += _terms_problems(terms, card.terms)
    timelines, found = _read_timelines(card, document.get("timeline", []), placeholders)
    problems += found
    if problems:
        raise BrokenScenario(problems)
    faults = tuple(document.get("faults", ()))
    return Scenario(card.name, name, document["about"], conditions, timelines, answer, faults, document, initial, terms)


def _read_timelines(
    card: Provider, written: Any, placeholders: "_Placeholders"
) -> tuple[dict[str, tuple[Step, ...]], list[Problem]]:
    """The steps by kind of order, and what is wrong with them."""
    lifecycle = card.lifecycle
    timelines: dict[str, tuple[Step, ...]] = {}
    problems: list[Problem] = []
    by_kind = written if isinstance(written, Mapping) else {ANY_KIND: written}
    for kind, steps in by_kind.items():
        path: ValuePath = ("timeline", kind) if isinstance(written, Mapping) else ("timeline",)
        if kind != ANY_KIND and kind not in lifecycle.initial:
            known = sorted(filter(None, lifecycle.initial))
            good = (
                use_one_of(kind, known)
                if known
                else f"orders of {card.name} have no kinds: write the steps as one list"
            )
            problems.append(Problem(path, f"no kind of order {kind!r}: {good}"))
            continue
        timelines[kind] = tuple(_read_step(step) for step in steps)
        kinds = [kind] if kind != ANY_KIND else [each for each in lifecycle.initial if each not in by_kind]
        problems += _timeline_problems(path, kinds, timelines[kind], lifecycle, placeholders)
    return timelines, problems


def _terms_problems(terms: Mapping[str, Any], known: Mapping[str, Setting]) -> list[Problem]:
    """Terms that the provider does not have, or with values that they cannot have."""
    problems: list[Problem] = []
    for name, value in terms.items():
        if name not in known:
            good = use_one_of(name, sorted(known)) if known else "its orders have none"
            problems.append(Problem(("terms", name), f"no such term {name!r}: {good}"))
            continue
        wrong = setting_problem(known[name], value)
        if wrong is not None:
            problems.append(Problem(("terms", name), wrong))
    return problems


def _read_match(
    match: Mapping[str, Any], settings: Mapping[str, Setting]
) -> tuple[tuple[Condition, ...], list[Problem]]:
    """The conditions that can be parsed, and what is wrong with the others."""
    try:
        require_small(match)
    except BadCondition as error:
        return (), [Problem(("match",), str(error))]
    conditions: list[Condition] = []
    problems: list[Problem] = []
    for name, expected in match.items():
        try:
            (condition,) = checked_conditions({name: expected})
        except BadCondition as error:
            problems.append(Problem(("match", name), str(error)))
            continue
        conditions.append(condition)
        if condition.path[0] == "setting" and not _is_setting(condition.path[1:], settings):
            good = _one_of(".".join(condition.path[1:]), {setting.name for setting in settings.values()})
            problems.append(Problem(("match", name), f"no such setting: {good}"))
    return tuple(conditions), problems


def _is_setting(path: tuple[str, ...], settings: Collection[str]) -> bool:
    """Whether a path leads to a setting, or into its value; names of settings may contain dots."""
    return any(".".join(path[:length]) in settings for length in range(1, len(path) + 1))


def _read_step(step: Mapping[str, Any]) -> Step:
    after = step.get("after", step.get("wait"))
    fixed_delay_ms = None
    if after is not None and "{" not in str(after):
        with contextlib.suppress(ValueError):  # reported by _delay_problems
            fixed_delay_ms = read_duration_ms(str(after))
    return Step(
        after=None if after is None else str(after),
        fixed_delay_ms=fixed_delay_ms,
        on=step.get("on"),
        reads=step.get("reads"),
        outcomes=tuple(_read_outcome(outcome) for outcome in step.get("one_of", [step])),
    )


def _read_outcome(outcome: Mapping[str, Any]) -> Outcome:
    return Outcome(
        to=outcome.get("to"),
        do=outcome.get("do"),
        arguments=outcome.get("with", {}),
        force=outcome.get("force", False),
        weight=outcome.get("weight", 1),
    )


def _timeline_problems(
    path: ValuePath,
    kinds: Collection[str],
    steps: tuple[Step, ...],
    lifecycle: Lifecycle,
    placeholders: "_Placeholders",
) -> list[Problem]:
    """Steps that the lifecycle forbids for orders of these kinds, whichever outcomes are taken.

    `placeholders`: what may be in braces in `after`.
    """
    reachable = {(each, status) for each in kinds for status in lifecycle.initial[each]}
    happened: set[str] = set()
    problems: list[Problem] = []
    for index, step in enumerate(steps):
        here = (*path, index)
        if step.after is not None:
            word = "wait" if all(map(_waits, step.outcomes)) else "after"
            problems += _delay_problems((*here, word), step.after, placeholders)
        happened |= {step.on} if step.on else set()
        automatic = lifecycle.automatic_after(happened)
        reachable = _after_events(lifecycle, reachable, automatic | ({step.on} if step.on else set()))
        if step.on is not None and step.on not in lifecycle.events and all(_waits(each) for each in step.outcomes):
            problems.append(
                Problem(
                    (*here, "on"),
                    f"no event {step.on!r}: {_one_of(step.on, lifecycle.events)}, or say what it leads to",
                )
            )
            return problems
        following: set[tuple[str, str]] = set()
        for place, outcome in enumerate(step.outcomes):
            there = (*here, "one_of", place) if len(step.outcomes) > 1 else here
            found, reached = _after_outcome(there, outcome, kinds, lifecycle, reachable)
            problems += found
            if reached is None:
                return problems
            following |= reached
            happened |= {outcome.do} if outcome.do else set()
        reachable = following
    return problems


def _after_outcome(
    there: ValuePath,
    outcome: Outcome,
    kinds: Collection[str],
    lifecycle: Lifecycle,
    reachable: set[tuple[str, str]],
) -> tuple[list[Problem], set[tuple[str, str]] | None]:
    """What is wrong with an outcome of a step, and which of the (kind, status) pairs in `reachable` follow it; None if
    the steps after it cannot be checked."""
    unknown = _unknown_word(there, outcome, lifecycle)
    if unknown is not None:
        return [unknown], None
    event = lifecycle.events[outcome.do] if outcome.do is not None else None
    unfit = arguments_problem(event, outcome.arguments) if event is not None else None
    problems = [Problem((*there, "with"), unfit)] if unfit is not None else []
    reached = _reached(lifecycle, reachable, outcome)
    if reached or not kinds:
        return problems, reached
    at = ", ".join(sorted({status for _, status in reachable}))
    place, wanted = ("to", outcome.to) if outcome.to else ("do", outcome.do)
    text = f"an order that is {at} cannot get to {wanted!r}; write force: true to do it anyway"
    return [*problems, Problem((*there, place), text)], None


def _unknown_word(there: ValuePath, outcome: Outcome, lifecycle: Lifecycle) -> Problem | None:
    """The problem with an outcome whose status or event the provider does not have; None if it has it."""
    if outcome.to is not None and outcome.to not in lifecycle.statuses:
        return Problem((*there, "to"), f"no status {outcome.to!r}: {_one_of(outcome.to, lifecycle.statuses)}")
    if outcome.do is not None and outcome.do not in lifecycle.events:
        return Problem((*there, "do"), f"no event {outcome.do!r}: {_one_of(outcome.do, lifecycle.events)}")
    return None


def _waits(outcome: Outcome) -> bool:
    return outcome.to is None and outcome.do is None


class _Placeholders(Struct, frozen=True):
    """What may be in braces in `after`: named groups of the `match`, and settings."""

    groups: Collection[str]
    settings: Mapping[str, Setting]

    def example(self, placeholder: re.Match[str]) -> str:
        """An example of what may replace it. Raises LookupError if it has no meaning."""
        name = placeholder[1]
        if name in self.groups:
            return "1"
        setting = name.removeprefix(SETTING_PREFIX)
        if setting == name or setting not in self.settings:
            raise LookupError(name)
        return str(self.settings[setting].default)


def _delay_problems(path: ValuePath, after: str, placeholders: _Placeholders) -> list[Problem]:
    try:
        read_duration_ms(PLACEHOLDER.sub(placeholders.example, after))
    except LookupError as error:
        return [Problem(path, f"{{{error.args[0]}}} is neither a named group of the match nor setting.NAME")]
    except ValueError as error:
        return [Problem(path, f"in {after!r}: {error}" if "{" in after else str(error))]
    return []


def _after_events(
    lifecycle: Lifecycle, reachable: set[tuple[str, str]], events: Collection[str]
) -> set[tuple[str, str]]:
    """The (kind, status) pairs that are possible once each of `events` may have happened, any number of times."""
    found, open_ends = set(reachable), list(reachable)
    while open_ends:
        kind, status = open_ends.pop()
        for row in lifecycle.rows(kind, status):
            happens = row.event in events or lifecycle.passing.get(status) == row.event
            if happens and (kind, row.target) not in found:
                found.add((kind, row.target))
                open_ends.append((kind, row.target))
    return found


def _reached(lifecycle: Lifecycle, reachable: set[tuple[str, str]], outcome: Outcome) -> set[tuple[str, str]]:
    if outcome.to is not None:
        return {
            (kind, outcome.to)
            for kind, status in reachable
            if outcome.force or lifecycle.rows_towards(kind, status, outcome.to)
        }
    if outcome.do is None:
        return reachable
    return {
        (kind, row.target)
        for kind, status in reachable
        for row in lifecycle.rows(kind, status)
        if row.event == outcome.do
    }


def _one_of(word: str, names: Iterable[str]) -> str:
    return use_one_of(word, sorted(names))
