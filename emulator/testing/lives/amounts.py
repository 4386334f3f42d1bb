"""Which arguments of events are amounts, and amounts around another one."""

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from emulator import providers
from emulator.core.schema import Schema

_SHARES = ("1", "0.5", "0.99", "1.01", "2")


@cache
def tries_of(provider: str, event: str, amount: str) -> tuple[Mapping[str, Any], ...]:
    """Arguments with which an event may lead elsewhere: none, and each of those that are amounts, around `amount`."""
    schemas = providers.load(provider).lifecycle.events[event].arguments or {}
    return ({}, *({name: each} for name, schema in schemas.items() for each in amounts_of(schema, amount)))


def amounts_of(schema: Mapping[str, Any], amount: str) -> list[Any]:
    """Those that a schema takes: around `amount`, or, if it only takes numbers, shares of it. None if a schema is of
    something else."""
    checked = Schema(schema)
    if is_amount(schema):
        return [each for each in _around(amount) if checked.accepts(each)] if amount else []
    if checked.accepts(Decimal("1.5")):
        return [each for share in _SHARES if checked.accepts(each := Decimal(share))]
    return []


def is_amount(schema: Mapping[str, Any]) -> bool:
    """Whether a schema takes amounts written as text, and no other texts."""
    checked = Schema(schema)
    return checked.accepts("1.5") and not checked.accepts("x")


def _around(amount: str) -> list[str]:
    """The amount, and what is less and more."""
    exact = Decimal(amount)
    unit = Decimal(1).scaleb(min(int(exact.as_tuple().exponent), -2))
    return [amount, *(f"{each:f}" for each in (exact - unit, exact + unit, exact / 2, exact * 2) if each > 0)]
