"""One webhook to one receiver: what is to be sent where, and every attempt so far. Values only; others send."""

from typing import Any, Literal

from msgspec import Struct, field

from emulator.contract.order import Timer

State = Literal["pending", "sending", "delivered", "failed", "refused", "held"]
"""pending: an attempt is due. sending: one is under way. delivered: the receiver agreed. failed: no attempt is left.
refused: the emulator may not call that address. held: waits until the provider lets it go on,
or somebody who holds it back."""


class Attempt(Struct):
    """One attempt: what was sent, and what came of it."""

    at_ms: int
    url: str
    headers: dict[str, str]
    body: str
    """The bytes as UTF-8 text."""
    status: int | None
    """HTTP status of the answer; None if there was none."""
    error: str | None
    """Why there was no answer."""
    answer: str
    """The beginning of the answer's body."""
    duration_ms: int
    """Real time that the attempt took."""
    next_ms: int | None = None
    """Sandbox time of the next attempt, if there will be one."""


class Delivery(Struct, omit_defaults=True):
    """One webhook to one receiver."""

    id: str
    provider: str
    event: str
    """The provider's name of the event."""
    url: str
    created_ms: int
    order_id: str = ""
    about: str = ""
    """What it tells of, where that is no order: kind and id, as `contact:con_1`."""
    told: str = ""
    """The status in which it tells of its order."""
    fields: dict[str, Any] = field(default_factory=dict)
    """What the provider needs to compose it."""
    body: bytes | None = None
    """The body that somebody has given, to be sent as it is; None: the provider writes it."""
    state: State = "pending"
    fault: str = ""
    """The fault that was injected, if any."""
    form: str = ""
    """The form that the fault `re-encode` asks for; empty: all."""
    fault_decided: bool = False
    """Whether one is to be injected is known; nobody asks again."""
    held_back: bool = False
    """Whether it is held because somebody wants it so, until they release it; not because the provider waits."""
    retries: bool = True
    """Whether a failed attempt is repeated by the provider's schedule."""
    due: Timer | None = None
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def line(self) -> tuple[str, str]:
        """What it tells of and whom: webhooks of one line reach the receiver in the order in which they were made."""
        return self.order_id or self.about or self.id, self.url

    @property
    def fault_now(self) -> str:
        """The fault of the attempt that is made now, if any: only the first one is not as it should be."""
        return "" if self.attempts else self.fault


class Message(Struct, frozen=True):
    """A webhook as it goes over the wire."""

    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Skip(Struct, frozen=True):
    """No attempt now: `hold` waits until the provider schedules one, otherwise the delivery has failed."""

    reason: str
    hold: bool = False


class Response(Struct, frozen=True):
    """What the receiver answered; `status` None with an `error` if it did not, `refused` if it was not even asked,
    `silent` if it was, and had said nothing when its time was over."""

    status: int | None
    body: bytes = b""
    error: str | None = None
    duration_ms: int = 0
    refused: bool = False
    silent: bool = False
    """The time limit came first."""
