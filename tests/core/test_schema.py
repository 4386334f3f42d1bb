"""The fast validator against the reference validator."""

import socket
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.core import json_text
from emulator.core.schema import Schema, reasons
from tests.reference import as_floats

SCALARS = st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text("ab-1é", max_size=4)
NUMBERS = st.decimals(-1000, 1000, places=2)
VALUES = st.recursive(
    SCALARS | NUMBERS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
TYPES = st.sampled_from(["null", "boolean", "integer", "number", "string", "array", "object"])
RULES: dict[str, st.SearchStrategy[Any]] = {
    "type": TYPES | st.lists(TYPES, min_size=1, max_size=3, unique=True),
    "const": SCALARS,
    "enum": st.lists(SCALARS, min_size=1, max_size=3, unique_by=repr),
    "minimum": st.integers(-5, 5),
    "exclusiveMaximum": st.integers(-5, 5),
    "multipleOf": st.integers(1, 5),
    "minLength": st.integers(0, 3),
    "maxLength": st.integers(0, 3),
    "pattern": st.sampled_from(["^a", "b$", "^[ab]+$", "-"]),
    "minItems": st.integers(0, 3),
    "uniqueItems": st.booleans(),
    "required": st.lists(st.sampled_from("abc"), unique=True),
    "additionalProperties": st.booleans(),
    "minProperties": st.integers(0, 2),
}
SCHEMAS = st.recursive(
    st.fixed_dictionaries({}, optional=RULES),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "properties": st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
            "items": inner,
            "anyOf": st.lists(inner, min_size=1, max_size=2),
            "oneOf": st.lists(inner, min_size=1, max_size=2),
            "not": inner,
            "if": inner,
            "then": inner,
        },
    ),
    max_leaves=4,
)


@given(SCHEMAS, VALUES)
def test_both_validators_agree(document: dict[str, Any], value: Any) -> None:
    schema, reference = Schema(document), jsonschema.Draft202012Validator(document)
    assert schema.accepts(value) == reference.is_valid(as_floats(value))
    assert bool(schema.violations(value)) != schema.accepts(value)


@given(SCHEMAS, VALUES)
def test_both_validators_name_the_same_places(document: dict[str, Any], value: Any) -> None:
    reference = jsonschema.Draft202012Validator(document)
    expected = {(tuple(error.absolute_path), error.validator) for error in reference.iter_errors(as_floats(value))}
    found = {
        (violation.path[:-1] if violation.keyword == "required" else violation.path, violation.keyword)
        for violation in Schema(document).violations(value)
    }
    assert found == {(path, str(keyword)) for path, keyword in expected}


ORDER = Schema(
    {
        "type": "object",
        "required": ["b", "a"],
        "properties": {
            "a": {"type": "string", "enum": ["x", "y"]},
            "b": {"type": "array", "items": {"type": "integer", "maximum": 3}},
            "c": {"$ref": "part.json"},
        },
        "additionalProperties": False,
    },
    {"part.json": {"$id": "https://example.com/part.json", "type": "object", "properties": {"d": {"minLength": 2}}}},
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": "x", "b": []}, []),
        ({}, [("/a", "required", "a"), ("/b", "required", "b")]),
        ({"a": 5, "b": [1, 9]}, [("/a", "type", "string"), ("/a", "enum", ["x", "y"]), ("/b/1", "maximum", 3)]),
        ({"b": {}, "a": "x", "z": 1}, [("", "additionalProperties", False), ("/b", "type", "array")]),
        ({"b": [], "a": "x", "c": {"d": "1"}}, [("/c/d", "minLength", None)]),
        ([], [("", "type", "object")]),
    ],
)
def test_violations_come_in_the_order_of_the_properties(value: Any, expected: list[tuple[str, str, Any]]) -> None:
    found = [(violation.pointer, violation.keyword, violation.expected) for violation in ORDER.violations(value)]
    assert sorted(found, key=lambda each: each[0]) == sorted(expected, key=lambda each: each[0])
    assert [pointer for pointer, *_ in found] == [pointer for pointer, *_ in expected]


def test_a_pointer_escapes_what_names_may_contain() -> None:
    [violation] = Schema({"additionalProperties": {"type": "string"}}).violations({"a/b~c": 5})
    assert violation.pointer == "/a~1b~0c"


@pytest.mark.parametrize(
    "literal", ["1e400", "-1e400", "1e-400", "1e5", "9" * 400, "1." + "1" * 400, "1e999999999", "0.0", "1.0"]
)
def test_numbers_of_any_size_can_be_checked(literal: str) -> None:
    value = json_text.decode(literal)
    assert Schema({"type": "number"}).accepts(value)
    assert Schema({"type": "number"}).violations(value) == []
    assert not Schema({"type": "string"}).accepts(value)
    Schema({"type": "integer", "minimum": 0, "maximum": 100, "multipleOf": 0.01}).violations(value)


