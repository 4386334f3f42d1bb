"""The webhook is lost."""

from emulator.contract.delivery import Delivery
from emulator.core.delivery_states import enter
from emulator.core.faults.fault import DeliveryFault, DeliveryTransaction, Rule


def _lose(tx: DeliveryTransaction, delivery: Delivery, rule: Rule) -> bool:
    enter(delivery, "drop")
    tx.keep_delivery(delivery)
    return False


FAULT = DeliveryFault("drop", "the webhook is lost, and is not tried again", on_delivery=_lose)
