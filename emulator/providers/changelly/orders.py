"""Creating orders, to buy and to sell.

Sources: https://fiat-api.changelly.com/docs/endpoints/create-order-on-ramp and
https://fiat-api.changelly.com/docs/endpoints/create-order-off-ramp (seen 2026-11). Assumed: the order of the checks.
"""

from decimal import Decimal
from typing import Any, Final

from msgspec import Raw, Struct

from emulator.contract.card import Call
from emulator.contract.order import Order
from emulator.contract.reply import Refusal, Reply
from emulator.core.json_text import json_reply
from emulator.providers.changelly import faults, offer_ids, requests
from emulator.providers.changelly.authentication import order_key
from emulator.providers.changelly.catalogue import Catalogue, Flow, Provider, catalogue_of
from emulator.providers.changelly.errors import PROVIDER_FAULTS, REQUEST_FAULTS
from emulator.providers.changelly.field_rules import find_bad_fields
from emulator.providers.changelly.formats import (
    build_redirect_url,
    format_instant,
    place_checkout,
    print_sent_number,
)
from emulator.providers.changelly.prices import Trade
from emulator.providers.changelly.trade_rules import find_trade_error, request_limits_error


class _Form(Struct, frozen=True):
    """How an order is asked for, and shown when it is new."""

    schema: str
    zone: bool
    """Whether the time of creation ends with a `Z`."""
    always_urls: bool
    """Whether return URLs are shown that were not sent."""


_BUY: Final = {
    "A": _Form("create-order.request", zone=False, always_urls=False),
    "C": _Form("create-order.edition-c.request", zone=True, always_urls=True),
}
"""By edition of the documentation."""
_SELL: Final = _Form("create-sell-order.request", zone=True, always_urls=False)

_TRADE: Final = ("providerCode", "currencyFrom", "currencyTo", "amountFrom", "country", "state", "ip")
_REST: Final = ("paymentMethod", "userAgent", "metadata")
_IDS: Final = ("externalUserId", "externalOrderId")
RETURN_URLS: Final = ("returnSuccessUrl", "returnFailedUrl")

PRODUCTION: Final = "production"
"""The field that marks an order as no test order: sandbox calls refuse it."""

_MARK_OF_PRODUCTION: Final = "sandbox-production"
"""How the externalUserId of such an order begins. Assumed."""

MEMBERS: Final[dict[str, tuple[str, ...]]] = {
    "buy": (*_IDS, *_TRADE, "walletAddress", "walletExtraId", *_REST),
    "sell": (*_IDS, *_TRADE, "refundAddress", *_REST),
}
"""What a request says and every answer shows, by kind of order, in wire order."""

_BLANK: Final = {kind: dict.fromkeys((*names, *RETURN_URLS)) for kind, names in MEMBERS.items()}
"""What an order keeps of a request that says nothing."""

_OUTCOME: Final = ("payinAmount", "payoutAmount", "payinCurrency", "payoutCurrency", "transactionHash", "amountTo")
_UNKNOWN: Final = {kind: dict.fromkeys(("redirectUrl", *members, *_OUTCOME)) for kind, members in _BLANK.items()}
"""The fields of an order as long as nothing is known."""


def external_key(external_order_id: str) -> str:
    """The index key of orders with this id of the partner's."""
    return f"external:{external_order_id}"


def user_key(external_user_id: str) -> str:
    """The index key of orders for this user of the partner's."""
    return f"user:{external_user_id}"


def create_buy_order(call: Call) -> Reply:
    """`POST /v1/orders`: 201 with the order, without its status; the setting `edition` says in which form."""
    return _create(call, "buy", _BUY[call.settings["edition"]])


def create_sell_order(call: Call) -> Reply:
    """`POST /v1/sell/orders`: 201 with the order; the amount comes back in the type in which it was sent."""
    return _create(call, "sell", _SELL)


def _create(call: Call, flow: Flow, form: _Form) -> Reply:
    call.body = fields = requests.read_object(call)
    asked = faults.find_order_faults(call)
    code = fields.get("providerCode")
    if asked:
        faults.refuse_if(asked, REQUEST_FAULTS, (code,))
    catalogue = catalogue_of(call.settings)
    bad = find_bad_fields(catalogue, flow, fields, call.settings)
    requests.require_valid(call.provider.schemas[form.schema], fields, bad)
    _require_fresh_offer(call)
    _require_new_id(call)
    members = _read_members(fields, flow)
    trade = _read_trade(members, flow, catalogue.provider_by_code[members["providerCode"]])
    error = find_trade_error(catalogue, trade)
    if error is not None:
        raise Refusal(error.type, error.reason, details=error.details)
    if asked:
        faults.refuse_if(_with_bounds(catalogue, trade, asked), PROVIDER_FAULTS, (code,))
    order = _new_order(call, flow, members)
    call.create(order)
    return json_reply(201, _show(order, members, form, fields["amountFrom"]))


