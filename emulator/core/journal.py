"""A sandbox's journal: requests, answers and events, bounded in number and bytes. Shows no secrets.

It is a record for people and tests, not state: a snapshot does not contain it.
"""

import json
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, MutableMapping, Sequence
from itertools import islice
from operator import attrgetter
from typing import Any

from msgspec import Struct

from emulator.contract.diagnosis import Diagnosis
from emulator.core import json_text
from emulator.core.durations import format_instant
from emulator.core.match import Condition, difference
from emulator.core.redaction import REDACTED, hide, hide_in_text, is_secret
from emulator.core.sandbox import Note

MAX_ENTRIES = 10_000
MAX_BYTES = 32 * 1024 * 1024
MAX_TOTAL_BYTES = 256 * 1024 * 1024
"""How much memory the journals of all sandboxes may take together."""
_ENTRY_OVERHEAD_BYTES = 600
_SHOWN_BODY_BYTES = 65_536
_NUMBER = attrgetter("number")


Watcher = Callable[[str], None]


class Entry(Struct, gc=False, array_like=True):
    """An entry of the journal. Requests keep raw bytes; everything else keeps JSON in `details`."""

    number: int
    at_ms: int
    kind: str
    provider: str
    orders: tuple[str, ...]
    details: bytes = b""
    method: str = ""
    target: str = ""
    endpoint: str = ""
    headers: bytes = b""
    body: bytes = b""
    status: int = 0
    answer_headers: bytes = b""
    answer: bytes = b""
    error: str = ""
    reason: str = ""
    secrets: tuple[str, ...] = ()
    """Names of secrets, besides those that are secret everywhere."""
    size_bytes: int = 0
    """Roughly how much memory the entry takes, once it is in a journal."""
    sent: bool = True
    """Whether any of the answer was sent; reset if the connection turns out to be gone."""
    decided: bool = True
    """Whether the call had an outcome; it has none if a fault came first."""
    stop: Any = None
    """Where a request was refused: a `Stop` of core/call.py, which no store can write."""

    @property
    def diagnosis(self) -> Diagnosis | None:
        """Why the request could not be authenticated; None: it could, or nothing more is known."""
        return None if self.stop is None else self.stop.diagnosis

    @property
    def values(self) -> tuple[str, ...]:
        """Secrets that are known to have come where they do not belong."""
        return () if self.diagnosis is None else self.diagnosis.secrets


def note_entry(note: Note) -> Entry:
    """The entry about something that happened, not numbered yet."""
    orders = (note.order_id,) if note.order_id else ()
    return Entry(0, note.at_ms, note.kind, note.provider, orders, json_text.encode(note.details))


def _measure(entry: Entry) -> int:
    """Roughly how much memory an entry takes."""
    size = len(entry.details) + len(entry.target) + len(entry.headers) + len(entry.body) + len(entry.answer_headers)
    size += _ENTRY_OVERHEAD_BYTES + len(entry.answer) + len(entry.reason)
    if entry.stop is not None and entry.stop.diagnosis is not None:
        size += entry.stop.diagnosis.size_bytes
    return size


