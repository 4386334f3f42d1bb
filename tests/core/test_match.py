"""Conditions on requests and journal entries."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.core import wire
from emulator.core.match import BadCondition, difference, parse_conditions, same

SUBJECT: dict[str, Any] = {
    "body": wire.decode(
        b'{"amount":275.0,"code":"151","flag":true,"none":null,"deep":{"list":[{"x":1},{"x":2}]},"a.b":{"c.d":5}}'
    ),
    "header": {"x-client-id": "client-default", "x.y": "dotted"},
    "path": {"order_id": "o-1"},
    "query": {"limit": "10", "empty": ""},
}


@pytest.mark.parametrize(
    "match",
    [
        {},
        {"body.amount": 275},
        {"body.amount": 275.0},
        {"body.amount": Decimal("275.00")},
        {"body.code": "151"},
        {"body.flag": True},
        {"body.none": None},
        {"body.deep.list.1.x": 2},
        {"body.a.b": {"required": ["c.d"]}},
        {"header.X-Client-ID": "client-default"},
        {"header.x.y": "dotted"},
        {"path.order_id": "o-1"},
        {"query.limit": "10"},
        {"query.empty": ""},
        {"body.code": {"pattern": "^15"}},
        {"body.code": {"pattern": "^(?P<s>15)1$"}},
        {"body.code": {"enum": ["150", "151"]}},
        {"body.amount": {"type": "number", "minimum": 200, "exclusiveMaximum": 275.1}},
        {"body.deep": {"type": "object", "required": ["list"]}},
        {"body.deep.list": {"minItems": 2}},
        {"body.code": "151", "query.limit": "10"},
    ],
    ids=str,
)
def test_these_conditions_hold(match: dict[str, Any]) -> None:
    assert difference(SUBJECT, parse_conditions(match)) == []


@pytest.mark.parametrize(
    ("match", "failing"),
    [
        ({"body.amount": "275.0"}, ["body.amount"]),
        ({"body.amount": True}, ["body.amount"]),
        ({"body.code": 151}, ["body.code"]),
        ({"body.flag": 1}, ["body.flag"]),
        ({"body.flag": "true"}, ["body.flag"]),
        ({"body.none": False}, ["body.none"]),
        ({"body.none": ""}, ["body.none"]),
        ({"body.absent": None}, ["body.absent"]),
        ({"body.absent": {"type": "null"}}, ["body.absent"]),
        ({"body.absent": {"not": {"type": "string"}}}, ["body.absent"]),
        ({"body.deep.list.2.x": 1}, ["body.deep.list.2.x"]),
        ({"body.deep.list.-1.x": 2}, ["body.deep.list.-1.x"]),
        ({"body.deep.list.x": 2}, ["body.deep.list.x"]),
        ({"body.code.0": "1"}, ["body.code.0"]),
        ({"header.x-client-id": "CLIENT-DEFAULT"}, ["header.x-client-id"]),
        ({"body.amount": {"pattern": "275"}}, ["body.amount"]),
        ({"body.code": {"pattern": "^5"}}, ["body.code"]),
        ({"query.limit": 10}, ["query.limit"]),
        ({"nowhere": 1}, ["nowhere"]),
        ({"body.code": "151", "query.limit": "11", "body.flag": False}, ["query.limit", "body.flag"]),
    ],
    ids=str,
)
def test_these_conditions_do_not_hold_and_the_difference_names_them(match: dict[str, Any], failing: list[str]) -> None:
    assert difference(SUBJECT, parse_conditions(match)) == failing


@pytest.mark.parametrize(
    ("match", "reason"),
    [
        ({"": 1}, "is not a path"),
        ({"body.": 1}, "is not a path"),
        ({".x": 1}, "is not a path"),
        ({"body..x": 1}, "is not a path"),
        ({"body.x": {"pattern": "("}}, "is not a pattern"),
        ({"body.x": {"type": "txt"}}, "body.x: "),
        ({"body.x": {"minimum": "1"}}, "body.x: "),
        ({"body.x": {"pattern": 5}}, "body.x: "),
        ({"body.x": {"$ref": "#/nowhere"}}, "body.x: "),
        ({"body.x": {"$ref": "https://example.com/schema.json"}}, "body.x: "),
        ({"body.x": {"pattern": "(?P<s>a)(?P=s)"}}, "body.x: "),
    ],
    ids=str,
)
def test_conditions_that_can_never_be_checked_are_refused(match: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadCondition) as caught:
        parse_conditions(match)
    assert reason in str(caught.value)


def test_named_groups_are_captured() -> None:
    (condition,) = parse_conditions({"body.code": {"pattern": "^(?P<first>.)(?P<second>x)?(.)"}})
    assert condition.captured(SUBJECT) == {"first": "1", "second": ""}
    assert condition.captured({"body": {"code": "\n"}}) == {}
    assert condition.captured({"body": {"code": 5}}) == {}


VALUES = st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False) | st.text()


@given(VALUES, VALUES)
def test_equality_is_that_of_json(one: Any, other: Any) -> None:
    assert same(one, one)
    assert same(one, other) == same(other, one)
    if isinstance(one, bool) != isinstance(other, bool) or isinstance(one, str) != isinstance(other, str):
        assert not same(one, other)


KEYS = st.text(st.characters(exclude_characters="."), min_size=1, max_size=4)


@given(st.recursive(VALUES, lambda inner: st.dictionaries(KEYS, inner, max_size=3) | st.lists(inner, max_size=3)))
def test_every_leaf_of_a_body_is_found_by_its_path(body: Any) -> None:
    for path, value in _leaves(body, ("body",)):
        literal = {"const": value} if isinstance(value, (dict, list)) else value
        assert difference({"body": body}, parse_conditions({".".join(path): literal})) == []


def _leaves(value: Any, path: tuple[str, ...]) -> list[tuple[tuple[str, ...], Any]]:
    if isinstance(value, dict) and value:
        return [leaf for key, member in value.items() for leaf in _leaves(member, (*path, key))]
    if isinstance(value, list) and value:
        return [leaf for place, member in enumerate(value) for leaf in _leaves(member, (*path, str(place)))]
    return [(path, value)]


@given(st.text(), VALUES | st.dictionaries(st.text(), VALUES))
def test_any_condition_is_parsed_or_refused(path: str, expected: Any) -> None:
    try:
        conditions = parse_conditions({path: expected})
    except BadCondition:
        return
    difference(SUBJECT, conditions)
