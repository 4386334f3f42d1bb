"""Describes a provider from the tables that the emulator itself runs on, so it cannot be wrong."""

from typing import Any

from emulator.contract.card import Provider
from emulator.contract.errors import ErrorCase
from emulator.contract.lifecycle import Lifecycle, Status, Transition
from emulator.contract.setting import Setting
from emulator.core.scenario import ScenarioSet


def describe(provider: Provider, scenarios: ScenarioSet, base_url: str | None) -> dict[str, Any]:
    """Base URL, endpoints, statuses, transitions, events, errors, settings and scenarios of a provider."""
    return {
        "name": provider.name,
        "title": provider.title,
        "base_url": base_url,
        "public_hosts": list(provider.public_hosts),
        "endpoints": [
            {
                "name": endpoint.name,
                "method": endpoint.method,
                "path": endpoint.path,
                "about": endpoint.about,
                "source": endpoint.source or None,
            }
            for endpoint in provider.endpoints
        ],
        **_life(provider.lifecycle),
        "commands": [
            {"name": command.name, "about": command.about, "arguments": dict(command.schema)}
            for command in provider.commands.values()
        ],
        "errors": [
            {
                "name": error.name,
                "status": error.status,
                "message": error.message,
                "about": error.about,
                **_known(error),
                "scriptable": bool(error.scripted),
            }
            for error in provider.errors.values()
        ],
        "settings": [
            {
                "name": setting.name,
                "spelling": setting.spelling or setting.name,
                "aliases": list(setting.aliases),
                "default": setting.default,
                "schema": dict(setting.schema),
                "about": setting.about,
                **_known(setting),
            }
            for setting in provider.settings.values()
        ],
        "scenarios": [
            {"name": scenario.name, "about": scenario.about, "match": dict(scenario.document.get("match", {}))}
            for scenario in sorted(scenarios.by_name.values(), key=lambda each: each.name)
        ],
    }


def _life(lifecycle: Lifecycle) -> dict[str, Any]:
    """Statuses, transitions and events."""
    return {
        "statuses": [
            {"name": status.name, "final": status.final, "about": status.about, **_known(status)}
            for status in lifecycle.statuses.values()
        ],
        "transitions": [
            {
                "kinds": sorted(row.kinds),
                "from": row.source,
                "event": row.event,
                "to": row.target,
                "only_if": row.condition or None,
                **_known(row),
            }
            for row in lifecycle.transitions
        ],
        "events": [
            {"name": event.name, "about": event.about, "arguments": dict(event.arguments or {})}
            for event in lifecycle.events.values()
        ],
    }


def group_kinds(lifecycle: Lifecycle) -> list[tuple[list[str], tuple[Transition, ...]]]:
    """Kinds of orders that begin and go on alike, each group with the rows that its orders can take, near ones
    first."""
    groups: dict[Any, tuple[list[str], tuple[Transition, ...]]] = {}
    for kind, beginnings in lifecycle.initial.items():
        rows = lifecycle.rows_from(kind, beginnings)
        ways = tuple(dict.fromkeys((row.source, row.event, row.target) for row in rows))
        groups.setdefault((beginnings, ways), ([], rows))[0].append(kind)
    return list(groups.values())


def _known(fact: Setting | Status | Transition | ErrorCase) -> dict[str, Any]:
    """How it is known, and the source that the user's own file gives."""
    return {"mark": fact.mark, "known_from": fact.known_from or None}
