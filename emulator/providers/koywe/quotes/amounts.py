"""Amounts as clients send them: how many decimals they may have, and what they are in the other currency.

Source: https://docs.koywe.com/core-concepts/quotes-and-exchange-rates (seen 2026-11). Assumed: the rules for decimals.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from emulator.contract.card import Call
from emulator.contract.reply import Refusal
from emulator.contract.schemas import Schema
from emulator.contract.setting import Settings
from emulator.core.suggestion import use_one_of
from emulator.core.wording import counted, shown
from emulator.providers.koywe.catalogue import Currency, CurrencyKind, find_currency, list_symbols
from emulator.providers.koywe.formats.validation import place_text, write_number_text, write_positive_text
from emulator.providers.koywe.ordering.kinds import BALANCE_TRANSFER, TYPES
from emulator.providers.koywe.quotes.rates import (
    Conversion,
    convert_in,
    convert_out,
    fee_bps,
    has_too_many_decimals,
    round_amount,
    trim_amount,
)
from emulator.providers.koywe.wire import Flaws, find_flaws, refuse_flaws

_SIDES = (("amountIn", "originCurrencySymbol"), ("amountOut", "destinationCurrencySymbol"))


def require_shape_with_amounts(call: Call, schema: Schema, body: dict[str, Any]) -> None:
    """Refuses with `COM90003` a body of the wrong shape, or with amounts of more decimals than their currencies have.

    With the setting `amount_precision: round` such amounts are rounded in the body instead.
    """
    flaws = find_flaws(call, schema, body)
    # Beside a quote, amounts are refused or ignored as a whole.
    for field, symbol_field in _SIDES if "quoteId" not in body else ():
        if field in body and field not in flaws.texts:
            flaw = _judge(call, body, field, symbol_field)
            if flaw is not None:
                text, reason = flaw
                flaws = Flaws(place_text(schema.document, flaws.texts, field, text), flaws.reasons | {field: reason})
    refuse_flaws(call, flaws)


def _judge(call: Call, body: dict[str, Any], field: str, symbol_field: str) -> tuple[str, str] | None:
    """Text and reason for an amount with too many decimals; rounds it instead if the setting says so."""
    amount, symbol = body[field], body.get(symbol_field)
    if not isinstance(amount, Decimal) or not isinstance(symbol, str):
        return None
    currency = find_currency(symbol, call.settings["currency_decimals"])
    if currency is None or not has_too_many_decimals(amount, currency.decimals):
        return None
    if call.settings["amount_precision"] == "reject":
        count = -int(amount.normalize().as_tuple().exponent)
        reason = f"{counted(count, 'decimal')}, at most {currency.decimals} for {symbol}, got {shown(amount)}"
        return write_number_text(field), reason
    body[field] = trim_amount(round_amount(amount, currency.decimals))
    if body[field] > 0:
        return None
    reason = f"not above 0 if rounded to {counted(currency.decimals, 'decimal')}, got {shown(amount)}"
    return write_positive_text(field), reason


def require_sides(call: Call, body: Mapping[str, Any], order_type: str) -> tuple[Currency, Currency]:
    """The currencies that an order or quote exchanges, of which one has an amount.

    Refuses with `OR90004`, `OR90003`, `CU90001`, `CU90002`, `BT90001`."""
    if "amountIn" in body:
        if "amountOut" in body:
            raise Refusal(
                "amounts-both",
                f"/amountOut: {body['amountOut']} beside amountIn {body['amountIn']}: send one of the two",
            )
    elif "amountOut" not in body:
        raise Refusal("amount-missing", "/amountIn: missing, send amountIn, amountOut or quoteId")
    kind, name = TYPES[order_type], "originCurrencySymbol"
    origin = require_currency(call, body[name], kind.origin, name, order_type)
    name = "destinationCurrencySymbol"
    destination = require_currency(call, body[name], kind.destination, name, order_type)
    if order_type == BALANCE_TRANSFER and origin is destination:
        raise Refusal("same-currency", f"/{name}: {origin.symbol}, the same as the origin: send another")
    return origin, destination


def require_currency(call: Call, symbol: str, kind: CurrencyKind, field: str, purpose: str) -> Currency:
    """The currency of a symbol. Refuses an unknown one with `CU90001`, one of the other kind with `CU90002`."""
    currency = find_currency(symbol, call.settings["currency_decimals"])
    if currency is None:
        known = use_one_of(symbol, list_symbols())
        raise Refusal("currency-unsupported", f"/{field}: no currency {shown(symbol)}: {known}", symbol=symbol)
    if currency.kind != kind:
        reason = f"/{field}: {symbol} is {currency.kind}, but must be {kind} for {purpose}"
        raise Refusal("currency-kind", reason, field=field, kind=kind, type=purpose)
    return currency


def exchange(settings: Settings, body: Mapping[str, Any], origin: Currency, destination: Currency) -> Conversion:
    """The exchange of the one amount in `body` at the current rate."""
    bps = fee_bps(origin, destination, cross=settings["fee_bps_cross"], same=settings["fee_bps_same"])
    given = body.get("amountIn")
    if origin is destination and bps == 0:
        amount = body["amountOut"] if given is None else given
        other = trim_amount(amount) if isinstance(amount, Decimal) else amount
        sides = (other, amount) if given is None else (amount, other)
        return Conversion(Decimal(1), Decimal(0), *sides)
    if given is not None:
        return convert_in(_read_decimal(given), origin, destination, bps)
    return convert_out(_read_decimal(body["amountOut"]), origin, destination, bps)


def exchange_part(
    settings: Settings, amount_in: Decimal, rate: Decimal, origin: Currency, destination: Currency
) -> Decimal:
    """What `amount_in` gives at a rate that was fixed before."""
    bps = fee_bps(origin, destination, cross=settings["fee_bps_cross"], same=settings["fee_bps_same"])
    return convert_in(amount_in, origin, destination, bps, rate).amount_out


def _read_decimal(amount: Any) -> Decimal:
    return amount if isinstance(amount, Decimal) else Decimal(amount)
