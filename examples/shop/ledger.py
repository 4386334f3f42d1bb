"""What each customer has, as a list of entries that is only ever added to.

The shop never says "add 25.50", but "for this purchase the customer should have 25.50 by now", and the difference is
booked. To say it twice books nothing, and money that has gone back is an entry with a minus.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact

EXACT = Context(prec=100, traps=[Inexact])
"""How amounts are added up: with all digits. Python's usual context rounds to 28 without a word."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    number INTEGER PRIMARY KEY,
    purchase TEXT NOT NULL REFERENCES purchases (id),
    customer TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount TEXT NOT NULL  -- a decimal number: SQLite's own numbers are binary
);
CREATE INDEX IF NOT EXISTS entries_by_purchase ON entries (purchase);
CREATE INDEX IF NOT EXISTS entries_by_customer ON entries (customer);
"""


@dataclass(frozen=True)
class Entry:
    """What was booked at once; less than 0 if it was taken back."""

    purchase: str
    customer: str
    currency: str
    amount: Decimal


class Ledger:
    """The entries of all customers."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.executescript(SCHEMA)

    def settle(self, purchase: str, customer: str, due: Mapping[str, Decimal]) -> None:
        """Books what is missing between what the customer has got for a purchase so far and what is due, by currency.
        Belongs into the transaction in which it was decided what is due."""
        booked = self._sums("purchase", purchase)
        for currency in {**booked, **due}:
            missing = EXACT.subtract(due.get(currency, Decimal(0)), booked.get(currency, Decimal(0)))
            if missing:
                self._connection.execute(
                    "INSERT INTO entries (purchase, customer, currency, amount) VALUES (?, ?, ?, ?)",
                    (purchase, customer, currency, f"{missing:f}"),
                )

    def balance(self, customer: str) -> dict[str, Decimal]:
        """What a customer has, by currency."""
        return self._sums("customer", customer)

    def entries(self, purchase: str) -> list[Entry]:
        """What was booked for a purchase, in order."""
        rows = self._connection.execute(
            "SELECT purchase, customer, currency, amount FROM entries WHERE purchase = ? ORDER BY number", (purchase,)
        )
        return [Entry(purchase, customer, currency, Decimal(amount)) for purchase, customer, currency, amount in rows]

    def _sums(self, column: str, value: str) -> dict[str, Decimal]:
        sums: dict[str, Decimal] = defaultdict(Decimal)
        rows = self._connection.execute(f"SELECT currency, amount FROM entries WHERE {column} = ?", (value,))
        for currency, amount in rows:
            sums[currency] = EXACT.add(sums[currency], Decimal(amount))
        return dict(sums)
