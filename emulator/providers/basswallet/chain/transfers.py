"""Transfers: amounts that have come in on a chain, and how far its blocks have confirmed them.

Source: https://docs-en.basswallet.com/api-reference/endpoint/receive/payment-webhook, seen 2026-11: two numbers of
confirmations matter. Assumed: everything else.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Annotated, Any

from msgspec import Meta, Struct, convert, to_builtins

from emulator.providers.basswallet.chain.amounts import add, write_decimal

ACCEPTED = 0
"""The transfer is on its way; merchants see nothing of it."""
CREDITED = 1
"""It has its first confirmations, and counts towards what was paid."""
FINAL = 2
"""It has its final confirmations."""

Amount = Annotated[str, Meta(pattern=r"^[0-9]+(\.[0-9]+)?$", max_length=100)]


class Transfer(Struct, frozen=True, omit_defaults=True, rename={"payer": "from"}):
    """An amount that came in at `at_ms`."""

    amount: Amount
    payer: str
    tx_hash: str
    at_ms: int
    due_ms: int | None = None
    """When its next confirmations that matter come; None: not by themselves."""
    stage: int = ACCEPTED
    credited_ms: int = 0
    """When it had its first confirmations."""
    held: bool = False
    """Whether it is in the frozen balance of its account."""
    made_up: bool = False
    """Whether nobody paid it: the order was moved on by hand or by a scenario."""


class Credit(Struct, frozen=True):
    """What was credited in total, and by whom and when the last of it was paid."""

    amount: str
    payer: str
    tx_hash: str
    at_ms: int
    count: int


def read_transfers(fields: Mapping[str, Any]) -> list[Transfer]:
    """All transfers that count for an order, in the order in which they came in."""
    return [convert(document, Transfer) for document in fields.get("payments", ())]


def write_transfers(transfers: Iterable[Transfer]) -> list[dict[str, Any]]:
    """The transfers as an order keeps them."""
    return [to_builtins(transfer) for transfer in transfers]


def add_up(transfers: Iterable[Transfer]) -> Decimal:
    """The exact sum of some transfers."""
    total = Decimal(0)
    for transfer in transfers:
        total = add(total, Decimal(transfer.amount))
    return total


def find_credit(fields: Mapping[str, Any]) -> Credit | None:
    """What an order shows of its transfers; None before the first one is credited."""
    credited = [transfer for transfer in read_transfers(fields) if transfer.stage >= CREDITED]
    if not credited:
        return None
    last = max(reversed(credited), key=lambda transfer: transfer.credited_ms)
    return Credit(write_decimal(add_up(credited)), last.payer, last.tx_hash, last.at_ms, len(credited))
