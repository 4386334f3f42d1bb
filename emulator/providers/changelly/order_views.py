"""Where answers and callbacks show orders; the answer that creates one has no status.

Source: https://fiat-api.changelly.com/docs/endpoints/get-orders-by-a-partner-key, seen 2026-11.
"""

from emulator.contract.order_view import EACH, OrderView
from emulator.providers.changelly.webhooks import CALLBACK

_ID, _STATUS, _TYPE = ("orderId",), ("status",), ("type",)

ORDER_VIEWS = (
    OrderView(("list-orders",), _ID, _STATUS, within=("orders", EACH), kind=_TYPE),
    OrderView(("update-sandbox-order",), _ID, _STATUS, kind=_TYPE, by_hand=True),
    OrderView((CALLBACK,), _ID, _STATUS, kind=_TYPE),
)
