"""What the provider says about a body or query of the wrong shape: one text per field, in the table order of fields.

Pure. It never decides what is wrong, the JSON Schema does; and it is meant for the failing path only, because finding
every violation is slow. A schema's property may carry `x-text`: the provider's words for a pattern that is broken, and
`x-rule`: ours for the true reason, where the provider's do not say what the limit is.

Source: https://docs.koywe.com/en/advanced/error-handling (seen 2026-11) for the body. Observed: the text of an enum.
Assumed: the other texts (those of the validator that prints the enum's), and `secret` being "longer than or equal to".
"""

import copy
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from emulator.contract.schemas import Violation

Document: TypeAlias = Mapping[str, Any]
Path: TypeAlias = tuple[str | int, ...]

NUMBER_TEXT = "must be a number conforming to the specified constraints"
ACCOUNT_CLASH_TEXT = "accountId cannot be combined with originAccountId or destinationAccountId"
"""For the list of orders; no schema says it (assumed)."""

NO_DATE = "not an ISO 8601 date"
"""For reasons: what no time is."""

_DATE_TEXT = "must be a valid ISO 8601 date string"
_URL_TEXT = "must be a URL address"
_EMPTY_TEXT = "should not be empty"
_POSITIVE_TEXT = "must be a positive number"

_TYPE_TEXTS: Mapping[str, str] = {
    "string": "must be a string",
    "boolean": "must be a boolean value",
    "array": "must be an array",
    "object": "must be an object",
    "number": NUMBER_TEXT,
    "integer": NUMBER_TEXT,
}

_KEYWORD_ORDER = (
    "required",
    "type",
    "enum",
    "minLength",
    "maximum",
    "minimum",
    "exclusiveMinimum",
    "pattern",
    "maxLength",
)
"""Of several violations of one field the earliest here speaks."""


def explain_fields(schema: Document, violations: Iterable[Violation]) -> dict[str, str]:
    """One text per field, in table order: dotted name -> `name must be ...`.

    The order is that of the schema's `properties`, nested ones inside their parent's place.
    """
    by_path: dict[Path, list[Violation]] = {}
    for violation in violations:
        by_path.setdefault(violation.path, []).append(violation)
    texts: dict[str, str] = {}
    for path in sorted(by_path, key=lambda path: _rank_path(schema, path)):
        first = min(by_path[path], key=_rank_keyword)
        name = ".".join(map(str, path))
        texts[name] = f"{name} {_phrase(_find_property(schema, path), first)}".lstrip()
    return texts


def list_reasons(schema: Document, violations: Iterable[Violation], secrets: Collection[str] = ()) -> dict[str, str]:
    """The true reason for each bad field, in table order: dotted name -> rule, limit and value that came.

    Of `secrets` no value is shown.
    """
    by_path: dict[Path, list[Violation]] = {}
    for violation in violations:
        by_path.setdefault(violation.path, []).append(violation)
    told: dict[str, str] = {}
    for path in sorted(by_path, key=lambda path: _rank_path(schema, path)):
        first = min(by_path[path], key=_rank_keyword)
        field = _find_property(schema, path)
        rule = _told_rule(field, first)
        got = f", got {first.got}" if first.got and not set(secrets).intersection(path) else ""
        told[".".join(map(str, path))] = rule + got
    return told


def _told_rule(field: Document, violation: Violation) -> str:
    """The rule that is broken. Of a pattern it is what the schema calls it, or by the provider's text what a value is
    not: `not a URL address`. That null would do as well says nothing: it counts as absent."""
    text = field.get("x-text")
    if violation.keyword != "pattern" or text is None:
        return violation.rule.removesuffix(" or null")
    return NO_DATE if text == _DATE_TEXT else field.get("x-rule", f"not {text.removeprefix('must be ')}")


def list_unknown_texts(schema: Document, value: object) -> list[str]:
    """A text for each member that the schema does not name (setting `unknown_properties: reject`).

    Only objects with named properties are looked into, so free content such as `extra` stays unchecked.
    """
    return [
        f"{''.join(f'{part}.' for part in path[:-1])}property {path[-1]} should not exist"
        for path in _walk_unknown(schema, value, ())
    ]


def join_texts(texts: Sequence[str], form: Literal["string", "array"]) -> str | list[str]:
    """The error's `message` as the setting `validation_message` wants it."""
    return list(texts) if form == "array" else ", ".join(texts)


def text_of_number(field: str) -> str:
    """The text for an amount with more decimals than its currency has."""
    return f"{field} {NUMBER_TEXT}"


