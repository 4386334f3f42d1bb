"""What a provider answers: a reply, a refusal, or a reply that waits for what a receiver says."""

from collections.abc import Callable
from typing import Any, Literal

from msgspec import Struct

from emulator.contract.delivery import Delivery
from emulator.contract.diagnosis import Diagnosis

JSON_TYPE = "application/json; charset=utf-8"

Ending = Literal["", "cut", "reset", "silence"]
"""cut: half of the body, then the connection is closed. reset: the connection is reset instead of an answer. silence:
nothing is sent until the client gives up."""


class Reply(Struct, frozen=True):
    """One HTTP answer, ready to be written."""

    status: int
    body: bytes
    content_type: str = JSON_TYPE
    headers: tuple[tuple[str, str], ...] = ()
    ending: Ending = ""
    """How the answer ends on the connection, if not as it should."""
    delay_ms: int = 0
    """Real time that the answer is held back."""
    scripts: tuple[str, ...] = ()
    """Of a page: its inline scripts, exactly as they are there. No others run."""
    styles: tuple[str, ...] = ()
    """Of a page: its inline styles, exactly as they are there; none: whatever there is counts."""


class Refusal(Exception):
    """The provider says no: `error` names a case of its catalogue, `reason` is the truth for the journal, as a
    diagnosis where who asks was not believed."""

    def __init__(self, error: str, reason: str | Diagnosis, /, **details: Any) -> None:
        self.diagnosis = None if isinstance(reason, str) else reason
        self.reason = reason if isinstance(reason, str) else reason.reason
        super().__init__(f"{error}: {self.reason}")
        self.error = error
        self.details = details


class AskedFor(Refusal):
    """A refusal that a scenario, a fault or a header asks for: what was sent has nothing to do with it."""


class AfterDelivery(Struct, frozen=True):
    """An answer that depends on what a receiver says: the delivery, due now, is made first, then `reply` answers."""

    delivery_id: str
    reply: Callable[[Delivery | None], Reply]
