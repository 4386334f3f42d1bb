"""JSON and numbers as JavaScript writes them. The expected texts come from a JavaScript engine."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.providers.changelly.signature import javascript_json
from emulator.providers.changelly.signature.javascript_numbers import write_number

FOLDER = Path(__file__).parent
NUMBERS: list[tuple[str, str]] = json.loads((FOLDER / "javascript_numbers.json").read_text("utf-8"))
DOCUMENTS: dict[str, Any] = json.loads((FOLDER / "javascript_documents.json").read_text("utf-8"))

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def reprint(document: bytes) -> bytes | None:
    parsed = javascript_json.read(document)
    return None if parsed is None else javascript_json.write_value(parsed[0])


@pytest.mark.parametrize("literal, printed", NUMBERS)
def test_a_number_is_written_as_javascript_writes_it(literal: str, printed: str) -> None:
    assert write_number(literal) == printed


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_written_number_has_the_same_value(value: float) -> None:
    assert float(write_number(repr(value))) == value


@pytest.mark.parametrize("document, printed", DOCUMENTS["printed"])
def test_a_document_is_written_as_javascript_writes_it(document: str, printed: str) -> None:
    assert reprint(document.encode()) == printed.encode()


@pytest.mark.parametrize("document", DOCUMENTS["refused"])
def test_a_text_that_javascript_refuses_is_not_a_document(document: str) -> None:
    assert javascript_json.read(document.encode()) is None


def test_keys_keep_the_received_order_even_if_they_look_like_numbers() -> None:
    assert reprint(b'{"b":1,"2":2,"1":3}') == b'{"b":1,"2":2,"1":3}'


@given(VALUES)
def test_layout_and_escapes_do_not_change_what_is_written(value: Any) -> None:
    compact = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    assert reprint(json.dumps(value, indent=3).encode()) == reprint(compact) == compact


@given(VALUES)
def test_only_whitespace_between_tokens_is_dropped(value: Any) -> None:
    compact = json.dumps(value, separators=(",", ":")).encode()
    assert javascript_json.drop_whitespace(json.dumps(value, indent="\t").encode()) == compact


def test_dropping_whitespace_leaves_numbers_and_escapes_alone() -> None:
    document = b'{ "a b" : 1.0 ,\r\n"c\\" d":\t[ 1e-07 , "\\u00eb \\/" ] }'
    assert javascript_json.drop_whitespace(document) == b'{"a b":1.0,"c\\" d":[1e-07,"\\u00eb \\/"]}'


@pytest.mark.parametrize(
    "document",
    [
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b"[" * 200_000 + b"]" * 200_000,
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        b'"\xed\xa0\x80"',
    ],
)
def test_unreadable_bytes_are_not_a_document(document: bytes) -> None:
    assert javascript_json.read(document) is None


def test_a_number_of_a_million_digits_is_handled() -> None:
    assert reprint(b"9" * 1_000_000) == b"null"
    assert reprint(b"0." + b"3" * 1_000_000) == b"0.3333333333333333"


@given(st.binary(max_size=200))
def test_any_bytes_are_read_without_an_exception(document: bytes) -> None:
    reprint(document)


@given(st.text(alphabet='[]{}",:\\u0d8123456789.eE+- \ntrufalsn', max_size=60))
def test_a_written_document_is_rewritten_unchanged(document: str) -> None:
    printed = reprint(document.encode())
    assert printed is None or reprint(printed) == printed
