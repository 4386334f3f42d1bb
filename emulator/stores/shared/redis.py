"""A store in Redis or Valkey, for several processes; docs/stores.md describes the protocol.

Each sandbox is stored as its documents, which Redis updates in the same step in which it stores commands. Everything
that happens also goes into one log, a stream that every process follows. A process trusts what it knows only as long
as the connection holds: after each failure it compares the heads of all sandboxes with those that it knows.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from emulator.core import json_text
from emulator.core.documents import decode_clock
from emulator.core.journal import MAX_BYTES, MAX_ENTRIES, Entry
from emulator.core.kept_journal import KeptJournal, note_entries, read_entry, write_entry
from emulator.core.sandbox import Changes, Snapshot
from emulator.stores import (
    Appended,
    Confirmed,
    Conflict,
    Journaled,
    Kept,
    Lease,
    News,
    Replaced,
    StoreError,
    Wanted,
    require_readable,
)
from emulator.stores.shared import scripts
from emulator.stores.shared.client import connect, explain
from emulator.stores.shared.keys import COUNT, HEADS, LIVES, LOG, ORDER, journal_keys, lease_key, sandbox_keys
from emulator.stores.shared.wire import (
    Head,
    begins_to_send,
    pack_entries,
    read_changes,
    read_head,
    read_tables,
    unpack_entries,
    write_changes,
    write_rows,
    write_snapshot,
)

FORM = b"1"
"""Version of the stored form; any other is refused."""
LEASE_MS = 5000
"""How long a lease lasts unless it is renewed, in Redis's real time."""
LOG_ENTRIES = 10_000
"""Roughly how many entries the log keeps: a process that is further behind reads whole sandboxes."""
_READ_AT_ONCE = 500
_WAIT_MS = 1000
"""How long one call waits for something new in the log."""


