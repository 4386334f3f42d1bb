"""A store in one SQLite file, for one process; everything acknowledged is still there after `kill -9`.

A thread of its own does the work: everything that arrives while it is busy goes into one transaction. The file is in
write-ahead mode with `synchronous=NORMAL`: it survives the end of the process, however that comes; a power failure may
lose the last moments, never the file. A row of `documents` is a document; `position` is its place in its table.
"""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from emulator.core import json_text
from emulator.core.documents import decode_clock
from emulator.core.journal import Entry
from emulator.core.kept_journal import KeptJournal, note_entries, write_entry
from emulator.core.sandbox import Changes, Snapshot
from emulator.stores import Conflict, Kept, StoreError, require_readable
from emulator.stores.sqlite_journals import forget_journals, read_journal, write_entries

T = TypeVar("T")

SCHEMA_VERSION = 2
"""Version of the tables below, stored as `user_version`."""
APPLICATION_ID = 0x50504531
"""Marks a file as an emulator's."""
_BATCH = 1000
"""How many jobs one transaction has at most."""
_TABLES = """
CREATE TABLE sandboxes (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE, seed TEXT NOT NULL, version INTEGER NOT NULL,
  sequence INTEGER NOT NULL, clock BLOB NOT NULL, revision INTEGER NOT NULL
);
CREATE TABLE documents (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  sandbox INTEGER NOT NULL REFERENCES sandboxes (id) ON DELETE CASCADE,
  kind TEXT NOT NULL, key TEXT NOT NULL, document BLOB NOT NULL,
  UNIQUE (sandbox, kind, key)
);
"""
_JOURNALS = """
ALTER TABLE sandboxes ADD COLUMN journal_begun_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sandboxes ADD COLUMN journal_whole INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sandboxes ADD COLUMN journal_newest INTEGER NOT NULL DEFAULT 0;
CREATE TABLE journal (
  sandbox INTEGER NOT NULL REFERENCES sandboxes (id) ON DELETE CASCADE,
  number INTEGER NOT NULL, entry BLOB NOT NULL,
  PRIMARY KEY (sandbox, number)
) WITHOUT ROWID;
"""
_STEPS = (_TABLES, _JOURNALS)
"""The migrations from each version to the next, beginning with version 0, an empty file."""
_PUT = """
INSERT INTO documents (sandbox, kind, key, document) VALUES (?, ?, ?, ?)
ON CONFLICT (sandbox, kind, key) DO UPDATE SET document = excluded.document
"""
_BEGIN = """
INSERT INTO sandboxes (name, seed, version, sequence, clock, revision, journal_begun_ms, journal_whole)
VALUES (?, ?, ?, ?, ?, 0, ?, ?)
ON CONFLICT (name) DO UPDATE SET
  seed = excluded.seed, version = excluded.version, sequence = excluded.sequence, clock = excluded.clock, revision = 0,
  journal_begun_ms = excluded.journal_begun_ms, journal_whole = excluded.journal_whole, journal_newest = 0
RETURNING id
"""


class _Job(Struct):
    """Something to do with the file, and the future that waits for it."""

    work: Callable[[sqlite3.Connection], Any]
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop


