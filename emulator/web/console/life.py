"""The life of a sandbox as a list: orders, webhooks and refused requests, what happened last first."""

from collections.abc import Iterator
from typing import Literal
from urllib.parse import quote, urlencode

from msgspec import Struct

from emulator.contract.delivery import Delivery
from emulator.contract.order import Order
from emulator.core.documents import decode_delivery, decode_order
from emulator.core.journal import Entry, Journal, hide_secrets
from emulator.core.journal_search import is_refused, read_words
from emulator.core.json_text import decode
from emulator.core.library import Library
from emulator.core.sandbox import DELIVERIES, ORDERS, Sandbox
from emulator.web.console.marks import Mark, mark_of_delivery, mark_of_status
from emulator.web.console.writing import write_clock, write_id

PAGE_ROWS = 50
"""How many rows are shown at once."""
_FOLD_FROM = 4
"""This many delivered webhooks in a row, or more, are shown as one line."""
KINDS = ("all", "orders", "webhooks", "refused")
Kind = Literal["orders", "webhooks", "requests"]
"""The parts of addresses in which the things of the list have theirs."""


class Row(Struct, frozen=True):
    """A line of the list."""

    kind: Kind
    key: str
    mark: Mark
    title: str
    figure: str
    """What is on the right: an amount, an answer."""
    state: str
    about: str
    at_ms: int
    provider: str
    folded: int = 0
    """How many further things this line represents."""

    @property
    def path(self) -> str:
        """Below the sandbox's address."""
        return f"{self.kind}/{quote(self.key, safe='')}"

    @property
    def element(self) -> str:
        """Name of the element, which a refreshed list finds again."""
        return f"row-{self.kind}-{self.key}"

    @property
    def at(self) -> str:
        """When it happened."""
        return write_clock(self.at_ms)


class Wanted(Struct, frozen=True):
    """Which part of the life is to be shown."""

    show: str = "all"
    search: str = ""
    provider: str = ""
    page: int = 1

    @property
    def query(self) -> str:
        """As the query of an address, but for the page; with a question mark, or nothing."""
        return self.with_changes()

    def with_changes(self, **changes: str | int) -> str:
        """The query with other values in some places."""
        values = {"show": self.show, "search": self.search, "provider": self.provider, "page": self.page, **changes}
        plain = {"show": "all", "search": "", "provider": "", "page": 1}
        told = {name: value for name, value in values.items() if value != plain.get(name, "")}
        return f"?{urlencode(told)}" if told else ""


class Life(Struct, frozen=True):
    """A page of the list."""

    wanted: Wanted
    rows: tuple[Row, ...]
    more: bool
    """Whether there are older ones."""
    counts: dict[str, int]

    @property
    def first(self) -> int:
        """Number of the first row in the whole list."""
        return (self.wanted.page - 1) * PAGE_ROWS + 1


def read_life(sandbox: Sandbox, journal: Journal, library: Library, wanted: Wanted) -> Life:
    """The part of the life that is wanted."""
    words = read_words(wanted.search)
    lines = _Lines(sandbox, journal, library, words, wanted.provider)
    listed = {"orders": lines.orders, "webhooks": lines.webhooks, "refused": lines.refused}.get(wanted.show, lines.all)
    skipped = (wanted.page - 1) * PAGE_ROWS
    found = listed() if wanted.show != "all" or words else _fold(listed())
    rows = [row for place, row in zip(range(skipped + PAGE_ROWS + 1), found, strict=False) if place >= skipped]
    return Life(wanted, tuple(rows[:PAGE_ROWS]), len(rows) > PAGE_ROWS, count(sandbox, journal))


def count(sandbox: Sandbox, journal: Journal) -> dict[str, int]:
    """How many there are of each kind."""
    orders, webhooks = len(sandbox.tables[ORDERS]), len(sandbox.tables.get(DELIVERIES, ()))
    refused = sum(is_refused(entry) for entry in journal.entries("request"))
    return {"all": orders + webhooks + refused, "orders": orders, "webhooks": webhooks, "refused": refused}


def _fold(rows: Iterator[Row]) -> Iterator[Row]:
    """Many delivered webhooks in a row as one line; nothing else is ever folded."""
    run: list[Row] = []
    for row in rows:
        if row.kind == "webhooks" and row.mark == "good":
            run.append(row)
            continue
        yield from _folded(run)
        run = []
        yield row
    yield from _folded(run)


def _folded(run: list[Row]) -> list[Row]:
    if len(run) < _FOLD_FROM:
        return run
    first = run[0]
    return [Row("webhooks", first.key, "good", f"{len(run)} webhooks delivered", "", "delivered", "", first.at_ms,
                first.provider, len(run) - 1)]  # fmt: skip


