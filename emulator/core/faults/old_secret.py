"""The signature is made with an old secret."""

from emulator.core.faults.fault import DeliveryFault, supported_by_provider

FAULT = DeliveryFault(
    "old-secret", "the signature is made with a secret that is no longer valid", possible=supported_by_provider
)
