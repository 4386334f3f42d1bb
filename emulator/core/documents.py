"""The stored form of orders, deliveries, recurrences and clocks."""

from msgspec import Struct

from emulator.contract.delivery import Delivery
from emulator.contract.order import Order, Timer
from emulator.core import json_text
from emulator.core.clock import Clock

RECURRING = "recurring"


class Recurrence(Struct, omit_defaults=True):
    """When something recurring was first counted from, and when it is due next (None: not for now).

    Its key is `<provider>/<name>`.
    """

    begun_ms: int
    due: Timer | None = None


decode_order = json_text.typed_decoder(Order).decode
"""A fresh copy of a stored order."""
decode_delivery = json_text.typed_decoder(Delivery).decode
"""A fresh copy of a stored delivery."""
decode_recurrence = json_text.typed_decoder(Recurrence).decode
"""A fresh copy of a stored recurrence."""
decode_clock = json_text.typed_decoder(Clock).decode
"""A stored clock."""
