"""Hypothesis strategies of what events are given, drawn from the schemas of their arguments."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from hypothesis import strategies as st

from emulator import providers
from emulator.core.schema import Schema
from emulator.testing.lives.amounts import amounts_of, is_amount

Draw = Callable[[st.SearchStrategy[Any]], Any]

_HOW_MANY = (0, 0, 0, 1, 1, 2)
"""Arguments that an event is given."""
_WEIGHT_OF_AMOUNTS = 8
_VALUES: tuple[Any, ...] = ("a", "other", "", None, {}, {"a": "b"}, True, 1)
_ASCII = st.characters(codec="ascii", categories=("L", "N", "P"))


@cache
def arguments_of(provider: str, event: str, amount: str) -> st.SearchStrategy[dict[str, Any]]:
    """Some arguments of an event; those that are amounts more often than others, and around `amount`, which is what the
    order asks for."""
    schemas = providers.load(provider).lifecycle.events[event].arguments
    if not schemas:
        return st.just({})
    weights = {name: _WEIGHT_OF_AMOUNTS if is_amount(schema) else 1 for name, schema in schemas.items()}
    pool = [name for name, weight in weights.items() for _ in range(weight)]
    values = {name: values_of(schema, amount) for name, schema in schemas.items()}
    counts = [count for count in _HOW_MANY if count <= len(schemas)]
    names = {
        count: st.lists(st.sampled_from(pool), min_size=count, max_size=count, unique=True) for count in set(counts)
    }
    return _drawn(st.sampled_from(counts).flatmap(names.__getitem__), values)


@st.composite
def _drawn(
    draw: Draw, names: st.SearchStrategy[list[str]], values: Mapping[str, st.SearchStrategy[Any]]
) -> dict[str, Any]:
    """Some of the arguments, each with one of its values."""
    return {name: draw(values[name]) for name in draw(names)}


def values_of(schema: Mapping[str, Any], amount: str) -> st.SearchStrategy[Any]:
    """Values that a schema takes; of those that are amounts, some around `amount`."""
    checked = Schema(schema)
    found = schema.get("enum") or amounts_of(schema, amount) or [each for each in _VALUES if checked.accepts(each)]
    if "pattern" in schema and not any(isinstance(each, str) for each in found):
        return _texts_of(schema["pattern"]).filter(checked.accepts)
    return st.sampled_from(found) if found else st.nothing()


@cache
def _texts_of(pattern: str) -> st.SearchStrategy[str]:
    return st.from_regex(pattern, alphabet=_ASCII)
