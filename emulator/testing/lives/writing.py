"""A life as the text of a scenario file.

What happens to the order by itself stands in its timeline. What others do is no part of a scenario, and stands in
comments: settings, the create call, what the client reads, and what happens at the provider apart from the order.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from emulator.core import json_text
from emulator.testing.lives.steps import Beginning, Fire, Step, Wait, write_duration

ABOUT = "A life that was drawn."


def write_scenario(provider: str, kind: str, beginning: Beginning, steps: Sequence[Step]) -> str:
    """The text of a file that gives an order the same course; lines end with a line feed."""
    lines = [*_write_beginning(provider, beginning), *(() if beginning.refused else _write_timeline(kind, steps))]
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
    if beginning.faults:
        yield "faults:"
        yield from (f"  - {_json(rule)}" for rule in beginning.faults)
    if beginning.refused is not None:
        yield f"answer: {{error: {beginning.refused}}}"


def _write_timeline(kind: str, steps: Sequence[Step]) -> Iterator[str]:
    if any(isinstance(step, Fire) for step in steps):
        yield "timeline:"
        yield from [f"  {kind}:"] if kind else []
    else:
        yield "timeline: []"
    indent = "    " if kind else "  "
    waited_ms = 0
    for step in steps:
        if isinstance(step, Wait):
            waited_ms += step.by_ms
            if step.deadline:
                yield f"{indent}# {step}"
        elif isinstance(step, Fire):
            given = f", with: {_json(step.arguments)}" if step.arguments else ""
            yield f"{indent}- {{after: {write_duration(waited_ms)}, do: {step.event}{given}}}"
            waited_ms = 0
        else:
            after = f"after {write_duration(waited_ms)}: " if waited_ms else ""
            yield f"{indent}# {after}{step}"
    if waited_ms:
        yield f"{indent}# then wait {write_duration(waited_ms)}"


def _json(value: Mapping[str, Any]) -> str:
    """JSON, which is YAML too."""
    return json_text.encode(value).decode()
