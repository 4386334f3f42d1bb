"""How a provider sends webhooks."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from emulator.contract.delivery import Delivery, Message, Response, Skip
from emulator.contract.transaction import Transaction


class WebhookEvent(Struct, frozen=True):
    """A webhook that the provider sends: its name, when, and the schema of its body."""

    name: str
    about: str
    schema: str = ""
    mark: str = "documented"
    also: tuple[str, ...] = ()
    """Schemas of other forms, which settings ask for."""
    known_from: str = ""
    """Where a file of the user's own has it from; empty: no such file says anything of it."""


FORMS = ("ascii", "spaced", "reordered", "slashes")
"""Other bytes for the same JSON. ascii: all is escaped but letters, digits and blanks of ASCII. spaced: blanks after
colons and commas. reordered: the members of objects the other way round. slashes: `/` is escaped."""


class Webhooks(Struct, frozen=True):
    """How a provider sends webhooks."""

    events: tuple[WebhookEvent, ...]
    compose: Callable[[Transaction, Delivery], Message | Skip]
    """The request of the attempt that is made now, signed."""
    accepted: Callable[[Mapping[str, Any], Response], bool]
    """Whether an answer counts as delivered; gets the provider's settings."""
    retry_delays_ms: Callable[[Mapping[str, Any], Response], tuple[int, ...]]
    """Sandbox time from a failure to the next attempt, one for each retry there is; empty: this failure is final."""
    timeout_ms: Callable[[Mapping[str, Any]], int]
    """Real time that the receiver has for its answer."""
    subscribe: Callable[[Transaction, str], None]
    """Makes everything go to this URL, for `webhook_url` of a new sandbox."""
    sign: Callable[[Transaction, Delivery, bytes], Message]
    """The request of the attempt that is made now with a body that somebody has given: headers and signature are made
    anew. Raises ValueError, which says what is missing, for a body that cannot be signed."""
    find_url: Callable[[Transaction], str | None]
    """Where webhooks go for which nobody names a receiver; None: nowhere."""
    stamp_header: str = ""
    """The header with the time, in seconds since 1970, that the signature is over as well; empty: there is none."""
    signature_header: str = ""
    """The header that carries the signature."""
    signed: Callable[[Mapping[str, str], str], str] = lambda headers, body: body
    """What the signature of a request with these headers and this body is over, byte for byte; names of headers as they
    are sent. Raises ValueError for a body of which nothing can be signed."""
    signing: str = ""
    """How it is signed, and what is signed, in a sentence."""
    supported_faults: frozenset[str] = frozenset()
    """Which of the faults old-secret, stale-timestamp and unknown-status `compose` builds into the message, where
    `Delivery.fault_now` names one."""
    forms: tuple[str, ...] = FORMS
    """How else a body can be written, as the fault `re-encode` asks for; `compose` writes it so."""
