"""What the provider says about a body or query of the wrong shape: one text for each field, in the schema's order.

For refusals alone, because finding every violation is slow. A property of a schema may have `x-text`, the provider's
words for a broken pattern, and `x-rule`, the words of the true reason, where the provider's do not name the limit.

Source: https://docs.koywe.com/en/advanced/error-handling (seen 2026-11) for the body. Observed: the text of an enum.
Assumed: the other texts (those of the validator that prints the enum's), and `secret` being "longer than or equal to".
"""

import copy
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from emulator.contract.schemas import Violation

Document = Mapping[str, Any]
Path = tuple[str | int, ...]

NUMBER_TEXT = "must be a number conforming to the specified constraints"
ACCOUNT_CLASH_TEXT = "accountId cannot be combined with originAccountId or destinationAccountId"
"""Of the list of orders, for a rule that no schema has. Assumed."""

NO_DATE = "not an ISO 8601 date"
"""The rule of dates and times, for reasons."""

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
"""Of several violations of a field, the one that comes first here is named."""


def explain_fields(schema: Document, violations: Iterable[Violation]) -> dict[str, str]:
    """Dotted name of a bad field -> `name must be ...`, in the order of the schema's `properties`, nested ones at the
    place of their parent."""
    texts: dict[str, str] = {}
    for violation in _list_first(schema, violations):
        name = ".".join(map(str, violation.path))
        texts[name] = f"{name} {_phrase(_find_property(schema, violation.path), violation)}".lstrip()
    return texts


def list_reasons(schema: Document, violations: Iterable[Violation], secrets: Collection[str] = ()) -> dict[str, str]:
    """Dotted name of a bad field -> the true reason: rule, limit and value; in the same order. The values of `secrets`
    are not shown."""
    told: dict[str, str] = {}
    for violation in _list_first(schema, violations):
        path, got = violation.path, violation.got
        rule = _write_rule(_find_property(schema, path), violation)
        told[".".join(map(str, path))] = f"{rule}, got {got}" if got and not set(secrets).intersection(path) else rule
    return told


def _list_first(schema: Document, violations: Iterable[Violation]) -> list[Violation]:
    """The violation of each bad field that is named, in the schema's order."""
    first: dict[Path, Violation] = {}
    for violation in sorted(violations, key=_rank_keyword):
        first.setdefault(violation.path, violation)
    return [first[path] for path in sorted(first, key=lambda path: _rank_path(schema, path))]


def _write_rule(field: Document, violation: Violation) -> str:
    """The broken rule; for a pattern the schema's `x-rule`, or what the value is not by the provider's text: `not a URL
    address`. That null is allowed is left out, because it counts as absent."""
    text = field.get("x-text")
    if violation.keyword != "pattern" or text is None:
        return violation.rule.removesuffix(" or null")
    return NO_DATE if text == _DATE_TEXT else field.get("x-rule", f"not {text.removeprefix('must be ')}")


def list_unknown_texts(schema: Document, value: object) -> list[str]:
    """A text for each member that the schema does not name (setting `unknown_properties: reject`). Free content, such
    as `extra`, is not checked."""
    return [
        f"{''.join(f'{part}.' for part in path[:-1])}property {path[-1]} should not exist"
        for path in _walk_unknown(schema, value, ())
    ]


def join_texts(texts: Sequence[str], form: Literal["string", "array"]) -> str | list[str]:
    """The error's `message`, in the form of the setting `validation_message`."""
    return list(texts) if form == "array" else ", ".join(texts)


def write_number_text(field: str) -> str:
    """The text for an amount with more decimals than its currency has."""
    return f"{field} {NUMBER_TEXT}"


def write_positive_text(field: str) -> str:
    """The text for an amount that is not above 0, perhaps because it was rounded."""
    return f"{field} {_POSITIVE_TEXT}"


def write_moment_text(field: str) -> str:
    """The text for a value that is not a date or time."""
    return f"{field} {_DATE_TEXT}"


def write_url_text(field: str) -> str:
    """The text for a value that is not a URL."""
    return f"{field} {_URL_TEXT}"


def list_moment_fields(schema: Document) -> tuple[str, ...]:
    """The top fields that are dates or times: those whose `x-text` says so."""
    return tuple(name for name, field in schema.get("properties", {}).items() if field.get("x-text") == _DATE_TEXT)


def list_url_fields(schema: Document) -> tuple[str, ...]:
    """The top fields with URLs that are called, and not just opened by a browser: those of the format `uri`."""
    return tuple(name for name, field in schema.get("properties", {}).items() if field.get("format") == "uri")


def place_text(schema: Document, texts: Mapping[str, str], field: str, text: str) -> dict[str, str]:
    """The texts of `explain_fields` and one more, at the field's place; a text that the field has already stays."""
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
