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


_order_decoder = json_text.decoder_of(Order)
_delivery_decoder = json_text.decoder_of(Delivery)
_recurrence_decoder = json_text.decoder_of(Recurrence)
_clock_decoder = json_text.decoder_of(Clock)


def freeze_order(order: Order) -> bytes:
    """The stored form of an order."""
    return json_text.encode(order)


def thaw_order(document: bytes) -> Order:
    """A fresh copy of a stored order."""
    return _order_decoder.decode(document)


def freeze_delivery(delivery: Delivery) -> bytes:
    """The stored form of a delivery."""
    return json_text.encode(delivery)


def thaw_delivery(document: bytes) -> Delivery:
    """A fresh copy of a stored delivery."""
    return _delivery_decoder.decode(document)


def thaw_recurrence(document: bytes) -> Recurrence:
    """A fresh copy of a stored recurrence."""
    return _recurrence_decoder.decode(document)


def thaw_clock(document: bytes) -> Clock:
    """A stored clock."""
    return _clock_decoder.decode(document)
