"""Writes schemas/seed.schema.json, which checks seed files and lets editors complete them, from the providers' tables.
`generate_docs.py` calls it.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from emulator.contract.card import Provider
from emulator.core.faults.rules import MEMBERS
from emulator.core.library import Library
from emulator.core.names import NAME
from emulator.web.control.sandboxes import CLOCK

PATH = Path(__file__).resolve().parent.parent / "schemas" / "seed.schema.json"
_OBJECT = {"type": "object"}
_OWN = "`receiver` is the built-in one."
_DURATION = {"type": ["string", "number"], "description": "a duration, such as 250ms, 30s, 5m, 1h30m or 2d"}


def documents(library: Library) -> dict[Path, str]:
    """The text of the file, by its path."""
    return {PATH: json.dumps(_file(library), indent=1, ensure_ascii=False, default=float) + "\n"}


def _file(library: Library) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Seeds",
        "description": "What sandboxes begin with. Made by scripts/generate_docs.py from the tables of the providers.",
        **_closed(
            {
                "version": {"const": 1, "description": "Version of this format."},
                "sandboxes": {
                    "description": "Sandboxes by name; `default` is the one that always exists.",
                    "type": "object",
                    "minProperties": 1,
                    "propertyNames": {"pattern": f"^{NAME.pattern}$"},
                    "additionalProperties": _sandbox(library),
                },
            },
            required=["version", "sandboxes"],
        ),
    }


def _sandbox(library: Library) -> dict[str, Any]:
    providers = library.providers
    return {
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {
            "seed": {"type": ["string", "integer"], "description": "Determines ids and random choices."},
            "clock": {**CLOCK, "description": "How time passes; by default as for the server."},
            "webhook_url": {
                "type": "string",
                "description": f"Where the webhooks of all providers go; {_OWN}",
            },
            "webhooks": _listed({"type": "string"}, f"Further URLs that the webhooks of all providers go to; {_OWN}"),
            "settings": _by_provider(providers, _settings, "Settings; `products` and `catalogue` are among them."),
            "scenarios": _by_provider(providers, lambda _: _scenarios(), "Scenarios of the sandbox's own, by name."),
            "default_scenario": _closed(
                {name: _scenario_name(library, name) for name in providers},
                about="The scenario of new orders that name none.",
            ),
            "requests": _listed(
                _one_of(providers, lambda _: _request()),
                "Requests to the providers, signed automatically, for users, accounts and contacts.",
            ),
            "commands": _listed(
                _one_of({name: each for name, each in providers.items() if each.commands}, _commands),
                "What happens at a provider apart from any order: balances, deposits, states of users.",
            ),
            "orders": _listed(
                _one_of(providers, lambda provider: _order(library, provider)),
                "Orders, each created with a valid request and moved to a point of its life.",
            ),
            "wait": {**_DURATION, "description": "How far the clock advances once the orders exist."},
            "faults": _listed(
                _closed(dict(MEMBERS), required=["fault"]), "Fault rules that apply once all this is done."
            ),
        },
    }


def _settings(provider: Provider) -> dict[str, Any]:
    return _closed({
        spelling: {**setting.schema, "description": setting.about}
        for setting in provider.settings.values()
        for spelling in setting.spellings
    })  # fmt: skip


def _scenarios() -> dict[str, Any]:
    about = "As in a scenario file; version and provider are optional."
    return {"type": "object", "propertyNames": {"pattern": f"^{NAME.pattern}$"},
            "additionalProperties": {**_OBJECT, "description": about}}  # fmt: skip


def _scenario_name(library: Library, provider: str) -> dict[str, Any]:
    return {"type": "string", "examples": sorted(library.shipped[provider].by_name)}


def _request() -> dict[str, Any]:
    return _closed(
        {
            "method": {"enum": ["GET", "POST", "PUT", "PATCH", "DELETE"], "default": "POST"},
            "path": {"type": "string", "pattern": "^/", "description": "with the query, below the provider's base URL"},
            "headers": {"type": "object", "additionalProperties": {"type": "string"}},
            "body": {"type": "object", "description": "sent as JSON"},
        },
        required=["path"],
    )


def _commands(provider: Provider) -> dict[str, Any]:
    return {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": {each.name: {**each.schema, "description": each.about} for each in provider.commands.values()},
    }


def _order(library: Library, provider: Provider) -> dict[str, Any]:
    kinds = [kind for kind in provider.order_request.bodies if kind] if provider.order_request else []
    members: dict[str, Any] = {
        "kind": {"type": "string", "examples": kinds},
        "scenario": _scenario_name(library, provider.name),
        "body": {**_OBJECT, "description": "members that replace those of the usual request; null removes one"},
        "times": {"type": "integer", "minimum": 1, "maximum": 1000, "description": "how many of them; default 1"},
        "then": _listed(_step(provider), "What happens to it next, in order."),
    }
    if not kinds:
        del members["kind"]
    return {"type": ["object", "null"], "additionalProperties": False, "properties": members}


def _step(provider: Provider) -> dict[str, Any]:
    lifecycle = provider.lifecycle
    return _closed({
        "do": {"type": "string", "examples": list(lifecycle.events), "description": "an event of the order's life"},
        "with": {**_OBJECT, "description": "arguments of the event in `do`"},
        "to": {"enum": list(lifecycle.statuses), "description": "the status that it moves to"},
        "force": {"type": "boolean", "description": "move to the status in `to` even if no event leads there"},
        "wait": {**_DURATION, "description": "how far the clock advances"},
    }) | {"oneOf": [{"required": ["do"]}, {"required": ["to"]}, {"required": ["wait"]}]}  # fmt: skip


def _by_provider(providers: Mapping[str, Provider], each: Any, about: str) -> dict[str, Any]:
    return _closed({name: each(provider) for name, provider in providers.items()}, about=about)


def _one_of(providers: Mapping[str, Provider], each: Any) -> dict[str, Any]:
    """An object with one member, which is a provider's name."""
    return {**_by_provider(providers, each, ""), "minProperties": 1, "maxProperties": 1}


def _closed(members: dict[str, Any], required: Iterable[str] = (), about: str = "") -> dict[str, Any]:
    return {
        **({"description": about} if about else {}),
        "type": "object",
        **({"required": list(required)} if required else {}),
        "additionalProperties": False,
        "properties": members,
    }


def _listed(items: dict[str, Any], about: str) -> dict[str, Any]:
    return {"description": about, "type": "array", "items": items}
