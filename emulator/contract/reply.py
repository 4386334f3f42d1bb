"""What a provider answers: a reply, a refusal, or a reply that depends on a receiver's answer."""

from collections.abc import Callable
from typing import Any, Literal

from msgspec import Struct

from emulator.contract.delivery import Delivery
from emulator.contract.diagnosis import Diagnosis

JSON_TYPE = "application/json; charset=utf-8"


class Ending(Struct, frozen=True):
    """How an answer ends on the connection, if a fault spoils it: what is still sent, and what happens then."""

    name: str
    """What recordings call it."""
    then: Literal["close", "reset", "silence"]
    """What happens to the connection; silence: nothing, until the client gives up."""
    sent: float = 0.0
    """The share of the body that is sent after the head; 0: not even the head."""
    over_ms: int = 0
    """How long sending it takes, in real time."""


class Reply(Struct, frozen=True):
    """An HTTP answer, ready to be written."""

    status: int
    body: bytes
    content_type: str = JSON_TYPE
    headers: tuple[tuple[str, str], ...] = ()
    ending: Ending | None = None
    """How the answer ends on the connection; None: as it should."""
    delay_ms: int = 0
    """How long the answer is held back, in real time."""
    scripts: tuple[str, ...] = ()
    """For a page: its inline scripts, exactly as they appear. No others run."""
    styles: tuple[str, ...] = ()
    """For a page: its inline styles, exactly as they appear; empty: all inline styles apply."""


class Refusal(Exception):
    """The provider says no. `error` names a case of its catalogue; `reason` is the true reason for the journal, as a
    diagnosis if the request could not be authenticated; `details` are for the provider's `render`."""

    def __init__(self, error: str, reason: str | Diagnosis, /, **details: Any) -> None:
        self.diagnosis = None if isinstance(reason, str) else reason
        self.reason = reason if isinstance(reason, str) else reason.reason
        super().__init__(f"{error}: {self.reason}")
        self.error = error
        self.details = details


class AskedFor(Refusal):
    """A refusal that a scenario, a fault or a header asks for, whatever was sent."""


class AfterDelivery(Struct, frozen=True):
    """An answer that depends on a receiver: the delivery, which is due now, is made first; `reply` gets its outcome."""

    delivery_id: str
    reply: Callable[[Delivery | None], Reply]
