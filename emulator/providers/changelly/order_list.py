"""The list of a partner's orders, which is the way to poll a status, and the form of an order in it.

Source: https://fiat-api.changelly.com/docs/endpoints/get-orders-by-a-partner-key (seen 2026-11). Assumed: the order,
the page size, and that dates are included on both ends.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from emulator.contract.card import Call
from emulator.contract.order import Order
from emulator.contract.reply import Reply
from emulator.core.json_text import json_reply
from emulator.providers.changelly import faults, requests
from emulator.providers.changelly.formats import Query, format_instant, parse_instant, read_list, read_query
from emulator.providers.changelly.orders import MEMBERS, RETURN_URLS, external_key, user_key

PAGE: Final = "30"
_LISTS: Final = ("orderId", "externalUserId", "externalOrderId", "status")
_DATES: Final = ("startDate", "endDate")
_OUTCOME: Final = ("payinAmount", "payoutAmount", "payinCurrency", "payoutCurrency", "transactionHash")


class Filters(Struct, frozen=True):
    """Which orders are wanted; None: all of them."""

    order_ids: tuple[str, ...] | None
    user_ids: tuple[str, ...] | None
    external_ids: tuple[str, ...] | None
    statuses: tuple[str, ...] | None
    start_ms: int | None
    end_ms: int | None

    @property
    def take_all(self) -> bool:
        """Whether nothing is filtered, so that no order has to be looked at to be counted."""
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
    """`GET /v1/orders`: 200 with a page of the partner's orders, newest first. Refuses with `validation`."""
    faults.refuse_as_asked(call)
    query = read_query(call.request.query, _LISTS)
    bad_dates = [name for name in _DATES if name in query and _instant(query, name) is None]
    requests.require_valid(call.provider.schemas["list-orders.query"], query, bad_dates)
    offset, limit = int(str(query.get("offset", "0"))), int(str(query.get("limit", PAGE)))
    filters = _read_filters(query)
    if filters.take_all:
        order_ids = _owned_ids(call)
        total = len(order_ids)
        shown = [order for order_id in order_ids[::-1][offset : offset + limit] for order in _orders(call, order_id)]
    else:
        fitting = [order for order in _candidates(call, filters) if filters.fit(order)]
        total = len(fitting)
        shown = fitting[::-1][offset : offset + limit]
    call.seen.extend(shown)
    extras = call.settings["callbackExtras"]
    items = [order_body(order, extras=extras) for order in shown]
    return json_reply(200, {"orders": items, "limit": limit, "offset": offset, "total": total})


def order_body(order: Order, *, extras: bool) -> dict[str, Any]:
    """An order with its status, keys in wire order. `extras`: with the amount that is expected, if it was set."""
    fields = order.fields
    body: dict[str, Any] = {
        "redirectUrl": fields["redirectUrl"],
        "orderId": order.id,
        "status": order.status,
        "type": order.kind,
    }
    for name in (*MEMBERS[order.kind], *RETURN_URLS, *_OUTCOME):
        body[name] = fields[name]
    body["createdAt"] = format_instant(order.created_ms)
    body["updatedAt"] = format_instant(order.updated_ms)
    if extras:
        body["amountTo"] = fields["amountTo"]
    return body


def _instant(query: Mapping[str, str | list[str]], name: str) -> int | None:
    text = query.get(name)
    return parse_instant(text) if isinstance(text, str) else None


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
    """The partner's orders that may fit, oldest first: found by the filter that leaves the fewest."""
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
    """The same orders, oldest first, also among those of one instant."""
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
