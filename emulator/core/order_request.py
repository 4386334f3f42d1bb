"""The request that creates an order, built and signed here."""

from collections.abc import Mapping
from typing import Any

from emulator.contract.card import Endpoint, Provider
from emulator.contract.command import CommandRefused
from emulator.contract.order_request import WrittenRequest
from emulator.contract.transaction import Transaction
from emulator.core import json_text


def write_order_request(
    tx: Transaction, card: Provider, kind: str, members: Mapping[str, Any], base_url: str
) -> WrittenRequest:
    """The request for an order of this kind with these members, signed now. Raises CommandRefused if it cannot be."""
    if card.signing is None:
        raise CommandRefused(f"it is not known how requests to {card.name} are signed")
    call = _find_call(card, kind)
    body = json_text.encode(members)
    unsigned = WrittenRequest(call.method, call.path, {"content-type": "application/json"}, body)
    return card.signing.sign(tx, unsigned, base_url)


def _find_call(card: Provider, kind: str) -> Endpoint:
    """The call that creates orders of a kind."""
    calls = [each for each in card.endpoints if each.matched]
    return next((each for each in calls if each.kind == kind), calls[0])
