"""How a provider sends webhooks."""

from collections.abc import Callable, Mapping

from msgspec import Struct

from emulator.contract.delivery import Delivery, Message, Response, Skip
from emulator.contract.setting import Settings
from emulator.contract.transaction import Transaction


class WebhookEvent(Struct, frozen=True):
    """A kind of webhook: its name, when it is sent, and the schema of its body."""

    name: str
    about: str
    schema: str = ""
    mark: str = "documented"
    also: tuple[str, ...] = ()
    """Schemas of other forms of the body, for which settings can ask."""
    known_from: str = ""
    """The source that the user's file of known facts gives for it; empty: the file does not mention it."""


FORMS = ("ascii", "spaced", "reordered", "slashes")
"""Ways to write the same JSON in other bytes. ascii: everything but ASCII letters, digits and spaces is escaped.
spaced: spaces after colons and commas. reordered: the members of objects in reverse. slashes: `/` is escaped."""


class Webhooks(Struct, frozen=True):
    """How a provider sends webhooks."""

    events: tuple[WebhookEvent, ...]
    compose: Callable[[Transaction, Delivery], Message | Skip]
    """The signed request of the present attempt."""
    accepted: Callable[[Settings, Response], bool]
    """Whether an answer means that the webhook was delivered; gets the provider's settings."""
    retry_delays_ms: Callable[[Settings, Response], tuple[int, ...]]
    """Sandbox time from each failure to the next attempt, one for each retry; empty: this failure is final."""
    timeout_ms: Callable[[Settings], int]
    """How long the receiver may take to answer, in real time."""
    subscribe: Callable[[Transaction, str], None]
    """Sends all webhooks to this URL, for `webhook_url` of a new sandbox."""
    sign: Callable[[Transaction, Delivery, bytes], Message]
    """The request of the present attempt with a supplied body, with headers and signature made for it. Raises
    ValueError, which says what is missing, for a body that cannot be signed."""
    find_url: Callable[[Transaction], str | None]
    """The URL for webhooks for which nobody names a receiver; None: there is none."""
    stamp_header: str = ""
    """The header with the time, in seconds since 1970, that the signature also covers; empty: there is none."""
    signature_header: str = ""
    """The header that carries the signature."""
    signed: Callable[[Mapping[str, str], str], str] = lambda headers, body: body
    """What the signature covers, byte for byte, in a request with these headers (names as sent) and this body. Raises
    ValueError for a body that cannot be signed."""
    signing: str = ""
    """How the request is signed, and what the signature covers, in a sentence."""
    supported_faults: frozenset[str] = frozenset()
    """Which of the faults old-secret, stale-timestamp and unknown-status `compose` builds into the message when
    `Delivery.fault_now` names one."""
    forms: tuple[str, ...] = FORMS
    """The other ways in which `compose` can write a body, for the fault `re-encode`."""
