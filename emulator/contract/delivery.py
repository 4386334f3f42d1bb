"""A webhook to a receiver: what is to be sent where, and every attempt so far. Values only; others send."""

from typing import Any, Literal

from msgspec import Struct, field

from emulator.contract.order import Timer

State = Literal["pending", "sending", "delivered", "failed", "refused", "held"]
"""pending: an attempt is due. sending: one is under way. delivered: the receiver accepted it. failed: no attempt is
left. refused: the emulator may not call that address. held: waits until the provider, or whoever holds it back,
releases it."""


class Attempt(Struct):
    """An attempt: what was sent, and the outcome."""

    at_ms: int
    url: str
    headers: dict[str, str]
    body: str
    """The bytes as UTF-8 text."""
    status: int | None
    """HTTP status of the answer; None: there was none."""
    error: str | None
    """Why there was no answer; None: there was one."""
    answer: str
    """The beginning of the answer's body."""
    duration_ms: int
    """How long the attempt took, in real time."""
    next_ms: int | None = None
    """Sandbox time of the next attempt, if there is to be one."""


class Delivery(Struct, omit_defaults=True):
    """A webhook to a receiver."""

    id: str
    provider: str
    event: str
    """The provider's name of the event."""
    url: str
    created_ms: int
    order_id: str = ""
    about: str = ""
    """Its subject, if that is not an order: kind and id, such as `contact:con_1`."""
    told: str = ""
    """The status of its order that it reports."""
    fields: dict[str, Any] = field(default_factory=dict)
    """What the provider needs to compose the message."""
    body: bytes | None = None
    """A body that somebody supplied, to be sent as it is; None: the provider writes it."""
    state: State = "pending"
    fault: str = ""
    """Name of the injected fault; empty: none."""
    form: str = ""
    """The form that the fault `re-encode` asks for; empty: all of them."""
    fault_decided: bool = False
    """Whether it is settled if a fault is injected, so that no rule is asked again."""
    held_back: bool = False
    """Whether it is held by somebody, until they release it, rather than by the provider."""
    retries: bool = True
    """Whether failed attempts are repeated by the provider's schedule."""
    due: Timer | None = None
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def line(self) -> tuple[str, str]:
        """Subject and receiver: webhooks of one line are sent in the order in which they were made."""
        return self.order_id or self.about or self.id, self.url

    @property
    def fault_now(self) -> str:
        """The fault of the present attempt; empty: none. Only a first attempt has one."""
        return "" if self.attempts else self.fault


class Message(Struct, frozen=True):
    """A webhook as it is sent."""

    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Skip(Struct, frozen=True):
    """No attempt is made now: with `hold` until the provider schedules one, else never, as the delivery has failed."""

    reason: str
    hold: bool = False


class Response(Struct, frozen=True):
    """What the receiver answered. If it did not: `status` is None, `error` says why, and `refused` is true if the
    emulator may not call it, `silent` if its time ran out."""

    status: int | None
    body: bytes = b""
    error: str | None = None
    duration_ms: int = 0
    refused: bool = False
    silent: bool = False
    """Whether the time limit came before an answer."""

    @property
    def is_success(self) -> bool:
        """Whether the receiver answered with 2xx."""
        return self.status is not None and 200 <= self.status < 300
