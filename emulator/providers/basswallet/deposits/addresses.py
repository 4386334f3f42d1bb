"""The addresses that a sandbox has given out for deposits.

Source: the page generate-addr of the Chinese documentation, revision of 2024, seen 2026-11. Assumed: that an address
takes every token of its chain, for ever.
"""

from msgspec import Struct

from emulator.contract.transaction import Transaction
from emulator.core.collection import Collection
from emulator.providers.basswallet.chain.tokens import Name


class DepositAddress(Struct, frozen=True, omit_defaults=True):
    """An address, whose it is, and where the webhooks of its deposits go."""

    address: str
    account: int
    chain: Name
    alias: str = ""
    callback_url: str = ""


ADDRESSES = Collection("basswallet.addresses", DepositAddress)


def keep_address(tx: Transaction, address: DepositAddress) -> None:
    """Keeps an address that is given out."""
    ADDRESSES.put(tx, fold_case(address.address), address)


def find_address(tx: Transaction, text: str) -> DepositAddress | None:
    """The address, if the sandbox has given it out for deposits."""
    return ADDRESSES.find(tx, fold_case(text))


def fold_case(address: str) -> str:
    """The form in which an address is looked up: case does not count in those that begin with `0x`."""
    return address.lower() if address.startswith("0x") else address
