"""The blocks of a chain in a sandbox: how many confirm a transfer, how fast they follow, and what is drawn for them.

Sources: https://docs-en.basswallet.com/api-reference/endpoint/receive/payment-webhook and the minimum and confirmation
pages of the user guide, seen 2026-11. Assumed: the intervals and heights.
"""

from emulator.contract.transaction import Transaction
from emulator.providers.basswallet.catalogue import read_catalogue
from emulator.providers.basswallet.chain import addresses
from emulator.providers.basswallet.chain.tokens import Chain


def find_chain(tx: Transaction, name: str) -> Chain:
    """What a chain of the sandbox looks like."""
    return read_catalogue(tx.settings("basswallet")).find_chain(name)


def read_first_confirmations(tx: Transaction) -> int:
    """How many confirmations make a transfer count."""
    wanted: int = tx.settings("basswallet")["first_confirmations"]
    return wanted


def find_final_confirmations(tx: Transaction, token: str, chain: str) -> int:
    """How many confirmations make a transfer of a token final."""
    settings = tx.settings("basswallet")
    wanted: int | None = settings["final_confirmations"]
    if wanted is not None:
        return wanted
    pair = read_catalogue(settings).find_pair(token, chain)
    return pair.block_confirm_num if pair is not None else 1


def find_block_interval_ms(tx: Transaction, chain: str) -> int:
    """The time from block to block."""
    own: int | None = tx.settings("basswallet")["block_interval_ms"].get(chain)
    return own if own is not None else find_chain(tx, chain).block_interval_ms


def find_confirmed_ms(tx: Transaction, chain: str, at_ms: int, confirmations: int) -> int:
    """When a transfer that came in at `at_ms` has so many confirmations."""
    return at_ms + confirmations * find_block_interval_ms(tx, chain)


def find_block_height(tx: Transaction, chain: str, at_ms: int) -> int:
    """The height of the block with a transfer that came in at `at_ms`."""
    interval_ms = find_block_interval_ms(tx, chain)
    return addresses.count_block_height(at_ms + interval_ms, find_chain(tx, chain).base_height, interval_ms)


def make_address(tx: Transaction, chain: str) -> str:
    """A new address on the chain."""
    return addresses.write_address(find_chain(tx, chain).address_form, tx.chance.octets(addresses.ADDRESS_BYTES))


def make_hash(tx: Transaction, chain: str) -> str:
    """The hash of a new transaction."""
    octets = tx.chance.octets(addresses.TRANSACTION_HASH_BYTES)
    return addresses.write_transaction_hash(octets, find_chain(tx, chain).transaction_prefix)