class Journal:
    """The latest entries, oldest first."""

    def __init__(
        self,
        max_entries: int = MAX_ENTRIES,
        max_bytes: int = MAX_BYTES,
        *,
        whole: bool = True,
        begun_ms: int = 0,
    ) -> None:
        """`whole`: it begins with the sandbox, so nothing has happened before. `begun_ms`: real time at which its
        numbering began, which tells it from an earlier journal of the same sandbox."""
        self.begun_ms = begun_ms
        self._entries: deque[Entry] = deque()
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._whole = whole
        self._among = Journals(max_bytes)
        self.newest = 0
        """Number of the newest entry ever; 0 if there was none."""
        self.size_bytes = 0
        """Roughly how much memory its entries take."""
        self.evicted: Counter[str] = Counter()
        """How many entries of each kind have been evicted."""
        self.name = ""
        """The sandbox's name, once it is one of several journals."""
        self.watchers: list[Watcher] = []
        """Functions that are called for each new entry."""

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, entry: Entry) -> None:
        """Adds an entry, under the next number."""
        entries, among = self._entries, self._among
        entry.number = self.newest = self.newest + 1
        entry.size_bytes = size_bytes = _measure(entry)
        entries.append(entry)
        self.size_bytes += size_bytes
        among.size_bytes += size_bytes
        while len(entries) > self._max_entries or (self.size_bytes > self._max_bytes and len(entries) > 1):
            self._evict()
        if among.size_bytes > among.max_bytes:
            among.make_room()
        for tell in self.watchers:
            tell(self.name)

    def follow(self, newest: int, entries: Sequence[Entry]) -> None:
        """Adds those of stored entries, which end with the number `newest`, that are not here yet."""
        for number, entry in enumerate(entries, newest - len(entries) + 1):
            if number > self.newest:
                self._whole &= number == self.newest + 1
                self.newest = number - 1
                self.add(entry)

    def join(self, among: "Journals") -> None:
        """Makes it share a bound on memory with other journals from now on."""
        self._among = among

    def doubt(self) -> None:
        """Marks that entries are missing."""
        self._whole = False

    def _evict(self) -> None:
        oldest = self._entries.popleft()
        self.size_bytes -= oldest.size_bytes
        self._among.size_bytes -= oldest.size_bytes
        self.evicted[oldest.kind] += 1

    def shrink(self, max_bytes: int) -> None:
        """Evicts the oldest entries until it takes no more than `max_bytes`; the newest stays in any case."""
        while self.size_bytes > max_bytes and len(self._entries) > 1:
            self._evict()

    @property
    def complete(self) -> bool:
        """Whether it has everything that has happened in the sandbox."""
        return self._whole and not self.evicted

    def find(self, number: int) -> Entry | None:
        """The entry with this number; None if it was evicted or never existed."""
        place = bisect_left(self._entries, number, key=_NUMBER)  # numbers may be missing, if others keep it, too
        entry = self._entries[place] if place < len(self._entries) else None
        return entry if entry is not None and entry.number == number else None

    def entries(
        self,
        kind: str | None = None,
        order: str | None = None,
        provider: str | None = None,
        after: int = 0,
        before: int | None = None,
        *,
        newest_first: bool = False,
    ) -> Iterator[Entry]:
        """The entries that fit, with numbers above `after` and below `before`, oldest first by default."""
        for entry in self._latest(after, newest_first=newest_first):
            if entry.number <= after or (before is not None and entry.number >= before):
                continue
            if kind is not None and entry.kind != kind:
                continue
            if (order is None or order in entry.orders) and (provider is None or entry.provider == provider):
                yield entry

    def _latest(self, after: int, *, newest_first: bool) -> Iterable[Entry]:
        """At least the entries with numbers above `after`, without looking at many older ones."""
        latest = islice(reversed(self._entries), max(0, self.newest - after))
        if newest_first:
            return latest
        return self._entries if after <= 0 else reversed([*latest])

    def count(self, conditions: tuple[Condition, ...]) -> tuple[int, bool]:
        """How many entries fit, and whether the count is complete: no entry that could have fitted is missing."""
        kinds = [condition.literal for condition in conditions if condition.path == ("kind",)]
        found = sum(not difference(_countable(entry), conditions) for entry in self._entries)
        gone = self.evicted[kinds[0]] if kinds and isinstance(kinds[0], str) else self.evicted.total()
        return found, self._whole and gone == 0


