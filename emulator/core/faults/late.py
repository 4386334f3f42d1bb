"""The webhook is sent later."""

from emulator.contract.delivery import Delivery
from emulator.core.durations import read_duration_ms
from emulator.core.faults.fault import DURATION, DeliveryFault, DeliveryTransaction, Rule

ARGUMENTS = {"by": DURATION}


def defer(tx: DeliveryTransaction, delivery: Delivery, rule: Rule) -> bool:
    """Postpones the attempt, on the sandbox's clock."""
    tx.schedule_attempt(delivery, tx.now_ms + read_duration_ms(rule.get("by", "1h")), "defer")
    return False


FAULT = DeliveryFault("late", "the webhook is sent later, on the sandbox's clock", ARGUMENTS, on_delivery=defer)
