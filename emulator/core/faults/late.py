"""The webhook is sent later."""

from collections.abc import Collection

from emulator.contract.card import Provider
from emulator.contract.delivery import Delivery
from emulator.core.durations import read_duration_ms
from emulator.core.faults.fault import DURATION, DeliveryFault, DeliveryTransaction, Rule

ARGUMENTS = {"by": DURATION}


def defer(tx: DeliveryTransaction, delivery: Delivery, rule: Rule) -> bool:
    """Postpones the attempt, on the sandbox's clock."""
    tx.schedule_attempt(delivery, tx.now_ms + _delay_ms(rule), "defer")
    return False


def check(rule: Rule, providers: Collection[Provider]) -> None:
    """Raises ValueError for anything but a duration."""
    _delay_ms(rule)


def _delay_ms(rule: Rule) -> int:
    return read_duration_ms(rule.get("by", "1h"))


FAULT = DeliveryFault(
    "late", "the webhook is sent later, on the sandbox's clock", ARGUMENTS, check=check, on_delivery=defer
)
