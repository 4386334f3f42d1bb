"""The webhook is sent after the next one."""

from emulator.core.faults import late
from emulator.core.faults.fault import DeliveryFault

FAULT = DeliveryFault(
    "reorder",
    "the webhook is sent after the order's next one",
    late.ARGUMENTS,
    on_delivery=late.defer,
    until_next=True,
)
