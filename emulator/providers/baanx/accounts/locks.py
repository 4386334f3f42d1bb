"""The lock after failed logins, of the setting `login_lock`.

Observed: a client expects 401 and a text with "lock" in it. Assumed: what counts, for how long, and what ends it.
"""

from emulator.contract.card import Call
from emulator.contract.reply import Refusal
from emulator.contract.transaction import Transaction
from emulator.core.rate_limits import Rate, read_rate
from emulator.providers.baanx.tables import FAILED_LOGINS, FailedLogins


def require_unlocked(call: Call, word: str) -> None:
    """Refuses any login of a locked user with `user_locked`; that does not prolong the lock."""
    limit = _read_limit(call)
    failed = FAILED_LOGINS.find(call.tx, word)
    if limit is None or failed is None:
        return
    count, lock_ms = limit
    if failed.count >= count and call.tx.now_ms < failed.last_ms + lock_ms:
        raise Refusal("user_locked", f"{failed.count} failed logins of {word} in a row (setting login_lock)")


def count_failure(call: Call, word: str) -> None:
    """Counts one more failed login of a known user; the count lasts although the login is refused."""
    limit = _read_limit(call)
    if limit is None:
        return
    failed = FAILED_LOGINS.find(call.tx, word) or FailedLogins(0, 0)
    before = failed.count if failed.count < limit[0] else 0  # an ended lock no longer counts
    call.tx.put(FAILED_LOGINS.table, word, FailedLogins(before + 1, call.tx.now_ms), even_if_refused=True)


def unlock(tx: Transaction, word: str) -> None:
    """Ends a lock, and resets the count that leads to one."""
    if FAILED_LOGINS.find(tx, word) is not None:
        FAILED_LOGINS.remove(tx, word)


def _read_limit(call: Call) -> Rate | None:
    """How many failures lock, and for how long."""
    limit = call.settings["login_lock"]
    return None if limit is None else read_rate(limit)
