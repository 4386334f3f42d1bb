"""Hypothesis strategies of lives. Each step is drawn from what can happen in a rehearsal just then."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from hypothesis import note
from hypothesis import strategies as st

from emulator import providers
from emulator.contract.card import Provider
from emulator.core.faults.registry import FAULTS
from emulator.core.problems import arguments_problem
from emulator.testing.lives import choices
from emulator.testing.lives.arguments import Draw, arguments_of
from emulator.testing.lives.life import Life
from emulator.testing.lives.rehearsal import Refused, Rehearsal
from emulator.testing.lives.steps import Beginning, Fire, Inject, Read, Rule, Run, Step, Wait
from emulator.testing.types.names import Provider as ProviderName

_PLAIN_WAITS_MS = (1000, 60_000, 3_600_000, 86_400_000)
_OFFSETS_MS = (0, -1, 1)
_STEPS = (*["fire"] * 8, *["wait"] * 3, "read", *["inject"] * 4, "run")
"""What a step is, as often as it is listed here."""
_AFTER_FAULT = {"delivery": (*["fire"] * 3, "wait"), "answer": (*["read"] * 2, "fire", "wait")}
"""The same for the step after a fault, by what the fault is injected into: there must be something for it to act on."""
_END = "end"
_FEW = 3
"""Before this many steps a life hardly ever ends."""
_BEGINNINGS = (*["good"] * 7, *["fault"] * 4, "refused")


@dataclass(frozen=True, repr=False)
class Source:
    """What lives are drawn from."""

    card: Provider
    kinds: list[str]
    given_settings: Mapping[str, Any]
    given_body: Mapping[str, Any]
    settings: Mapping[str, Mapping[str, tuple[Any, ...]]]
    """By kind the settings that vary, each with its values."""
    create_rules: Mapping[str, list[Rule]]
    """Rules for the create call, by fault; the next two are for other calls and for webhooks."""
    call_rules: Mapping[str, list[Rule]]
    webhook_rules: Mapping[str, list[Rule]]
    refusals: list[str]
    """Errors with which every create call may be refused."""
    commands: Mapping[str, list[dict[str, Any]]]
    """Commands of the provider, each with the arguments that it may be given."""
    amounts: Mapping[str, list[dict[str, Any]]]
    """By kind the members of the create call that make its amount another one."""
    max_steps: int

    def __repr__(self) -> str:
        """Short, as Hypothesis shows it with each error."""
        return f"<{self.card.name}: {', '.join(self.kinds)}>"


def lives(
    provider: ProviderName,
    kind: str | None = None,
    faults: bool | Collection[str] = False,
    max_steps: int = 12,
    *,
    settings: Mapping[str, Any] | None = None,
    body: Mapping[str, Any] | None = None,
) -> st.SearchStrategy[Life]:
    """Lives of one order of a provider, of a `kind` or of any.

    `faults`: whether faults are injected into calls and webhooks, or the names of those that are. `settings`: those of
    the provider that are given; of the others, those on which the course of such an order depends are drawn. `body`:
    members of the create call that are given. Raises ValueError for anything that does not exist.
    """
    return _lives(source_of(provider, kind, faults, max_steps, settings or {}, body or {}))


def source_of(
    provider: str,
    kind: str | None,
    faults: bool | Collection[str],
    max_steps: int,
    settings: Mapping[str, Any],
    body: Mapping[str, Any],
) -> Source:
    """What lives are drawn from. Raises ValueError."""
    card, names, kinds = providers.load(provider), choices.chosen_faults(faults), choices.kinds_of(provider, kind)
    given = choices.given_settings(provider, settings)
    return Source(
        card=card,
        kinds=kinds,
        given_settings=given,
        given_body=body,
        settings={each: _without(choices.settings_of(provider, each), given) for each in kinds},
        create_rules=choices.rules_on_calls(card, names, choices.errors_on_create(card)),
        call_rules=choices.rules_on_calls(card, names, choices.errors_anywhere(card)),
        webhook_rules=choices.rules_on_webhooks(card, names),
        refusals=choices.errors_on_create(card) if "status" in names else [],
        commands=choices.commands_of(card) if faults is True else {},
        amounts={each: choices.amounts_of(provider, each, body, given) for each in kinds},
        max_steps=max_steps,
    )


def _without(values: Mapping[str, tuple[Any, ...]], given: Collection[str]) -> dict[str, tuple[Any, ...]]:
    return {name: each for name, each in values.items() if name not in given}


def told(life: Life) -> str:
    """What Hypothesis shows of a life with which a test fails: code that makes it again, and the scenario file."""
    return f"{life!r}\n\nAs a scenario file:\n\n{life}"


@st.composite
def _lives(draw: Draw, source: Source) -> Life:
    rows = [(kind, row) for kind in source.kinds for row in source.card.lifecycle.transitions]
    kind, goal = draw(st.sampled_from([(kind, row) for kind, row in rows if not row.kinds or kind in row.kinds]))
    rehearsal, beginning, body = begin(draw, source, kind)
    rehearsal.goal = goal
    steps: list[Step] = []
    while beginning.refused is None and len(steps) < source.max_steps:
        step = draw(_steps(source, rehearsal, tuple(steps)))
        if step is None:
            break
        steps.append(step)
    life = Life(source.card.name, kind, beginning, tuple(steps), body, rehearsal.amount)
    note(told(life))
    return life


def begin(draw: Draw, source: Source, kind: str) -> tuple[Rehearsal, Beginning, dict[str, Any]]:
    """A rehearsal in which the order has begun, how, and the members of its create call."""
    provider = source.card.name
    drawn = {name: draw(st.sampled_from(values)) for name, values in source.settings[kind].items()}
    changed = {name: value for name, value in drawn.items() if value != source.settings[kind][name][0]}
    usual, *_ = statuses = source.card.lifecycle.initial[kind]
    initial = status if (status := draw(st.sampled_from(statuses))) != usual else None
    amount = draw(st.sampled_from(source.amounts[kind]))
    faults, refused = _draw_trouble(draw, source)
    for settings, members in ((changed, amount), ({}, {})):
        settings, members = {**settings, **source.given_settings}, {**members, **source.given_body}
        rehearsal = Rehearsal(provider, settings, kind)
        body = rehearsal.usual_body() | members
        try:
            rehearsal.create(body, initial)
        except Refused:
            continue
        begun = initial if rehearsal.order.history[0].status == initial else None
        if not rehearsal.endpoint:  # no call makes it
            return rehearsal, Beginning(settings, begun), body
        rules = tuple({**rule, "endpoint": rehearsal.endpoint} for rule in faults)
        return rehearsal, Beginning(settings, begun, members, rules, refused), body
    raise ValueError(f"{provider} refuses such an order: give other settings, or another body")


def _draw_trouble(draw: Draw, source: Source) -> tuple[tuple[Rule, ...], str | None]:
    """What goes wrong with the create call: faults, or an error whenever it is made."""
    possible = [each for each in _BEGINNINGS if each != "refused" or source.refusals]
    found = draw(st.sampled_from(possible)) if source.create_rules else "good"
    if found == "fault":
        return (draw(_rules(source.create_rules)),), None
    return (), draw(st.sampled_from(source.refusals)) if found == "refused" else None


def _rules(rules: Mapping[str, list[Rule]]) -> st.SearchStrategy[Rule]:
    return st.sampled_from(list(rules)).flatmap(lambda name: st.sampled_from(rules[name]))


# -- steps


class Stage(Protocol):
    """Where an order lives, and where each step that is drawn happens before the next."""

    amount: str
    """What the order asks for, as it was sent."""

    def ways(self) -> list[tuple[str, Mapping[str, Any]]]:
        """The events that can happen now, with arguments; likelier ones are listed several times."""

    def is_possible(self, event: str, arguments: Mapping[str, Any]) -> bool:
        """Whether an event can happen now."""

    def waits_for_somebody(self) -> bool:
        """Whether no timeline of a scenario can go on yet."""

    def deadlines(self) -> list[tuple[str, int]]:
        """What falls due for the order by itself, and in how many ms, the next one first."""

    def count_webhooks(self) -> int:
        """How many webhooks about the order have been sent without a fault."""

    def fire(self, event: str, arguments: Mapping[str, Any]) -> None:
        """Makes an event happen."""

    def advance(self, by_ms: int) -> None:
        """Lets time pass, and runs everything that falls due."""

    def inject(self, rule: Rule) -> None:
        """Adds a fault rule about the order."""

    def run(self, command: str, arguments: Mapping[str, Any]) -> bool:
        """Runs a command of the provider; whether it could be done."""


@st.composite
def _steps(draw: Draw, source: Source, stage: Stage, before: tuple[Step, ...]) -> Step | None:
    """A step that has happened, after those `before`; None: the life ends."""
    last = before[-1] if before else None
    kinds = _AFTER_FAULT[FAULTS[last.rule["fault"]].on] if isinstance(last, Inject) else _STEPS
    missing = {each for each in DRAWN if not is_there(source, stage, each)}
    possible = [each for each in kinds if each not in missing]
    if not isinstance(last, Inject):
        # The end comes first, so that shrinking ends a life early.
        possible = [_END, *(possible * _FEW if len(before) < _FEW else possible)]
    kind = draw(st.sampled_from(possible))
    return None if kind == _END else DRAWN[kind](draw, source, stage)


def is_there(source: Source, stage: Stage, kind: str) -> bool:
    """Whether there is anything to draw a kind of step from."""
    if kind == "fire":
        return bool(stage.ways())
    if kind == "inject":
        return bool(source.call_rules or source.webhook_rules)
    return kind != "run" or bool(source.commands)


def _fire(draw: Draw, source: Source, stage: Stage) -> Fire:
    event, needed = draw(st.sampled_from(stage.ways()))
    arguments = {**draw(arguments_of(source.card.name, event, stage.amount)), **needed}
    problem = arguments_problem(source.card.lifecycle.events[event], arguments)
    if problem is not None or not stage.is_possible(event, arguments):
        arguments = dict(needed)
    by_hand = stage.waits_for_somebody()
    stage.fire(event, arguments)
    return Fire(event, arguments, by_hand)


def _wait(draw: Draw, source: Source, stage: Stage) -> Wait:
    found = [Wait(by_ms) for by_ms in _PLAIN_WAITS_MS]
    for name, left_ms in stage.deadlines():
        near = [Wait(left_ms + offset_ms, name, offset_ms) for offset_ms in _OFFSETS_MS]
        found = [*(each for each in near if each.by_ms > 0), *found]
    wait: Wait = draw(st.sampled_from(found))
    stage.advance(wait.by_ms)
    return wait


def _read(draw: Draw, source: Source, stage: Stage) -> Read:
    return Read(draw(st.sampled_from((1, 1, 2))))


def _inject(draw: Draw, source: Source, stage: Stage) -> Inject:
    rule = draw(_rules({**source.webhook_rules, **source.call_rules}))
    if rule["fault"] not in source.webhook_rules:
        return Inject(rule)
    step = Inject(rule, stage.count_webhooks())
    stage.inject(rule)
    return step


def _run(draw: Draw, source: Source, stage: Stage) -> Run | Read:
    command = draw(st.sampled_from(list(source.commands)))
    arguments = draw(st.sampled_from(source.commands[command]))
    return Run(command, arguments) if stage.run(command, arguments) else Read()


DRAWN: Mapping[str, Callable[[Draw, Source, Stage], Step]] = {
    "fire": _fire,
    "wait": _wait,
    "read": _read,
    "inject": _inject,
    "run": _run,
}
"""How a step of each kind is drawn."""
