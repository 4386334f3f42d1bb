"""The timestamp is old."""

from emulator.core.faults.fault import DeliveryFault, supported_by_provider

FAULT = DeliveryFault("stale-timestamp", "the timestamp is an hour old", possible=supported_by_provider)
