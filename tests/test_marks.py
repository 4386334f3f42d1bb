"""What is assumed about a provider can be listed: settings, statuses, transitions, errors, webhooks, fields."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from emulator import providers
from emulator.core.schema import SchemaFolder
from emulator.views.marks import assumptions
from tests.command import in_process

KINDS = {"setting", "status", "transition", "error", "webhook", "field"}


@pytest.mark.parametrize("name", providers.NAMES)
def test_exactly_what_is_marked_as_assumed_is_listed(name: str) -> None:
    card = providers.load(name)
    found: dict[str, list[Any]] = {kind: [] for kind in KINDS}
    for item in assumptions(card):
        found[item["kind"]].append(item)
    assert {each["setting"] for each in found["setting"]} == {
        each.name for each in card.settings.values() if each.mark == "assumed"
    }
    assert len(found["status"]) == sum(each.mark == "assumed" for each in card.lifecycle.statuses.values())
    assert len(found["transition"]) == sum(row.mark == "assumed" for row in card.lifecycle.transitions)
    assert {each["name"] for each in found["error"]} == {
        each.name for each in card.errors.values() if each.mark == "assumed"
    }
    events = card.webhooks.events if card.webhooks else ()
    assert [each["name"] for each in found["webhook"]] == [each.name for each in events if each.mark == "assumed"]
    assert {each["setting"] for each in found["error"]} <= {None, *card.settings}
    marked = json.dumps(dict(card.schemas.documents), default=str).count('"x-source": "assumed"')
    assert len(found["field"]) == marked


def test_a_marked_field_is_found_at_any_depth() -> None:
    marked = {"description": "It.", "x-source": "assumed"}
    deep = {"items": {"properties": {"b": marked}}}
    schema = {"properties": {"a": deep, "c": {"anyOf": [{"properties": {"d": marked}}]}}}
    card = replace(providers.load("baanx"), schemas=SchemaFolder(lambda: {"x.response": schema}))
    names = [each["name"] for each in assumptions(card) if each["kind"] == "field"]
    assert names == ["x.response: /a/b", "x.response: /c/d"]


def test_the_command_lists_what_is_assumed() -> None:
    text = in_process("providers", "koywe", "--assumed").stdout
    assert text.splitlines()[1].split() == ["kind", "name", "setting", "about"]
    document = json.loads(in_process("providers", "--assumed", "--json").stdout)
    assert list(document) == list(providers.NAMES)
    assert {each["kind"] for items in document.values() for each in items} <= KINDS
