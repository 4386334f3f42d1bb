"""Journals as stores keep them: what a sandbox's is like, and its entries as bytes."""

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from emulator.core import events
from emulator.core.journal import Entry, entry_of
from emulator.core.sandbox import Changes, Note


class KeptJournal(Struct, frozen=True):
    """The journal of a sandbox in a store."""

    begun_ms: int = 0
    """Real time at which it began."""
    whole: bool = False
    """Whether it begins with the sandbox."""
    newest: int = 0
    """Number of the newest entry."""
    entries: tuple[Entry, ...] = ()
    """The last ones, oldest first."""


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Entry)


def is_told(note: Note) -> bool:
    """Whether a note has an entry of its own: of a new order, the entry of the request tells."""
    return note.kind != events.CREATED


def entries_of(changes: Changes) -> list[Entry]:
    """What a journal tells of changes."""
    return [
        entry_of(note.at_ms, note.kind, note.provider, (note.order_id,) if note.order_id else (), note.details)
        for note in changes.notes
        if is_told(note)
    ]


def write_entry(entry: Entry) -> bytes:
    """An entry for a store; without the value by which a refusal is explained further."""
    return _encoder.encode(replace(entry, stop=None))


def read_entry(written: bytes) -> Entry:
    """An entry out of a store."""
    return _decoder.decode(written)
