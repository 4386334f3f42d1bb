"""How real traffic differs from the emulator."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, structs

KINDS: Mapping[str, str] = {
    "unknown-endpoint": "a path that the provider is not known to have",
    "unknown-method": "a method that a known path is not known to take",
    "wrong-status-code": "an HTTP status that the call, or the error, is not known to have",
    "unknown-error": "an error that is not in the catalogue",
    "not-json": "something else where JSON is expected",
    "no-body": "nothing where a body is expected",
    "other-content-type": "a Content-Type other than the known one",
    "new-member": "a member that is not known",
    "missing-member": "a member that should always be there",
    "other-type": "a value of another type",
    "unknown-value": "a value that is not one of the known ones",
    "other-form": "a value outside its pattern, length or bounds",
    "unknown-status": "a status that is not in the life cycle",
    "illegal-start": "a new order in a status in which no order begins",
    "illegal-transition": "a status that cannot follow the one before",
    "unknown-event": "a webhook that is not known",
    "accepted-request": "a request that the emulator would have refused",
}
"""Every kind of drift, and what it is."""


class Drift(Struct, frozen=True):
    """One difference."""

    kind: str
    provider: str
    message: str
    """What it is in, such as `get-order answer`."""
    field: str
    """JSON pointer with `*` for the items of lists; `/` for the whole body, empty if it is not about a body."""
    said: str
    """What differs, in words."""
    example: str = ""
    """The value that was seen, as JSON, without secrets."""
    mark: str | None = None
    """How the emulator knows what it goes by: documented, observed or assumed; None: it says nothing about it."""
    setting: str | None = None
    """The setting that makes the emulator behave like the provider."""
    page: str | None = None
    """The page where the provider documents it."""
    fact: str | None = None
    """The name of the field in a file with what is known, which can confirm it."""

    @property
    def group(self) -> tuple[str, ...]:
        """What drifts that count as the same have in common."""
        return self.kind, self.provider, self.message, self.field, self.said

    def as_json(self) -> dict[str, Any]:
        """Its members by name."""
        return structs.asdict(self)

    @property
    def line(self) -> str:
        """The difference in one line."""
        where = " ".join(filter(None, (self.provider, self.message, self.field)))
        seen = f", got {self.example}" if self.example else ""
        return f"{where}: {self.kind}: {self.said}{seen} ({self.mark or 'no mark'})"
