"""The words for broken rules: the emulator's own, for every rule that its schemas have."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.core import wire
from emulator.core.schema import Schema
from emulator.providers import load_all

ROOT = Path(__file__).parent.parent.parent

BROKEN: list[tuple[dict[str, Any], Any, str]] = [
    ({"type": "object"}, 1, '1 is not of type "object"'),
    ({"type": ["null", "object"]}, "x", '"x" is not of type "null" or "object"'),
    ({"enum": ["a", 1, None]}, "b", '"b" is not one of "a", 1, null'),
    ({"const": 1}, 2, "2 is not 1"),
    ({"pattern": "^a$"}, "b", '"b" does not match ^a$'),
    ({"required": ["a"]}, {}, '"a" is required'),
    ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, '"b" is required'),
    ({"properties": {"a": {}}, "additionalProperties": False}, {"b": 1, "c": 2}, 'no such member: "b", "c"'),
    ({"unevaluatedProperties": False}, {"b": 1}, 'no such member: "b"'),
    ({"additionalProperties": False}, {"b": 1}, "1 is not allowed"),
    ({"properties": {"a": False}}, {"a": "x"}, '"x" is not allowed'),
    ({"propertyNames": {"pattern": "^a"}}, {"b": 1}, 'a member\'s name: "b" does not match ^a'),
    ({"minimum": 1}, 0, "0 is less than the minimum of 1"),
    ({"maximum": 1}, 2, "2 is greater than the maximum of 1"),
    ({"exclusiveMinimum": 1}, 1, "1 is not greater than 1"),
    ({"exclusiveMaximum": 1}, 1, "1 is not less than 1"),
    ({"multipleOf": 2}, 3, "3 is not a multiple of 2"),
    ({"minLength": 2}, "a", '"a" is shorter than 2 characters'),
    ({"maxLength": 1}, "ab", '"ab" is longer than 1 characters'),
    ({"minItems": 1}, [], "[] has fewer than 1 items"),
    ({"maxItems": 1}, [1, 2], "[1,2] has more than 1 items"),
    ({"uniqueItems": True}, [1, 1], "[1,1] has an item twice"),
    ({"minProperties": 1}, {}, "{} has fewer than 1 members"),
    ({"maxProperties": 0}, {"a": 1}, '{"a":1} has more than 0 members'),
    ({"anyOf": [{"type": "string"}, {"type": "null"}]}, 1, "1 fits none of the forms that are allowed"),
    ({"oneOf": [{}, {"maxLength": 9}]}, "x", '"x" does not fit exactly one of the forms that are allowed'),
    ({"not": {"type": "string"}}, "a", '"a" is not allowed'),
    ({"contains": {"type": "string"}}, [1], "[1] breaks the rule contains"),
]  # fmt: skip
SILENT = {
    "properties",
    "items",
    "if",
    "then",
    "else",
    "allOf",
    "dependentSchemas",
    "$ref",
    "format",
    "patternProperties",
}
"""Rules that only hold others, or that the validator does not judge."""


@pytest.mark.parametrize(("schema", "value", "words"), BROKEN, ids=lambda each: str(each)[:40])
def test_a_broken_rule_is_told_in_words_of_the_emulators_own(schema: dict[str, Any], value: Any, words: str) -> None:
    assert [violation.message for violation in Schema(schema).violations(value)] == [words]


def test_the_value_is_quoted_where_it_stands_and_as_it_was_written() -> None:
    schema = Schema({"properties": {"a": {"items": {"maximum": 1}}}})
    (violation,) = schema.violations(wire.decode(b'{"a":[0,2.50e0]}'))
    assert violation.message == "2.50e0 is greater than the maximum of 1"


NAMED = {"properties", "$defs", "dependentSchemas", "patternProperties"}
LISTED = {"allOf", "anyOf", "oneOf", "prefixItems"}
HELD = {"items", "additionalProperties", "not", "if", "then", "else", "propertyNames", "contains"}


def keywords(schema: Any) -> Iterator[str]:
    """The keywords of a JSON Schema and of those within it."""
    for keyword, rule in schema.items() if isinstance(schema, dict) else ():
        yield keyword
        inner = rule.values() if keyword in NAMED else rule if keyword in LISTED else [rule] if keyword in HELD else []
        for each in inner:
            yield from keywords(each)


def test_every_rule_of_the_shipped_schemas_has_words() -> None:
    documents = [json.loads(path.read_text("utf-8")) for path in (ROOT / "schemas").rglob("*.json")]
    documents += [setting.schema for card in load_all().values() for setting in card.settings.values()]
    used = {keyword for document in documents for keyword in keywords(document)}
    about = {"$schema", "$id", "$defs", "$comment", "title", "description", "default", "examples", "deprecated"}
    rules = {keyword for keyword in used - about - SILENT if not keyword.startswith("x-")}
    assert len(rules) > 15
    assert rules <= {keyword for schema, _, words in BROKEN for keyword in schema if "breaks the rule" not in words}