class Journals(MutableMapping[str, Journal]):
    """The journals by sandbox, with a bound on their memory together; the largest one shrinks to make room."""

    def __init__(self, max_bytes: int = MAX_TOTAL_BYTES) -> None:
        self._by_name: dict[str, Journal] = {}
        self.find: Callable[[str], Journal | None] = self._by_name.get
        """As `get`, but faster: it is called for each request."""
        self.max_bytes = max_bytes
        self.size_bytes = 0
        """Roughly how much memory they take."""
        self._watchers: dict[str, list[Watcher]] = {}
        self._of_all: list[Watcher] = []

    def watch(self, tell: Watcher, name: str | None = None) -> None:
        """Calls `tell` with the sandbox's name whenever its journal gets an entry, is replaced or removed; without a
        `name`, for every sandbox. The calls are synchronous, so `tell` must be quick."""
        if name is None:
            self._of_all.append(tell)
            for watchers in self._watchers.values():
                watchers.append(tell)
        else:
            self._watchers[name].append(tell)

    def unwatch(self, tell: Watcher, name: str) -> None:
        """Stops calling `tell`."""
        watchers = self._watchers.get(name, [])
        if tell in watchers:
            watchers.remove(tell)

    def tell_all(self) -> None:
        """Calls all watchers, because the process is about to end."""
        for name, watchers in self._watchers.items():
            for tell in watchers:
                tell(name)

    def make_room(self) -> None:
        """Halves the largest journal, so that there is room for a while."""
        largest = max(self._by_name.values(), key=lambda journal: journal.size_bytes, default=None)
        if largest is not None:
            largest.shrink(largest.size_bytes // 2)

    def __getitem__(self, name: str) -> Journal:
        return self._by_name[name]

    def __setitem__(self, name: str, journal: Journal) -> None:
        replaced = self._by_name.get(name)
        if replaced is not None:
            self.size_bytes -= replaced.size_bytes
        self._by_name[name] = journal
        self.size_bytes += journal.size_bytes
        journal.join(self)
        journal.name, journal.watchers = name, self._watchers.setdefault(name, [*self._of_all])
        for tell in journal.watchers:
            tell(name)

    def __delitem__(self, name: str) -> None:
        self.size_bytes -= self._by_name.pop(name).size_bytes
        for tell in self._watchers.pop(name):
            tell(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)


def _countable(entry: Entry) -> dict[str, Any]:
    """What conditions look at: an answer that was never sent has no status."""
    shown = as_json(entry)
    if not entry.sent:
        del shown["status"]
    return shown


def hide_secrets(entry: Entry, text: str) -> str:
    """A text about a request, without the secrets in it."""
    return hide_in_text(text, entry.secrets, entry.values)


def as_json(entry: Entry) -> dict[str, Any]:
    """The entry for people: bodies as JSON if they are JSON, else as text; secrets redacted."""
    shown: dict[str, Any] = {
        "number": entry.number,
        "at": format_instant(entry.at_ms),
        "kind": entry.kind,
        "provider": entry.provider,
        "order": entry.orders[0] if entry.orders else None,
        "orders": list(entry.orders),
    }
    if entry.kind != "request":
        return {**shown, **hide(json_text.decode(entry.details))}
    path, _, query = entry.target.partition("?")
    return {
        **shown,
        "endpoint": entry.endpoint or None,
        "method": entry.method,
        "path": hide_secrets(entry, path),
        "query": hide_secrets(entry, query),
        "status": entry.status if entry.sent else None,
        "sent": entry.sent,
        "error": entry.error or None,
        "reason": hide_secrets(entry, entry.reason) or None,
        "header": _shown_headers(entry.headers, entry.values),
        "body": _shown_body(entry.body, entry),
        **_shown_answer(entry),
    }


def _shown_answer(entry: Entry) -> dict[str, Any]:
    """The answer, or, if it was never sent, the outcome of the call."""
    body = _shown_body(entry.answer, entry)
    if entry.sent:
        return {"answer": {"header": _shown_headers(entry.answer_headers, entry.values), "body": body}}
    return {"answer": None, "unsent": {"status": entry.status, "body": body} if entry.decided else None}


def _shown_headers(raw: bytes, secrets: tuple[str, ...]) -> dict[str, str]:
    shown: dict[str, str] = {}
    lines = raw.decode("latin-1").split("\n")
    for name, value in zip(map(str.lower, lines[::2]), lines[1::2], strict=False):
        if is_secret(name):
            shown[name] = REDACTED
        else:
            value = hide_in_text(value, (), secrets)
            shown[name] = f"{shown[name]}, {value}" if name in shown else value
    return shown


def _shown_body(body: bytes, entry: Entry) -> Any:
    if not body:
        return None
    if len(body) > _SHOWN_BODY_BYTES:
        return f"[{len(body)} bytes]"
    try:
        return hide(json_text.decode(body), entry.secrets, entry.values)
    except json_text.MalformedJson:
        return hide_secrets(entry, body.decode(json.detect_encoding(body), "backslashreplace"))
