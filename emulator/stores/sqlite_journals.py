"""Journals in a SQLite file: one for each sandbox, bounded in number and bytes."""

import sqlite3
from collections.abc import Sequence

from emulator.core.journal import MAX_BYTES, MAX_ENTRIES
from emulator.core.kept_journal import KeptJournal, read_entry

_TRIM_EVERY = 500
"""How many more entries than the limit a journal may have until it is trimmed."""
_TRIM = """
DELETE FROM journal WHERE sandbox = :sandbox AND number <= (
  SELECT coalesce(max(number), 0) FROM (
    SELECT number, sum(length(entry)) OVER (ORDER BY number DESC) AS bytes FROM journal WHERE sandbox = :sandbox
  ) WHERE bytes > :bytes OR number <= :number
)
"""


def write_entries(
    connection: sqlite3.Connection, sandbox: str, entries: Sequence[bytes], begun_ms: int | None = None
) -> int:
    """Adds entries to a sandbox's journal, if it began then (None: whenever it began). Returns the last one's number,
    or 0 if it did not."""
    found = connection.execute(
        "UPDATE sandboxes SET journal_newest = journal_newest + ? WHERE name = ? AND journal_begun_ms = "
        "coalesce(?, journal_begun_ms) RETURNING id, journal_newest",
        (len(entries), sandbox, begun_ms),
    ).fetchone()
    if found is None:
        return 0
    identity, newest = found
    first = newest - len(entries) + 1
    connection.executemany(
        "INSERT INTO journal (sandbox, number, entry) VALUES (?, ?, ?)",
        ((identity, number, entry) for number, entry in enumerate(entries, first)),
    )
    if first // _TRIM_EVERY != (newest + 1) // _TRIM_EVERY:
        connection.execute(_TRIM, {"sandbox": identity, "bytes": MAX_BYTES, "number": newest - MAX_ENTRIES})
    return int(newest)


def read_journal(connection: sqlite3.Connection, sandbox: str) -> KeptJournal:
    """The stored part of a sandbox's journal."""
    found = connection.execute(
        "SELECT id, journal_begun_ms, journal_whole, journal_newest FROM sandboxes WHERE name = ?", (sandbox,)
    ).fetchone()
    if found is None:
        return KeptJournal()
    identity, begun_ms, whole, newest = found
    rows = connection.execute("SELECT entry FROM journal WHERE sandbox = ? ORDER BY number", (identity,))
    return KeptJournal(begun_ms, bool(whole), newest, tuple(read_entry(entry) for (entry,) in rows))


def forget_journals(connection: sqlite3.Connection) -> None:
    """Removes all entries; what is stored from now on belongs to new journals."""
    connection.execute("DELETE FROM journal")
    connection.execute(
        "UPDATE sandboxes SET journal_begun_ms = journal_begun_ms + 1, journal_whole = 0, journal_newest = 0 "
        "WHERE journal_whole OR journal_newest"
    )
