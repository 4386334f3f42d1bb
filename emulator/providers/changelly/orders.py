"""Creating orders, to buy and to sell.

Sources: https://fiat-api.changelly.com/docs/endpoints/create-order-on-ramp and
https://fiat-api.changelly.com/docs/endpoints/create-order-off-ramp (seen 2026-11). Assumed: the order of the checks.
"""

from decimal import Decimal
from typing import Any, Final

from msgspec import Raw

from emulator.core.call import Call
from emulator.core.order import Order
from emulator.core.provider import Refusal, Reply, json_reply
from emulator.providers.changelly import faults, offer_ids, requests
from emulator.providers.changelly.authentication import order_key
from emulator.providers.changelly.catalogue import Catalogue, Flow, Provider, catalogue_of
from emulator.providers.changelly.errors import PROVIDER_FAULTS, REQUEST_FAULTS
from emulator.providers.changelly.field_rules import find_bad_fields
from emulator.providers.changelly.formats import (
    build_redirect_url,
    escape_url,
    format_instant,
    is_url,
    print_sent_number,
)
from emulator.providers.changelly.prices import Trade
from emulator.providers.changelly.trade_rules import find_trade_error, request_limits_error

_BUY_SCHEMAS: Final = {"A": "create-order.request", "C": "create-order.edition-c.request"}

_TRADE: Final = ("providerCode", "currencyFrom", "currencyTo", "amountFrom", "country", "state", "ip")
_REST: Final = ("paymentMethod", "userAgent", "metadata")
_IDS: Final = ("externalUserId", "externalOrderId")
RETURN_URLS: Final = ("returnSuccessUrl", "returnFailedUrl")

MEMBERS: Final[dict[str, tuple[str, ...]]] = {
    "buy": (*_IDS, *_TRADE, "walletAddress", "walletExtraId", *_REST),
    "sell": (*_IDS, *_TRADE, "refundAddress", *_REST),
}
"""What a request says and every answer shows, by kind of order, in wire order."""

_KEPT: Final = {kind: frozenset((*names, *RETURN_URLS)) for kind, names in MEMBERS.items()}
"""What an order keeps of its request."""

_OUTCOME: Final = ("payinAmount", "payoutAmount", "payinCurrency", "payoutCurrency", "transactionHash", "amountTo")
_BLANK: Final = {
    kind: dict.fromkeys(("redirectUrl", *names, *RETURN_URLS, *_OUTCOME)) for kind, names in MEMBERS.items()
}
"""The fields of an order of which nothing is known yet."""


def external_key(external_order_id: str) -> str:
    """The index key of orders with this id of the partner's."""
    return f"external:{external_order_id}"


def user_key(external_user_id: str) -> str:
    """The index key of orders for this user of the partner's."""
    return f"user:{external_user_id}"


def create_buy_order(call: Call) -> Reply:
    """`POST /v1/orders`: 201 with the order, without its status; the setting `edition` says in which form."""
    edition = call.settings["edition"]
    order = _create(call, "buy", _BUY_SCHEMAS[edition])
    return json_reply(201, _show(order, always_urls=edition == "C", zone=edition == "C"))


def create_sell_order(call: Call) -> Reply:
    """`POST /v1/sell/orders`: 201 with the order; the amount comes back in the type in which it was sent."""
    order = _create(call, "sell", "create-sell-order.request")
    shown = _show(order, always_urls=False, zone=True)
    if not isinstance(call.body["amountFrom"], str):
        shown["amountFrom"] = Raw(order.fields["amountFrom"].encode())
    return json_reply(201, shown)


def _create(call: Call, flow: Flow, schema: str) -> Order:
    call.body = fields = requests.read_object(call)
    asked = faults.find_order_faults(call)
    code = fields.get("providerCode")
    if asked:
        faults.refuse_if(asked, REQUEST_FAULTS, (code,))
    catalogue = catalogue_of(call.settings)
    bad = find_bad_fields(catalogue, flow, fields, call.settings)
    requests.require_valid(call.provider.schemas[schema], fields, bad)
    _require_fresh_offer(call)
    _require_new_id(call)
    trade = _read_trade(fields, flow, catalogue.provider_by_code[fields["providerCode"]])
    error = find_trade_error(catalogue, trade)
    if error is not None:
        raise Refusal(error.type, error.reason, details=error.details)
    if asked:
        faults.refuse_if(_with_bounds(catalogue, trade, asked), PROVIDER_FAULTS, (code,))
    order = _new_order(call, flow, fields)
    call.create(order)
    return order


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


