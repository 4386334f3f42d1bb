"""Orders: creating them, to buy and to sell.

Sources: https://fiat-api.changelly.com/docs/endpoints/create-order-on-ramp and
https://fiat-api.changelly.com/docs/endpoints/create-order-off-ramp (seen 2026-11). Assumed: the order of the checks.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Raw, Struct

from emulator.contract.card import Call
from emulator.contract.order import Order
from emulator.contract.reply import Refusal, Reply
from emulator.core.json_text import json_reply
from emulator.providers.changelly import wire
from emulator.providers.changelly.access import PAGE_KEY, find_reached
from emulator.providers.changelly.catalogue import Catalogue, Flow, read_catalogue
from emulator.providers.changelly.errors import PROVIDER_FAULTS, REQUEST_FAULTS
from emulator.providers.changelly.offers import ids
from emulator.providers.changelly.offers.prices import Trade, read_trade
from emulator.providers.changelly.rules.fields import find_bad_fields, misses_extra_id
from emulator.providers.changelly.rules.trades import find_trade_error, make_limits_error
from emulator.providers.changelly.sandbox import faults
from emulator.providers.changelly.settings import DEFAULT_FLOWS
from emulator.providers.changelly.wire import (
    MEMBERS,
    OUTCOME,
    RETURN_URLS,
    has_zone,
    write_checkout_base,
    write_instant,
    write_redirect_url,
    write_sent_number,
)


class _Form(Struct, frozen=True):
    """How an edition of the documentation asks for an order and shows a new one."""

    schema: str
    always_urls: bool = False
    """Whether return URLs are shown that were not sent."""
    amount_as_text: bool = False
    """Whether an amount that was sent as a number comes back as text."""


_OLDEST_BUY = _Form("create-order.request")
_NEWEST_BUY = _Form("create-order.edition-c.request", always_urls=True)
_BUY = {"A": _OLDEST_BUY, "C": _NEWEST_BUY, "D": _NEWEST_BUY}
"""By edition of the documentation."""
_OLDEST_SELL = _Form("create-sell-order.request")
_NEWEST_SELL = _Form("create-sell-order.edition-d.request", amount_as_text=True)
_SELL = {"A": _OLDEST_SELL, "C": _OLDEST_SELL, "D": _NEWEST_SELL}
"""The same of sales."""

PRODUCTION = "production"
"""The field of orders that are not test orders: sandbox calls refuse them."""

_MARK_OF_PRODUCTION = "sandbox-production"
"""What the externalUserId of such an order begins with. Assumed."""

_BLANK = {kind: dict.fromkeys((*names, *RETURN_URLS)) for kind, names in MEMBERS.items()}
"""What an order keeps of an empty request."""

_UNKNOWN = {kind: dict.fromkeys(("redirectUrl", *members, *OUTCOME, "amountTo")) for kind, members in _BLANK.items()}
"""The fields of an order before anything is known."""


def external_key(external_order_id: str) -> str:
    """The index key of orders with this externalOrderId."""
    return f"external:{external_order_id}"


def user_key(external_user_id: str) -> str:
    """The index key of orders with this externalUserId."""
    return f"user:{external_user_id}"


def create_order(call: Call) -> Reply:
    """`POST /v1/orders`: 201 with the order, without its status; the setting `edition` says in which form."""
    return _create(call, "buy", _BUY[call.settings["edition"]])


def create_sell_order(call: Call) -> Reply:
    """`POST /v1/sell/orders`: 201 with the order; the amount comes back as the type in which it was sent, or, in the
    newest edition, as text."""
    return _create(call, "sell", _SELL[call.settings["edition"]])


def usual_scenario(call: Call, fields: Mapping[str, Any], kind: str) -> str:
    """The scenario that the setting `default_flow` names."""
    return DEFAULT_FLOWS[call.settings["default_flow"]]


def _create(call: Call, flow: Flow, form: _Form) -> Reply:
    call.body = fields = wire.read_object(call)
    asked = faults.find_order_faults(call)
    code = fields.get("providerCode")
    if asked:
        faults.require_no_fault_of(asked, REQUEST_FAULTS, (code,))
    catalogue = read_catalogue(call.settings)
    bad = find_bad_fields(catalogue, flow, fields, call.settings)
    if call.settings["require_extra_id"] and misses_extra_id(catalogue, flow, fields):
        bad["walletExtraId"] = f"missing, {fields['currencyTo']} needs one (setting require_extra_id)"
    if call.settings["require_refund_address"] and flow == "sell" and not fields.get("refundAddress"):
        bad["refundAddress"] = "missing (setting require_refund_address)"
    wire.require_valid(call.provider.schemas[form.schema], fields, bad)
    _require_fresh_offer(call)
    _require_new_id(call)
    members = _read_members(fields, flow)
    trade = read_trade(members, flow, catalogue.provider_by_code[members["providerCode"]])
    error = find_trade_error(catalogue, trade)
    if error is not None:
        raise Refusal(error.type, error.reason, details=error.details)
    if asked:
        faults.require_no_fault_of(_with_bounds(catalogue, trade, asked), PROVIDER_FAULTS, (code,))
    order = _make_order(call, flow, members)
    call.create(order)
    zone = has_zone(call.settings, flow)
    return json_reply(201, _write_new_order(order, members, form, fields["amountFrom"], zone=zone))


def _require_fresh_offer(call: Call) -> None:
    offer_id = call.body.get("offerId")
    if offer_id and ids.has_expired(offer_id, call.tx.sandbox_name, call.tx.now_ms, call.settings["offer_ttl_ms"]):
        raise Refusal("offerExpired", f"the offer {offer_id} is older than the setting offer_ttl_ms")


def _require_new_id(call: Call) -> None:
    external_id = call.body.get("externalOrderId")
    if not external_id or not call.settings["unique_external_order_id"]:
        return
    for order_id in call.tx.order_ids(call.provider.name, external_key(external_id)):
        order = call.tx.order(order_id)
        if order is not None and order.owner == call.caller.name:
            reason = f"the order {order_id} has this externalOrderId (setting unique_external_order_id)"
            raise Refusal("conflict", reason)


def _read_members(fields: dict[str, Any], flow: Flow) -> dict[str, Any]:
    """What the order keeps of its request, in wire order: without empty texts, the amount as text."""
    members: dict[str, Any] = _BLANK[flow].copy()
    for name, value in fields.items():
        if name in members and value != "":
            members[name] = value
    if flow == "sell" and not isinstance(members["amountFrom"], str):
        members["amountFrom"] = write_sent_number(members["amountFrom"])
    return members


def _with_bounds(catalogue: Catalogue, trade: Trade, asked: tuple[faults.Fault, ...]) -> list[faults.Fault]:
    """The same faults; those of `limits` name the provider's own bound."""
    bound = make_limits_error(catalogue, trade).details
    return [fault.with_details(bound) if fault.error == "limits" else fault for fault in asked]


