"""The form of sandboxes and changes in Redis: heads, entries of the log, documents by place."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec
from msgspec import Struct

from emulator.contract.order import Timer
from emulator.core import json_text
from emulator.core.documents import decode_clock
from emulator.core.journal import Entry
from emulator.core.kept_journal import read_entry
from emulator.core.sandbox import DELIVERIES, Changes, Due, Note, Snapshot

_notes_decoder = json_text.typed_decoder(list[Note])


class Head(Struct, frozen=True, order=True):
    """The latest state of a sandbox: its life, its revision within it, and the batch that led there."""

    life: int
    revision: int
    by: str

    def __str__(self) -> str:
        return f"{self.life}:{self.revision}:{self.by}"


class _Sent(Struct, array_like=True):
    """Changes in the log: MessagePack, with JSON inside where there may be a client's numbers."""

    sequence: int
    documents: list[tuple[str, str, bytes | None]]
    keys: list[tuple[str, str]]
    timers: list[Due]
    clock: bytes
    notes: bytes


class _State(Struct):
    """The part of a delivery that is needed here."""

    due: Timer | None = None
    state: str = "pending"


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Sent)
_entries_decoder = msgspec.msgpack.Decoder(list[bytes])
_state_decoder = msgspec.json.Decoder(_State)


def read_head(text: bytes) -> Head:
    """Reads a stored head."""
    life, revision, by = text.decode().split(":", 2)
    return Head(int(life), int(revision), by)


def begins_to_send(changes: Changes) -> bool:
    """Whether an attempt to send a webhook begins with these changes."""
    return any(
        table == DELIVERIES and document is not None and _state_decoder.decode(document).state == "sending"
        for (table, _), document in changes.documents.items()
    )


def write_rows(changes: Changes) -> Iterator[str | bytes]:
    """For each changed document: its place, whether it exists, and its content."""
    for (table, key), document in changes.documents.items():
        yield from (f"{table}/{key}", "" if document is None else "1", document or b"")


def write_snapshot(snapshot: Snapshot) -> Iterator[str | bytes]:
    """As `write_rows`, for all documents of a sandbox."""
    for table, rows in snapshot.tables.items():
        for key, document in rows.items():
            yield from (f"{table}/{key}", "1", bytes(document))


def read_tables(places: Iterable[bytes], documents: Iterable[bytes]) -> dict[str, dict[str, msgspec.Raw]]:
    """The documents at these places, by table."""
    tables: dict[str, dict[str, msgspec.Raw]] = {}
    for place, document in zip(places, documents, strict=True):
        table, _, key = place.decode().partition("/")
        tables.setdefault(table, {})[key] = msgspec.Raw(document)
    return tables


def write_changes(changes: Changes) -> bytes:
    """Changes for the log."""
    documents = [(table, key, document) for (table, key), document in changes.documents.items()]
    clock = json_text.encode(changes.clock) if changes.clock else b""
    notes = json_text.encode(changes.notes)
    return _encoder.encode(_Sent(changes.sequence, documents, changes.keys, changes.timers, clock, notes))


def pack_entries(written: Sequence[bytes]) -> bytes:
    """Journal entries for the log, in one piece."""
    return _encoder.encode(written)


def unpack_entries(packed: bytes) -> tuple[Entry, ...]:
    """Journal entries from the log."""
    return tuple(map(read_entry, _entries_decoder.decode(packed)))


def read_changes(written: bytes) -> Changes:
    """Changes from the log."""
    sent = _decoder.decode(written)
    documents = {(table, key): document for table, key, document in sent.documents}
    clock = decode_clock(sent.clock) if sent.clock else None
    return Changes(sent.sequence, documents, sent.keys, sent.timers, clock, _notes_decoder.decode(sent.notes))
