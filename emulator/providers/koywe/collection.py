"""Tables of documents with ids of one kind, and the numbers that a sandbox gives one after the other."""

from collections.abc import Iterator
from typing import Generic, TypeVar

from msgspec import convert

from emulator.contract.card import Call
from emulator.contract.reply import Refusal
from emulator.contract.transaction import Transaction
from emulator.core import collection
from emulator.core.suggestion import use_one_of
from emulator.core.wording import shown
from emulator.providers.koywe.formats.identifiers import make_id

T = TypeVar("T")


class Collection(collection.Collection[T], Generic[T], frozen=True):
    """The documents of one table. `id_kind`: what `make_id` calls their ids."""

    id_kind: str

    def add(self, tx: Transaction, value: T) -> str:
        """Keeps a new document and returns its id."""
        key = make_id(tx.chance, self.id_kind)
        tx.put(self.table, key, value)
        return key

    def require(self, call: Call, key: str) -> T:
        """The document with this key. Refuses with the `...-not-found` of its kind."""
        value = self.find(call.tx, key)
        if value is None:
            raise Refusal(f"{self.id_kind}-not-found", f"no {self.id_kind} {shown(key)}")
        return value

    def require_in_path(self, call: Call) -> tuple[str, T]:
        """The document that the path names, after its id. Refuses as `require` does."""
        key = call.parameters[f"{self.id_kind}_id"]
        return key, self.require(call, key)

    def hint(self, tx: Transaction, key: str) -> str:
        """What to send in place of a key that no document has."""
        known = [each for each, _ in tx.scan(self.table)]
        return use_one_of(key, known) if known else "there are none yet"


class OwnedCollection(Collection[T], Generic[T], frozen=True):
    """The documents of one table, each of the merchant that its member `merchant` names."""

    def find_of(self, tx: Transaction, key: str, merchant_id: str) -> T | None:
        """The merchant's document with this key, as a new value."""
        document = tx.get(self.table, key)
        if document is None or document["merchant"] != merchant_id:
            return None
        return convert(document, self.kind)

    def require(self, call: Call, key: str) -> T:
        """The document of the caller's merchant. Refuses with the `...-not-found` of its kind."""
        value = self.find_of(call.tx, key, call.caller.merchant_id)
        if value is None:
            raise Refusal(f"{self.id_kind}-not-found", f"the merchant has no {self.id_kind} {shown(key)}")
        return value

    def scan_of(self, tx: Transaction, merchant_id: str) -> Iterator[tuple[str, T]]:
        """All ids of the merchant with their documents, oldest first."""
        for key, document in tx.scan(self.table):
            if document["merchant"] == merchant_id:
                yield key, convert(document, self.kind)


COUNTERS = collection.Collection("koywe.counters", int)
"""By what they count."""


def next_number(tx: Transaction, counter: str) -> int:
    """The next number of a counter; the first is 1."""
    number = (COUNTERS.find(tx, counter) or 0) + 1
    COUNTERS.put(tx, counter, number)
    return number
