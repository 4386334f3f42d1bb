"""Faults: the rules of the sandbox with what has become of them, and adding one by a form that knows its arguments."""

import json
from typing import Any

from msgspec import Struct

from emulator.core.faults import injection
from emulator.core.faults.registry import FAULTS, ON_ANSWERS, ON_DELIVERIES
from emulator.core.faults.rules import rule_members
from emulator.core.journal import as_json
from emulator.web.console.commands import Taken, write_call
from emulator.web.console.fields import MEMBER, Field, read_value, write_field
from emulator.web.console.visit import Shown, Visit
from emulator.web.control.refusals import ControlError

_FIRED_SHOWN = 10
_USUAL = "reset"


class RuleShown(Struct, frozen=True):
    """A rule, for people."""

    id: str
    fault: str
    about: str
    where: str
    """What else it says, as JSON without the name."""
    used: int
    """How often it has acted; counted if that is bounded."""
    times: int | None
    """How often it may be used; None: always."""


async def show_faults(visit: Visit) -> Shown:
    """The rules, those that have acted, and the form for a new one."""
    tx = visit.transaction()
    fault = FAULTS[visit.choose("fault", [_USUAL, *FAULTS])]
    rules = [
        RuleShown(
            rule_id,
            rule["fault"],
            FAULTS[rule["fault"]].about,
            ", ".join(f"{name} {json.dumps(value, default=str)}" for name, value in rule.items() if name != "fault"),
            injection.count_used(tx, rule_id, rule),
            rule.get("times"),
        )
        for rule_id, rule in injection.sandbox_rules(tx)
    ]
    wanted = {"fault": fault.name, "times": 1}
    values = {
        "rules": rules,
        "fired": _list_fired(visit),
        "fault": fault,
        "groups": [
            (title, [(name, visit.path("faults", fault=name), name == fault.name) for name in group])
            for title, group in (("In answers", ON_ANSWERS), ("In webhooks", ON_DELIVERIES))
        ],
        "rule_fields": [_write(visit, name, schema) for name, schema in rule_members(fault).items() if name != "fault"],
        "add_path": visit.path("faults"),
        "remove_path": visit.path("faults/remove"),
    }
    taken = (
        write_call(f"{visit.control}/faults", wanted),
        Taken("test", f'emulator.inject("{fault.name}", times=1)'),
    )
    return Shown("faults.html", "Faults", values, path="faults", taken=taken)


def _write(visit: Visit, name: str, schema: dict[str, Any]) -> Field:
    """A field of the rule; where the providers say what there is, it can be chosen."""
    usual = "1" if name == "times" else ""
    field = write_field(name, schema, visit.form.get(MEMBER + name, usual))
    cards = visit.providers
    events = {each.name for card in cards.values() if card.webhooks is not None for each in card.webhooks.events}
    known = {
        "provider": list(cards),
        "endpoint": sorted({each.name for card in cards.values() for each in card.endpoints}),
        "event": sorted(events),
    }
    return Field(name, field.value, tuple(known[name]), field.help) if name in known else field


def _list_fired(visit: Visit) -> list[tuple[str, str, str]]:
    """What faults have last done: when, what, and the page where it is seen."""
    found: list[tuple[str, str, str]] = []
    for entry in visit.journal.entries(newest_first=True):
        shown = as_json(entry)
        reason = str(shown.get("reason") or "")
        if entry.kind == "request" and "the fault " in reason:
            what = f"{entry.method} {shown['path']}: {reason}"
            found.append((shown["at"][11:19], what, visit.path("requests", str(entry.number))))
        elif entry.kind == "delivery" and shown.get("fault"):
            page = visit.path("webhooks", str(shown["webhook"])) if shown.get("webhook") else ""
            found.append((shown["at"][11:19], f"webhook {shown.get('webhook')}: the fault {shown['fault']}", page))
        if len(found) == _FIRED_SHOWN:
            break
    return found


async def add(visit: Visit) -> str:
    """Adds the rule of the form; gives the path of the list."""
    name = visit.form.get("fault", "")
    fault = FAULTS.get(name)
    schemas = rule_members(fault) if fault is not None else {}
    rule: dict[str, Any] = {"fault": name}
    for field, text in visit.form.items():
        member = field.removeprefix(MEMBER)
        if member != field and text.strip():
            rule[member] = read_value(schemas.get(member, {}), text)
    await visit.call("POST", "faults", rule)
    return visit.path("faults", fault=name)


async def remove(visit: Visit) -> str:
    """Removes the rule of the form, or all."""
    wanted = visit.form.get("rule")
    if wanted is None:
        raise ControlError("bad-request", "say which rule: its id, or all")
    if wanted == "all":
        await visit.call("DELETE", "faults")
    else:
        await visit.call("DELETE", "faults/{fault}", fault=wanted)
    return visit.path("faults")
