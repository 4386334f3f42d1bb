"""Conditions on requests and journal entries."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.core import json_text
from emulator.core.match import BadCondition, Gate, difference, read_conditions, same

SUBJECT: dict[str, Any] = {
    "body": json_text.decode(
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
    assert difference(SUBJECT, read_conditions(match)) == []


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
        ({"body.deep.list.²": 2}, ["body.deep.list.²"]),
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
    assert difference(SUBJECT, read_conditions(match)) == failing


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
        ({"body.x": ["a", "b"]}, "write a literal, or a JSON Schema"),
        ({"body.x": {"pattern": "x{99999999999}"}}, "is not a pattern"),
        ({"body.x": {"pattern": "^(?P<s>a+)+$"}}, "repeat no group"),
        ({"body.x": {"pattern": "^(?P<s>(a|aa){1,50})$"}}, "repeat no group"),
        ({"body.x": {"pattern": "^(?P<s>a*a*a*a*a*)b"}}, "few parts"),
        ({"body.x": {"pattern": "(?P<s>.*).*.*$"}}, "few parts"),
        ({"body.x": {"pattern": f"^(?P<s>{'a?' * 30}{'a' * 30})$"}}, "few parts"),
        ({"body.x": {"pattern": "^(?=(a+)+$)(?P<s>a)"}}, "use no lookarounds"),
        ({"body.x": {"pattern": r"^(?P<s>a+)\1$"}}, "no lookarounds or back-references"),
    ],
    ids=str,
)
def test_conditions_that_can_never_be_checked_are_refused(match: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadCondition) as caught:
        read_conditions(match)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("pattern", "text", "captured"),
    [
        (r"^sandbox:pay:(?P<s>[0-9]{1,9})$", "sandbox:pay:60", {"s": "60"}),
        (r"(^|\s)#wait:(?P<s>[0-9]+)(\s|$)", "please #wait:5 for it", {"s": "5"}),
        (r"^in \((?P<h>[0-9]{1,2})h(?P<m>[0-9]{1,2})m\)$", "in (1h30m)", {"h": "1", "m": "30"}),
        (r"^x(@(?P<s>[^(*+){2}\]]+))?$", "x@y", {"s": "y"}),
        (r"^(?:ab)-(?P<s>.*?)-(?P<t>\d+)", "ab-x-5", {"s": "x", "t": "5"}),
    ],
)
def test_ordinary_patterns_can_have_named_groups(pattern: str, text: str, captured: dict[str, str]) -> None:
    (condition,) = read_conditions({"body.code": {"pattern": pattern}})
    assert condition.holds({"body": {"code": text}})
    assert condition.captured({"body": {"code": text}}) == captured


def test_named_groups_are_captured_only_from_short_texts() -> None:
    (condition,) = read_conditions({"body.code": {"pattern": "^(?P<s>a+)$"}})
    for length, fits in ((200, True), (201, False)):
        subject = {"body": {"code": "a" * length}}
        assert condition.holds(subject) is fits
        assert condition.captured(subject) == ({"s": "a" * length} if fits else {})


@pytest.mark.parametrize("pattern", ["(a+)+$", "^(([a-z])+.)+[A-Z]$", "(a|a)*b", "(?=.*b)(a*)*$", r"(a+)+\1$"])
def test_no_pattern_takes_long(pattern: str) -> None:
    conditions = read_conditions({"body.code": {"pattern": pattern}})
    subject = {"body": {"code": "a" * 30_000 + "!"}}
    assert difference(subject, conditions) == ["body.code"]
    assert not Gate(("body", "code"), conditions).may_open(subject)


def test_half_of_a_surrogate_pair_matches_no_pattern() -> None:
    conditions = read_conditions({"body.code": {"pattern": "."}})
    subject = {"body": {"code": "\ud800"}}
    assert difference(subject, conditions) == ["body.code"]
    assert not Gate(("body", "code"), conditions).may_open(subject)


def test_named_groups_are_captured() -> None:
    (condition,) = read_conditions({"body.code": {"pattern": "^(?P<first>.)(?P<second>x)?(.)"}})
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
        assert difference({"body": body}, read_conditions({".".join(path): literal})) == []


def _leaves(value: Any, path: tuple[str, ...]) -> list[tuple[tuple[str, ...], Any]]:
    if isinstance(value, dict) and value:
        return [leaf for key, member in value.items() for leaf in _leaves(member, (*path, key))]
    if isinstance(value, list) and value:
        return [leaf for place, member in enumerate(value) for leaf in _leaves(member, (*path, str(place)))]
    return [(path, value)]


@given(st.text(), VALUES | st.dictionaries(st.text(), VALUES))
def test_any_condition_is_read_or_refused(path: str, expected: Any) -> None:
    try:
        conditions = read_conditions({path: expected})
    except BadCondition:
        return
    difference(SUBJECT, conditions)
