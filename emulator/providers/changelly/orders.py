"""Creating orders to buy and to sell, and listing a partner's orders, which is how a status is polled.

Sources: https://fiat-api.changelly.com/docs/endpoints/create-order-on-ramp,
https://fiat-api.changelly.com/docs/endpoints/create-order-off-ramp and
https://fiat-api.changelly.com/docs/endpoints/get-orders-by-a-partner-key (seen 2026-11). Assumed: the order of the
checks, the order of the list, the page size, and that dates are included on both ends.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Raw, Struct

from emulator.contract.card import Call
from emulator.contract.order import Order
from emulator.contract.reply import Refusal, Reply
from emulator.core.json_text import json_reply
from emulator.core.wording import shown
from emulator.providers.changelly import wire
from emulator.providers.changelly.access import order_key, reached_by
from emulator.providers.changelly.catalogue import Catalogue, Flow, catalogue_of
from emulator.providers.changelly.errors import PROVIDER_FAULTS, REQUEST_FAULTS
from emulator.providers.changelly.lifecycle import write_extras
from emulator.providers.changelly.offers import ids
from emulator.providers.changelly.offers.prices import Trade, read_trade
from emulator.providers.changelly.rules.fields import find_bad_fields, misses_extra_id
from emulator.providers.changelly.rules.trades import find_trade_error, limits_error
from emulator.providers.changelly.sandbox import faults
from emulator.providers.changelly.wire import (
    MEMBERS,
    OUTCOME,
    RETURN_URLS,
    Query,
    has_zone,
    read_instant,
    read_list,
    read_query,
    write_checkout_base,
    write_instant,
    write_order,
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


def _create(call: Call, flow: Flow, form: _Form) -> Reply:
    call.body = fields = wire.read_object(call)
    asked = faults.find_order_faults(call)
    code = fields.get("providerCode")
    if asked:
        faults.require_no_fault_of(asked, REQUEST_FAULTS, (code,))
    catalogue = catalogue_of(call.settings)
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
    bound = limits_error(catalogue, trade).details
    return [fault.with_details(bound) if fault.error == "limits" else fault for fault in asked]


def _make_order(call: Call, flow: Flow, members: dict[str, Any]) -> Order:
    order_id = call.tx.chance.uuid()
    now_ms = call.tx.now_ms
    external_id = members["externalOrderId"]
    fields: dict[str, Any] = _UNKNOWN[flow] | members
    fields["payinCurrency"] = members["currencyFrom"]
    fields["payoutCurrency"] = members["currencyTo"]
    fields["redirectUrl"] = write_redirect_url(
        _redirect_base(call),
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
    request = call.request
    public_base = call.settings["public_base"] or request.public_url or reached_by(call).base + request.mount
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


PAGE = "30"
_LISTS = ("orderId", "externalUserId", "externalOrderId", "status")
_DATES = ("startDate", "endDate")
_PARAMETERS = frozenset((*_LISTS, *_DATES, "offset", "limit"))


class Filters(Struct, frozen=True):
    """Which orders are wanted; a member of None wants all."""

    order_ids: tuple[str, ...] | None
    user_ids: tuple[str, ...] | None
    external_ids: tuple[str, ...] | None
    statuses: tuple[str, ...] | None
    start_ms: int | None
    end_ms: int | None

    @property
    def take_all(self) -> bool:
        """Whether nothing is filtered, so that orders can be counted unseen."""
        wanted = (self.order_ids, self.user_ids, self.external_ids, self.statuses, self.start_ms, self.end_ms)
        return all(each is None for each in wanted)

    def fit(self, order: Order) -> bool:
        """Whether the order is wanted."""
        fields = order.fields
        return (
            (self.order_ids is None or order.id in self.order_ids)
            and (self.user_ids is None or fields["externalUserId"] in self.user_ids)
            and (self.external_ids is None or fields["externalOrderId"] in self.external_ids)
            and (self.statuses is None or order.status in self.statuses)
            and (self.start_ms is None or order.created_ms >= self.start_ms)
            and (self.end_ms is None or order.created_ms <= self.end_ms)
        )


def list_orders(call: Call) -> Reply:
    """`GET /v1/orders`: 200 with a page of the partner's orders, newest first; with all of them if there is no
    parameter. Refuses with `validation`."""
    faults.require_no_fault(call)
    query = read_query(call.request.query, _LISTS)
    bad_dates = {
        name: f"not an ISO 8601 date, got {shown(query[name])}"
        for name in _DATES
        if name in query and _instant(query, name) is None
    }
    wire.require_valid(call.provider.schemas["list-orders.query"], query, bad_dates)
    offset, limit = int(str(query.get("offset", "0"))), int(str(query.get("limit", PAGE)))
    filters = _read_filters(query)
    if call.settings["full_list"] and not _PARAMETERS & query.keys():
        limit = max(len(_owned_ids(call)), 1)
    if filters.take_all:
        order_ids = _owned_ids(call)
        total = len(order_ids)
        page = [order for order_id in order_ids[::-1][offset : offset + limit] for order in _orders(call, order_id)]
    else:
        fitting = [order for order in _candidates(call, filters) if filters.fit(order)]
        total = len(fitting)
        page = fitting[::-1][offset : offset + limit]
    call.seen.extend(page)
    settings = call.settings
    items = [write_order(order, settings, write_extras(settings, order)) for order in page]
    return json_reply(200, {"orders": items, "limit": limit, "offset": offset, "total": total})


def _instant(query: Mapping[str, str | list[str]], name: str) -> int | None:
    text = query.get(name)
    return read_instant(text) if isinstance(text, str) else None


def _read_filters(query: Query) -> Filters:
    return Filters(
        order_ids=read_list(query, "orderId"),
        user_ids=read_list(query, "externalUserId"),
        external_ids=read_list(query, "externalOrderId"),
        statuses=read_list(query, "status"),
        start_ms=_instant(query, "startDate"),
        end_ms=_instant(query, "endDate"),
    )


def _candidates(call: Call, filters: Filters) -> list[Order]:
    """The partner's orders that may fit, oldest first, found by the filter that leaves the fewest."""
    if filters.order_ids is not None:
        lists: list[Sequence[str]] = [(order_id,) for order_id in filters.order_ids]
    elif filters.external_ids is not None:
        lists = [call.tx.order_ids(call.provider.name, external_key(each)) for each in filters.external_ids]
    elif filters.user_ids is not None:
        lists = [call.tx.order_ids(call.provider.name, user_key(each)) for each in filters.user_ids]
    else:
        lists = [_owned_ids(call)]
    found = dict.fromkeys(order_id for order_ids in lists for order_id in order_ids)
    orders = [order for order_id in found for order in _orders(call, order_id)]
    return orders if len(lists) == 1 else _in_order(call, orders)


def _in_order(call: Call, orders: list[Order]) -> list[Order]:
    """The same orders, oldest first; those of one instant in the order of their creation."""
    if len({order.created_ms for order in orders}) == len(orders):
        return sorted(orders, key=lambda order: order.created_ms)
    places = {order_id: place for place, order_id in enumerate(_owned_ids(call))}
    return sorted(orders, key=lambda order: places[order.id])


def _owned_ids(call: Call) -> list[str]:
    """Ids of all the partner's orders, oldest first."""
    return call.tx.order_ids(call.provider.name, f"owner:{call.caller.name}")


def _orders(call: Call, order_id: str) -> Iterator[Order]:
    """The order with this id, if it is the partner's."""
    order = call.tx.order(order_id)
    if order is not None and order.provider == call.provider.name and order.owner == call.caller.name:
        yield order
