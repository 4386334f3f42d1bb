"""The statuses of a payment order by their canonical words, and the words by which clients see them.

Sources: https://docs-zh.basswallet.com/api-reference/info/params-eum (spelled so) and
https://docs-en.basswallet.com/api-reference/endpoint/receive/payment-webhook, seen 2026-11. The samples there and the
list disagree on two words; settings choose.
"""

from collections.abc import Mapping
from typing import Any

PENDING = "Pending"
AWAITING_CONFIRMATION = "AwaitingConfirmation"
SUCCESS = "Success"
FAILED = "Failed"
UNDERPAID = "Underpaid"
EXPIRED = "Expired"
CANCELLED = "Cancelled"

COMPLETE = (SUCCESS, FAILED, UNDERPAID)
"""Statuses that end the story of a payment."""

_WORD_SETTINGS = {PENDING: "initial_status", AWAITING_CONFIRMATION: "confirmation_word"}


def write_status(status: str, settings: Mapping[str, Any]) -> str:
    """The word by which answers, pages and webhooks call a status."""
    setting = _WORD_SETTINGS.get(status)
    return status if setting is None else str(settings[setting])
