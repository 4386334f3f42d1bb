"""Orders and deliveries as the documents that they are kept as."""

from emulator.contract.delivery import Delivery
from emulator.contract.order import Order
from emulator.core import json_text

_order_decoder = json_text.decoder_of(Order)
_delivery_decoder = json_text.decoder_of(Delivery)


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
