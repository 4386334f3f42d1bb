"""What is wrong with a value that a setting or an event is given."""

from typing import Any

from emulator.contract.lifecycle import Arguments, Event
from emulator.contract.schemas import Violation
from emulator.contract.setting import Setting
from emulator.core.schema import Schema

_MOST_TOLD = 3
"""How many broken rules of one value are told; who mends these will see the others."""


def problem_of_setting(setting: Setting, value: Any) -> str | None:
    """Why a value is not good, with what is, but without the value, which may be secret; None if it is good."""
    schema = Schema(setting.schema)
    if schema.accepts(value):
        return setting.check(value)
    good = setting.schema.get("enum")
    if good is not None:
        return f"use one of {', '.join(map(str, good))}"
    return "; ".join(map(_placed_rule, schema.violations(value)[:_MOST_TOLD])) + f" ({setting.about})"


def _placed_rule(violation: Violation) -> str:
    """The broken rule, and where within the value, if that is not the whole of it."""
    return f"{violation.pointer}: {violation.rule}" if violation.path else violation.rule


def problem_of_arguments(event: Event, arguments: Arguments) -> str | None:
    """Why an event can not happen with these arguments, whatever the status, and what it takes; None: it can."""
    if not arguments:
        return None
    properties = dict(event.arguments or {})
    schema = Schema({"type": "object", "properties": properties, "additionalProperties": False})
    problems = [violation.message for violation in schema.violations(arguments)]
    takes = ", ".join(properties) or "no arguments"
    return f"{'; '.join(problems)}: this event takes {takes}" if problems else None
