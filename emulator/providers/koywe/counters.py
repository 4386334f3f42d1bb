"""Numbers that a sandbox gives out one after the other: those of ledger entries, and of merchants."""

from emulator.contract.transaction import Transaction

COUNTERS = "koywe.counters"

LEDGER_ENTRY = "ledger-entry"
MERCHANT = "merchant"


def next_number(tx: Transaction, name: str) -> int:
    """The next number of a counter, from 1 on."""
    number: int = (tx.get(COUNTERS, name) or 0) + 1
    tx.put(COUNTERS, name, number)
    return number
