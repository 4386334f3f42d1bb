"""The shape and colour by which a state is known at sight; there are always words beside it."""

from typing import Literal

from emulator.contract.delivery import Delivery
from emulator.contract.lifecycle import Lifecycle

Mark = Literal["waiting", "moving", "held", "good", "bad", "short", "again", "over", "refused"]

_WORDS: dict[str, Mark] = {
    "success": "good", "completed": "good", "complete": "good", "paid": "good",
    "failed": "bad", "declined": "bad", "reviewdeclined": "bad", "rejected": "bad",
    "hold": "held", "onhold": "held", "awaitingreview": "held", "inreview": "held",
    "underpaid": "short", "refundrequested": "short",
    "expired": "over", "cancelled": "over", "canceled": "over", "refunded": "over",
    "draft": "waiting", "created": "waiting", "started": "waiting", "pending": "waiting",
}  # fmt: skip
"""Statuses of several payment providers, in lower case and without underscores."""
_DELIVERIES: dict[str, Mark] = {
    "pending": "waiting", "sending": "moving", "delivered": "good", "failed": "bad", "refused": "refused",
    "held": "held",
}  # fmt: skip


def mark_of_status(lifecycle: Lifecycle, status: str) -> Mark:
    """The mark of an order's status: by the word or, if that says nothing, by whether orders end there."""
    known = _WORDS.get(status.replace("_", "").lower())
    if known is not None:
        return known
    return "over" if lifecycle.is_final(status) else "moving"


def mark_of_outcome(outcome: str) -> Mark:
    """The mark of an attempt to send a webhook."""
    marks: dict[str, Mark] = {"delivered": "good", "pending": "again", "held": "held"}
    return marks.get(outcome, "bad")


def mark_of_delivery(delivery: Delivery) -> Mark:
    """The mark of a webhook: one that is to be tried again has its own."""
    if delivery.state == "pending" and delivery.attempts:
        return "again"
    return _DELIVERIES[delivery.state]
