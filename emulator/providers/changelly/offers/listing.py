"""What each provider offers for a trade, or why it offers nothing: lists with one item for each provider.

Sources: https://fiat-api.changelly.com/docs/endpoints/get-offers-on-ramp and
https://fiat-api.changelly.com/docs/endpoints/get-offers-off-ramp (seen 2026-11). Assumed: that every provider with the
flow has an item.
"""

from hashlib import sha256
from typing import Any

from emulator.contract.card import Call
from emulator.contract.reply import Reply
from emulator.core.json_text import json_reply
from emulator.providers.changelly import errors, wire
from emulator.providers.changelly.catalogue import Catalogue, Flow, read_catalogue
from emulator.providers.changelly.errors import OFFER_ITEM_ERRORS, PROVIDER_FAULTS, REQUEST_FAULTS, write_error
from emulator.providers.changelly.offers import ids as offer_ids
from emulator.providers.changelly.offers.prices import MethodPrice, Price, Trade, find_price, read_trade
from emulator.providers.changelly.rules.fields import find_bad_fields
from emulator.providers.changelly.rules.trades import find_trade_error, make_limits_error
from emulator.providers.changelly.sandbox import faults
from emulator.providers.changelly.wire import read_optional, read_query

_OTHER_SPELLING = "externalUserID"
_NOT_AN_ITEM = PROVIDER_FAULTS - OFFER_ITEM_ERRORS


class _Ids:
    """Makes the ids of an answer's offers. The same request at the same instant gives the same ids."""

    def __init__(self, call: Call) -> None:
        self._made_ms = call.tx.now_ms
        self._key = call.tx.sandbox_name
        self._random = f"{self._key} {self._made_ms} {call.request.target}".encode(errors="backslashreplace")

    def make(self) -> str:
        """The next id."""
        self._random = sha256(self._random).digest()
        return offer_ids.make_id(self._made_ms, self._key, self._random[: offer_ids.RANDOM_BYTES])


def list_offers(call: Call) -> Reply:
    """`GET /v1/offers`: 200 with an array of an item for each provider, or for the one that is asked for."""
    return _list(call, "buy", "list-offers.query", "")


def list_sell_offers(call: Call) -> Reply:
    """`GET /v1/sell/offers`: the same for sales, without ids; `paymentMethodCode` keeps one method."""
    return _list(call, "sell", "list-sell-offers.query", "paymentMethodCode")


def _list(call: Call, flow: Flow, schema: str, method_name: str) -> Reply:
    # A scenario or fault that matches members of a body shall match the same members of a query.
    call.body = fields = _read_fields(call)
    catalogue = read_catalogue(call.settings)
    asked = faults.find_offer_faults(call)
    wanted = read_optional(fields.get("providerCode"))
    providers = [each for each in catalogue.list_providers(flow) if wanted in (None, each.code)]
    codes: tuple[str | None, ...] = tuple(each.code for each in providers) or (None,)
    faults.require_no_fault_of(asked, REQUEST_FAULTS, codes)
    bad = find_bad_fields(catalogue, flow, fields, call.settings, offer=True)
    wire.require_valid(call.provider.schemas[schema], fields, bad)
    faults.require_no_fault_of(asked, _NOT_AN_ITEM, codes)
    ids = _Ids(call) if flow == "buy" else None
    items = []
    for provider in providers:
        trade = read_trade(fields, flow, provider, method_name)
        items.append(_write_item(call, catalogue, trade, asked, ids))
    slow = next((item["errorType"] for item in items if item.get("errorType") in errors.DELAYED), None)
    return errors.delay(call, slow, json_reply(200, items))


def _read_fields(call: Call) -> dict[str, Any]:
    fields: dict[str, Any] = dict(read_query(call.request.query))
    if _OTHER_SPELLING in fields:
        fields.setdefault("externalUserId", fields.pop(_OTHER_SPELLING))
    return fields


def _write_item(
    call: Call, catalogue: Catalogue, trade: Trade, asked: tuple[faults.Fault, ...], ids: _Ids | None
) -> dict[str, Any]:
    """A provider's offer, or its error."""
    code = trade.provider.code
    error = find_trade_error(catalogue, trade, offer=True)
    if error is not None:
        return {"providerCode": code, **write_error(error.type, error.details)}
    for fault in asked:
        if fault.error in OFFER_ITEM_ERRORS and fault.concerns(code):
            if fault.error == "limits":
                fault = fault.with_details(make_limits_error(catalogue, trade).details)
            return {"providerCode": code, **write_error(fault.error, fault.details)}
    price = find_price(catalogue, trade)
    if price is None:
        return {"providerCode": code, **write_error("invalidOffer")}
    return _write_offer(call, trade, price, ids)


def _write_offer(call: Call, trade: Trade, price: Price, ids: _Ids | None) -> dict[str, Any]:
    offer: dict[str, Any] = {"providerCode": trade.provider.code}
    if ids is not None:
        offer["offerId"] = ids.make()
    offer |= {
        "rate": price.rate,
        "invertedRate": price.inverted_rate,
        "fee": price.fee,
        "amountFrom": call.body["amountFrom"],
        "amountExpectedTo": price.amount_expected_to,
        "paymentMethodOffers": [_write_method_offer(method, ids) for method in price.methods],
    }
    if call.settings["emit_aliases"]:
        offer["paymentMethodOffer"] = offer["paymentMethodOffers"]
    return offer


def _write_method_offer(method: MethodPrice, ids: _Ids | None) -> dict[str, Any]:
    shown = {} if ids is None else {"offerId": ids.make()}
    return shown | {
        "method": method.method,
        "methodName": method.method_name,
        "rate": method.rate,
        "invertedRate": method.inverted_rate,
        "fee": method.fee,
        "amountExpectedTo": method.amount_expected_to,
    }
