"""The report of an account's orders.

Source: https://docs.koywe.com/reports/orders-report (seen 2026-11) for the parameters and `summary`. Assumed: that it
goes by `createdAt`, newest first, and the names of the counts.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from emulator.contract.card import Call
from emulator.contract.order import Order
from emulator.contract.reply import Reply
from emulator.providers.koywe.ordering.kinds import TYPES, read_type
from emulator.providers.koywe.reports.questions import Question, count_before, read_question, write_cursor
from emulator.providers.koywe.wire import write_answer, write_orders

_ORIGIN = "originAccountId"


def get_orders_report(call: Call) -> Reply:
    """`GET M/accounts/{accountId}/reports/orders`: orders from or to the account, newest first, and their counts.
    Refuses with `BAA90002`, `COM90003`."""
    question = read_question(call)
    everything = list(_list_orders(call, question.account_id))[::-1]
    before = count_before(call, question, [order.id for order in everything])
    fitting = [order for order in everything if _fits(order, question)]
    rest = [order for order in everything[before:] if _fits(order, question)]
    page = rest[: question.length]
    body = question.head | {
        "summary": {
            "totalOrders": len(fitting),
            "byType": _count(fitting, lambda order: read_type(order.kind), TYPES),
            "byStatus": _count(fitting, lambda order: order.status, call.provider.lifecycle.statuses),
        },
        "orders": write_orders(call, page),
        "nextCursor": write_cursor(call, question, page[-1].id) if len(rest) > len(page) else None,
    }
    return write_answer(call, body)


def _list_orders(call: Call, account_id: str) -> Iterator[Order]:
    """The merchant's orders from or to the account, and those of others that bring it money, oldest first."""
    for order_id in call.tx.order_ids(call.provider.name, f"owner:{call.caller.merchant_id}"):
        order = call.tx.order(order_id)
        if order is not None and account_id in (order.fields["destinationAccountId"], order.fields.get(_ORIGIN)):
            yield order


def _fits(order: Order, question: Question) -> bool:
    query = question.query
    return (
        question.from_ms <= order.created_ms <= question.to_ms
        and query.get("type") in (None, read_type(order.kind))
        and query.get("status") in (None, order.status)
    )


def _count(orders: list[Order], word: Callable[[Order], str], words: Iterable[str]) -> dict[str, Any]:
    """Word -> how many orders have it, for those that occur, in the order of `words`."""
    counted = Counter(map(word, orders))
    return {each: counted[each] for each in words if each in counted}
