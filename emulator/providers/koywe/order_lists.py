"""The merchant's orders as pages of a list and as an account's report.

Sources: https://docs.koywe.com/payments/payments-api-reference/payments-api/orders/get-orders and
https://docs.koywe.com/reports/orders-report (seen 2026-11) for the parameters and their defaults. Assumed: the form of
`pagination`, dates inclusive; ties follow the direction of the sort, so that the default is newest first; the report is
newest first and its cursor is the last order's id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from emulator.core.call import Call
from emulator.core.order import Order
from emulator.core.provider import Reply
from emulator.providers.koywe.accounts import require_account
from emulator.providers.koywe.bodies import give, invalid, read_query
from emulator.providers.koywe.catalogue import find_currency_by_id
from emulator.providers.koywe.kinds import type_of
from emulator.providers.koywe.moments import moment_ms
from emulator.providers.koywe.order_answers import order_body
from emulator.providers.koywe.validation import ACCOUNT_CLASH_TEXT

_USUAL_PAGE: Final = 10
_USUAL_REPORT: Final = 50
_USUAL_SORT: Final = "createdAt:desc"
_CURSOR_TEXT: Final = "cursor must be the nextCursor of the page before"

_ACCOUNT_FIELDS: Final = ("originAccountId", "destinationAccountId")
_CURRENCY_FIELDS: Final = ("originCurrencySymbol", "destinationCurrencySymbol")

_SORT_KEYS: Final[Mapping[str, Callable[[Order], Any]]] = {
    "createdAt": lambda order: order.created_ms,
    "amountIn": lambda order: Decimal(order.fields["amountIn"]),
    "amountOut": lambda order: Decimal(order.fields["amountOut"]),
    "type": lambda order: type_of(order.kind),
    "status": lambda order: order.status,
}


def list_orders(call: Call) -> Reply:
    """`GET M/orders`: one page of those that the query selects."""
    query = read_query(call)
    if "accountId" in query and not query.keys().isdisjoint(_ACCOUNT_FIELDS):
        beside = ", ".join(sorted(_ACCOUNT_FIELDS & query.keys()))
        raise invalid(call, [ACCOUNT_CLASH_TEXT], f"accountId beside {beside}: it stands for either of them")
    found = [order for order in _orders_of_merchant(call) if _fits(order, query)]
    field, _, direction = query.get("sort", _USUAL_SORT).partition(":")
    found.sort(key=_SORT_KEYS[field])  # oldest first among equals, so that turning it round has the newest first
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
    return give(call, {"pagination": pagination, "orders": _show(call, page)})


def get_orders_report(call: Call) -> Reply:
    """`GET M/accounts/{accountId}/reports/orders`: the account's orders, newest first. Refuses with `BAA90002`."""
    query = read_query(call)
    account_id = call.parameters["account_id"]
    require_account(call, account_id)
    wanted = {"accountId": account_id, **query}
    wanted |= {name: query[each] for name, each in (("startDate", "from"), ("endDate", "to")) if each in query}
    found = [order for order in _orders_of_merchant(call) if _fits(order, wanted)][::-1]
    if "cursor" in query:
        found = _after(call, found, query["cursor"])
    size = int(query.get("limit", _USUAL_REPORT))
    page = found[:size]
    cursor = page[-1].id if len(found) > size else None
    return give(call, {"orders": _show(call, page), "nextCursor": cursor})


def _orders_of_merchant(call: Call) -> Iterator[Order]:
    for order_id in call.tx.order_ids(call.provider.name, f"owner:{call.caller.merchant_id}"):
        order = call.tx.order(order_id)
        if order is not None:
            yield order


def _after(call: Call, orders: list[Order], cursor: str) -> list[Order]:
    ids = [order.id for order in orders]
    if cursor not in ids:
        raise invalid(call, [_CURSOR_TEXT], f"no order {cursor!r} among those that the query selects")
    return orders[ids.index(cursor) + 1 :]


def _show(call: Call, orders: list[Order]) -> list[dict[str, Any]]:
    call.seen += orders
    return [order_body(call.settings, order) for order in orders]


def _fits(order: Order, query: Mapping[str, str]) -> bool:
    return all(_FILTERS[name](order, value) for name, value in query.items() if name in _FILTERS)


def _is_on_a_side(order: Order, value: str) -> bool:
    return any(order.fields.get(name) == value for name in _ACCOUNT_FIELDS)


def _has_currency(order: Order, currency_id: str) -> bool:
    currency = find_currency_by_id(currency_id)
    return currency is not None and any(order.fields[name] == currency.symbol for name in _CURRENCY_FIELDS)


def _is_not_before(order: Order, text: str) -> bool:
    return order.created_ms >= moment_ms(text)


def _is_not_after(order: Order, text: str) -> bool:
    return order.created_ms <= moment_ms(text, end_of_day=True)


_FILTERS: Final[Mapping[str, Callable[[Order, str], bool]]] = {
    "status": lambda order, value: order.status == value,
    "type": lambda order, value: type_of(order.kind) == value,
    "startDate": _is_not_before,
    "endDate": _is_not_after,
    "currencyId": _has_currency,
    "accountId": _is_on_a_side,
    "originAccountId": lambda order, value: order.fields.get("originAccountId") == value,
    "destinationAccountId": lambda order, value: order.fields["destinationAccountId"] == value,
}
