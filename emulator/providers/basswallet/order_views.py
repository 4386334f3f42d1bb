"""Where answers and webhooks show payments, withdrawals and deposits.

Source: https://docs-en.basswallet.com/api-reference/endpoint/receive/payment-query, seen 2026-11.
"""

from emulator.contract.order_view import EACH, OrderView
from emulator.providers.basswallet.webhooks import ARRIVAL, EXPIRY, PAYMENT, WITHDRAW
from emulator.providers.basswallet.wire import (
    AWAITING_CONFIRMATION,
    DEPOSIT,
    PAYMENTS,
    PENDING,
    WITHDRAWAL,
)

_ID, _STATUS = ("id",), ("status",)

ORDER_VIEWS = (
    OrderView(("create-order",), _ID, _STATUS, within=("data",), kinds={"": PAYMENTS}),
    OrderView(("create-withdrawal",), _ID, _STATUS, within=("data",), kinds={"": frozenset({WITHDRAWAL})}),
    OrderView(("get-order",), _ID, _STATUS, within=("data",)),
    OrderView(("list-orders",), _ID, _STATUS, within=("data", EACH)),
    OrderView(
        (PAYMENT, EXPIRY, WITHDRAW, ARRIVAL),
        _ID,
        _STATUS,
        kind=("webhookType",),
        kinds={
            "Payment": PAYMENTS,
            "Withdraw": frozenset({WITHDRAWAL}),
            "Deposit": frozenset({DEPOSIT}),
        },
    ),
)
STATUS_WORDS = {"AwaitingPayment": PENDING, "WaitingConfirmation": AWAITING_CONFIRMATION}
"""The provider's pages have both (settings `initial_status`, `confirmation_word`)."""