def text_of_positive(field: str) -> str:
    """The text for an amount that is not above zero, for instance after rounding."""
    return f"{field} {_POSITIVE_TEXT}"


def text_of_moment(field: str) -> str:
    """The text for what is no date or time."""
    return f"{field} {_DATE_TEXT}"


def text_of_url(field: str) -> str:
    """The text for what is no address of the web."""
    return f"{field} {_URL_TEXT}"


def list_moment_fields(schema: Document) -> tuple[str, ...]:
    """The top fields that are dates or times: those whose `x-text` says so."""
    return tuple(name for name, field in schema.get("properties", {}).items() if field.get("x-text") == _DATE_TEXT)


def list_url_fields(schema: Document) -> tuple[str, ...]:
    """The top fields with URLs that are called, and not just opened by a browser: those of the format `uri`."""
    return tuple(name for name, field in schema.get("properties", {}).items() if field.get("format") == "uri")


def place_text(schema: Document, texts: Mapping[str, str], field: str, text: str) -> dict[str, str]:
    """The texts of `explain_fields` with one more, at the field's place; a text that is there already stays."""
    merged = {field: text} | dict(texts)
    return {name: merged[name] for name in sorted(merged, key=lambda name: _rank_path(schema, _split_name(name)))}


def allow_enum_value(schema: Document, field: str, value: str) -> dict[str, Any]:
    """A copy of the schema in which a top field also takes `value` (setting `document_type_cc: accept`)."""
    wider: dict[str, Any] = copy.deepcopy(dict(schema))
    allowed = wider["properties"][field]["enum"]
    if value not in allowed:
        allowed.insert(len(allowed) - (None in allowed), value)
    return wider


def forbid_enum_value(schema: Document, field: str, value: str) -> dict[str, Any]:
    """A copy of the schema in which a top field does not take `value`."""
    narrower: dict[str, Any] = copy.deepcopy(dict(schema))
    narrower["properties"][field]["enum"].remove(value)
    return narrower


def _split_name(name: str) -> Path:
    return tuple(int(part) if part.isdigit() else part for part in name.split("."))


def _rank_keyword(violation: Violation) -> int:
    if violation.keyword in _KEYWORD_ORDER:
        return _KEYWORD_ORDER.index(violation.keyword)
    return len(_KEYWORD_ORDER)


def _rank_path(schema: Document, path: Path) -> tuple[int, ...]:
    ranks: list[int] = []
    for depth, part in enumerate(path):
        if isinstance(part, int):
            ranks.append(part)
            continue
        names = list(_find_property(schema, path[:depth]).get("properties", {}))
        ranks.append(names.index(part) if part in names else len(names))
    return tuple(ranks)


def _find_property(schema: Document, path: Path) -> Document:
    found = schema
    for part in path:
        found = found.get("items", {}) if isinstance(part, int) else found.get("properties", {}).get(part, {})
    return found


def _phrase(schema: Document, violation: Violation) -> str:
    keyword, expected = violation.keyword, violation.expected
    if keyword == "enum":
        return _phrase_enum(expected or schema.get("enum", ()))
    if keyword in ("required", "type") and "enum" in schema:
        return _phrase_enum(schema["enum"])
    if keyword == "required":
        return _DATE_TEXT if schema.get("x-text") == _DATE_TEXT else _phrase_type(schema.get("type"))
    if keyword == "type":
        return _phrase_type(schema.get("type", expected))
    if keyword == "minLength":
        return _EMPTY_TEXT if expected == 1 else f"must be longer than or equal to {expected} characters"
    if keyword == "maxLength":
        return f"must be shorter than or equal to {expected} characters"
    if keyword == "exclusiveMinimum":
        return _POSITIVE_TEXT
    return str(schema.get("x-text", NUMBER_TEXT if keyword in ("minimum", "maximum") else "is not valid"))


def _phrase_enum(values: Iterable[object]) -> str:
    return "must be one of the following values: " + ", ".join(str(value) for value in values if value is not None)


def _phrase_type(expected: str | Sequence[str] | None) -> str:
    names = [expected] if isinstance(expected, str) else expected or ["string"]
    return _TYPE_TEXTS.get(names[0], "is not valid")


def _walk_unknown(schema: Document, value: object, path: Path) -> Iterator[Path]:
    if isinstance(value, list):
        for position, item in enumerate(value):
            yield from _walk_unknown(schema.get("items", {}), item, (*path, position))
    properties = schema.get("properties")
    if not isinstance(value, dict) or properties is None:
        return
    for name, member in value.items():
        if name not in properties:
            yield (*path, name)
        else:
            yield from _walk_unknown(properties[name], member, (*path, name))
