"""The signature is wrong."""

from msgspec.structs import replace

from emulator.contract.card import Provider
from emulator.contract.delivery import Message
from emulator.contract.webhooks import Webhooks
from emulator.core.faults.fault import DeliveryFault, Rule


def _with_wrong_signature(message: Message, webhooks: Webhooks) -> Message:
    """The message with another signature of the same form; its end stays, because base64 may have padding there."""
    signature = webhooks.signature_header.lower()
    headers = tuple(
        (name, value[1:-4] + value[:1] + value[-4:] if name.lower() == signature else value)
        for name, value in message.headers
    )
    return replace(message, headers=headers)


def _is_signed(rule: Rule, provider: Provider) -> bool:
    return provider.webhooks is not None and provider.webhooks.signature_header != ""


FAULT = DeliveryFault("bad-signature", "the signature is wrong", possible=_is_signed, on_message=_with_wrong_signature)
