"""Where answers and webhooks show orders.

Sources: https://docs.koywe.com/payments/core-concepts/orders and
https://docs.koywe.com/en/getting-started/webhooks-overview, seen 2026-11.
"""

from emulator.contract.order_view import EACH, OrderView
from emulator.providers.koywe.ordering.kinds import ONRAMP, ONRAMP_BY_METHOD, ONRAMP_FROM_BALANCE
from emulator.providers.koywe.webhooks import WEBHOOKS

_STATUS, _TYPE = ("status",), ("type",)
_KINDS = {ONRAMP: frozenset({ONRAMP_FROM_BALANCE, ONRAMP_BY_METHOD})}
_ANSWERS = ("create-order", "get-order", "get-order-by-external-id", "cancel-order", "refund-order")
_EVENTS = tuple(event.name for event in WEBHOOKS.events if event.name.startswith("order."))

ORDER_VIEWS = (
    OrderView(_ANSWERS, ("id",), _STATUS, kind=_TYPE, kinds=_KINDS),
    OrderView(("list-orders",), ("id",), _STATUS, within=("orders", EACH), kind=_TYPE, kinds=_KINDS),
    OrderView(_EVENTS, ("relationships", "self", "id"), ("data", "status"), kind=("data", "type"), kinds=_KINDS),
)
