"""What happens when a timer of an order or a recurrence falls due, and what is left of it if that fails."""

import logging

from emulator.core import events
from emulator.core.documents import RECURRING
from emulator.core.sandbox import Due, Sandbox
from emulator.core.transaction import Transaction

log = logging.getLogger("emulator")


def run_timer(tx: Transaction, sandbox: Sandbox, due: Due) -> Transaction:
    """The transaction in which it has happened: `tx`, or, if that failed, one that only keeps it from failing again."""
    if due.table == RECURRING:
        return _recur(tx, sandbox, due.key)
    order = tx.order(due.key)
    if order is None:
        return tx
    try:
        events.fire_timer(tx, order, due.name)
    except Exception as failure:
        log.exception("%s of %s failed", due.name, due.key)
        return _without_timer(tx, sandbox, due, f"the emulator failed: {type(failure).__name__}: {failure}")
    return tx


def _recur(tx: Transaction, sandbox: Sandbox, key: str) -> Transaction:
    """The transaction in which it has happened, or, if that failed, one that only plans its next time."""
    provider, _, name = key.partition("/")
    try:
        tx.plan_recurring(provider, tx.settings(provider))
        for each in tx.library.outlines[provider].recurring:
            if each.name == name:
                each.run(tx)
    except Exception:
        log.exception("%s failed", key)
        tx = _fresh(tx, sandbox)
        tx.plan_recurring(provider, tx.settings(provider))
    return tx


def _without_timer(failed: Transaction, sandbox: Sandbox, due: Due, reason: str) -> Transaction:
    """A transaction that only stops the timer, instead of one that failed and would fail forever."""
    tx = _fresh(failed, sandbox)
    order = tx.order(due.key)
    if order is not None:
        tx.stop_timer(order, due.name)
        tx.note("failed", order, status=order.status, event=due.name, reason=reason)
    return tx


def _fresh(failed: Transaction, sandbox: Sandbox) -> Transaction:
    tx = Transaction(sandbox, failed.library, failed.now_ms, failed.real_ms)
    tx.clock = failed.clock
    return tx
