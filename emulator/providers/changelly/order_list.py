"""The list of a partner's orders, which is how a status is polled.

Source: https://fiat-api.changelly.com/docs/endpoints/get-orders-by-a-partner-key (seen 2026-11). Assumed: the order of
the list, the page size, and that dates are included on both ends.
"""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from emulator.contract.card import Call
from emulator.contract.order import Order
from emulator.contract.reply import Reply
from emulator.core.json_text import json_reply
from emulator.core.wording import shown
from emulator.providers.changelly import wire
from emulator.providers.changelly.orders import external_key, user_key
from emulator.providers.changelly.payments import write_extras
from emulator.providers.changelly.sandbox import faults
from emulator.providers.changelly.wire import Query, read_instant, read_list, read_query, write_order

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
        if name in query and _read_instant(query, name) is None
    }
    wire.require_valid(call.provider.schemas["list-orders.query"], query, bad_dates)
    offset, limit = int(str(query.get("offset", "0"))), int(str(query.get("limit", PAGE)))
    filters = _read_filters(query)
    if call.settings["full_list"] and not _PARAMETERS & query.keys():
        limit = max(len(_list_owned_ids(call)), 1)
    if filters.take_all:
        order_ids = _list_owned_ids(call)
        total = len(order_ids)
        page = _find_orders(call, order_ids[::-1][offset : offset + limit])
    else:
        fitting = [order for order in _find_candidates(call, filters) if filters.fit(order)]
        total = len(fitting)
        page = fitting[::-1][offset : offset + limit]
    call.seen.extend(page)
    settings = call.settings
    items = [write_order(order, settings, write_extras(settings, order)) for order in page]
    return json_reply(200, {"orders": items, "limit": limit, "offset": offset, "total": total})


def _read_instant(query: Mapping[str, str | list[str]], name: str) -> int | None:
    text = query.get(name)
    return read_instant(text) if isinstance(text, str) else None


def _read_filters(query: Query) -> Filters:
    return Filters(
        order_ids=read_list(query, "orderId"),
        user_ids=read_list(query, "externalUserId"),
        external_ids=read_list(query, "externalOrderId"),
        statuses=read_list(query, "status"),
        start_ms=_read_instant(query, "startDate"),
        end_ms=_read_instant(query, "endDate"),
    )


def _find_candidates(call: Call, filters: Filters) -> list[Order]:
    """The partner's orders that may fit, oldest first, found by the filter that leaves the fewest."""
    if filters.order_ids is not None:
        lists: list[Sequence[str]] = [(order_id,) for order_id in filters.order_ids]
    elif filters.external_ids is not None:
        lists = [call.tx.order_ids(call.provider.name, external_key(each)) for each in filters.external_ids]
    elif filters.user_ids is not None:
        lists = [call.tx.order_ids(call.provider.name, user_key(each)) for each in filters.user_ids]
    else:
        lists = [_list_owned_ids(call)]
    found = dict.fromkeys(order_id for order_ids in lists for order_id in order_ids)
    orders = _find_orders(call, found)
    return orders if len(lists) == 1 else _sort(call, orders)


def _sort(call: Call, orders: list[Order]) -> list[Order]:
    """The same orders, oldest first; those of one instant in the order of their creation."""
    if len({order.created_ms for order in orders}) == len(orders):
        return sorted(orders, key=lambda order: order.created_ms)
    places = {order_id: place for place, order_id in enumerate(_list_owned_ids(call))}
    return sorted(orders, key=lambda order: places[order.id])


def _list_owned_ids(call: Call) -> list[str]:
    """Ids of all the partner's orders, oldest first."""
    return call.tx.order_ids(call.provider.name, f"owner:{call.caller.name}")


def _find_orders(call: Call, order_ids: Iterable[str]) -> list[Order]:
    """The orders with these ids that are the partner's."""
    provider, owner = call.provider.name, call.caller.name
    orders = map(call.tx.order, order_ids)
    return [order for order in orders if order is not None and (order.provider, order.owner) == (provider, owner)]
