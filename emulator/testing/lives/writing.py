"""A life as the text of a scenario file.

What happens to the order by itself is in its timeline. What others do is not part of a scenario, and is in comments:
settings, the create call, what the client reads, what happens at the provider outside the order, and what somebody has
to do before the order's timeline begins.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from emulator import providers
from emulator.core import json_text
from emulator.core.faults.registry import ON_DELIVERIES
from emulator.testing.lives.steps import Beginning, Fire, Inject, Step, Wait, write_duration

ABOUT = "A life that was drawn."
_NO_SCENARIO = "# an order of this kind follows no scenario: play the life, or do by hand what it says"


def write_scenario(provider: str, kind: str, beginning: Beginning, steps: Sequence[Step]) -> str:
    """The text of a file that gives an order the same course; lines end with a line feed."""
    request = providers.load(provider).order_request
    if request is not None and kind in request.made_by:
        lines = [_NO_SCENARIO, *_write_beginning(provider, beginning), *_write_timeline(kind, steps)]
    else:
        timeline = () if beginning.refused else _write_timeline(kind, steps)
        lines = [*_write_beginning(provider, beginning), *_write_faults(beginning, steps), *timeline]
    return "".join(f"{line}\n" for line in lines)


def _write_beginning(provider: str, beginning: Beginning) -> Iterator[str]:
    if beginning.settings:
        yield f"# with the settings {_json(beginning.settings)}"
    if beginning.body:
        yield f"# with {_json(beginning.body)} in the create call"
    yield "version: 1"
    yield f"provider: {provider}"
    yield f"about: {ABOUT}"
    if beginning.initial is not None:
        yield f"initial: {beginning.initial}"
    if beginning.refused is not None:
        yield f"answer: {{error: {beginning.refused}}}"


def _write_faults(beginning: Beginning, steps: Sequence[Step]) -> Iterator[str]:
    """Those of the create call and of webhooks; those of other calls are the client's affair."""
    on_webhooks = [step for step in steps if isinstance(step, Inject) and step.rule["fault"] in ON_DELIVERIES]
    rules = [*beginning.faults, *({**step.rule, **({"skip": step.skip} if step.skip else {})} for step in on_webhooks)]
    if rules:
        yield "faults:"
    for rule in rules:
        yield f"  - {_json({name: value for name, value in rule.items() if name != 'provider'})}"


def _write_timeline(kind: str, steps: Sequence[Step]) -> Iterator[str]:
    by_hand = [place for place, step in enumerate(steps) if isinstance(step, Fire) and step.by_hand]
    first = by_hand[-1] + 1 if by_hand else 0
    if any(isinstance(step, (Fire, Wait)) for step in steps[first:]):
        yield "timeline:"
        yield from [f"  {kind}:"] if kind else []
    else:
        yield "timeline: []"
    indent = "    " if kind else "  "
    for place, step in enumerate(steps):
        written = "" if place < first else _write_step(step)
        yield f"{indent}- {written}" if written else f"{indent}# {step}"


def _write_step(step: Step) -> str:
    """A step of a timeline; empty: it is none."""
    if isinstance(step, Wait):
        note = f"  # until {step.until}" if step.deadline else ""
        return f"{{wait: {write_duration(step.by_ms)}}}{note}"
    if isinstance(step, Fire):
        given = f", with: {_json(step.arguments)}" if step.arguments else ""
        return f"{{after: 0s, do: {step.event}{given}}}"
    return ""


def _json(value: Mapping[str, Any]) -> str:
    """JSON, which is YAML too."""
    return json_text.encode(value).decode()
