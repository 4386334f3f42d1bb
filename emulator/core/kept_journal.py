"""The stored form of journals and their entries."""

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from emulator.core.journal import Entry, entry_of
from emulator.core.sandbox import Changes


class KeptJournal(Struct, frozen=True):
    """A sandbox's journal as a store returns it."""

    begun_ms: int = 0
    """Real time at which it began."""
    whole: bool = False
    """Whether it begins with the sandbox."""
    newest: int = 0
    """Number of the newest entry."""
    entries: tuple[Entry, ...] = ()
    """The latest entries, oldest first."""


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Entry)


def entries_of(changes: Changes) -> list[Entry]:
    """The journal entries about changes, not numbered yet."""
    return [
        entry_of(note.at_ms, note.kind, note.provider, (note.order_id,) if note.order_id else (), note.details)
        for note in changes.notes
        if note.has_entry
    ]


def write_entry(entry: Entry) -> bytes:
    """An entry as bytes for a store, without `stop`, which cannot be written."""
    return _encoder.encode(replace(entry, stop=None))


def read_entry(written: bytes) -> Entry:
    """An entry from a store."""
    return _decoder.decode(written)
