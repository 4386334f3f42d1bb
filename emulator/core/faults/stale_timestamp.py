"""The timestamp is old."""

from emulator.core.faults.fault import DeliveryFault, supported_by_provider

FAULT = DeliveryFault("stale-timestamp", "timestamped an hour ago", possible=supported_by_provider)
