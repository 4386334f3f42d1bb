"""The page about what is assumed, and the JSON Schema of files that confirm or correct it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emulator.contract.card import Provider
from emulator.core.facts import KINDS, VERSION, fact_schema
from emulator.views.marks import assumptions
from scripts.markdown_parts import write_page, write_table

ROOT = Path(__file__).resolve().parent.parent
PLURALS = {
    "setting": "settings", "status": "statuses", "transition": "transitions", "error": "errors",
    "webhook": "webhooks", "field": "fields",
}  # fmt: skip
"""Kind of what is assumed -> the member of a file that has facts of this kind."""
_ABOUT = {
    "settings": "settings that you know the value of",
    "statuses": "statuses of an order that you have seen",
    "transitions": "transitions that you have seen, such as `PENDING -> PAID`",
    "errors": "errors that you have seen",
    "webhooks": "webhooks that you have received",
    "fields": "fields of bodies, such as `order: /createdAt`; a new one needs a `schema`",
}


def documents(providers: Mapping[str, Provider]) -> dict[Path, str]:
    """The page and the schema, by path."""
    return {
        ROOT / "docs" / "assumed.md": _assumed_page(providers),
        ROOT / "schemas" / "known.schema.json": _known_schema(providers),
    }


def _assumed_page(providers: Mapping[str, Provider]) -> str:
    """All that is assumed, provider after provider."""
    parts = [
        "# What is assumed",
        "<!-- Written by scripts/generate_docs.py from emulator/providers and schemas. -->",
        "Everything here is neither documented nor observed, and may be different at the real provider. If a setting "
        "is named, it changes the emulator's behaviour. A [file of your own](traffic.md#what-you-know-better) can "
        "confirm or correct each line, by its kind and name. `emulator providers --assumed` prints the same.",
    ]
    for name, card in providers.items():
        rows = [
            (
                PLURALS[each["kind"]],
                f"`{each['name']}`",
                f"`{each['setting']}`" if each["setting"] else "",
                each["about"],
            )
            for each in assumptions(card)
        ]
        parts += [f"## {name}", write_table(("kind", "name", "setting", "what it is"), rows)]
    return write_page(parts)


def _known_schema(providers: Mapping[str, Provider]) -> str:
    """The schema, with the names that each provider has, so that editors complete them."""
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What is known of the providers",
        "description": "Facts that confirm or correct what the emulator assumes, for `emulator serve --known FILE`.",
        "type": "object",
        "properties": {
            "version": {"const": VERSION, "description": "Version of this format."},
            **{name: _of_provider(card) for name, card in providers.items()},
        },
        "required": ["version"],
        "additionalProperties": False,
        "$defs": {kind: fact_schema(kind) for kind in KINDS},
    }
    return json.dumps(document, indent=1, ensure_ascii=False, default=float) + "\n"


def _of_provider(card: Provider) -> dict[str, Any]:
    return {
        "description": f"Facts about {card.title}.",
        "type": "object",
        "properties": {kind: _of_kind(kind, card) for kind in KINDS},
        "additionalProperties": False,
    }


def _of_kind(kind: str, card: Provider) -> dict[str, Any]:
    """The names that there are; of fields those that are assumed, beside which others are good, too."""
    known = KINDS[kind].names
    assumed = (each["name"] for each in assumptions(card) if PLURALS[each["kind"]] == kind)
    return {
        "description": _ABOUT[kind],
        "type": "object",
        "properties": {name: _of_fact(kind, card, name) for name in (known(card) if known else assumed)},
        "additionalProperties": False if known else {"$ref": f"#/$defs/{kind}"},
    }


def _of_fact(kind: str, card: Provider, name: str) -> dict[str, Any]:
    fact: dict[str, Any] = {"$ref": f"#/$defs/{kind}"}
    if kind == "settings":
        setting = card.settings[name]
        fact |= {"description": setting.about, "properties": {"value": dict(setting.schema)}}
    return fact
