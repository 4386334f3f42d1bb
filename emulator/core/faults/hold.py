"""The webhook is held back until somebody releases it."""

from emulator.contract.delivery import Delivery
from emulator.core.delivery_states import enter
from emulator.core.faults.fault import DeliveryFault, DeliveryTransaction, Rule


def _hold(tx: DeliveryTransaction, delivery: Delivery, rule: Rule) -> bool:
    enter(delivery, "hold")
    delivery.held_back = True
    tx.keep_delivery(delivery)
    return False


FAULT = DeliveryFault("hold", "the webhook is held back until it is released", on_delivery=_hold)
