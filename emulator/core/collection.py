"""Tables of a provider's documents, read and kept as values; each table has one type."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar

from msgspec import Struct, convert

from emulator.contract.card import Call, Shown, Table
from emulator.contract.transaction import Transaction

T = TypeVar("T")


class Collection(Struct, Generic[T], frozen=True):
    """The documents of one table."""

    table: str
    kind: type[T]

    def find(self, tx: Transaction, key: str) -> T | None:
        """The document with this key, as a new value; None if there is none."""
        document = tx.get(self.table, key)
        return None if document is None else convert(document, self.kind)

    def put(self, tx: Transaction, key: str, value: T) -> None:
        """Keeps a document."""
        tx.put(self.table, key, value)

    def remove(self, tx: Transaction, key: str) -> None:
        """Removes a document."""
        tx.forget(self.table, key)

    def scan(self, tx: Transaction) -> Iterator[tuple[str, T]]:
        """All keys with their documents, oldest first."""
        for key, document in tx.scan(self.table):
            yield key, convert(document, self.kind)

    def describe(
        self,
        show: Callable[[Call, str, Any], Iterable[Shown]] = lambda call, key, document: (),
        always: Callable[[str], tuple[str, ...]] = lambda sandbox: (),
    ) -> Table:
        """The table as the card has it."""
        return Table(self.table, self.kind, show, always)