class SqliteStore:
    """Keeps sandboxes in a file."""

    name = "sqlite"
    keeps = True

    def __init__(self, path: Path, *, keeps_journals: bool = False) -> None:
        """Raises StoreError, which says what to do, if the file cannot be used. Without `keeps_journals`, stored
        journals are removed, because they would have gaps."""
        self.keeps_journals = keeps_journals
        self._path = path
        self._connection = _open(path, keeps_journals=keeps_journals)
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="emulator-store", daemon=True)
        self._thread.start()

    # -- the port

    async def load(self) -> AsyncIterator[tuple[Snapshot, int]]:
        """The sandboxes, in the order in which they were created."""
        for name in await self._do(_read_names):
            found = await self.read(name)
            if found is not None:
                yield found

    async def read(self, sandbox: str) -> tuple[Snapshot, int] | None:
        """The sandbox of this name, with its revision; None if there is none."""
        return await self._do(partial(_read_sandbox, name=sandbox))

    async def begin(self, snapshot: Snapshot, *, new: bool = False, begun_ms: int = 0, whole: bool = False) -> bool:
        """Stores a whole sandbox. Nobody else can write to the file, so the name of a new one is never taken."""
        await self._do(lambda connection: _write_sandbox(connection, snapshot, begun_ms, whole and self.keeps_journals))
        return True

    async def append(self, sandbox: str, base: int, changes: Sequence[Changes]) -> Kept | Conflict:
        """Stores changes. Nobody else can write to the file, so there is never a conflict."""
        written = [write_entry(entry) for entry in note_entries(changes if self.keeps_journals else ())]
        await self._do(lambda connection: _write_changes(connection, sandbox, base, changes, written))
        return Kept()

    async def append_entry(self, sandbox: str, begun_ms: int, entry: Entry) -> int:
        """Stores an entry of a journal."""
        written = [write_entry(entry)]
        return await self._do(lambda connection: write_entries(connection, sandbox, written, begun_ms))

    async def read_journal(self, sandbox: str) -> KeptJournal:
        """The stored part of a sandbox's journal."""
        return await self._do(partial(read_journal, sandbox=sandbox))

    async def forget(self, sandbox: str) -> None:
        """Removes a sandbox with its documents."""
        await self._do(lambda connection: connection.execute("DELETE FROM sandboxes WHERE name = ?", (sandbox,)))

    async def close(self) -> None:
        """Finishes the jobs, and closes the file."""
        if self._thread.is_alive():
            self._jobs.put(None)
            await asyncio.to_thread(self._thread.join)

    # -- the thread

    async def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        loop = asyncio.get_running_loop()
        job = _Job(work, loop.create_future(), loop)
        self._jobs.put(job)
        result: T = await job.future
        return result

    def _run(self) -> None:
        going = True
        while going:
            jobs = [self._jobs.get()]
            while len(jobs) < _BATCH and not self._jobs.empty():
                jobs.append(self._jobs.get())
            going = None not in jobs
            self._keep([job for job in jobs if job is not None])
        self._connection.close()

    def _keep(self, jobs: list[_Job]) -> None:
        """Does all jobs in one transaction; if one fails, the others are still done, as far as the file allows."""
        connection, outcomes = self._connection, []
        try:
            connection.execute("BEGIN IMMEDIATE")
            for job in jobs:
                outcomes.append(_attempt(connection, job))
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            failure = StoreError(_explain(error, self._path))
            outcomes = [failure] * len(jobs)
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        for loop in {job.loop for job in jobs}:
            ended = [(job.future, outcome) for job, outcome in zip(jobs, outcomes, strict=True) if job.loop is loop]
            if not loop.is_closed():
                loop.call_soon_threadsafe(_settle, ended)


def _attempt(connection: sqlite3.Connection, job: _Job) -> Any:
    """The result of a job, or the StoreError that kept it from being done. Raises if the whole transaction is lost."""
    connection.execute("SAVEPOINT job")
    try:
        outcome = job.work(connection)
    except (sqlite3.Error, StoreError) as error:
        if not connection.in_transaction:
            raise
        connection.execute("ROLLBACK TO job")
        outcome = error if isinstance(error, StoreError) else StoreError(str(error))
    connection.execute("RELEASE job")
    return outcome


def _settle(ended: list[tuple[asyncio.Future[Any], Any]]) -> None:
    for future, outcome in ended:
        if future.done():
            continue
        if isinstance(outcome, Exception):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)