class RedisStore:
    """Keeps sandboxes in Redis or Valkey, for any number of processes."""

    name = "redis"
    keeps = True

    def __init__(self, url: str, *, keeps_journals: bool = False) -> None:
        """Raises StoreError, which says what to do, for a URL that cannot be meant. Connects when it is first used."""
        self.keeps_journals = keeps_journals
        self._redis, self._place = connect(url)
        self._blocking, _ = connect(url, waits=True)
        texts = {name: text for name, text in vars(scripts).items() if name.isupper() and name[0] != "_"}
        self._scripts = {name: self._redis.register_script(text) for name, text in texts.items()}
        self.replica = ""
        self.held: set[str] = set()
        self._known: dict[str, Head] = {}
        self._behind: dict[str, Head | None] = {}
        """Sandboxes that were reported as a whole and not taken over yet, each with its head at that time."""
        self._unheard: set[str] = set()
        """Batches of this process that may or may not have been stored."""
        self._refused: dict[str, tuple[Head, int]] = {}
        """The heads at which commands conflicted, each with the number of looks at the log at that time."""
        self._looks = 0
        self._last = 0
        """Number of the last log entry that was read."""
        self._pending: list[News] = []
        """What `news` is to report besides the log."""
        self._batches = self._writing = 0
        self._doubtful = False
        """Whether what is known here has to be compared with what is stored."""
        self._reading = asyncio.Lock()
        self._open, self._idle = asyncio.Event(), asyncio.Event()
        self._open.set()

    # -- the port

    async def load(self) -> AsyncIterator[tuple[Snapshot, int]]:
        """The sandboxes, in the order in which they were created."""
        await self._register()
        self._last = int(await self._do(lambda: self._redis.get(COUNT)) or 0)
        for name in await self._do(lambda: self._redis.zrange(ORDER, 0, -1)):
            snapshot, revision = await self._read(name.decode())
            if snapshot is not None:
                if not self.keeps_journals:  # it would have gaps
                    await self._run("FORGET_JOURNAL", journal_keys(name.decode()))
                yield snapshot, revision

    async def read(self, sandbox: str) -> tuple[Snapshot, int] | None:
        """The sandbox of this name, but not while the log is being read, so that what is known never goes back."""
        async with self._reading:
            snapshot, revision = await self._read(sandbox)
        return None if snapshot is None else (snapshot, revision)

    async def begin(self, snapshot: Snapshot, *, new: bool = False, begun_ms: int = 0, whole: bool = False) -> bool:
        """Stores a whole sandbox, under a new life. This process holds the lease of a new one."""
        name = snapshot.name
        async with self._writes() as by:
            life = await self._run(
                "BEGIN", [*sandbox_keys(name), LIVES, ORDER], name, by, self.replica, int(new), LEASE_MS, LOG_ENTRIES,
                snapshot.seed, snapshot.version, snapshot.sequence, json_text.encode(snapshot.clock),
                begun_ms, int(whole and self.keeps_journals), *write_snapshot(snapshot),
            )  # fmt: skip
            if life:
                self._learn(name, Head(life, 0, by))
        if life and new:
            self.held.add(name)
        return bool(life)

    async def append(self, sandbox: str, base: int, changes: Sequence[Changes]) -> Kept | Conflict:
        """Stores changes. A Conflict does not say what others have stored: `news` does."""
        async with self._writes() as by:
            known = self._known.get(sandbox)
            if sandbox in self._behind or known is None:
                return Conflict(())
            if known.revision != base:
                if self._is_stuck(sandbox, known):  # the state here is not the one that is known
                    self.doubt(sandbox)
                return Conflict(())
            head = Head(known.life, base + len(changes), by)
            entries = [write_entry(entry) for entry in note_entries(changes if self.keeps_journals else ())]
            clock = next((each.clock for each in reversed(changes) if each.clock is not None), None)
            outcome, *found = await self._run(
                "APPEND", sandbox_keys(sandbox), sandbox, str(known), known.life, base, head.by,
                self.replica if any(map(begins_to_send, changes)) else "", changes[-1].sequence,
                json_text.encode(clock) if clock else b"", LOG_ENTRIES, len(changes), len(entries),
                pack_entries(entries), MAX_ENTRIES, MAX_BYTES, *map(write_changes, changes), *entries,
                *(part for each in changes for part in write_rows(each)),
            )  # fmt: skip
            if outcome == b"kept":
                self._learn(sandbox, head)
                return Kept()
        if outcome == b"lost":
            self._hold(sandbox, held=False, news=self._pending)
        elif not found[0] or self._is_stuck(sandbox, known):
            self._doubtful = True
        return Conflict(())

    async def append_entry(self, sandbox: str, begun_ms: int, entry: Entry) -> int:
        """Stores an entry of a journal."""
        written = write_entry(entry)
        return await self._run(  # type: ignore[no-any-return]
            "APPEND_ENTRY", [COUNT, LOG, *journal_keys(sandbox)], sandbox, begun_ms, LOG_ENTRIES,
            pack_entries([written]), MAX_ENTRIES, MAX_BYTES, written,
        )  # fmt: skip

    async def read_journal(self, sandbox: str) -> KeptJournal:
        """The stored part of a sandbox's journal."""
        (begun_ms, whole, newest), entries = await self._run("READ_JOURNAL", journal_keys(sandbox))
        return KeptJournal(int(begun_ms or 0), whole == b"1", int(newest or 0), tuple(map(read_entry, entries)))

    def _is_stuck(self, sandbox: str, known: Head) -> bool:
        """Whether reading the log does not help, because Redis has lost something."""
        refused, looks = self._refused.get(sandbox, (None, 0))
        if refused != known:
            self._refused[sandbox] = (known, self._looks)
        return refused == known and self._looks >= looks + 2  # the first one may have begun before the conflict

    async def forget(self, sandbox: str) -> None:
        """Removes a sandbox with its documents."""
        async with self._writes() as by:
            await self._run("FORGET", [*sandbox_keys(sandbox), LIVES, ORDER], sandbox, by, LOG_ENTRIES)
            self._known.pop(sandbox, None)
        self.held.discard(sandbox)

    async def close(self) -> None:
        """Releases all leases, so that others can take them at once, and closes the connections."""
        with suppress(StoreError):  # leases expire by themselves
            if self.held:
                await self._run("RELEASE", [lease_key(name) for name in self.held], self.replica)
        await self._redis.aclose()
        await self._blocking.aclose()

    # -- what others do

    async def wait_for_news(self) -> None:
        """Returns when there is something new in the log, or after a second."""
        await self._do(lambda: self._blocking.xread({LOG: f"{self._last}-1"}, count=1, block=_WAIT_MS))

    async def news(self) -> Sequence[News]:
        """What is new in the log; after a failure, also the sandboxes that are no longer as they are known here."""
        async with self._reading:
            news, self._pending = self._pending, []
            try:
                while len(await self._read_on(news)) == _READ_AT_ONCE:
                    pass
                if self._doubtful:
                    await self._compare(news)
            except BaseException:
                self._pending = news + self._pending
                raise
            self._looks += 1
            return news

    async def _read_on(self, news: list[News]) -> Sequence[Any]:
        """Reads part of the log, up to the first gap."""
        entries = await self._do(lambda: self._redis.xrange(LOG, str(self._last + 1), "+", _READ_AT_ONCE))
        for identity, entry in entries:
            number = int(identity.partition(b"-")[0])
            if number != self._last + 1:
                self._doubtful = True
                return ()
            await self._read_entry({key.decode(): value for key, value in entry.items()}, news)
            self._last = number
        return list(entries)

    def catch_up(self, sandbox: str) -> bool:
        """Whether nothing has changed since the sandbox was reported as a whole."""
        is_so = self._behind.pop(sandbox, None) == self._known.get(sandbox)
        if not is_so:
            self.doubt(sandbox)
        return is_so

    def doubt(self, sandbox: str) -> None:
        """Makes the next `news` read a sandbox as a whole."""
        self._known.pop(sandbox, None)
        self._doubtful = True

    async def _read_entry(self, entry: Mapping[str, bytes], news: list[News]) -> None:
        kind, name, by = entry["k"].decode(), entry["n"].decode(), entry["b"].decode()
        if kind == "want":
            if name in self.held:
                news.append(Wanted(name, by))
            return
        if kind == "journal":
            if self.keeps_journals:
                news.append(Journaled(name, int(entry["l"]), int(entry["r"]), unpack_entries(entry["c"])))
            return
        if kind in ("give", "busy"):
            if by == self.replica and kind == "busy":
                news.append(Lease(name, held=False, busy=True))
            elif kind == "give":
                self._hold(name, held=by == self.replica, news=news)
            return
        head, known = Head(int(entry["l"]), int(entry["r"]), by), self._known.get(name)
        own = by.partition(".")[0] == self.replica and by not in self._unheard
        if known is not None and (head.life, head.revision) <= (known.life, known.revision):
            return
        if kind == "forget":
            if self._known.pop(name, None) is not None:
                self.held.discard(name)
                news.append(Replaced(name, None))
        elif own:
            if known is not None and known.life == head.life:
                self._learn(name, head)
                news.append(Confirmed(name, head.revision))
        elif kind == "append" and known is not None and (known.life, known.revision + 1) == (head.life, head.revision):
            self._learn(name, head)
            news.append(Appended(name, head.revision, read_changes(entry["c"])))
        else:
            await self._tell_whole(name, news)

    async def _compare(self, news: list[News]) -> None:
        """Finds out, while nothing is being written, which sandboxes are no longer as they are known here."""
        self._open.clear()
        try:
            while self._writing:
                self._idle.clear()
                await self._idle.wait()
            await self._register()
            pipeline = self._redis.pipeline(transaction=True)
            pipeline.get(COUNT)
            pipeline.hgetall(HEADS)
            pipeline.zrange(ORDER, 0, -1)
            count, heads, order = await self._do(pipeline.execute)
            names = [name.decode() for name in order]
            for name in [*self._known.keys() - {*names}, *names]:
                known = self._known.get(name)
                changed = heads.get(name.encode(), b"").decode() != str(known)
                if known is None or changed or self.keeps_journals:  # the heads say nothing about journals
                    await self._tell_whole(name, news)
            self._last, self._doubtful = int(count or 0), False
        finally:
            self._open.set()

    async def _tell_whole(self, name: str, news: list[News]) -> None:
        known = name in self._known
        snapshot, revision = await self._read(name)
        if snapshot is None:
            self.held.discard(name)
        if snapshot is not None or known:
            self._behind[name] = self._known.get(name)
            news.append(Replaced(name, snapshot, revision))

    # -- leases

    async def renew(self, sandboxes: Collection[str]) -> Sequence[Lease]:
        """Renews and takes leases, which expire after LEASE_MS."""
        names, news = [*sandboxes], list[News]()
        if names:
            last = self._last
            count, *found = await self._run("LEASES", [COUNT, *map(lease_key, names)], self.replica, LEASE_MS)
            self._doubtful |= int(count or 0) < last  # Redis has lost something
            for name, held in zip(names, found, strict=True):
                self._hold(name, held=bool(held), news=news)
        return [each for each in news if isinstance(each, Lease)]

    async def ask_for(self, sandbox: str) -> bool:
        """Takes a lease, or writes to the log that it is wanted."""
        keys = [lease_key(sandbox), COUNT, LOG]
        if await self._run("ASK", keys, sandbox, self.replica, LEASE_MS, LOG_ENTRIES):
            self._hold(sandbox, held=True, news=self._pending)
            return True
        return False

    async def hand_over(self, sandbox: str, to: str, *, busy: bool) -> None:
        """Hands a lease over, or writes to the log that it cannot be given up now."""
        keys = [lease_key(sandbox), COUNT, LOG]
        await self._run("HAND_OVER", keys, sandbox, self.replica, LEASE_MS, LOG_ENTRIES, to, int(busy))
        if not busy:
            self._hold(sandbox, held=False, news=self._pending)

    def _hold(self, sandbox: str, *, held: bool, news: list[News]) -> None:
        if held is not (sandbox in self.held):
            (self.held.add if held else self.held.discard)(sandbox)
            news.append(Lease(sandbox, held))

    # -- Redis

    async def _register(self) -> None:
        """Takes a name that no other process has had. Raises StoreError if another version has written the database."""
        await self._do(lambda: self._redis.setnx("emulator:form", FORM))
        form = await self._do(lambda: self._redis.get("emulator:form"))
        if form != FORM:
            raise StoreError(
                f"{self._place} was written by another version of the emulator (form {form.decode()}, this one reads "
                f"{FORM.decode()}): use another database, or stop all others and empty this one"
            )
        number = await self._do(lambda: self._redis.incr("emulator:replicas"))
        if not self.replica:
            self.replica = f"{number}-{os.getpid()}@{socket.gethostname().replace('.', '-')}"

    async def _read(self, name: str) -> tuple[Snapshot | None, int]:
        """Reads a whole sandbox with its revision, which are known from now on; None if there is none."""
        keys = sandbox_keys(name)
        head, state, places, documents = await self._run("READ", [keys[0], *keys[3:6]], name)
        if head is None:
            self._known.pop(name, None)
            return None, 0
        seed, version, sequence, clock = state
        require_readable(name, int(version))
        self._known[name] = known = read_head(head)
        clock = decode_clock(clock)
        return Snapshot(
            int(version), name, seed.decode(), int(sequence), clock, read_tables(places, documents)
        ), known.revision

    def _learn(self, name: str, head: Head) -> None:
        known = self._known.get(name)
        if known is None or (known.life, known.revision) < (head.life, head.revision):
            self._known[name] = head

    @asynccontextmanager
    async def _writes(self) -> AsyncIterator[str]:
        """A new name for a batch to be written; holds off the comparison of what is known with what is stored."""
        await self._open.wait()
        self._writing += 1
        self._batches += 1
        by = f"{self.replica}.{self._batches}"
        try:
            yield by
        except BaseException:
            self._unheard.add(by)
            raise
        finally:
            self._writing -= 1
            self._idle.set()

    async def _run(self, script: str, keys: list[str], *arguments: Any) -> Any:
        return await self._do(lambda: self._scripts[script](keys=keys, args=arguments))

    async def _do(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        """The answer from Redis. Raises StoreError, after which everything that is known here is in doubt."""
        from redis.exceptions import RedisError

        try:
            return await ask()
        except (RedisError, OSError, TimeoutError) as error:
            self._doubtful = True
            raise StoreError(explain(error, self._place)) from error
