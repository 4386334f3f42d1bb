"""What is only assumed about a provider: nothing is documented or was observed, so that it may be otherwise."""

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.contract.card import Provider

ASSUMED = "assumed"


def assumptions(provider: Provider) -> list[dict[str, Any]]:
    """Everything of a provider with the mark `assumed`: `{kind, name, about, setting}`. `setting` names the one that
    makes it otherwise; None: it is fixed here."""
    life = provider.lifecycle
    return [
        *(_item("setting", each.name, each.about, each.name) for each in provider.settings.values() if _is(each.mark)),
        *(_item("status", each.name, each.about) for each in life.statuses.values() if _is(each.mark)),
        *(
            _item("transition", f"{row.source} -> {row.target}", f"by the event {row.event}")
            for row in life.transitions
            if _is(row.mark)
        ),
        *(_item("error", each.name, each.about) for each in provider.errors.values() if _is(each.mark)),
        *(
            _item("field", f"{name}: {pointer}", about)
            for name, document in sorted(provider.schemas.documents.items())
            for pointer, about in _fields(document)
        ),
    ]


def _is(mark: str) -> bool:
    return mark == ASSUMED


def _item(kind: str, name: str, about: str, setting: str | None = None) -> dict[str, Any]:
    return {"kind": kind, "name": name, "about": " ".join(about.split()), "setting": setting}


def _fields(schema: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Pointer and description of the members with the mark, as deep as the schema goes."""
    if isinstance(schema, list):
        for each in schema:
            yield from _fields(each, pointer)
    if not isinstance(schema, Mapping):
        return
    if schema.get("x-source") == ASSUMED:
        yield pointer or "/", str(schema.get("description", ""))
    for keyword, value in schema.items():
        if keyword == "properties":
            for name, member in value.items():
                yield from _fields(member, f"{pointer}/{name}")
        elif keyword in ("items", "allOf", "anyOf", "oneOf", "then", "else"):
            yield from _fields(value, pointer)
