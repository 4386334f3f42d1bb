"""Orders as they are kept."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from emulator.contract.order import Change, Order, Timer
from emulator.core import json_text
from emulator.core.documents import decode_order
from tests.core.test_wire import DOCUMENTS

TEXT = st.text(max_size=5)
WHOLE = st.integers(-(2**53), 2**53)
ORDERS = st.builds(
    Order,
    id=TEXT, provider=TEXT, owner=TEXT, kind=TEXT, status=TEXT, created_ms=WHOLE, updated_ms=WHOLE,
    fields=st.dictionaries(TEXT, DOCUMENTS.map(json_text.decode), max_size=3),
    keys=st.lists(TEXT, max_size=2).map(tuple),
    scenario=TEXT,
    captured=st.dictionaries(TEXT, TEXT, max_size=2),
    step=st.integers(0, 9),
    waiting=st.booleans(),
    reads=st.integers(0, 9),
    timers=st.dictionaries(TEXT, st.builds(Timer, WHOLE, WHOLE), max_size=2),
    history=st.lists(st.builds(Change, WHOLE, TEXT, TEXT, TEXT), max_size=2),
)  # fmt: skip


@given(ORDERS)
def test_a_stored_order_is_read_back_as_it_was(order: Order) -> None:
    assert decode_order(json_text.encode(order)) == order
    assert json_text.encode(decode_order(json_text.encode(order))) == json_text.encode(order)


@given(st.dictionaries(TEXT, DOCUMENTS, max_size=3))
def test_numbers_in_the_fields_of_an_order_keep_their_spelling(literals: dict[str, str]) -> None:
    fields: dict[str, Any] = {name: json_text.decode(literal) for name, literal in literals.items()}
    order = Order("o", "toy", "", "", "open", 0, 0, fields)
    assert json_text.encode(decode_order(json_text.encode(order)).fields) == json_text.encode(fields)


def test_a_thawed_order_shares_nothing_with_another() -> None:
    document = json_text.encode(Order("o", "toy", "", "", "open", 0, 0, {"list": [1]}))
    one, other = decode_order(document), decode_order(document)
    one.fields["list"].append(2)
    one.history.append(Change(0, "open", "create", "test"))
    assert other.fields == {"list": [1]}
    assert other.history == []
