"""The differences between a value and its schema, field by field."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from emulator.contract.card import Provider
from emulator.contract.schemas import Schema, Violation
from emulator.core import wording
from emulator.core.redaction import REDACTED, hide, is_secret
from emulator.traffic.drift import Drift

_KINDS = {
    "required": "missing-member",
    "dependentRequired": "missing-member",
    "additionalProperties": "new-member",
    "type": "other-type",
    "enum": "unknown-value",
    "const": "unknown-value",
}
"""The kind of drift that a broken rule is; any other rule: other-form."""


def drifts_of(card: Provider, name: str, value: Any, message: str) -> list[tuple[Violation, Drift]]:
    """What differs from the schema with this name, each with the rule that is broken; redacted values are passed
    over."""
    schema = card.schemas[name]
    return [
        (violation, replace(drift, fact=_name_fact(name, schema, violation, drift)))
        for violation in schema.nearest(value)
        if not _is_redacted(_value_at(value, violation.path))
        for drift in _write(schema, value, violation, card.name, message)
    ]


def _write(schema: Schema, value: Any, violation: Violation, provider: str, message: str) -> Iterator[Drift]:
    known = _read_marks(schema, violation)
    if violation.unexpected:
        for name in violation.unexpected:
            what = wording.kind_word(_value_at(value, (*violation.path, name)))
            field = pointer((*violation.path, name))
            yield Drift("new-member", provider, message, field, f"is new: {what}", "", *known)
        return
    is_forbidden = [*schema.nodes(violation.schema_path)][-1] is False
    kind = "new-member" if is_forbidden else _KINDS.get(violation.keyword, "other-form")
    seen = "" if kind == "missing-member" else _show(value, violation.path)
    said, example = violation.rule, seen
    if kind == "unknown-value":  # each value is a difference of its own
        said, example = f"{seen} is {violation.rule}", ""
    yield Drift(kind, provider, message, pointer(violation.path), said, example, *known)


def _read_marks(schema: Schema, violation: Violation) -> list[str | None]:
    """What the schema says about the place: mark, setting and page, each from the nearest node that has one."""
    found: list[str | None] = [None, None, None]
    for node in schema.nodes(violation.schema_path):
        described = [node]
        if violation.keyword == "required" and isinstance(node, Mapping):
            described.append(node.get("properties", {}).get(violation.expected))
        for each in described:
            if isinstance(each, Mapping):
                said = [each.get(name) for name in ("x-source", "x-setting", "x-page")]
                found = [new if isinstance(new, str) else old for new, old in zip(said, found, strict=True)]
    return found


def _name_fact(name: str, schema: Schema, violation: Violation, drift: Drift) -> str:
    """`<schema>: <pointer>` of the field, in the file of the schema that has it."""
    file, path, before = name, "", ""
    for part, node in zip(violation.schema_path, schema.nodes(violation.schema_path), strict=False):
        if part == "$ref":
            file, path = node["$ref"].partition("#")[0].removesuffix(".json") or file, ""
        elif before == "properties":
            path += f"/{part}"
        before = str(part)
    if violation.unexpected or violation.keyword == "required":
        path += f"/{drift.field.rpartition('/')[2]}"
    return f"{file}: {path or '/'}"


def pointer(path: Iterable[str | int]) -> str:
    """JSON pointer to a field, the same for all items of a list; `/` for the whole."""
    return wording.pointer("*" if isinstance(part, int) else part for part in path) or "/"


def _value_at(value: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _show(value: Any, path: tuple[str | int, ...]) -> str:
    """The value as JSON, without secrets."""
    if any(isinstance(part, str) and is_secret(part) for part in path):
        return REDACTED
    return wording.shown(hide(_value_at(value, path)))


def _is_redacted(value: Any) -> bool:
    return isinstance(value, str) and REDACTED in value
