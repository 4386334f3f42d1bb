"""Hypothesis strategies of lives. Each step is drawn from what can happen in a rehearsal just then."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hypothesis import note
from hypothesis import strategies as st

from emulator import providers
from emulator.contract.card import Provider
from emulator.contract.lifecycle import Event
from emulator.core.problems import problem_of_arguments
from emulator.core.schema import Schema
from emulator.testing.lives import choices
from emulator.testing.lives.life import Life
from emulator.testing.lives.rehearsal import Refused, Rehearsal
from emulator.testing.lives.steps import Beginning, Fire, Inject, Read, Rule, Run, Step, Wait
from emulator.testing.types.names import Provider as ProviderName

Draw = Callable[[st.SearchStrategy[Any]], Any]

_PLAIN_WAITS_MS = (1000, 60_000, 3_600_000, 86_400_000)
_OFFSETS_MS = (0, -1, 1)
_MOST_ARGUMENTS = 2
_STEPS = ("end", "fire", "fire", "fire", "wait", "wait", "read", "inject", "inject", "run")
"""What a step is, as often as it stands here; `end` comes first, so that shrinking ends a life early."""
_BEGINNINGS = ("good", "good", "good", "fault", "refused")
_WORDS = ("a", "other", "")
_SHARES = ("1", "0.5", "0.99", "1.01", "2")
_ASCII = st.characters(codec="ascii", categories=("L", "N", "P"))


@dataclass(frozen=True)
class Source:
    """What lives are drawn from."""

    card: Provider
    kinds: list[str]
    given_settings: Mapping[str, Any]
    given_body: Mapping[str, Any]
    settings: Mapping[str, tuple[Any, ...]]
    create_rules: Mapping[str, list[Rule]]
    call_rules: Mapping[str, list[Rule]]
    webhook_rules: Mapping[str, list[Rule]]
    refusals: list[str]
    commands: Mapping[str, list[dict[str, Any]]]
    amounts: Mapping[str, list[dict[str, Any]]]
    max_steps: int


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

    `faults`: whether calls and webhooks suffer any, or names of those that they suffer. `settings`: those of the
    provider that are given; of the others, those that the life cycle looks at are drawn. `body`: members of the create
    call that are given. Raises ValueError for what there is not.
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
    return Source(
        card=card,
        kinds=kinds,
        given_settings=settings,
        given_body=body,
        settings={name: each for name, each in choices.settings_of(provider).items() if name not in settings},
        create_rules=choices.rules_on_calls(card, names, choices.errors_on_create(card)),
        call_rules=choices.rules_on_calls(card, names, choices.errors_anywhere(card)),
        webhook_rules=choices.rules_on_webhooks(card, names),
        refusals=choices.errors_on_create(card) if "status" in names else [],
        commands=choices.commands_of(card) if faults is True else {},
        amounts={each: choices.amounts_of(provider, each, body) for each in kinds},
        max_steps=max_steps,
    )


@st.composite
def _lives(draw: Draw, source: Source) -> Life:
    kind = draw(st.sampled_from(source.kinds))
    rehearsal, beginning, body = begin(draw, source, kind)
    steps: list[Step] = []
    while beginning.refused is None and len(steps) < source.max_steps:
        step = draw(_steps(source, rehearsal))
        if step is None:
            break
        steps.append(step)
    life = Life(source.card.name, kind, beginning, tuple(steps), body, rehearsal.amount)
    note(f"As a scenario file:\n\n{life}")  # which Hypothesis shows where a test fails
    return life


def begin(draw: Draw, source: Source, kind: str) -> tuple[Rehearsal, Beginning, dict[str, Any]]:
    """A rehearsal in which the order has begun, how, and the members of its create call."""
    provider = source.card.name
    drawn = {name: draw(st.sampled_from(values)) for name, values in source.settings.items()}
    changed = {name: value for name, value in drawn.items() if value != source.settings[name][0]}
    initial = draw(st.sampled_from(source.card.lifecycle.initial[kind]))
    amount = draw(st.sampled_from(source.amounts[kind]))
    faults, refused = _draw_trouble(draw, source)
    for settings, members in ((changed, amount), ({}, {})):
        settings, members = {**settings, **source.given_settings}, {**members, **source.given_body}
        rehearsal = Rehearsal(provider, settings)
        body = rehearsal.usual_body(kind) | members
        try:
            rehearsal.create(kind, body, initial)
        except Refused:
            continue
        usual = source.card.lifecycle.initial[kind][0]
        first = rehearsal.order.history[0].status
        begun = first if first == initial != usual else None
        rules = tuple({**rule, "endpoint": rehearsal.endpoint} for rule in faults)
        return rehearsal, Beginning(settings, begun, members, rules, refused), body
    raise ValueError(f"{provider} refuses such an order: give other settings, or another body")


def _draw_trouble(draw: Draw, source: Source) -> tuple[tuple[Rule, ...], str | None]:
    """What the create call suffers: faults, or an error whenever it is made."""
    possible = [each for each in _BEGINNINGS if each != "refused" or source.refusals]
    found = draw(st.sampled_from(possible)) if source.create_rules else "good"
    if found == "fault":
        return (draw(_rules(source.create_rules)),), None
    return (), draw(st.sampled_from(source.refusals)) if found == "refused" else None


def _rules(rules: Mapping[str, list[Rule]]) -> st.SearchStrategy[Rule]:
    return st.sampled_from(list(rules)).flatmap(lambda name: st.sampled_from(rules[name]))


@st.composite
def _steps(draw: Draw, source: Source, rehearsal: Rehearsal) -> Step | None:
    """A step that has happened in the rehearsal; None: the life ends."""
    legal = [event for event in source.card.lifecycle.events if rehearsal.row(event, {}) is not None]
    missing = {"fire": not legal, "inject": not (source.call_rules or source.webhook_rules), "run": not source.commands}
    kind = draw(st.sampled_from([each for each in _STEPS if not missing.get(each)]))
    if kind == "fire":
        return _fire(draw, source, rehearsal, draw(st.sampled_from(legal)))
    return _DRAWN[kind](draw, source, rehearsal) if kind in _DRAWN else None


def _fire(draw: Draw, source: Source, rehearsal: Rehearsal, name: str) -> Fire:
    event = source.card.lifecycle.events[name]
    arguments = _arguments(draw, event, rehearsal.amount) if event.arguments else {}
    if problem_of_arguments(event, arguments) is not None or rehearsal.row(name, arguments) is None:
        arguments = {}
    by_hand = rehearsal.order.waiting
    rehearsal.fire(name, arguments)
    return Fire(name, arguments, by_hand)


def _wait(draw: Draw, source: Source, rehearsal: Rehearsal) -> Wait:
    found = [Wait(by_ms) for by_ms in _PLAIN_WAITS_MS]
    for name, left_ms in rehearsal.deadlines():
        near = [Wait(left_ms + offset_ms, name, offset_ms) for offset_ms in _OFFSETS_MS]
        found = [*(each for each in near if each.by_ms > 0), *found]
    wait: Wait = draw(st.sampled_from(found))
    rehearsal.advance(wait.by_ms)
    return wait


def _read(draw: Draw, source: Source, rehearsal: Rehearsal) -> Read:
    return Read(draw(st.sampled_from((1, 1, 2))))


def _inject(draw: Draw, source: Source, rehearsal: Rehearsal) -> Inject:
    rule = draw(_rules({**source.webhook_rules, **source.call_rules}))
    if rule["fault"] not in source.webhook_rules:
        return Inject(rule)
    step = Inject(rule, rehearsal.count_webhooks())
    rehearsal.inject(rule)
    return step


def _run(draw: Draw, source: Source, rehearsal: Rehearsal) -> Run | Read:
    command = draw(st.sampled_from(list(source.commands)))
    arguments = draw(st.sampled_from(source.commands[command]))
    return Run(command, arguments) if rehearsal.run(command, arguments) else Read()


_DRAWN: Mapping[str, Callable[[Draw, Source, Rehearsal], Step]] = {
    "wait": _wait,
    "read": _read,
    "inject": _inject,
    "run": _run,
}


# -- arguments of events


def _arguments(draw: Draw, event: Event, amount: str) -> dict[str, Any]:
    known = event.arguments or {}
    names = draw(st.lists(st.sampled_from(list(known)), max_size=_MOST_ARGUMENTS, unique=True))
    return {name: draw(values_of(known[name], amount)) for name in names}


def values_of(schema: Mapping[str, Any], amount: str) -> st.SearchStrategy[Any]:
    """Values that a schema takes; of those that are amounts, some around `amount`."""
    checked = Schema(schema)
    found: list[Any]
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if amount and checked.accepts("1.5") and not checked.accepts("x"):
        found = [each for each in _around(amount) if checked.accepts(each)]
    elif checked.accepts(Decimal("1.5")):
        found = [each for share in _SHARES if checked.accepts(each := Decimal(share))]
    else:
        found = [each for each in (*_WORDS, None, {}, {"a": "b"}, True, 1) if checked.accepts(each)]
        if not any(isinstance(each, str) for each in found) and "pattern" in schema:
            return st.from_regex(schema["pattern"], alphabet=_ASCII).filter(checked.accepts)
    return st.sampled_from(found) if found else st.nothing()


def _around(amount: str) -> list[str]:
    """The amount, and what is less and more."""
    exact = Decimal(amount)
    unit = Decimal(1).scaleb(min(int(exact.as_tuple().exponent), -2))
    return [amount, *(f"{each:f}" for each in (exact - unit, exact + unit, exact / 2, exact * 2) if each > 0)]
