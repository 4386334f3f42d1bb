"""The errors of a provider's catalogue."""

from msgspec import Struct


class ErrorCase(Struct, frozen=True):
    """One named error of a provider's catalogue."""

    name: str
    status: int
    message: str
    about: str
    """When it is raised."""
    mark: str = "documented"
    scripted: str = ""
    """When a scenario may refuse the create call with it: `early` (before the body is judged), `late`, or never."""
    code: str = ""
    """The word or number by which clients know it; empty: its name."""
    setting: str = ""
    """The setting that says its HTTP status; empty: none does."""
    known_from: str = ""
    """Where a file of the user's own has it from; empty: no such file says anything of it."""
