"""What has a mark that says how it is known. What is only assumed is neither documented nor observed, and may be
wrong."""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from emulator.contract.card import Provider
from emulator.core.field_facts import schema_fields

ASSUMED = "assumed"


class Marked(Struct, frozen=True):
    """Something about a provider that has a mark."""

    kind: str
    name: str
    about: str
    mark: str
    known_from: str
    """The source that the user's own file gives; empty: it says nothing about it."""
    setting: str | None = None
    """The setting that changes it; None: it is fixed."""


def list_marked(provider: Provider) -> Iterator[Marked]:
    """All of them, fields of bodies last, as deep as the schemas go."""
    life, webhooks = provider.lifecycle, provider.webhooks
    for setting in provider.settings.values():
        yield Marked("setting", setting.name, setting.about, setting.mark, setting.known_from, setting.name)
    for status in life.statuses.values():
        yield Marked("status", status.name, status.about, status.mark, status.known_from)
    for row in life.transitions:
        name, about = f"{row.source} -> {row.target}", f"by the event {row.event}"
        yield Marked("transition", name, about, row.mark, row.known_from)
    for error in provider.errors.values():
        yield Marked("error", error.name, error.about, error.mark, error.known_from, error.setting or None)
    for event in webhooks.events if webhooks is not None else ():
        yield Marked("webhook", event.name, event.about, event.mark, event.known_from)
    for document, schema in sorted(provider.schemas.documents.items()):
        for pointer, each in schema_fields(schema):
            name, setting_name = f"{document}: {pointer}", each.get("x-setting")
            known = str(each.get("x-source", "")), str(each.get("x-known-from", ""))
            yield Marked(
                "field", name, str(each.get("description", "")), *known,
                setting_name if isinstance(setting_name, str) else None,
            )  # fmt: skip


def assumptions(provider: Provider) -> list[dict[str, Any]]:
    """Everything of a provider with the mark `assumed`: `{kind, name, about, setting}`."""
    return [
        {"kind": each.kind, "name": each.name, "about": " ".join(each.about.split()), "setting": each.setting}
        for each in list_marked(provider)
        if each.mark == ASSUMED
    ]


def own_facts(provider: Provider) -> list[tuple[str, str, str, str]]:
    """What the user's own file says about a provider: kind, name, mark and source."""
    told = [(each.kind, each.name, each.mark, each.known_from) for each in list_marked(provider) if each.known_from]
    return [*dict.fromkeys(told)]
