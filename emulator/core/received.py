"""Webhooks that the emulator's own receiver got, and whether their signatures are valid. Bounded; never stored."""

import base64
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from emulator.contract.delivery import Delivery
from emulator.contract.webhooks import Webhooks
from emulator.core.durations import format_instant
from emulator.core.redaction import hide, hide_in_text
from emulator.core.transaction import Transaction

MAX_RECEIVED = 200
"""How many webhooks a receiver remembers; older ones are dropped."""
MAX_RECEIVED_BYTES = 8 * 1024 * 1024
"""How many bytes of bodies a receiver remembers."""


class Verdict(Struct, frozen=True):
    """Which provider's webhook it is, whether its signature is valid, and if not, why."""

    provider: str | None
    verified: bool
    reason: str | None


class Received(Struct, frozen=True):
    """A request to the receiver; header names in lower case."""

    number: int
    at_ms: int
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    verdict: Verdict


class Inbox:
    """What the receiver of a sandbox got, oldest first."""

    def __init__(self, life: int = 0) -> None:
        self.life = life
        """The life of the sandbox that it belongs to."""
        self.forgotten = 0
        self._received: deque[Received] = deque()
        self._number = 0
        self._size_bytes = 0

    def add(
        self, at_ms: int, method: str, path: str, headers: Mapping[str, str], body: bytes, verdict: Verdict
    ) -> None:
        """Remembers a request."""
        self._number += 1
        self._received.append(Received(self._number, at_ms, method, path, headers, body, verdict))
        self._size_bytes += len(body)
        while len(self._received) > MAX_RECEIVED or (self._size_bytes > MAX_RECEIVED_BYTES and len(self._received) > 1):
            self._size_bytes -= len(self._received.popleft().body)
            self.forgotten += 1

    def clear(self) -> None:
        """Drops everything; the numbering continues."""
        self._received.clear()
        self._size_bytes = self.forgotten = 0

    def __iter__(self) -> Iterator[Received]:
        return iter(self._received)


def judge(at: Callable[[int | None], Transaction], url: str, headers: Mapping[str, str], body: bytes) -> Verdict:
    """Which provider's webhook a request is, and whether it is signed as the sandbox signs. `at` returns a transaction
    at the present, or at an instant in ms."""
    tx = at(None)
    for name, card in tx.library.providers.items():
        if card.webhooks is not None and card.webhooks.signature_header.lower() in headers:
            reason = _find_reason(at, name, card.webhooks, url, headers, body)
            return Verdict(name, reason is None, reason)
    known = [card.webhooks.signature_header for card in tx.library.providers.values() if card.webhooks is not None]
    return Verdict(None, False, f"it has none of the headers that carry a signature: {', '.join(known)}")


def find_subject(deliveries: Iterable[Delivery], provider: str | None, url: str, body: bytes) -> Delivery | None:
    """The delivery being sent that a request to this URL must be; None if there is none."""
    target = _target(url)
    sending = [
        each
        for each in deliveries
        if each.state == "sending" and each.provider == provider and _target(each.url) == target
    ]
    text = body.decode("utf-8", "replace")
    named = [each for each in sending if each.order_id and each.order_id in text]
    return next(iter(named or sending), None)


def _target(url: str) -> str:
    """Path and query only, because the host may have several names."""
    parts = urlsplit(url)
    return f"{parts.path or '/'}?{parts.query}"


def _find_reason(
    at: Callable[[int | None], Transaction],
    provider: str,
    webhooks: Webhooks,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
) -> str | None:
    """Why the signature is not valid; None if it is."""
    stamp = headers.get(webhooks.stamp_header.lower(), "") if webhooks.stamp_header else ""
    tx = at(int(stamp) * 1000 if stamp.isdecimal() and len(stamp) <= 11 else None)
    try:
        signed = webhooks.sign(tx, Delivery("received", provider, "received", url, tx.now_ms), body)
    except ValueError as error:
        return str(error)
    name = webhooks.signature_header
    expected = next((value for each, value in signed.headers if each.lower() == name.lower()), None)
    if expected is None:
        return f"the sandbox has no key for {name}"
    return None if headers[name.lower()] == expected else f"{name} should be {expected}, by the sandbox's key"


def received_as_json(received: Received) -> dict[str, Any]:
    """A request to the receiver, as the control API shows it."""
    try:
        body: dict[str, Any] = {"body": hide_in_text(received.body.decode())}
    except UnicodeDecodeError:
        body = {"body": None, "body_base64": base64.b64encode(received.body).decode()}
    return {
        "number": received.number,
        "at": format_instant(received.at_ms),
        "provider": received.verdict.provider,
        "verified": received.verdict.verified,
        "reason": received.verdict.reason,
        "method": received.method,
        "path": received.path,
        "headers": hide(dict(received.headers)),
        **body,
    }
