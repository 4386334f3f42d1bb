"""Calls about how a sandbox behaves: settings and scenarios."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from emulator.core.names import NAME
from emulator.core.plan import DEFAULT_SCENARIOS, SCENARIOS
from emulator.core.sandbox import MAX_SCENARIOS, Sandbox
from emulator.core.scenario import BrokenScenario
from emulator.core.settings import read_settings, require_scenarios
from emulator.core.suggestion import use_one_of
from emulator.core.transaction import Transaction
from emulator.web.control.context import Context
from emulator.web.control.reading import read_bytes, read_object, require_provider
from emulator.web.control.refusals import ControlError, clipped

SETTINGS = {"type": "object", "additionalProperties": {"type": "object"}}
SCENARIO = {"type": "object", "required": ["version", "provider", "about"]}
SCENARIO_TYPES = ("application/yaml", "application/json")
CHOICE = {"type": "object", "additionalProperties": {"type": ["string", "null"]}}


async def get_settings(context: Context, request: Request) -> Any:
    """Every setting of every provider, by its name."""
    providers, values = context.providers, _values(context, context.sandbox(request))
    return {name: {each: values[name][each] for each in card.settings} for name, card in providers.items()}


def _values(context: Context, sandbox: Sandbox) -> dict[str, Mapping[str, Any]]:
    library = context.engine.library
    return {name: sandbox.plan(card, library).settings for name, card in library.providers.items()}


async def put_settings(context: Context, request: Request) -> Any:
    """Changes settings: `{provider: {setting: value}}`, in either spelling; the rest stays."""
    sandbox, wanted = context.sandbox(request), await read_object(request)
    try:
        changed = read_settings(context.engine.library, wanted, _values(context, sandbox))
        require_scenarios(context.engine.library, changed, sandbox.tables.get(SCENARIOS, ()))
        context.engine.sandboxes.holders.require_free(sandbox.name, changed)
    except ValueError as error:
        raise ControlError("bad-request", str(error)) from error
    await context.engine.settle_in_turns(sandbox)  # what is due by now happens by the settings so far

    def decide(tx: Transaction) -> None:
        for provider, values in changed.items():
            context.providers[provider].configured(tx, values)
            tx.change_settings(provider, values)

    await context.engine.command(sandbox, decide)
    return await context.engine.read(lambda: get_settings(context, request), sandbox.name)


async def get_scenarios(context: Context, request: Request) -> Any:
    """The scenarios by provider."""
    sandbox = context.sandbox(request)
    tx = context.engine.transaction(sandbox)
    own = sandbox.tables.get(SCENARIOS, {})
    return {
        "scenarios": {
            provider: [
                {
                    "name": scenario.name,
                    "about": scenario.about,
                    "match": dict(scenario.document.get("match", {})),
                    "default": (tx.get(DEFAULT_SCENARIOS, provider) or {}).get("name") == scenario.name,
                    "own": f"{provider}/{scenario.name}" in own,
                }
                for scenario in sorted(tx.scenarios(provider).by_name.values(), key=lambda each: each.name)
            ]
            for provider in context.providers
        }
    }


async def put_scenario(context: Context, request: Request) -> Any:
    """Adds a scenario, as YAML or JSON."""
    from emulator.files import yaml_text
    from emulator.files.yaml_mistakes import UnreadableFile

    provider, name = require_provider(context, request.path_params["provider"]), request.path_params["name"]
    sandbox, content = context.sandbox(request), await read_bytes(request)
    if not NAME.fullmatch(name):
        told = f"a scenario cannot be called {name!r}: use lower-case letters, digits and dashes, like slow-payer"
        raise ControlError("bad-request", told)
    try:
        text = yaml_text.read_text(content)
        document = yaml_text.read_yaml(text)
        scenario = context.engine.library.read_new_scenario(provider, name, document)
    except UnreadableFile as error:
        raise _broken(f"line {error.line}: {error}", [((), (error.line, error.column), str(error))]) from error
    except BrokenScenario as error:
        found = [(each.path, yaml_text.find_position(text, each.path), each.message) for each in error.problems]
        raise _broken(str(error), found) from error
    key = f"{provider}/{name}"
    await context.engine.settle_in_turns(sandbox)  # what is due by now happens by the scenario so far

    def decide(tx: Transaction) -> None:
        if tx.get(SCENARIOS, key) is None and tx.size(SCENARIOS) >= MAX_SCENARIOS:
            told = f"a sandbox has at most {MAX_SCENARIOS} scenarios of its own: PUT one under a name that exists"
            raise ControlError("too-many-scenarios", f"{told}, or reset")
        tx.put(SCENARIOS, key, document)

    await context.engine.command(sandbox, decide)
    return {"provider": provider, "name": name, "about": scenario.about}


def _broken(message: str, problems: list[tuple[tuple[str | int, ...], tuple[int, int], str]]) -> ControlError:
    """The refusal of a scenario, with path, place and message of everything that is wrong."""
    shown = [
        {"path": [_short(part) for part in path], "line": line, "column": column, "message": clipped(text)}
        for path, (line, column), text in problems
    ]
    return ControlError("broken-scenario", message, problems=shown)


def _short(part: str | int) -> str | int:
    return clipped(part) if isinstance(part, str) else part


async def put_default_scenario(context: Context, request: Request) -> Any:
    """Chooses the scenario of orders for which nobody chooses one: `{provider: name}`; null chooses none."""
    sandbox, chosen = context.sandbox(request), await read_object(request)

    def decide(tx: Transaction) -> dict[str, str]:
        for provider, name in chosen.items():
            available = tx.scenarios(require_provider(context, provider)).by_name
            if name is None:
                tx.forget(DEFAULT_SCENARIOS, provider)
            elif isinstance(name, str) and name in available:
                tx.put(DEFAULT_SCENARIOS, provider, {"name": name})
            else:
                good = use_one_of(name, sorted(available))
                raise ControlError("unknown-scenario", f"{provider} has no scenario {name!r}: {good}")
        kept = {name: tx.get(DEFAULT_SCENARIOS, name) for name in context.providers}
        return {provider: document["name"] for provider, document in kept.items() if document}

    return await context.engine.command(sandbox, decide)
