"""What each provider offers for a trade, or why it does not: lists with one item for each provider.

Sources: https://fiat-api.changelly.com/docs/endpoints/get-offers-on-ramp and
https://fiat-api.changelly.com/docs/endpoints/get-offers-off-ramp (seen 2026-11). Assumed: that every provider with the
flow has an item.
"""

from decimal import Decimal
from hashlib import sha256
from typing import Any, Final

from emulator.contract.card import Call
from emulator.contract.reply import Reply
from emulator.core.json_text import json_reply
from emulator.providers.changelly import errors, faults, offer_ids, requests
from emulator.providers.changelly.catalogue import Catalogue, Flow, Provider, catalogue_of
from emulator.providers.changelly.errors import OFFER_ITEM_ERRORS, PROVIDER_FAULTS, REQUEST_FAULTS, error_body
from emulator.providers.changelly.field_rules import find_bad_fields
from emulator.providers.changelly.formats import given, read_query
from emulator.providers.changelly.prices import MethodPrice, Price, Trade, price_trade
from emulator.providers.changelly.trade_rules import find_trade_error, request_limits_error

_OTHER_SPELLING: Final = "externalUserID"
_NOT_AN_ITEM: Final = PROVIDER_FAULTS - OFFER_ITEM_ERRORS


class _Ids:
    """Ids for the offers of one answer, one after the other; the same request at the same instant gives the same."""

    def __init__(self, call: Call) -> None:
        self._made_ms = call.tx.now_ms
        self._key = call.tx.sandbox_name
        self._random = call.tx.chance.octets(32) + call.request.target.encode(errors="backslashreplace")

    def draw(self) -> str:
        """The next id."""
        self._random = sha256(self._random).digest()
        return offer_ids.seal(self._made_ms, self._key, self._random[: offer_ids.RANDOM_BYTES])


def list_buy_offers(call: Call) -> Reply:
    """`GET /v1/offers`: 200 with an array, an item for each provider, or the one that is asked for."""
    return _list(call, "buy", "list-offers.query", "")


def list_sell_offers(call: Call) -> Reply:
    """`GET /v1/sell/offers`: the same for sales, without ids; `paymentMethodCode` keeps one method."""
    return _list(call, "sell", "list-sell-offers.query", "paymentMethodCode")


def _list(call: Call, flow: Flow, schema: str, method_name: str) -> Reply:
    # A match on the members of a body shall fit the same members of a query.
    call.body = fields = _read_fields(call)
    catalogue = catalogue_of(call.settings)
    asked = faults.find_offer_faults(call)
    wanted = given(fields.get("providerCode"))
    providers = [each for each in catalogue.providers_of(flow) if wanted in (None, each.code)]
    codes: tuple[str | None, ...] = tuple(each.code for each in providers) or (None,)
    faults.refuse_if(asked, REQUEST_FAULTS, codes)
    bad = find_bad_fields(catalogue, flow, fields, call.settings, offer=True)
    requests.require_valid(call.provider.schemas[schema], fields, bad)
    faults.refuse_if(asked, _NOT_AN_ITEM, codes)
    ids = _Ids(call) if flow == "buy" else None
    items = []
    for provider in providers:
        trade = _read_trade(fields, flow, provider, method_name)
        items.append(_item(call, catalogue, trade, asked, ids))
    slow = next((item["errorType"] for item in items if item.get("errorType") in errors.DELAYED), None)
    return errors.delayed(call, slow, json_reply(200, items))


def _read_fields(call: Call) -> dict[str, Any]:
    fields: dict[str, Any] = dict(read_query(call.request.query))
    if _OTHER_SPELLING in fields:
        fields.setdefault("externalUserId", fields.pop(_OTHER_SPELLING))
    return fields


def _read_trade(fields: dict[str, Any], flow: Flow, provider: Provider, method_name: str) -> Trade:
    return Trade(
        flow=flow,
        provider=provider,
        currency_from=fields["currencyFrom"],
        currency_to=fields["currencyTo"],
        amount=Decimal(fields["amountFrom"]),
        country=fields["country"],
        state=fields.get("state") or None,
        payment_method=fields.get(method_name) or None,
    )


def _item(
    call: Call, catalogue: Catalogue, trade: Trade, asked: tuple[faults.Fault, ...], ids: _Ids | None
) -> dict[str, Any]:
    """The offer of one provider, or its error."""
    code = trade.provider.code
    error = find_trade_error(catalogue, trade, offer=True)
    if error is not None:
        return {"providerCode": code, **error_body(error.type, error.details)}
    for fault in asked:
        if fault.error in OFFER_ITEM_ERRORS and fault.concerns(code):
            if fault.error == "limits":
                fault = fault.with_details(request_limits_error(catalogue, trade).details)
            return {"providerCode": code, **error_body(fault.error, fault.details)}
    price = price_trade(catalogue, trade)
    if price is None:
        return {"providerCode": code, **error_body("invalidOffer")}
    return _show(call, trade, price, ids)


def _show(call: Call, trade: Trade, price: Price, ids: _Ids | None) -> dict[str, Any]:
    offer: dict[str, Any] = {"providerCode": trade.provider.code}
    if ids is not None:
        offer["offerId"] = ids.draw()
    offer |= {
        "rate": price.rate,
        "invertedRate": price.inverted_rate,
        "fee": price.fee,
        "amountFrom": call.body["amountFrom"],
        "amountExpectedTo": price.amount_expected_to,
        "paymentMethodOffers": [_show_method(method, ids) for method in price.methods],
    }
    if call.settings["emitAliases"]:
        offer["paymentMethodOffer"] = offer["paymentMethodOffers"]
    return offer


def _show_method(method: MethodPrice, ids: _Ids | None) -> dict[str, Any]:
    shown = {} if ids is None else {"offerId": ids.draw()}
    return shown | {
        "method": method.method,
        "methodName": method.method_name,
        "rate": method.rate,
        "invertedRate": method.inverted_rate,
        "fee": method.fee,
        "amountExpectedTo": method.amount_expected_to,
    }
