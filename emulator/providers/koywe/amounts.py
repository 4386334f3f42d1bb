"""Amounts as clients send them: how many decimals they may have, and what they come to in the other currency.

Source: https://docs.koywe.com/core-concepts/quotes-and-exchange-rates (seen 2026-11). Assumed: see `rates`.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from emulator.core.call import Call
from emulator.core.schema import Schema
from emulator.providers.koywe import errors
from emulator.providers.koywe.bodies import invalid, shape_texts
from emulator.providers.koywe.catalogue import Currency, CurrencyKind, find_currency
from emulator.providers.koywe.rates import (
    Conversion,
    convert_in,
    convert_out,
    fee_bps,
    has_too_many_decimals,
    round_amount,
    trim_amount,
)
from emulator.providers.koywe.refusals import refuse
from emulator.providers.koywe.validation import place_text, text_of_number, text_of_positive

_SIDES = (("amountIn", "originCurrencySymbol"), ("amountOut", "destinationCurrencySymbol"))


def require_shape_with_amounts(call: Call, schema: Schema, body: dict[str, Any]) -> None:
    """Refuse a body of the wrong shape, or with amounts of more decimals than their currencies have.

    With the setting `amount_precision: round` such amounts are rounded in the body instead.
    """
    texts = shape_texts(call, schema, body)
    # Beside a quote, amounts are refused or ignored as a whole.
    for field, symbol_field in _SIDES if "quoteId" not in body else ():
        if field in body and field not in texts:
            text = _judge(call, body, field, symbol_field)
            if text is not None:
                texts = place_text(schema.document, texts, field, text)
    if texts:
        raise invalid(call, list(texts.values()))


def _judge(call: Call, body: dict[str, Any], field: str, symbol_field: str) -> str | None:
    """What is wrong with the decimals of an amount; rounds it if that is how it is."""
    amount, symbol = body[field], body.get(symbol_field)
    if not isinstance(amount, Decimal) or not isinstance(symbol, str):
        return None
    currency = find_currency(symbol)
    if currency is None or not has_too_many_decimals(amount, currency.decimals):
        return None
    if call.settings["amount_precision"] == "reject":
        return text_of_number(field)
    body[field] = trim_amount(round_amount(amount, currency.decimals))
    return None if body[field] > 0 else text_of_positive(field)


def require_one_amount(body: Mapping[str, Any]) -> None:
    """Refuse both amounts with `OR90004` and none with `OR90003`."""
    if "amountIn" in body:
        if "amountOut" in body:
            raise refuse(errors.AMOUNTS_BOTH, "amountIn and amountOut were both sent")
    elif "amountOut" not in body:
        raise refuse(errors.AMOUNT_MISSING, "neither amountIn nor amountOut was sent")


def require_currency(symbol: str, kind: CurrencyKind, field: str, order_type: str) -> Currency:
    """Give the currency. Refuses an unknown one with `CU90001`, one of the other kind with `CU90002`."""
    currency = find_currency(symbol)
    if currency is None:
        raise refuse(errors.CURRENCY_UNSUPPORTED, f"there is no currency {symbol!r} (upper case)", symbol=symbol)
    if currency.kind != kind:
        raise refuse(errors.CURRENCY_KIND, f"{symbol} is {currency.kind}", field=field, kind=kind, type=order_type)
    return currency


def exchange(
    settings: Mapping[str, Any], body: Mapping[str, Any], origin: Currency, destination: Currency
) -> Conversion:
    """Give what the one amount in `body` comes to at the current rate."""
    bps = fee_bps(origin, destination, cross=settings["fee_bps_cross"], same=settings["fee_bps_same"])
    given = body.get("amountIn")
    if origin is destination and bps == 0:
        amount = body["amountOut"] if given is None else given
        other = trim_amount(amount) if isinstance(amount, Decimal) else amount
        sides = (other, amount) if given is None else (amount, other)
        return Conversion(Decimal(1), Decimal(0), *sides)
    if given is not None:
        return convert_in(_decimal(given), origin, destination, bps)
    return convert_out(_decimal(body["amountOut"]), origin, destination, bps)


def exchange_part(
    settings: Mapping[str, Any], amount_in: Decimal, rate: Decimal, origin: Currency, destination: Currency
) -> Decimal:
    """Give what comes out of `amount_in` at a rate that was fixed before."""
    bps = fee_bps(origin, destination, cross=settings["fee_bps_cross"], same=settings["fee_bps_same"])
    return convert_in(amount_in, origin, destination, bps, rate).amount_out


def _decimal(amount: Any) -> Decimal:
    return amount if isinstance(amount, Decimal) else Decimal(amount)
