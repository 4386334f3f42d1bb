"""JSON in and out: every number keeps its spelling, and no bytes do harm."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from emulator.core import json_text

INTEGERS = st.integers(min_value=-(10**60), max_value=10**60).map(str)
FRACTIONS = st.from_regex(r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?", fullmatch=True)
NUMBERS = (INTEGERS | FRACTIONS).filter(lambda literal: literal != "-0")
DOCUMENTS = st.recursive(
    NUMBERS
    | st.sampled_from(["null", "true", "false"])
    | st.text().map(lambda text: json.dumps(text, ensure_ascii=False)),
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda items: f"[{','.join(items)}]")
        | st.dictionaries(st.text(max_size=5), inner, max_size=4).map(
            lambda members: (
                "{" + ",".join(f"{json.dumps(key, ensure_ascii=False)}:{value}" for key, value in members.items()) + "}"
            )
        )
    ),
    max_leaves=12,
)


@given(NUMBERS)
@example("275.0")
@example("0.00")
@example("1e-07")
@example("1E400")
@example("-0.0")
@example("0e0")
@example("9" * 4000)
@example("1." + "1" * 5000)
def test_a_number_keeps_its_spelling(literal: str) -> None:
    assert json_text.encode(json_text.decode(literal)) == literal.encode()


@given(NUMBERS)
def test_a_number_is_exact(literal: str) -> None:
    assert json_text.decode(literal) == Decimal(literal)


@given(DOCUMENTS)
def test_encoding_decoded_json_gives_the_same_bytes_except_spaces_and_escapes(document: str) -> None:
    value = json_text.decode(document)
    once = json_text.encode(value)
    assert json_text.decode(once) == value
    assert json_text.encode(json_text.decode(once)) == once
    assert json.loads(once, parse_float=str, parse_int=str) == json.loads(document, parse_float=str, parse_int=str)


@given(
    st.binary(max_size=200)
    | DOCUMENTS.map(str.encode).flatmap(lambda good: st.integers(0, len(good)).map(lambda cut: good[:cut]))
)
@example(b"")
@example(b"\xff\xfe")
@example(b"\x00")
@example(b'"\\ud800"')
@example(b"NaN")
@example(b"-Infinity")
@example(b"[" * 100_000)
@example(b"[" * 100_000 + b"]" * 100_000)
@example(b'{"a":' * 5_000 + b"1" + b"}" * 5_000)
@example(b"9" * 5_000)
@example(b"1e99999999999999999999")
@example(b"1 2")
@example(b"01")
@example(b"{'a':1}")
@example(b"[1,]")
@example(b'{"a":1,}')
@example(b"// x\n1")
def test_any_bytes_are_decoded_or_refused(octets: bytes) -> None:
    try:
        value = json_text.decode(octets)
    except json_text.MalformedJson:
        return
    json_text.encode(value)


@given(st.text(st.characters(codec=None, categories=None), max_size=20))
@example("\ud800")
@example('"\ud800"')
def test_any_text_is_decoded_or_refused(text: str) -> None:
    try:
        value = json_text.decode(text)
    except json_text.MalformedJson:
        return
    json_text.encode(value)


@pytest.mark.parametrize("levels", [1, 50, json_text.MAX_DEPTH])
def test_documents_up_to_the_greatest_depth_are_read(levels: int) -> None:
    document = b"[" * levels + b"]" * levels
    assert json_text.encode(json_text.decode(document)) == document


@pytest.mark.parametrize("levels", [json_text.MAX_DEPTH + 1, 500, 900])
@pytest.mark.parametrize(("opened", "closed"), [("[", "]"), ('{"a":', "}"), ('[{"a":[', "]}]")])
def test_deeper_documents_are_refused(levels: int, opened: str, closed: str) -> None:
    with pytest.raises(json_text.MalformedJson):
        json_text.decode(opened * levels + "1" + closed * levels)


def test_wide_documents_are_not_deep() -> None:
    document = b"[" + b",".join([b"[{}]"] * 1_000) + b"]"
    assert json_text.encode(json_text.decode(document)) == document


def test_the_last_of_repeated_keys_wins() -> None:
    assert json_text.decode(b'{"a":1,"b":2,"a":3}') == {"a": 3, "b": 2}


def test_minus_zero_is_zero_as_in_javascript() -> None:
    assert json_text.encode(json_text.decode(b"-0")) == b"0"


@pytest.mark.parametrize("value", [object(), float, 1j])
def test_a_value_that_json_cannot_express_is_a_type_error(value: Any) -> None:
    with pytest.raises(TypeError):
        json_text.encode(value)


@given(DOCUMENTS)
def test_plain_values_are_equal_and_contain_only_plain_numbers(document: str) -> None:
    value = json_text.decode(document)
    plain = json_text.plain(value)
    assert plain == value
    assert "Number" not in {type(item).__name__ for item in _leaves(plain)}


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for member in value.values() for leaf in _leaves(member)]
    if isinstance(value, list):
        return [leaf for member in value for leaf in _leaves(member)]
    return [value]
