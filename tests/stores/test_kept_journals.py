"""`--journal-kept`: the journal survives the process, bounded, and is the same in all emulators that share a store."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from emulator.core.journal import Entry, note_entry
from emulator.core.sandbox import Changes, Note
from emulator.stores import Store
from emulator.stores.shared.redis import RedisStore
from emulator.stores.sqlite import SqliteStore
from emulator.testing import Emulator
from tests.clients import basswallet
from tests.command import Serving, in_process
from tests.core.toy import Bench, run
from tests.polling import eventually
from tests.receivers import Receiver
from tests.redis_server import RedisServer
from tests.shelf import Shelf
from tests.stores.cases import beginning

_STARTS = count()
EVERYTHING: dict[str, Any] = {"match": {}}


def failure(**details: Any) -> Entry:
    return note_entry(Note(1, "failed", "toy", "", details))


class Process:
    """A serving emulator that keeps journals."""

    def __init__(self, folder: Path, store: str, stack: ExitStack, *arguments: str) -> None:
        self._serving = Serving(folder / f"ready-{next(_STARTS)}", "--port", "0", "--store", store, *arguments)
        ready = self._serving.ready()
        self.control: str = f"{ready['control']}/sandboxes/default"
        self.baanx: str = ready["urls"]["baanx"]
        stack.callback(self.end)

    def end(self) -> None:
        """Ends it, if it is not dead already."""
        if self._serving.process.poll() is None:
            self._serving.end()

    def kill(self) -> None:
        """Ends it as a crash does."""
        self._serving.process.kill()
        self._serving.process.communicate(timeout=20)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """What the control API answers."""
        answer = httpx.request(method, f"{self.control}/{path}".rstrip("/"), json=body, timeout=30)
        assert answer.is_success, answer.text
        return answer.json()

    def journal(self) -> tuple[list[dict[str, Any]], bool]:
        """All entries, and whether they are complete."""
        found = self.call("GET", "journal")
        return found["entries"], found["complete"]

    def live(self, receiver: Receiver) -> str:
        """An order of BassWallet with a webhook, and a refused request; the order's id."""
        self.call("PUT", "settings", {"basswallet": {"webhook_url": receiver.url}})
        sandbox = Emulator(self.control.removesuffix("/sandboxes/default"), self.call("GET", ""))
        with basswallet.Client(sandbox) as client:
            order = client.start()
            client.create(tokenName="none")
        self.call("POST", f"orders/{order}/events", {"event": "expire"})
        eventually(lambda: self.call("GET", "webhooks")["webhooks"][-1]["state"] == "delivered")
        return order


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """Closes in the end what a test has opened."""
    with ExitStack() as opened:
        yield opened


@pytest.fixture
def receiver(stack: ExitStack) -> Receiver:
    """Takes every webhook."""
    return stack.enter_context(Receiver())


