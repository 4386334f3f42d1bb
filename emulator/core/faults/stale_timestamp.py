"""A timestamp of before."""

from emulator.core.faults.fault import DeliveryFault, supported_by_provider

FAULT = DeliveryFault("stale-timestamp", "stamped an hour ago", possible=supported_by_provider)
