"""Purchases, the ledger, and the webhooks that were dealt with, in one SQLite file."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

from shop.ledger import Entry, Ledger
from shop.providers.gateway import Money, Progress

SCHEMA = """
CREATE TABLE IF NOT EXISTS purchases (
    id TEXT PRIMARY KEY,  -- also the reference by which the provider knows it
    customer TEXT NOT NULL,
    provider TEXT NOT NULL,
    amount TEXT,
    is_test INTEGER NOT NULL,
    made_ms INTEGER NOT NULL,
    next_look_ms INTEGER,
    order_id TEXT,
    status TEXT,
    progress TEXT NOT NULL,
    value TEXT,
    currency TEXT,
    pay_at TEXT,
    refusal TEXT,
    version INTEGER NOT NULL,
    UNIQUE (provider, order_id)
);
CREATE INDEX IF NOT EXISTS purchases_by_next_look ON purchases (next_look_ms);
CREATE TABLE IF NOT EXISTS events (
    provider TEXT NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (provider, id)
);
"""


@dataclass(frozen=True)
class Purchase:
    """What a customer wanted, and what has become of it."""

    id: str
    customer: str
    provider: str
    amount: Decimal | None
    """What the customer wanted to pay. None: the provider says what it costs."""
    is_test: bool
    """It was made with a provider's test account: nobody pays real money, and nothing is ever credited."""
    made_ms: int
    next_look_ms: int | None
    """When the provider is to be asked about it next. None: not unless a webhook comes, or at night."""
    order_id: str | None = None
    """None: nobody knows yet whether the provider has it."""
    status: str | None = None
    """The provider's word."""
    progress: Progress = Progress.OPEN
    value: Money | None = None
    """What the customer gets if it is paid."""
    pay_at: str | None = None
    refusal: str | None = None
    """Why the provider did not want it."""
    version: int = 0
    """How often it was written."""

    @property
    def state(self) -> str:
        """The shop's word: `refused`, `placing`, `open`, `paid`, `closed`, or `test` for what only looks paid."""
        if self.refusal is not None:
            return "refused"
        if self.order_id is None and self.progress is Progress.OPEN:
            return "placing"
        return "test" if self.is_test and self.progress is Progress.PAID else self.progress.value

    @property
    def due(self) -> dict[str, Decimal]:
        """What the customer should have got for it by now, by currency."""
        if self.state != "paid" or self.value is None:
            return {}
        return {self.value.currency: self.value.amount}


class Store:
    """One connection, one thread at a time: SQLite writes no faster for more of them."""

    def __init__(self, path: str) -> None:
        """`path`: of the file, or `:memory:`."""
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.executescript(SCHEMA)
        self._lock = threading.RLock()
        self._ledger = Ledger(self._connection)

    def add(self, purchase: Purchase) -> None:
        """Keeps a new purchase, before anybody else hears of it."""
        row = _row(purchase)
        marks = ", ".join("?" for _ in row)
        with self.transaction() as connection:
            connection.execute(f"INSERT INTO purchases ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))

    def write(self, purchase: Purchase) -> Purchase | None:
        """Keeps what has become of a purchase, and books what is due for it, both or neither.

        None: somebody has written it since it was read, so that what was seen of it may be old news. Nothing is kept.
        """
        row = _row(replace(purchase, version=purchase.version + 1))
        columns = ", ".join(f"{name} = ?" for name in row)
        with self.transaction() as connection:
            changed = connection.execute(
                f"UPDATE purchases SET {columns} WHERE id = ? AND version = ?",
                (*row.values(), purchase.id, purchase.version),
            )
            if not changed.rowcount:
                return None
            self._ledger.settle(purchase.id, purchase.customer, purchase.due)
        return replace(purchase, version=purchase.version + 1)

    def purchase(self, purchase_id: str) -> Purchase | None:
        """A purchase."""
        return next(iter(self._select("id = ?", purchase_id)), None)

    def purchase_of(self, provider: str, order_id: str) -> Purchase | None:
        """The purchase that became an order at a provider."""
        return next(iter(self._select("provider = ? AND order_id = ?", provider, order_id)), None)

    def due_by(self, now_ms: int) -> list[Purchase]:
        """Purchases that the provider is to be asked about by now."""
        return self._select("next_look_ms <= ?", now_ms)

    def made_since(self, from_ms: int) -> list[Purchase]:
        """Purchases that are not older, and were not refused."""
        return self._select("made_ms >= ? AND refusal IS NULL", from_ms)

    def has_event(self, provider: str, event_id: str) -> bool:
        """Whether an event was dealt with."""
        with self._lock:
            found = self._connection.execute("SELECT 1 FROM events WHERE provider = ? AND id = ?", (provider, event_id))
            return found.fetchone() is not None

    def keep_event(self, provider: str, event_id: str) -> None:
        """An event was dealt with."""
        with self.transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO events VALUES (?, ?)", (provider, event_id))

    def balance(self, customer: str) -> dict[str, Decimal]:
        """What a customer has, by currency."""
        with self._lock:
            return self._ledger.balance(customer)

    def entries(self, purchase_id: str) -> list[Entry]:
        """What was booked for a purchase, in order."""
        with self._lock:
            return self._ledger.entries(purchase_id)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of the block is kept, or nothing of it."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def close(self) -> None:
        """Closes the file, when nobody is at it any more."""
        with self._lock:
            self._connection.close()

    def _select(self, condition: str, *values: Any) -> list[Purchase]:
        with self._lock:
            cursor = self._connection.execute(f"SELECT * FROM purchases WHERE {condition} ORDER BY made_ms", values)
            names = [column[0] for column in cursor.description]
            return [_purchase(dict(zip(names, row, strict=True))) for row in cursor]


def _row(purchase: Purchase) -> dict[str, Any]:
    row = {each.name: getattr(purchase, each.name) for each in fields(purchase)}
    value = row.pop("value")
    return row | {
        "amount": None if purchase.amount is None else f"{purchase.amount:f}",
        "progress": purchase.progress.value,
        "value": None if value is None else f"{value.amount:f}",
        "currency": None if value is None else value.currency,
    }


def _purchase(row: dict[str, Any]) -> Purchase:
    value, currency = row.pop("value"), row.pop("currency")
    return Purchase(
        **row
        | {
            "amount": None if row["amount"] is None else Decimal(row["amount"]),
            "is_test": bool(row["is_test"]),
            "progress": Progress(row["progress"]),
            "value": None if value is None else Money(Decimal(value), currency),
        }
    )
