"""Where answers show orders; webhooks never do.

Source: https://docs.baanx.com/api-reference/order/status, seen 2026-11.
"""

from emulator.contract.order_view import OrderView

ORDER_VIEWS = (OrderView(("create-order", "get-order"), id=("orderId",), status=("status",)),)
