"""What is wrong with a document, a setting or the arguments of an event, in words."""

import re
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Struct

from emulator.contract.lifecycle import Arguments, Event
from emulator.contract.schemas import ValuePath, Violation
from emulator.contract.setting import Setting
from emulator.core.schema import Schema
from emulator.core.wording import KINDS, cut, pointer


class Problem(Struct, frozen=True):
    """Why a document is refused: where in it, and what to do."""

    path: ValuePath
    message: str


_MOST_TOLD = 3
"""How many broken rules of a value are reported at once."""


def setting_problem(setting: Setting, value: Any) -> str | None:
    """Why a setting cannot have a value, and what it can have; None: it can. Never quotes the value, maybe a secret."""
    schema = Schema(setting.schema)
    if schema.accepts(value):
        return setting.check(value)
    good = setting.schema.get("enum")
    if good is not None:
        return f"use one of {', '.join(map(str, good))}"
    return "; ".join(map(_placed_rule, schema.violations(value)[:_MOST_TOLD])) + f" ({setting.about})"


def _placed_rule(violation: Violation) -> str:
    """The broken rule, preceded by its place, unless it is about the whole value."""
    return f"{pointer(violation.path)}: {violation.rule}" if violation.path else violation.rule


def type_problem(mistake: msgspec.ValidationError, *start: str | int) -> str:
    """What msgspec found wrong, with its place, in the words of schemas. `start`: the path to the value read."""
    text, _, place = str(mistake).partition(" - at `$")
    path = [*start, *(name or int(index) for name, index in _STEP.findall(place) if name or index)]
    found = next((found for pattern in _MISTAKES if (found := pattern.fullmatch(text))), None)
    kind, value = (str(found.lastgroup), found[str(found.lastgroup)]) if found is not None else ("", "")
    if kind == "missing":
        path.append(value)
    rule = _WORDS[kind](value)
    return f"{pointer(path)}: {rule}" if path else rule


_STEP = re.compile(r"\.([^.\[\]`]+)|\[(\d+|)(?:\.\.\.)?\]")
_MISTAKES = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        r"Object contains unknown field `(?P<unknown>.*)`",
        r"Object missing required field `(?P<missing>.*)`",
        r"Expected `str` matching regex ['\"](?P<pattern>.*)['\"]",
        r"Expected `\w+` >=? (?P<least>\S+)",
        r"Expected `\w+` <=? (?P<most>\S+)",
        r"Expected `(?P<kind>[^`]*)`, got .*",
    )
)
_KINDS = {"str": KINDS["string"], "int": KINDS["integer"], "float": KINDS["number"], "bool": KINDS["boolean"], **KINDS}
_WORDS: dict[str, Callable[[str], str]] = {
    "unknown": lambda member: f"unknown: {cut(member)}",
    "missing": lambda member: "missing",
    "pattern": lambda pattern: "does not match " + pattern.replace("\\\\", "\\"),  # Python's quoting doubled them
    "least": lambda bound: f"below {bound}",
    "most": lambda bound: f"above {bound}",
    "kind": lambda names: f"not {' or '.join(_KINDS.get(name.strip(), name.strip()) for name in names.split('|'))}",
    "": lambda _: "does not fit",
}


def arguments_problem(event: Event, arguments: Arguments) -> str | None:
    """Why an event cannot take these arguments, in any status, and which it takes; None: it can."""
    if not arguments:
        return None
    properties = dict(event.arguments or {})
    schema = Schema({"type": "object", "properties": properties, "additionalProperties": False})
    problems = [
        f"{each.path[0]}: {each.message}" if each.path else each.message for each in schema.violations(arguments)
    ]
    takes = ", ".join(properties) or "no arguments"
    return f"{'; '.join(problems)}: this event takes {takes}" if problems else None
