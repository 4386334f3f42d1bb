"""The parts of the console, as its menu has them: each is a page of a sandbox, below the sandbox's address."""

from msgspec import Struct


class Part(Struct, frozen=True):
    """An entry of the menu."""

    path: str
    name: str
    group: str
    icon: str
    """Name of a picture in `templates/icons.html`."""


PARTS = (
    Part("", "Life", "Watch", "life"),
    Part("new", "New order", "Steer", "plus"),
    Part("scenarios", "Scenarios", "Steer", "film"),
    Part("faults", "Faults", "Steer", "bolt"),
    Part("settings", "Settings", "Steer", "set"),
    Part("journal", "Journal", "Know", "list"),
    Part("receiver", "Receiver", "Know", "in"),
    Part("coverage", "Coverage", "Know", "check"),
    Part("access", "Keys", "Know", "key"),
)


def part_of(path: str) -> Part:
    """The part that a page belongs to, by its path below the sandbox's: what the list leads to belongs to the list."""
    return next((part for part in PARTS if part.path and part.path == path.partition("/")[0]), PARTS[0])
