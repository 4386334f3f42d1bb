"""What happens at providers by itself, at intervals. Decides inside a transaction."""

from emulator.core.transaction import Transaction


def recur(tx: Transaction, key: str, *, run: bool = True) -> None:
    """Runs the recurrence `key`, and plans its next time; without `run`, only the latter."""
    provider, _, name = key.partition("/")
    tx.plan_recurring(provider, tx.settings(provider))
    for each in tx.library.outlines[provider].recurring:
        if run and each.name == name:
            each.run(tx)
