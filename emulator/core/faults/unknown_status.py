"""The webhook reports an unknown status."""

from emulator.core.faults.fault import DeliveryFault, supported_by_provider

FAULT = DeliveryFault(
    "unknown-status", "the webhook reports a status that nobody knows", possible=supported_by_provider
)