def _read_trade(fields: dict[str, Any], flow: Flow, provider: Provider) -> Trade:
    return Trade(
        flow=flow,
        provider=provider,
        currency_from=fields["currencyFrom"],
        currency_to=fields["currencyTo"],
        amount=Decimal(_amount_text(fields["amountFrom"])),
        country=fields["country"],
        state=fields.get("state") or None,
        payment_method=fields.get("paymentMethod") or None,
    )


def _amount_text(amount: Any) -> str:
    return amount if isinstance(amount, str) else print_sent_number(amount)


def _with_bounds(catalogue: Catalogue, trade: Trade, asked: tuple[faults.Fault, ...]) -> list[faults.Fault]:
    """The same faults, those for `limits` with the bound that the provider really has."""
    bound = request_limits_error(catalogue, trade).details
    return [fault.with_details(bound) if fault.error == "limits" else fault for fault in asked]


def _new_order(call: Call, flow: Flow, fields: dict[str, Any]) -> Order:
    order_id = call.tx.chance.uuid()
    kept: dict[str, Any] = _BLANK[flow].copy()
    names = _KEPT[flow]
    for name, value in fields.items():
        if name in names and value != "":
            kept[name] = value
    kept["amountFrom"] = _amount_text(fields["amountFrom"])
    kept["payinCurrency"] = fields["currencyFrom"]
    kept["payoutCurrency"] = fields["currencyTo"]
    kept["redirectUrl"] = build_redirect_url(
        _redirect_base(call),
        flow,
        provider_code=kept["providerCode"],
        order_id=order_id,
        currency_from=kept["currencyFrom"],
        currency_to=kept["currencyTo"],
        amount_from=kept["amountFrom"],
        external_order_id=kept["externalOrderId"],
        address=kept["walletAddress" if flow == "buy" else "refundAddress"],
    )
    if call.settings["acceptCallbackUrl"]:
        callback_url = fields.get("callbackUrl")
        if isinstance(callback_url, str) and is_url(callback_url):
            kept["callbackUrl"] = callback_url
    external_id = kept["externalOrderId"]
    keys = (order_key(order_id), user_key(kept["externalUserId"]))
    return Order(
        id=order_id,
        provider=call.provider.name,
        owner=call.caller.name,
        kind=flow,
        status="created",
        created_ms=call.tx.now_ms,
        updated_ms=call.tx.now_ms,
        fields=kept,
        keys=keys if external_id is None else (*keys, external_key(external_id)),
    )


def _redirect_base(call: Call) -> str:
    base: str = call.settings["redirectBase"]
    path = base.removeprefix("{publicBase}")
    if path == base:
        return base
    public: str = call.settings["publicBase"] or _reached_at(call)
    return public.rstrip("/") + path


def _reached_at(call: Call) -> str:
    """The base URL that the client has used, as far as is known."""
    if call.settings["trustProxy"]:
        scheme, host = call.header("x-forwarded-proto"), call.header("x-forwarded-host")
        if scheme in ("http", "https") and host:
            return escape_url(f"{scheme}://{host.split(',')[0].strip()}{call.request.mount}")
    return escape_url(call.request.base_url)


def _show(order: Order, *, always_urls: bool, zone: bool) -> dict[str, Any]:
    """The new order, keys in wire order; return URLs only if there are any, or always."""
    fields = order.fields
    shown: dict[str, Any] = {"redirectUrl": fields["redirectUrl"], "orderId": order.id}
    for name in MEMBERS[order.kind]:
        shown[name] = fields[name]
    for name in RETURN_URLS:
        if always_urls or fields[name] is not None:
            shown[name] = fields[name]
    shown["createdAt"] = format_instant(order.created_ms, zone=zone)
    return shown