@pytest.fixture(params=["sqlite", "redis"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A store that keeps."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'kept.db'}"
    server: RedisServer = request.getfixturevalue("redis_server")
    return server.url


def test_a_journal_is_there_after_the_process_was_killed_and_goes_on(
    tmp_path: Path, url: str, stack: ExitStack, receiver: Receiver
) -> None:
    first = Process(tmp_path, url, stack, "--journal-kept")
    order = first.live(receiver)
    entries, complete = first.journal()
    assert complete and {each["kind"] for each in entries} == {"request", "transition", "delivery"}
    assert [each["number"] for each in entries] == [*range(1, len(entries) + 1)]
    first.kill()
    second = Process(tmp_path, url, stack, "--journal-kept")
    assert second.journal() == (entries, True)
    refused = second.call("POST", "journal/count", {"match": {"kind": "request", "status": 400}})
    assert refused["complete"] is True and refused["count"] >= 1
    story = second.call("GET", f"orders/{order}")["story"]
    assert "request" in {each["kind"] for each in story}
    second.live(receiver)
    more, complete = second.journal()
    assert complete and more[: len(entries)] == entries and len(more) > len(entries)
    assert [each["number"] for each in more] == [*range(1, len(more) + 1)]
    second.call("POST", "reset")
    assert second.journal() == ([], True)


def test_a_start_without_the_flag_makes_the_journal_incomplete(
    tmp_path: Path, url: str, stack: ExitStack, receiver: Receiver
) -> None:
    first = Process(tmp_path, url, stack, "--journal-kept")
    first.live(receiver)
    first.end()
    second = Process(tmp_path, url, stack)
    assert second.journal() == ([], False)
    second.live(receiver)
    second.end()
    third = Process(tmp_path, url, stack, "--journal-kept")
    assert third.journal() == ([], False)
    third.live(receiver)
    entries, complete = third.journal()
    assert entries and not complete


def test_a_stream_can_be_resumed_at_a_process_started_later(
    tmp_path: Path, url: str, stack: ExitStack, receiver: Receiver
) -> None:
    def events(process: Process, seen: str | None = None) -> list[str]:
        """Ids and kinds of what a stream tells first."""
        headers = {"Last-Event-ID": seen} if seen else {}
        with httpx.stream("GET", f"{process.control}/events?after=0", headers=headers, timeout=30) as stream:
            lines = (line for line in stream.iter_lines() if line.startswith(("id: ", "event: ")))
            return [next(lines) for _ in range(4)]

    first = Process(tmp_path, url, stack, "--journal-kept")
    first.live(receiver)
    told = events(first)
    first.kill()
    second = Process(tmp_path, url, stack, "--journal-kept")
    assert events(second, told[0].removeprefix("id: "))[:2] == told[2:]


def test_replicas_have_the_same_journal(
    tmp_path: Path, redis_server: RedisServer, stack: ExitStack, receiver: Receiver
) -> None:
    pair = [Process(tmp_path, redis_server.url, stack, "--journal-kept") for _ in range(2)]
    for turn in range(4):
        pair[turn % 2].live(receiver)
        httpx.get(f"{pair[1 - turn % 2].baanx}/v1/user", headers={"x-client-key": "client-default"})
    entries, complete = pair[0].journal()
    assert complete and [each["number"] for each in entries] == [*range(1, len(entries) + 1)]
    assert pair[1].journal() == (entries, True)
    counts = [each.call("POST", "journal/count", EVERYTHING) for each in pair]
    assert counts == [{"count": len(entries), "complete": True}] * 2
    third = Process(tmp_path, redis_server.url, stack, "--journal-kept")
    assert third.journal() == (entries, True)
    pair[1].call("POST", "reset")
    assert [each.journal() for each in (*pair, third)] == [([], True)] * 3


def test_replicas_have_the_same_journal_after_redis_was_unreachable(
    tmp_path: Path, redis_server: RedisServer, stack: ExitStack, receiver: Receiver
) -> None:
    pair = [Process(tmp_path, redis_server.url, stack, "--journal-kept") for _ in range(2)]
    pair[0].live(receiver)
    redis_server.kill()
    redis_server.start()
    for each in pair:
        eventually(lambda each=each: httpx.get(f"{each.control}/journal").status_code == 200)  # type: ignore[misc]
        each.live(receiver)
    shown = [each.journal()[0] for each in pair]
    assert shown[0] == shown[1] and len(shown[0]) > 6


@pytest.mark.parametrize("kind", ["sqlite", "redis"])
def test_stored_journals_are_bounded_by_number_and_bytes(
    tmp_path: Path, kind: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    store: Store
    if kind == "sqlite":
        for name, most in (("MAX_ENTRIES", 1000), ("MAX_BYTES", 50_000)):
            monkeypatch.setattr(f"emulator.stores.sqlite_journals.{name}", most)
        store = SqliteStore(tmp_path / "kept.db", keeps_journals=True)
    else:
        for name, most in (("MAX_ENTRIES", 1000), ("MAX_BYTES", 50_000)):
            monkeypatch.setattr(f"emulator.stores.shared.redis.{name}", most)
        store = RedisStore(request.getfixturevalue("redis_server").url, keeps_journals=True)

    async def fill(store: Store, reason: str) -> tuple[int, int]:
        await store.begin(beginning("one"), begun_ms=5, whole=True)
        for _ in range(1600):
            await store.append_entry("one", 5, failure(reason=reason))
        assert await store.append_entry("one", 4, failure()) == 0
        kept = await store.read_journal("one")
        assert (kept.begun_ms, kept.whole, kept.newest) == (5, True, 1600)
        return len(kept.entries), sum(len(entry.details) for entry in kept.entries)

    async def work() -> tuple[tuple[int, int], tuple[int, int]]:
        [_ async for _ in store.load()]
        outcome = await fill(store, ""), await fill(store, "x" * 500)
        await store.close()
        return outcome

    (short, _), (long, long_bytes) = run(work())
    assert 600 <= short <= 1500 if kind == "sqlite" else 500 <= short <= 1000
    assert 20 <= long <= 600 and long_bytes <= 50_000 + (500 * 520 if kind == "sqlite" else 0)


def test_journal_entries_are_stored_with_the_changes_they_describe() -> None:
    shelf = Shelf(keeps_journals=True)
    bench = Bench(store=shelf)
    order = bench.create()
    assert bench.request("POST", f"/orders/{order}/pay")[0] == 200
    kept = run(shelf.read_journal("default"))
    shown = list(bench.engine.records.journals["default"].entries())
    assert [(each.kind, each.orders) for each in kept.entries] == [(each.kind, each.orders) for each in shown]
    assert [each.kind for each in shown] == ["request", "transition", "request"]


def test_a_request_whose_entry_cannot_be_stored_is_not_answered() -> None:
    shelf = Shelf(keeps_journals=True)
    bench = Bench(store=shelf)
    bench.create()
    shelf.broken = True
    status, _ = bench.request("GET", "/orders")
    assert status == 500
    shelf.broken = False
    assert bench.request("GET", "/orders")[0] == 200
    journal = bench.engine.records.journals["default"]
    assert not journal.complete


def test_a_file_from_before_journals_were_stored_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    store = SqliteStore(path)
    run(store.begin(beginning("one"), begun_ms=5, whole=True))
    run(store.append("one", 0, [Changes(1, {("orders", "1"): b"{}"})]))
    run(store.close())
    connection = sqlite3.connect(path)
    connection.executescript(
        "DROP TABLE journal; ALTER TABLE sandboxes DROP COLUMN journal_begun_ms; "
        "ALTER TABLE sandboxes DROP COLUMN journal_whole; ALTER TABLE sandboxes DROP COLUMN journal_newest; "
        "PRAGMA user_version = 1"
    )
    connection.close()
    store = SqliteStore(path, keeps_journals=True)
    found = run(store.read("one"))
    assert found is not None and found[1] == 1 and found[0].tables["orders"].keys() == {"1"}
    assert run(store.append_entry("one", 0, failure())) == 1
    kept = run(store.read_journal("one"))
    assert (kept.whole, [each.kind for each in kept.entries]) == (False, ["failed"])
    run(store.close())


def test_a_store_in_memory_keeps_no_journal() -> None:
    refused = in_process("serve", "--journal-kept")
    assert refused.exit_code == 2
    assert "--journal-kept needs a persistent store: give --store sqlite:///PATH" in refused.stderr
