"""The stored form of journals and their entries."""

from collections.abc import Iterable

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from emulator.core.journal import Entry, note_entry
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


def note_entries(changes: Iterable[Changes]) -> list[Entry]:
    """The journal entries about changes, not numbered yet."""
    return [note_entry(note) for each in changes for note in each.notes if note.has_entry]


def write_entry(entry: Entry) -> bytes:
    """An entry as bytes for a store, without `stop`, which cannot be written."""
    return _encoder.encode(replace(entry, stop=None))


def read_entry(written: bytes) -> Entry:
    """An entry from a store."""
    return _decoder.decode(written)
