"""The errors in a provider's catalogue."""

from msgspec import Struct


class ErrorCase(Struct, frozen=True):
    """A named error in a provider's catalogue."""

    name: str
    status: int
    message: str
    about: str
    """When it is raised."""
    mark: str = "documented"
    scripted: str = ""
    """When a scenario may refuse a create call with it: `early` (before the body is checked), `late`; empty: never."""
    code: str = ""
    """The word or number that clients know it by; empty: its name."""
    setting: str = ""
    """The setting that decides its HTTP status; empty: none."""
    known_from: str = ""
    """The source that the user's file of known facts gives for it; empty: the file does not mention it."""
