"""How events of the card programme reach an endpoint: headers, signature, what counts as received, retries. Orders
raise none.

Sources: https://docs.baanx.com/guides/webhooks/overview, https://docs.baanx.com/guides/webhooks/security and
https://docs.baanx.com/guides/webhooks/delivery, seen 2026-11. Assumed: all waits but the first, and that redirects are
final.
"""

import hashlib
import hmac
from collections.abc import Mapping

from emulator.contract.delivery import Delivery, Message, Response, Skip
from emulator.contract.setting import Settings
from emulator.contract.transaction import Transaction
from emulator.contract.webhooks import WebhookEvent, Webhooks
from emulator.core.webhook_bodies import write_body
from emulator.providers.baanx.tables import WEBHOOK_ENDPOINTS, WEBHOOK_EVENTS, WebhookEndpoint
from emulator.providers.baanx.webhook_endpoints.endpoints import make_first_endpoint, subscribe
from emulator.providers.baanx.webhook_endpoints.events import (
    CARD_ACTIVATED,
    KYC_STATUS_CHANGED,
    TRANSACTION_CLEARED,
)

SIGNATURE_HEADER = "X-Signature"
TIMEOUT_MS = 30_000
_STALE_S = 3600
"""How much too old the fault stale-timestamp makes an attempt look; receivers take 300 s."""


def make_signature(key: str, timestamp: str, body: bytes) -> str:
    """Lower-case hex HMAC-SHA256 over `<timestamp>.<body>`, keyed with the endpoint's key."""
    return hmac.new(key.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def compose(tx: Transaction, delivery: Delivery) -> Message | Skip:
    """The request of one attempt, signed with the key that the endpoint has now."""
    endpoint = WEBHOOK_ENDPOINTS.find(tx, delivery.fields["endpoint"])
    event = WEBHOOK_EVENTS.find(tx, delivery.fields["event"])
    if endpoint is None or event is None:
        return Skip("the endpoint was deleted, or the event is no longer kept")
    if not endpoint.is_active:
        return Skip("the endpoint is not active")
    payload = event.payload
    if delivery.fault_now == "unknown-status":
        payload = payload | {"event_object_status": "TELEPORTED"}
    return _write_message(tx, delivery, endpoint, write_body(delivery, payload))


def sign(tx: Transaction, delivery: Delivery, body: bytes) -> Message:
    """The request of one attempt with a given body, signed with the key of the endpoint that has its URL, else of the
    oldest one, else of the one that a sandbox with a `webhook_url` begins with."""
    endpoints = [endpoint for _, endpoint in WEBHOOK_ENDPOINTS.scan(tx)]
    of_url = [endpoint for endpoint in endpoints if endpoint.url == delivery.url]
    endpoint = next(iter(of_url or endpoints), make_first_endpoint(tx, delivery.url))
    return _write_message(tx, delivery, endpoint, body)


def read_signed(headers: Mapping[str, str], body: str) -> str:
    """What the signature of a request covers."""
    return f"{headers.get('X-Timestamp', '')}.{body}"


def find_url(tx: Transaction) -> str | None:
    """The URL of the oldest active endpoint."""
    return next((endpoint.url for _, endpoint in WEBHOOK_ENDPOINTS.scan(tx) if endpoint.is_active), None)


def _write_message(tx: Transaction, delivery: Delivery, endpoint: WebhookEndpoint, body: bytes) -> Message:
    clocks_ms = {"sandbox": tx.now_ms, "real": tx.real_ms}
    seconds = clocks_ms[tx.settings("baanx")["webhook_timestamp"]] // 1000
    timestamp = str(seconds - _STALE_S if delivery.fault_now == "stale-timestamp" else seconds)
    key = endpoint.key
    if delivery.fault_now == "old-secret":
        key = endpoint.old_key or f"old_{key}"
    headers = (
        ("Content-Type", "application/json"),
        ("X-Timestamp", timestamp),
        (SIGNATURE_HEADER, make_signature(key, timestamp, body)),
    )
    return Message(delivery.url, headers, body)


def _is_accepted(settings: Settings, response: Response) -> bool:
    return response.is_success


def _retry_delays_ms(settings: Settings, response: Response) -> tuple[int, ...]:
    if response.status is not None and response.status < 500:
        return ()
    return tuple(seconds * 1000 for seconds in settings["webhook_retry_seconds"])


WEBHOOKS = Webhooks(
    events=(
        WebhookEvent(KYC_STATUS_CHANGED, "the command change_verification has changed a user's verificationState",
                     "webhook-event"),
        WebhookEvent(CARD_ACTIVATED, "a card was ordered, or bought with the setting metal_changes_card",
                     "webhook-event"),
        WebhookEvent(TRANSACTION_CLEARED, "only by the command send_event", "webhook-event"),
    ),
    compose=compose,
    accepted=_is_accepted,
    retry_delays_ms=_retry_delays_ms,
    timeout_ms=lambda settings: TIMEOUT_MS,
    subscribe=subscribe,
    sign=sign,
    find_url=find_url,
    stamp_header="X-Timestamp",
    signature_header=SIGNATURE_HEADER,
    signed=read_signed,
    signing="HMAC-SHA256 in hex, keyed with the endpoint's secret, over X-Timestamp, a full stop and the body as sent",
    supported_faults=frozenset({"old-secret", "stale-timestamp", "unknown-status"}),
)  # fmt: skip