def _make_order(call: Call, flow: Flow, members: dict[str, Any]) -> Order:
    order_id = call.tx.chance.uuid()
    now_ms = call.tx.now_ms
    external_id = members["externalOrderId"]
    fields: dict[str, Any] = _UNKNOWN[flow] | members
    fields["payinCurrency"] = members["currencyFrom"]
    fields["payoutCurrency"] = members["currencyTo"]
    fields["redirectUrl"] = write_redirect_url(
        _read_redirect_base(call),
        flow,
        provider_code=members["providerCode"],
        order_id=order_id,
        currency_from=members["currencyFrom"],
        currency_to=members["currencyTo"],
        amount_from=members["amountFrom"],
        external_order_id=external_id,
        address=members["walletAddress" if flow == "buy" else "refundAddress"],
        extra_id=members.get("walletExtraId"),
    )
    if members["externalUserId"].startswith(_MARK_OF_PRODUCTION) and call.settings["magic_values"]:
        fields[PRODUCTION] = True
    if call.settings["accept_callback_url"]:
        callback_url = call.body.get("callbackUrl")
        if callback_url:
            fields["callbackUrl"] = callback_url
    keys = (f"{PAGE_KEY}{order_id}", user_key(members["externalUserId"]))
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


def _read_redirect_base(call: Call) -> str:
    request = call.request
    public_base = call.settings["public_base"] or request.public_url or find_reached(call).base + request.mount
    return write_checkout_base(call.settings["redirect_base"], public_base)


def _write_new_order(
    order: Order, members: dict[str, Any], form: _Form, sent_amount: Any, *, zone: bool
) -> dict[str, Any]:
    """The new order, keys in wire order; return URLs only if they were sent, or if the form always has them."""
    answer = {
        "redirectUrl": order.fields["redirectUrl"],
        "orderId": order.id,
        **members,
        "createdAt": write_instant(order.created_ms, zone=zone),
    }
    if not isinstance(sent_amount, str) and not form.amount_as_text:
        answer["amountFrom"] = Raw(members["amountFrom"].encode())
    if not form.always_urls:
        for name in RETURN_URLS:
            if answer[name] is None:
                del answer[name]
    return answer
