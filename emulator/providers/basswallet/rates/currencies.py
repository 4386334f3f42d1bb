"""Fiat currencies: their names, and what a dollar is worth in them.

Source: the page currency-list of the Chinese documentation, revision of 2024, seen 2026-11, for the members and three
of the names. Assumed: the rates, and that the list follows the setting `fiat_rates`.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from emulator.contract.card import Call
from emulator.contract.reply import Reply
from emulator.contract.setting import Settings
from emulator.core import json_text
from emulator.providers.basswallet.catalogue import CURRENCIES
from emulator.providers.basswallet.chain.tokens import NAME_PATTERN, CatalogueError, Money
from emulator.providers.basswallet.wire import write_answer

Label = Annotated[str, Meta(min_length=1, max_length=64)]


class _Named(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A currency of the setting, with its names."""

    rate: Money
    full_name: Label = ""
    symbol: Label = ""


class Currency(Struct, frozen=True):
    """A currency, and how many units of it a dollar is worth."""

    code: str
    full_name: str
    symbol: str
    rate: Decimal


def read_currencies(document: object) -> Mapping[str, Currency]:
    """The usual currencies with those of the setting `fiat_rates` laid over them, by code; null removes one.

    Raises CatalogueError.
    """
    if not isinstance(document, Mapping):
        raise CatalogueError('rates are an object, like {"EUR": "0.9"}')
    currencies = {row.currency: Currency(row.currency, row.full_name, row.symbol, row.rate) for row in CURRENCIES}
    for code, value in document.items():
        if value is None:
            currencies.pop(code, None)
        else:
            currencies[code] = _read_currency(code, value, currencies.get(code))
    return currencies


def _read_currency(code: str, value: object, known: Currency | None) -> Currency:
    if not re.fullmatch(NAME_PATTERN, code):
        raise CatalogueError(f"/{code[:40]}: a code has 1 to 32 printable ASCII characters, no & and no =")
    try:
        named = msgspec.convert(value if isinstance(value, Mapping) else {"rate": value}, _Named)
    except msgspec.ValidationError:
        good = 'units per dollar as decimal text, as "0.9", or an object with rate, fullName and symbol'
        raise CatalogueError(f"/{code[:40]}: write {good}") from None
    rate = Decimal(named.rate)
    if not rate:
        raise CatalogueError(f"/{code}: the rate must be above 0")
    full_name = named.full_name or (known.full_name if known is not None else code)
    return Currency(code, full_name, named.symbol or (known.symbol if known is not None else code), rate)


def find_currencies(settings: Settings) -> Mapping[str, Currency]:
    """The currencies of a sandbox, by code, in the order of the list."""
    return _read_encoded(json_text.encode(settings["fiat_rates"]))


@lru_cache(maxsize=64)
def _read_encoded(document: bytes) -> Mapping[str, Currency]:
    return read_currencies(json_text.decode(document))


def list_currencies(call: Call) -> Reply:
    """`GET /v1/common/supportedCurrencies`: 200 with the currencies that have a rate."""
    return write_answer(
        call,
        [
            {"currency": each.code, "fullName": each.full_name, "symbol": each.symbol}
            for each in find_currencies(call.settings).values()
        ],
    )