def test_no_schema_is_fetched_from_the_network(tmp_path: Path) -> None:
    lying = tmp_path / "schema.json"
    lying.write_text("{}")
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.settimeout(0)
        for address in (f"http://127.0.0.1:{listening.getsockname()[1]}/schema.json", lying.as_uri(), "other.json"):
            with pytest.raises(ValueError, match="not a JSON Schema"):
                Schema({"properties": {"a": {"$ref": address}}}).compile()
        with pytest.raises(BlockingIOError):
            listening.accept()


@pytest.mark.parametrize("document", [{"type": "txt"}, {"pattern": "("}, {"minimum": "1"}, {"required": "a"}])
def test_an_invalid_schema_fails_when_it_is_compiled(document: dict[str, Any]) -> None:
    schema = Schema(document)
    with pytest.raises(ValueError, match="not a JSON Schema"):
        schema.compile()


MESSAGES: list[tuple[dict[str, Any], Any, str]] = [
    ({"type": "number"}, "50000", 'not a number, got "50000"'),
    ({"type": ["string", "null"]}, 5, "not a string or null, got 5"),
    ({"type": "integer"}, json_text.decode("1.50"), "not a whole number, got 1.50"),
    ({"enum": ["PAYIN", "PAYOUT"]}, "payin", 'not one of PAYIN, PAYOUT, got "payin"'),
    ({"enum": ["A", None]}, "b", 'not A, got "b"'),
    ({"const": 1}, 2, "not 1, got 2"),
    ({"maxLength": 3}, "abcd", "4 characters, at most 3"),
    ({"minLength": 2}, "a", "1 character, at least 2"),
    ({"minItems": 2}, [1], "1 item, at least 2"),
    ({"maxProperties": 0}, {"a": 1}, "1 member, at most 0"),
    ({"minimum": 3}, 2, "below 3, got 2"),
    ({"maximum": 3}, 4, "above 3, got 4"),
    ({"exclusiveMinimum": 0}, 0, "not above 0, got 0"),
    ({"exclusiveMaximum": 3}, 3, "not below 3, got 3"),
    ({"multipleOf": 5}, 7, "not a multiple of 5, got 7"),
    ({"pattern": "^a"}, "b", 'does not match ^a, got "b"'),
    ({"required": ["a"]}, {}, "missing"),
    ({"additionalProperties": False, "properties": {"a": {}}}, {"b": 1, "c": 2}, "unknown: b, c"),
    ({"propertyNames": {"pattern": "^a"}}, {"b": 1}, "unknown: b"),
    ({"uniqueItems": True}, [1, 1], "has the same item twice"),
    ({"contains": {"const": 1}}, [2], "has no item of the kind that is required"),
    ({"not": {"type": "string"}}, "a", 'a value that is not allowed, got "a"'),
    ({"anyOf": [{"type": "string"}]}, 1, "none of the possible forms, got 1"),
    ({"oneOf": [{"type": "string"}, {"minLength": 1}]}, "a", 'not exactly one of the possible forms, got "a"'),
    ({"properties": {"a": False}}, {"a": 1}, "must not be there"),
    ({"type": "object"}, "x" * 100_000, f'not an object, got "{"x" * 99}...'),
]


@pytest.mark.parametrize(("document", "value", "message"), MESSAGES, ids=[message[:40] for *_, message in MESSAGES])
def test_mistakes_are_described_in_our_own_words(document: dict[str, Any], value: Any, message: str) -> None:
    (violation,) = Schema(document).violations(value)
    assert violation.message == message


def test_reasons_show_no_secret() -> None:
    schema = Schema({"properties": {"secret": {"type": "string"}, "apiKey": {"type": "string"}}})
    told = reasons(schema.violations({"secret": 12345, "apiKey": 5}), ("secret",))
    assert told == "/secret: not a string; /apiKey: not a string, got 5"


FORMS = Schema(
    {
        "properties": {
            "data": {
                "anyOf": [
                    {"type": "object", "properties": {"kind": {"const": "a"}, "x": {}, "y": {}},
                     "required": ["kind", "x", "y"]},
                    {"type": "object", "properties": {"kind": {"const": "b"}}, "required": ["kind"]},
                    {"type": "null"},
                ]
            }
        }
    }
)  # fmt: skip


@pytest.mark.parametrize(
    ("value", "paths"),
    [
        ({"kind": "a"}, [("data", "x"), ("data", "y")]),
        ({"kind": "b"}, []),
        ({"kind": "c"}, [("data", "kind")]),
        (7, [("data",)]),
        (None, []),
    ],
)
def test_of_several_alternatives_the_nearest_says_what_is_wrong(value: Any, paths: list[Any]) -> None:
    assert [violation.path for violation in FORMS.nearest({"data": value})] == paths


def test_the_path_to_a_keyword_follows_references() -> None:
    files = {"order.json": {"properties": {"id": {"type": "string", "x-source": "observed"}}}}
    schema = Schema({"items": {"$ref": "order.json"}}, files)
    [violation] = schema.nearest([{"id": 1}])
    assert violation.schema_path == ("items", "$ref", "properties", "id", "type")
    assert [*schema.nodes(violation.schema_path)][-2:] == [{"type": "string", "x-source": "observed"}, "string"]
