"""What is only assumed about a provider: it is neither documented nor observed, and may be wrong."""

from collections.abc import Iterator
from typing import Any

from emulator.contract.card import Provider
from emulator.contract.webhooks import WebhookEvent
from emulator.core.field_facts import schema_fields

ASSUMED = "assumed"


def assumptions(provider: Provider) -> list[dict[str, Any]]:
    """Everything of a provider with the mark `assumed`: `{kind, name, about, setting}`. `setting` names the one that
    changes it; None: it is fixed."""
    life = provider.lifecycle
    return [
        *(_item("setting", each.name, each.about, each.name) for each in provider.settings.values() if _is(each.mark)),
        *(_item("status", each.name, each.about) for each in life.statuses.values() if _is(each.mark)),
        *(
            _item("transition", f"{row.source} -> {row.target}", f"by the event {row.event}")
            for row in life.transitions
            if _is(row.mark)
        ),
        *(
            _item("error", each.name, each.about, each.setting or None)
            for each in provider.errors.values()
            if _is(each.mark)
        ),
        *(_item("webhook", each.name, each.about) for each in _webhooks(provider) if _is(each.mark)),
        *(item for name, schema in sorted(provider.schemas.documents.items()) for item in _fields(name, schema)),
    ]


def own_facts(provider: Provider) -> list[tuple[str, str, str, str]]:
    """What the user's own file says about a provider: kind, name, mark and source."""
    life = provider.lifecycle
    named: list[tuple[str, str, Any]] = [
        *(("setting", each.name, each) for each in provider.settings.values()),
        *(("status", each.name, each) for each in life.statuses.values()),
        *(("transition", f"{row.source} -> {row.target}", row) for row in life.transitions),
        *(("error", each.name, each) for each in provider.errors.values()),
        *(("webhook", each.name, each) for each in _webhooks(provider)),
    ]
    fields = [
        ("field", f"{name}: {pointer}", schema["x-source"], schema["x-known-from"])
        for name, document in sorted(provider.schemas.documents.items())
        for pointer, schema in schema_fields(document)
        if "x-known-from" in schema
    ]
    found = [(kind, name, each.mark, each.known_from) for kind, name, each in named if each.known_from]
    return [*dict.fromkeys([*found, *fields])]


def _webhooks(provider: Provider) -> tuple[WebhookEvent, ...]:
    return provider.webhooks.events if provider.webhooks is not None else ()


def _is(mark: str) -> bool:
    return mark == ASSUMED


def _item(kind: str, name: str, about: str, setting: str | None = None) -> dict[str, Any]:
    return {"kind": kind, "name": name, "about": " ".join(about.split()), "setting": setting}


def _fields(name: str, document: Any) -> Iterator[dict[str, Any]]:
    """The members with the mark, as deep as the schema goes."""
    for pointer, schema in schema_fields(document):
        if schema.get("x-source") == ASSUMED:
            about, setting = str(schema.get("description", "")), schema.get("x-setting")
            yield _item("field", f"{name}: {pointer}", about, setting if isinstance(setting, str) else None)
