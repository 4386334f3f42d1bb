"""The list of a merchant's orders.

Source: https://docs.koywe.com/payments/payments-api-reference/payments-api/orders/get-orders (seen 2026-11) for the
parameters and their defaults. Assumed: the form of `pagination`, that dates are included, and that ties follow the
direction of the sort, so that the default is newest first.
"""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from emulator.contract.card import Call
from emulator.contract.order import Order
from emulator.contract.reply import Reply
from emulator.providers.koywe.catalogue import find_currency_by_id
from emulator.providers.koywe.formats.moments import require_moment
from emulator.providers.koywe.formats.validation import ACCOUNT_CLASH_TEXT
from emulator.providers.koywe.ordering.kinds import read_type
from emulator.providers.koywe.wire import invalid, read_query, write_answer, write_orders

_USUAL_PAGE = 10
_USUAL_SORT = "createdAt:desc"

_ACCOUNT_FIELDS = ("originAccountId", "destinationAccountId")
_CURRENCY_FIELDS = ("originCurrencySymbol", "destinationCurrencySymbol")

_SORT_KEYS: Mapping[str, Callable[[Order], Any]] = {
    "createdAt": lambda order: order.created_ms,
    "amountIn": lambda order: Decimal(order.fields["amountIn"]),
    "amountOut": lambda order: Decimal(order.fields["amountOut"]),
    "type": lambda order: read_type(order.kind),
    "status": lambda order: order.status,
}


def list_orders(call: Call) -> Reply:
    """`GET M/orders`: a page of the orders that the query selects. Refuses with `COM90003`."""
    query = read_query(call)
    if "accountId" in query and not query.keys().isdisjoint(_ACCOUNT_FIELDS):
        beside = ", ".join(sorted(_ACCOUNT_FIELDS & query.keys()))
        raise invalid(call, [ACCOUNT_CLASH_TEXT], f"accountId and {beside}: accountId stands for either, send one")
    found = [order for order in _list_orders(call) if _fits(order, query)]
    field, _, direction = query.get("sort", _USUAL_SORT).partition(":")
    found.sort(key=_SORT_KEYS[field])  # oldest first among equals, so that reversed it is newest first
    if direction == "desc":
        found.reverse()
    size, number = int(query.get("pageSize", _USUAL_PAGE)), int(query.get("pageNumber", 1))
    page = found[(number - 1) * size : number * size]
    pagination = {
        "pageNumber": number,
        "pageSize": size,
        "totalCount": len(found),
        "totalPages": -(-len(found) // size),
    }
    return write_answer(call, {"pagination": pagination, "orders": write_orders(call, page)})


def _list_orders(call: Call) -> Iterator[Order]:
    """The merchant's own orders, oldest first."""
    for order_id in call.tx.order_ids(call.provider.name, f"owner:{call.caller.merchant_id}"):
        order = call.tx.order(order_id)
        if order is not None and order.owner == call.caller.merchant_id:
            yield order


def _fits(order: Order, query: Mapping[str, str]) -> bool:
    return all(_FILTERS[name](order, value) for name, value in query.items() if name in _FILTERS)


def _is_on_a_side(order: Order, value: str) -> bool:
    return any(order.fields.get(name) == value for name in _ACCOUNT_FIELDS)


def _has_currency(order: Order, currency_id: str) -> bool:
    currency = find_currency_by_id(currency_id)
    return currency is not None and any(order.fields[name] == currency.symbol for name in _CURRENCY_FIELDS)


def _is_not_before(order: Order, text: str) -> bool:
    return order.created_ms >= require_moment(text)


def _is_not_after(order: Order, text: str) -> bool:
    return order.created_ms <= require_moment(text, end_of_day=True)


_FILTERS: Mapping[str, Callable[[Order, str], bool]] = {
    "status": lambda order, value: order.status == value,
    "type": lambda order, value: read_type(order.kind) == value,
    "startDate": _is_not_before,
    "endDate": _is_not_after,
    "currencyId": _has_currency,
    "accountId": _is_on_a_side,
    "originAccountId": lambda order, value: order.fields.get("originAccountId") == value,
    "destinationAccountId": lambda order, value: order.fields["destinationAccountId"] == value,
}