def _open(path: Path, *, keeps_journals: bool) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise StoreError(_explain(error, path)) from error
    try:
        _prepare(connection, path)
        if not keeps_journals:
            forget_journals(connection)
    except sqlite3.Error as error:
        connection.close()
        raise StoreError(_explain(error, path)) from error
    except StoreError:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Locks the file for this process, and creates the tables in a new file."""
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("BEGIN EXCLUSIVE")
    [application] = connection.execute("PRAGMA application_id").fetchone()
    [version] = connection.execute("PRAGMA user_version").fetchone()
    [tables] = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if tables and application != APPLICATION_ID:
        raise StoreError(f"{path} is a SQLite file, but not an emulator's: choose another name")
    if tables and not 1 <= version <= SCHEMA_VERSION:
        raise StoreError(
            f"{path} was written by a newer version of the emulator (form {version}, this one reads up to "
            f"{SCHEMA_VERSION}): take snapshots with that version, and restore them here"
        )
    connection.execute("COMMIT")
    steps = "".join(_STEPS[version if tables else 0 :])
    if steps:
        connection.executescript(
            f"BEGIN EXCLUSIVE; PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION};"
            f"{steps} COMMIT;"
        )
    connection.execute("PRAGMA journal_mode = WAL")


def _read_names(connection: sqlite3.Connection) -> list[str]:
    return [name for (name,) in connection.execute("SELECT name FROM sandboxes ORDER BY id")]


def _read_sandbox(connection: sqlite3.Connection, name: str) -> tuple[Snapshot, int] | None:
    found = connection.execute(
        "SELECT id, seed, version, sequence, clock, revision FROM sandboxes WHERE name = ?", (name,)
    ).fetchone()
    if found is None:
        return None
    identity, seed, version, sequence, clock, revision = found
    require_readable(name, version)
    tables: dict[str, dict[str, msgspec.Raw]] = {}
    rows = connection.execute(
        "SELECT kind, key, document FROM documents WHERE sandbox = ? ORDER BY position", (identity,)
    )
    for kind, key, document in rows:
        tables.setdefault(kind, {})[key] = msgspec.Raw(document)
    return Snapshot(version, name, seed, sequence, decode_clock(clock), tables), revision


def _write_sandbox(connection: sqlite3.Connection, snapshot: Snapshot, begun_ms: int, whole: bool) -> None:
    clock = json_text.encode(snapshot.clock)
    row = (snapshot.name, snapshot.seed, snapshot.version, snapshot.sequence, clock, begun_ms, whole)
    [identity] = connection.execute(_BEGIN, row).fetchone()
    connection.execute("DELETE FROM documents WHERE sandbox = ?", (identity,))
    connection.execute("DELETE FROM journal WHERE sandbox = ?", (identity,))
    connection.executemany(
        _PUT,
        (
            (identity, kind, key, bytes(document))
            for kind, rows in snapshot.tables.items()
            for key, document in rows.items()
        ),
    )


def _write_changes(
    connection: sqlite3.Connection, sandbox: str, base: int, changes: Sequence[Changes], entries: Sequence[bytes]
) -> None:
    found = connection.execute("SELECT id, revision FROM sandboxes WHERE name = ?", (sandbox,)).fetchone()
    if found is None or found[1] != base:
        raise StoreError(f"another program has changed the sandbox {sandbox!r} in the file: restart the emulator")
    identity, clock = found[0], None
    for each in changes:
        for (kind, key), document in each.documents.items():
            if document is None:
                place = (identity, kind, key)
                connection.execute("DELETE FROM documents WHERE sandbox = ? AND kind = ? AND key = ?", place)
            else:
                connection.execute(_PUT, (identity, kind, key, document))
        clock = each.clock or clock
    connection.execute(
        "UPDATE sandboxes SET sequence = ?, revision = ?, clock = coalesce(?, clock) WHERE id = ?",
        (changes[-1].sequence, base + len(changes), json_text.encode(clock) if clock else None, identity),
    )
    if entries:
        write_entries(connection, sandbox, entries)


_EXPLANATIONS = {
    "SQLITE_BUSY": "another emulator is using it, and such a file belongs to one process: stop that one, choose "
    "another file, or share a store with redis://",
    "SQLITE_LOCKED": "another program has locked it",
    "SQLITE_FULL": "the disk is full: make room; the emulator then continues by itself",
    "SQLITE_READONLY": "it cannot be written: check its permissions and those of its folder",
    "SQLITE_CANTOPEN": "it cannot be opened: check that its folder exists and is writable",
    "SQLITE_NOTADB": "it is not a SQLite file: choose another name",
    "SQLITE_CORRUPT": "the file is broken: use an intact copy of it, or another name",
    "SQLITE_IOERR": "it cannot be read or written: check the disk",
}


def _explain(error: sqlite3.Error, path: Path) -> str:
    """What is wrong with the file, and what to do."""
    name = getattr(error, "sqlite_errorname", "")
    known = next((text for code, text in _EXPLANATIONS.items() if name.startswith(code)), str(error))
    return f"{path}: {known}"
