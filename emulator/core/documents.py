"""Orders, deliveries and what recurs as the documents that they are kept as."""

from msgspec import Struct

from emulator.contract.delivery import Delivery
from emulator.contract.order import Order, Timer
from emulator.core import json_text

RECURRING = "recurring"


class Recurrence(Struct, omit_defaults=True):
    """Something that happens again and again: counted from when, and when next (None: it does not for now).

    Its key is the provider's name, a slash, and its own name.
    """

    begun_ms: int
    due: Timer | None = None


_order_decoder = json_text.decoder_of(Order)
_delivery_decoder = json_text.decoder_of(Delivery)
_recurrence_decoder = json_text.decoder_of(Recurrence)


def freeze_order(order: Order) -> bytes:
    """The order as it is kept."""
    return json_text.encode(order)


def thaw_order(document: bytes) -> Order:
    """A fresh copy of a kept order."""
    return _order_decoder.decode(document)


def freeze_delivery(delivery: Delivery) -> bytes:
    """The delivery as it is kept."""
    return json_text.encode(delivery)


def thaw_delivery(document: bytes) -> Delivery:
    """A fresh copy of a kept delivery."""
    return _delivery_decoder.decode(document)


def thaw_recurrence(document: bytes) -> Recurrence:
    """A fresh copy of what is kept of a recurrence."""
    return _recurrence_decoder.decode(document)
