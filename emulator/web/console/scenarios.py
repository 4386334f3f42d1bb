"""Scenarios of a provider: what each makes of an order, in words and drawn; choosing, writing and trying them."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from msgspec import Struct

from emulator.contract.lifecycle import Lifecycle
from emulator.contract.scenario import Outcome, Step
from emulator.core.plan import DEFAULT_SCENARIOS, SCENARIOS
from emulator.core.scenario import ANY_KIND, Scenario
from emulator.core.timeline import acts
from emulator.web.console.commands import Taken, write_put
from emulator.web.console.marks import Mark, mark_of_status
from emulator.web.console.visit import Shown, Visit
from emulator.web.control.reading import require_provider
from emulator.web.control.refusals import ControlError


class StepShown(Struct, frozen=True):
    """A step of a scenario, for people."""

    when: str
    what: str
    mark: Mark


class ScenarioShown(Struct, frozen=True):
    """A scenario in the list."""

    name: str
    about: str
    path: str
    own: bool
    """Whether it was added, or replaced, in this sandbox."""
    usual: bool
    """Whether orders follow it for which nobody has chosen one."""


async def show_scenarios(visit: Visit) -> Shown:
    """The scenarios of one provider, and one of them whole."""
    cards = visit.providers
    of = visit.choose("of", cards)
    tx = visit.transaction()
    known = tx.scenarios(of).by_name
    own = visit.sandbox.tables.get(SCENARIOS, {})
    usual = (tx.get(DEFAULT_SCENARIOS, of) or {}).get("name")
    name = visit.asked.get("scenario", "")
    chosen = known.get(name) or known.get(usual or "happy") or next(iter(known.values()))
    values = {
        "of": of,
        "of_providers": visit.list_choices("scenarios", "of", cards, of),
        "scenarios": [
            ScenarioShown(
                each.name,
                each.about,
                visit.path("scenarios", of=of, scenario=each.name),
                f"{of}/{each.name}" in own,
                each.name == usual,
            )
            for each in sorted(known.values(), key=lambda each: each.name)
        ],
        "usual": usual,
        "chosen": chosen,
        "lives": list(_write_lives(chosen, cards[of].lifecycle)),
        "match": [f"{place}: {json.dumps(wanted, default=str)}" for place, wanted in _match(chosen).items()],
        "new_name": visit.form.get("name", chosen.name),
        "text": visit.form.get("text") or _write_yaml(chosen.document),
        "choose_path": visit.path("scenarios"),
        "edit_path": visit.path("scenarios/edit"),
        "try_path": visit.path("new", maker=of, scenario=chosen.name),
    }
    taken = (
        write_put(f"{visit.control}/default-scenario", {of: chosen.name}),
        Taken("test", f'emulator.choose({of}="{chosen.name}")'),
    )
    title = f"Scenario {chosen.name} of {cards[of].title}"
    return Shown("scenarios.html", title, values, path="scenarios", taken=taken)


def _match(scenario: Scenario) -> dict[str, Any]:
    return dict(scenario.document.get("match", {}))


def _write_lives(scenario: Scenario, lifecycle: Lifecycle) -> Iterator[tuple[str, list[StepShown]]]:
    """What happens, for each kind of order that it names."""
    for kind, steps in scenario.timelines.items():
        first = scenario.initial or lifecycle.initial.get(kind, next(iter(lifecycle.initial.values())))[0]
        begins = StepShown("at first", first, mark_of_status(lifecycle, first))
        yield "" if kind == ANY_KIND else kind, [begins, *(_write_step(step, lifecycle) for step in steps)]


def _write_step(step: Step, lifecycle: Lifecycle) -> StepShown:
    if step.after is not None:
        when = f"after {step.after}"
    elif step.on is not None:
        when = f"once {step.on} happens"
    else:
        when = f"once it has been read {step.reads} times"
    several = len(step.outcomes) > 1
    what = " or ".join(_write_outcome(each, several=several) for each in step.outcomes)
    status = step.outcomes[0].to or _target(step.outcomes[0], lifecycle)
    if step.after is not None and not acts(step):
        when, what = f"for {step.after}", "nothing happens"
    return StepShown(when, what, mark_of_status(lifecycle, status) if status is not None else "moving")


def _target(outcome: Outcome, lifecycle: Lifecycle) -> str | None:
    """The status to which an event leads, if it leads to one alone."""
    targets = {each.target for each in lifecycle.transitions if each.event == outcome.do}
    return next(iter(targets)) if len(targets) == 1 else None


def _write_outcome(outcome: Outcome, *, several: bool) -> str:
    arguments = ", ".join(f"{name} {json.dumps(value, default=str)}" for name, value in outcome.arguments.items())
    what = outcome.to or outcome.do or "nothing"
    told = f"{what} ({arguments})" if arguments else what
    return f"{told}, {outcome.weight} times" if several else told


def _write_yaml(document: Any) -> str:
    """A scenario as somebody would write it, its numbers as they are."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """Knows the numbers of JSON, too."""

    Dumper.add_multi_representer(
        Decimal, lambda dumper, number: dumper.represent_scalar("tag:yaml.org,2002:float", str(number))
    )
    return yaml.dump(document, Dumper=Dumper, sort_keys=False, allow_unicode=True, default_flow_style=None, width=100)


async def choose(visit: Visit) -> str:
    """Makes the scenario of the form the default for new orders; or none, as usual."""
    of = require_provider(visit.context, visit.form.get("of", ""))
    name = visit.form.get("scenario") or None
    chosen = {of: None if visit.form.get("none") else name}
    await visit.call("PUT", "default-scenario", chosen)
    return visit.path("scenarios", of=of, **({"scenario": name} if name else {}))


async def edit(visit: Visit) -> str:
    """Keeps the scenario of the form, with the same checks as `emulator validate`."""
    of, name = require_provider(visit.context, visit.form.get("of", "")), visit.form.get("name", "").strip()
    text = visit.form.get("text", "").replace("\r\n", "\n")
    try:
        await visit.call("PUT", "scenarios/{provider}/{name}", text.encode(), provider=of, name=name)
    except ControlError as error:
        if "problems" not in error.more:
            raise
        told = "; ".join(f"line {each['line']}: {each['message']}" for each in error.more["problems"])
        raise ControlError(error.error, told) from error
    return visit.path("scenarios", of=of, scenario=name)
