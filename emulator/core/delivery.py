"""Webhooks: what is to be sent where, and every attempt so far. Values only; sending is done elsewhere."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct, field

from emulator.core import wire
from emulator.core.order import Timer

if TYPE_CHECKING:
    from emulator.core.transaction import Transaction

State = Literal["pending", "sending", "delivered", "failed", "refused", "held"]
"""pending: an attempt is due. sending: one is under way. delivered: the receiver agreed. failed: no attempt is left.
refused: the emulator may not call that address. held: waits until the provider lets it go on."""


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
    fields: dict[str, Any] = field(default_factory=dict)
    """What the provider needs to compose it."""
    state: State = "pending"
    fault: str = ""
    """The fault that has befallen it, if any."""
    form: str = ""
    """The form that the fault `re-encode` asks for; empty: all."""
    fault_decided: bool = False
    """Whether one should is known; nobody asks again."""
    retries: bool = True
    """Whether a failed attempt is repeated by the provider's schedule."""
    due: Timer | None = None
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def line(self) -> tuple[str, str]:
        """What it tells of and whom: webhooks of one line reach the receiver in the order in which they were made."""
        return self.order_id or self.about or self.id, self.url

    @property
    def quirk(self) -> str:
        """The fault that `compose` has to build into the message: only the first attempt is not as it should be."""
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


class WebhookEvent(Struct, frozen=True):
    """A webhook that the provider sends: its name, when, and the schema of its body."""

    name: str
    about: str
    schema: str = ""
    mark: str = "documented"
    also: tuple[str, ...] = ()
    """Schemas of other forms, which settings ask for."""


FORMS = ("ascii", "spaced", "reordered", "slashes")
"""Other bytes for the same JSON. ascii: all is escaped but letters, digits and blanks of ASCII. spaced: blanks after
colons and commas. reordered: the members of objects the other way round. slashes: `/` is escaped."""


class Webhooks(Struct, frozen=True):
    """How a provider sends webhooks."""

    events: tuple[WebhookEvent, ...]
    compose: Callable[["Transaction", Delivery], Message | Skip]
    """The request of the attempt that is made now, signed."""
    accepted: Callable[[Mapping[str, Any], Response], bool]
    """Whether an answer counts as delivered; gets the provider's settings."""
    retry_delays_ms: Callable[[Mapping[str, Any], Response], tuple[int, ...]]
    """Sandbox time from a failure to the next attempt, one for each retry there is; empty: this failure is final."""
    timeout_ms: Callable[[Mapping[str, Any]], int]
    """Real time that the receiver has for its answer."""
    subscribe: Callable[["Transaction", str], None]
    """Makes everything go to this URL, for `webhook_url` of a new sandbox."""
    signature_header: str = ""
    """The header that carries the signature."""
    quirks: frozenset[str] = frozenset()
    """Which of the faults old-secret, stale-timestamp and unknown-status `compose` knows; see `Delivery.quirk`."""
    forms: tuple[str, ...] = FORMS
    """How else a body can be written, as the fault `re-encode` asks for; `compose` writes it by `write_body`."""

    def suffers(self, rule: Mapping[str, Any]) -> bool:
        """Whether the fault on deliveries that a rule asks for can befall this provider's."""
        fault = rule["fault"]
        if fault == "bad-signature":
            return bool(self.signature_header)
        if fault == "re-encode":
            return "form" not in rule or rule["form"] in self.forms
        return fault in self.quirks or fault not in ("old-secret", "stale-timestamp", "unknown-status")


def write_body(delivery: Delivery, value: Any, forms: tuple[str, ...] = FORMS) -> bytes:
    """A body as compact JSON, or in other bytes for the same, as the fault `re-encode` asks for."""
    asked = forms_of(delivery, forms)
    return wire.encode(value) if not asked else _rewritten(value, asked).encode()


def forms_of(delivery: Delivery, forms: tuple[str, ...]) -> tuple[str, ...]:
    """Which of `forms` the attempt that is made now shall have; none: it is written as ever."""
    if delivery.quirk != "re-encode":
        return ()
    return (delivery.form,) if delivery.form else forms


def _rewritten(value: Any, forms: tuple[str, ...]) -> str:
    comma, colon = (", ", ": ") if "spaced" in forms else (",", ":")
    if isinstance(value, dict):
        members = [f"{_rewritten(name, forms)}{colon}{_rewritten(member, forms)}" for name, member in value.items()]
        return "{" + comma.join(reversed(members) if "reordered" in forms else members) + "}"
    if isinstance(value, list):
        return "[" + comma.join(_rewritten(item, forms) for item in value) + "]"
    text = wire.encode(value).decode()
    if not isinstance(value, str):
        return text
    if "ascii" in forms:
        return '"' + "".join(map(_escaped, value)) + '"'
    return text.replace("/", "\\/") if "slashes" in forms else text


def _escaped(character: str) -> str:
    if character.isascii() and (character.isalnum() or character == " "):
        return character
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[place] << 8 | units[place + 1]:04x}" for place in range(0, len(units), 2))


_decoder = wire.decoder_of(Delivery)


def freeze(delivery: Delivery) -> bytes:
    """The delivery as it is kept."""
    return wire.encode(delivery)


def thaw(document: bytes) -> Delivery:
    """A fresh copy of a kept delivery."""
    return _decoder.decode(document)