class _Lines:
    """What can be listed of one sandbox, lazily, the newest first."""

    def __init__(
        self, sandbox: Sandbox, journal: Journal, library: Library, words: tuple[str, ...], provider: str
    ) -> None:
        self._orders = sandbox.tables[ORDERS]
        self._deliveries = sandbox.tables.get(DELIVERIES, {})
        self._journal = journal
        self._library = library
        self._words = words
        self._provider = provider
        self._creating: dict[str, frozenset[str]] = {}

    def orders(self) -> Iterator[Row]:
        """Orders, those made last first."""
        for key in reversed(self._orders):
            yield from self._order(key)

    def webhooks(self) -> Iterator[Row]:
        """Webhooks, those made last first."""
        for key in reversed(self._deliveries):
            yield from self._webhook(key)

    def refused(self) -> Iterator[Row]:
        """Refused requests."""
        for entry in self._journal.entries("request", newest_first=True):
            if is_refused(entry):
                yield from self._request(entry)

    def all(self) -> Iterator[Row]:
        """Each thing once, where it was last heard of; after the end of the journal what is older."""
        seen: set[str] = set()
        for entry in self._journal.entries(newest_first=True):
            if is_refused(entry):
                yield from self._request(entry)
            elif entry.kind == "delivery":
                key = decode(entry.details).get("webhook", "")
                if key not in seen:
                    seen.add(key)
                    yield from self._webhook(key)
            elif entry.kind != "request" or self._creates(entry):
                for key in entry.orders:
                    if key not in seen:
                        seen.add(key)
                        yield from self._order(key)
        yield from (row for key in reversed(self._deliveries) if key not in seen for row in self._webhook(key))
        yield from (row for key in reversed(self._orders) if key not in seen for row in self._order(key))

    def _creates(self, entry: Entry) -> bool:
        """Whether a request is one by which orders are made: nothing else in the journal shows a new one."""
        made = self._creating.get(entry.provider)
        if made is None:
            endpoints = self._library.providers[entry.provider].endpoints
            made = self._creating[entry.provider] = frozenset(each.name for each in endpoints if each.matched)
        return entry.endpoint in made

    def _fits(self, provider: str, text: str) -> bool:
        return (not self._provider or provider == self._provider) and all(word in text for word in self._words)

    def _order(self, key: str) -> Iterator[Row]:
        document = self._orders.get(key)
        if document is None or (self._words and not self._fits(self._provider, document.decode().lower())):
            return
        order = decode_order(document)
        if not self._provider or order.provider == self._provider:
            yield row_of_order(self._library, order)

    def _webhook(self, key: str) -> Iterator[Row]:
        document = self._deliveries.get(key)
        if document is None:
            return
        row = row_of_webhook(self._library, decode_delivery(document))
        if self._fits(row.provider, f"{row.title} {row.figure} {row.state} {row.about} {key}".lower()):
            yield row

    def _request(self, entry: Entry) -> Iterator[Row]:
        row = row_of_request(self._library, entry)
        if self._fits(row.provider, f"{row.title} {row.about} {entry.target} {' '.join(entry.orders)}".lower()):
            yield row


def row_of_order(library: Library, order: Order) -> Row:
    """The line of an order."""
    provider = library.providers[order.provider]
    figure = " ".join(filter(None, provider.amount(order)))
    about = " ".join(filter(None, (provider.title, order.kind)))
    mark = mark_of_status(provider.lifecycle, order.status)
    return Row("orders", order.id, mark, write_id(order.id), figure, order.status, about, order.updated_ms,
               order.provider)  # fmt: skip


def row_of_webhook(library: Library, delivery: Delivery) -> Row:
    """The line of a webhook."""
    last = delivery.attempts[-1] if delivery.attempts else None
    answer = "" if last is None else str(last.status) if last.status is not None else "no answer"
    told = [library.providers[delivery.provider].title]
    if len(delivery.attempts) > 1 or (last is not None and delivery.state == "pending"):
        told.append(f"attempt {len(delivery.attempts)}")
    if delivery.order_id:
        told.append(write_id(delivery.order_id))
    return Row("webhooks", delivery.id, mark_of_delivery(delivery), delivery.event, answer, state_word(delivery),
               ", ".join(told), last.at_ms if last is not None else delivery.created_ms, delivery.provider)  # fmt: skip


def state_word(delivery: Delivery) -> str:
    """What has become of a webhook, in a word or three."""
    if delivery.state == "pending":
        return "to be tried again" if delivery.attempts else "to be sent"
    return {"sending": "being sent", "refused": "not allowed"}.get(delivery.state, delivery.state)


def row_of_request(library: Library, entry: Entry) -> Row:
    """The line of a refused request."""
    title = f"{entry.status} {entry.error}" if entry.sent else "no answer left"
    reason = hide_secrets(entry, entry.reason)
    path = hide_secrets(entry, entry.target.partition("?")[0])
    about = f"{entry.method} {path}" + (f": {reason}" if reason else "")
    provider = library.providers.get(entry.provider)
    return Row("requests", str(entry.number), "refused", title, provider.title if provider else "", "refused", about,
               entry.at_ms, entry.provider)  # fmt: skip
