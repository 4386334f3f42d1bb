"""The store in a SQLite file: it keeps what memory holds, and says what is wrong with a file."""

import asyncio
import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from emulator.core import json_text
from emulator.core.sandbox import Changes
from emulator.stores import Store, StoreError
from emulator.stores.open import open_store
from emulator.stores.sqlite import SCHEMA_VERSION, SqliteStore
from tests.core.toy import Bench, run
from tests.stores.cases import beginning, kept


@contextmanager
def opened(path: Path) -> Iterator[SqliteStore]:
    """The store in a file, closed in the end."""
    store = SqliteStore(path)
    try:
        yield store
    finally:
        run(store.close())


def test_commands_that_arrive_together_are_stored_in_one_transaction(tmp_path: Path) -> None:
    async def work(store: SqliteStore) -> None:
        for name in ("one", "two"):
            await store.begin(beginning(name))
        seen: list[str] = []
        await store._do(lambda connection: connection.set_trace_callback(seen.append))
        changes = [Changes(1, {("orders", "1"): b"{}"})]
        held = asyncio.gather(store.append("one", 0, changes), store.append("two", 0, changes), store.forget("none"))
        await held
        assert seen.count("COMMIT") < 3 and seen.count("SAVEPOINT job") == 3

    with opened(tmp_path / "kept.db") as store:
        run(work(store))


def test_a_command_that_fails_does_not_affect_the_others(tmp_path: Path) -> None:
    async def work(store: Store) -> Any:
        await store.begin(beginning("one"))
        changes = [Changes(1, {("orders", "1"): b"{}"})]
        outcomes = await asyncio.gather(
            store.append("one", 7, changes), store.append("one", 0, changes), return_exceptions=True
        )
        return outcomes, await kept(store)

    with opened(tmp_path / "kept.db") as store:
        outcomes, found = run(work(store))
    assert isinstance(outcomes[0], StoreError) and "another program has changed the sandbox" in str(outcomes[0])
    assert found["one"][0] == 1


def test_on_a_full_disk_commands_are_refused_and_undone_and_later_work_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def limit(pages: int) -> Callable[[sqlite3.Connection], Any]:
        return lambda connection: connection.execute(f"PRAGMA max_page_count = {pages}").fetchone()

    with opened(tmp_path / "kept.db") as store:
        bench = Bench(store=store)
        order = bench.create()
        run(store._do(limit(1)))
        for _ in range(500):
            before = bench.snapshot()
            status, body = bench.request("POST", "/orders", {"amount": 5})
            if status == 500:
                break
        assert json_text.decode(body)["error"] == "internal"
        assert "the disk is full: make room" in caplog.text
        assert bench.snapshot() == before
        run(store._do(limit(1_000_000)))
        other = bench.create()
    with opened(tmp_path / "kept.db") as store:
        again = Bench(store=store)
        assert again.snapshot() == bench.snapshot()
        assert {order, other} <= set(again.sandbox.tables["orders"])


def test_a_second_process_on_the_same_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    with opened(path), pytest.raises(StoreError, match="another emulator is using it, and such a file belongs to one"):
        SqliteStore(path)
    with opened(path):
        pass


def other_file(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    connection.close()


def newer_file(path: Path) -> None:
    SqliteStoreFile(path).version(SCHEMA_VERSION + 1)


def older_sandbox(path: Path) -> None:
    SqliteStoreFile(path).run("UPDATE sandboxes SET version = 0")


class SqliteStoreFile:
    """A file with one sandbox, to be spoiled."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with opened(path) as store:
            run(store.begin(beginning("one")))

    def version(self, number: int) -> None:
        self.run(f"PRAGMA user_version = {number}")

    def run(self, statement: str) -> None:
        connection = sqlite3.connect(self._path)
        connection.execute(statement)
        connection.commit()
        connection.close()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: path.write_text("no database at all, but a text that is long enough"), "it is not a SQLite file"),
        (other_file, "is a SQLite file, but not an emulator's: choose another name"),
        (newer_file, "was written by a newer version of the emulator"),
        (older_sandbox, "was stored by another version of the emulator"),
        (lambda path: path.mkdir(), "it cannot be opened: check that its folder exists"),
    ],
)
def test_a_file_that_cannot_be_used_says_what_to_do(tmp_path: Path, spoil: Callable[[Path], Any], words: str) -> None:
    path = tmp_path / "kept.db"
    spoil(path)
    with pytest.raises(StoreError, match=words), opened(path) as store:
        run(kept(store))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlight:///x", "did you mean 'sqlite:///PATH'|use one of memory"),
        ("sqlite:///", "use one of memory, sqlite:///PATH"),
        ("", "use one of memory"),
    ],
)
def test_the_url_of_an_unknown_store_is_refused(url: str, words: str) -> None:
    with pytest.raises(StoreError, match=words):
        open_store(url)


def test_a_read_only_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    with opened(path):
        pass
    path.chmod(stat.S_IRUSR)
    if os.geteuid() == 0:  # for whom permissions do not count
        path = Path(f"file:{path}?mode=ro")
    with pytest.raises(StoreError, match="it cannot be"):
        SqliteStore(path)
