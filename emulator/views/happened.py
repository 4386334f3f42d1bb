"""What an advance of the clock, or one command, has made happen: for the answers of the control API."""

from typing import Any

from msgspec import Struct, field

from emulator.core.durations import format_instant
from emulator.core.redaction import hide
from emulator.core.sandbox import Note

HAPPENED_LIMIT = 10_000


class Happened(Struct):
    """What an advance of the clock has done: the first items, and how many more there were."""

    items: list[dict[str, Any]] = field(default_factory=list)
    omitted: int = 0

    def add(self, notes: list[Note]) -> None:
        """Adds what one command has done."""
        room = max(0, HAPPENED_LIMIT - len(self.items))
        self.items += [note_as_json(note) for note in notes[:room]]
        self.omitted += max(0, len(notes) - room)

    def as_json(self) -> dict[str, Any]:
        """Its items, and how many there was no room for."""
        shown: dict[str, Any] = {"happened": self.items}
        return shown | {"omitted": self.omitted} if self.omitted else shown


class Advanced(Happened):
    """What an advance has done, whether it has come to its end, and if not, which webhooks nobody has answered."""

    settled: bool = True
    silent: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The same, and whether it has come to its end."""
        shown = super().as_json() | {"settled": self.settled}
        return shown if self.settled else shown | {"silent": self.silent}


def note_as_json(note: Note) -> dict[str, Any]:
    """An item of `happened`."""
    return {
        "at": format_instant(note.at_ms),
        "kind": note.kind,
        "provider": note.provider,
        "order": note.order_id,
        **hide(note.details),
    }