def _require_fresh_offer(call: Call) -> None:
    offer_id = call.body.get("offerId")
    if offer_id and offer_ids.has_expired(offer_id, call.tx.sandbox_name, call.tx.now_ms, call.settings["offerTtlMs"]):
        raise Refusal("offerExpired", f"the offer {offer_id} is older than the setting offerTtlMs")


def _require_new_id(call: Call) -> None:
    external_id = call.body.get("externalOrderId")
    if not external_id or not call.settings["uniqueExternalOrderId"]:
        return
    for order_id in call.tx.order_ids(call.provider.name, external_key(external_id)):
        order = call.tx.order(order_id)
        if order is not None and order.owner == call.caller.name:
            raise Refusal("conflict", f"the order {order_id} has this externalOrderId (setting uniqueExternalOrderId)")


def _read_members(fields: dict[str, Any], flow: Flow) -> dict[str, Any]:
    """What the order keeps of its request, in wire order; empty text counts as not given, an amount becomes text."""
    members: dict[str, Any] = _BLANK[flow].copy()
    for name, value in fields.items():
        if name in members and value != "":
            members[name] = value
    if flow == "sell" and not isinstance(members["amountFrom"], str):
        members["amountFrom"] = print_sent_number(members["amountFrom"])
    return members


def _read_trade(members: dict[str, Any], flow: Flow, provider: Provider) -> Trade:
    return Trade(
        flow=flow,
        provider=provider,
        currency_from=members["currencyFrom"],
        currency_to=members["currencyTo"],
        amount=Decimal(members["amountFrom"]),
        country=members["country"],
        state=members["state"],
        payment_method=members["paymentMethod"],
    )


def _with_bounds(catalogue: Catalogue, trade: Trade, asked: tuple[faults.Fault, ...]) -> list[faults.Fault]:
    """The same faults, those for `limits` with the bound that the provider really has."""
    bound = request_limits_error(catalogue, trade).details
    return [fault.with_details(bound) if fault.error == "limits" else fault for fault in asked]


def _new_order(call: Call, flow: Flow, members: dict[str, Any]) -> Order:
    order_id = call.tx.chance.uuid()
    now_ms = call.tx.now_ms
    external_id = members["externalOrderId"]
    fields: dict[str, Any] = _UNKNOWN[flow] | members
    fields["payinCurrency"] = members["currencyFrom"]
    fields["payoutCurrency"] = members["currencyTo"]
    fields["redirectUrl"] = build_redirect_url(
        _redirect_base(call),
        flow,
        provider_code=members["providerCode"],
        order_id=order_id,
        currency_from=members["currencyFrom"],
        currency_to=members["currencyTo"],
        amount_from=members["amountFrom"],
        external_order_id=external_id,
        address=members["walletAddress" if flow == "buy" else "refundAddress"],
    )
    if members["externalUserId"].startswith(_MARK_OF_PRODUCTION) and call.settings["magicValues"]:
        fields[PRODUCTION] = True
    if call.settings["acceptCallbackUrl"]:
        callback_url = call.body.get("callbackUrl")
        if callback_url:
            fields["callbackUrl"] = callback_url
    keys = (order_key(order_id), user_key(members["externalUserId"]))
    return Order(
        id=order_id,
        provider=call.provider.name,
        owner=call.caller.name,
        kind=flow,
        status="created",
        created_ms=now_ms,
        updated_ms=now_ms,
        fields=fields,
        keys=keys if external_id is None else (*keys, external_key(external_id)),
    )


def _redirect_base(call: Call) -> str:
    public_base = call.settings["publicBase"] or _reached_at(call)
    return place_checkout(call.settings["redirectBase"], public_base)


def _reached_at(call: Call) -> str:
    """The base URL that the client has used, as far as is known."""
    if call.settings["trustProxy"]:
        scheme, host = call.header("x-forwarded-proto"), call.header("x-forwarded-host")
        if scheme in ("http", "https") and host:
            return f"{scheme}://{host.split(',')[0].strip()}{call.request.mount}"
    return call.request.base_url


def _show(order: Order, members: dict[str, Any], form: _Form, sent_amount: Any) -> dict[str, Any]:
    """The new order, keys in wire order; return URLs only if there are any, or always."""
    shown = {
        "redirectUrl": order.fields["redirectUrl"],
        "orderId": order.id,
        **members,
        "createdAt": format_instant(order.created_ms, zone=form.zone),
    }
    if not isinstance(sent_amount, str):
        shown["amountFrom"] = Raw(members["amountFrom"].encode())
    if not form.always_urls:
        for name in RETURN_URLS:
            if shown[name] is None:
                del shown[name]
    return shown
