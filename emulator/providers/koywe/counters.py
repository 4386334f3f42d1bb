"""The numbers that a sandbox gives its ledger entries and merchants, one after the other."""

from emulator.contract.transaction import Transaction

COUNTERS = "koywe.counters"

LEDGER_ENTRY = "ledger-entry"
MERCHANT = "merchant"


def next_number(tx: Transaction, name: str) -> int:
    """The next number of a counter; the first is 1."""
    number: int = (tx.get(COUNTERS, name) or 0) + 1
    tx.put(COUNTERS, name, number)
    return number
