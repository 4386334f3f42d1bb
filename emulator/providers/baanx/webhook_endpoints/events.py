"""Events of the card programme: what the partner's webhook endpoints are sent, and how far that is.

Sources: https://docs.baanx.com/guides/webhooks/events and https://docs.baanx.com/guides/webhooks/delivery, seen
2026-11. Assumed: what raises an event, and the content of its object. An event is recorded whether or not anybody
listens.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from emulator.contract.delivery import Delivery
from emulator.contract.transaction import Transaction
from emulator.core.durations import format_instant
from emulator.providers.baanx.accounts.users import User
from emulator.providers.baanx.tables import WEBHOOK_ENDPOINTS, WEBHOOK_EVENTS, WebhookEndpoint, WebhookEventRecord

KEPT_EVENTS = 10_000

KYC_STATUS_CHANGED = "kyc.status.changed"
CARD_ACTIVATED = "card.activated"
TRANSACTION_CLEARED = "transaction.cleared"
EVENT_TYPES: Mapping[str, str] = {
    KYC_STATUS_CHANGED: "kyc-service",
    CARD_ACTIVATED: "card-service",
    TRANSACTION_CLEARED: "transaction-service",
}
"""Each type of event, and the service that it comes from."""
PATTERNS = (*EVENT_TYPES, "kyc.*", "card.*", "transaction.*", "*")
"""What an endpoint can subscribe to."""

Status = Literal["pending", "processing", "completed", "failed", "skipped"]
STATUSES: tuple[Status, ...] = ("pending", "processing", "completed", "failed", "skipped")
_WAITING = ("pending", "sending", "held")


class Progress(Struct, frozen=True):
    """The status of an event, and when it was over."""

    status: Status
    processed_ms: int | None


def raise_event(
    tx: Transaction,
    event_type: str,
    user: User,
    *,
    object_id: str,
    status: str | None,
    changes: Mapping[str, Any] | None,
    content: Mapping[str, Any],
) -> str:
    """Records an event and sends it to every active endpoint that subscribes to its type. What comes back is the
    record's id."""
    event_id = tx.chance.uuid()
    members = {
        "api_version": "v1",
        "event_id": event_id,
        "event_category": event_type.partition(".")[0],
        "event_type": event_type,
        "user_id": user.seed.profile.id,
        "user_external_id": user.seed.external_id,
        "event_object_id": object_id,
        "event_object_status": status,
        "event_object_changes": changes,
        "event_object": content,
        "occurred_at": format_instant(tx.now_ms),
    }
    payload = {name: value for name, value in members.items() if value is not None}
    record_id = tx.chance.uuid()
    event = WebhookEventRecord(event_id, event_type, payload, user.seed.profile.id, tx.now_ms)
    tx.make_room(WEBHOOK_EVENTS.table, KEPT_EVENTS - 1)
    WEBHOOK_EVENTS.put(tx, record_id, event)
    _send(tx, record_id, event, _find_listeners(tx, event_type))
    return record_id


def send_again(tx: Transaction, record_id: str, event: WebhookEventRecord, endpoint_id: str | None) -> int:
    """Sends an event again to all active endpoints that subscribe to its type, or to one; open deliveries of it are
    given up. What comes back is the number of endpoints."""
    for delivery in list_event_deliveries(tx, record_id):
        if delivery.state == "pending":
            tx.give_up(delivery)
    event = replace(event, round=event.round + 1)
    WEBHOOK_EVENTS.put(tx, record_id, event)
    if endpoint_id is None:
        return _send(tx, record_id, event, _find_listeners(tx, event.type))
    return _send(tx, record_id, event, [(endpoint_id, WEBHOOK_ENDPOINTS.find(tx, endpoint_id))])


def find_event(tx: Transaction, event_id: str) -> tuple[str, WebhookEventRecord] | None:
    """An event and the id of its record, by either of its two ids."""
    event = WEBHOOK_EVENTS.find(tx, event_id)
    if event is not None:
        return event_id, event
    return next((each for each in WEBHOOK_EVENTS.scan(tx) if each[1].event_id == event_id), None)


def list_event_deliveries(tx: Transaction, record_id: str) -> list[Delivery]:
    """All deliveries of an event, oldest first."""
    return [each for each in tx.deliveries() if each.provider == "baanx" and each.fields.get("event") == record_id]


def list_endpoint_deliveries(tx: Transaction, endpoint_id: str) -> list[Delivery]:
    """All deliveries to an endpoint, oldest first."""
    return [each for each in tx.deliveries() if each.provider == "baanx" and each.fields.get("endpoint") == endpoint_id]


def find_progress(event: WebhookEventRecord, deliveries: Iterable[Delivery]) -> Progress:
    """How far an event is, by its deliveries; those of the last round count."""
    latest = [each for each in deliveries if each.fields["round"] == event.round]
    if not latest:
        return Progress("skipped", event.created_ms)
    waiting = [each for each in latest if each.state in _WAITING]
    if waiting:
        return Progress("processing" if any(each.attempts for each in waiting) else "pending", None)
    ended_ms = max((attempt.at_ms for each in latest for attempt in each.attempts), default=event.created_ms)
    return Progress("completed" if all(each.state == "delivered" for each in latest) else "failed", ended_ms)


def _find_listeners(tx: Transaction, event_type: str) -> list[tuple[str, WebhookEndpoint | None]]:
    wanted = {event_type, f"{event_type.partition('.')[0]}.*", "*"}
    endpoints = WEBHOOK_ENDPOINTS.scan(tx)
    return [(key, each) for key, each in endpoints if each.is_active and wanted.intersection(each.event_types)]


def _send(
    tx: Transaction,
    record_id: str,
    event: WebhookEventRecord,
    listeners: Iterable[tuple[str, WebhookEndpoint | None]],
) -> int:
    count = 0
    for endpoint_id, endpoint in listeners:
        if endpoint is not None:
            fields = {"endpoint": endpoint_id, "event": record_id, "round": event.round}
            tx.deliver("baanx", event.type, endpoint.url, fields=fields, about=f"event:{record_id}")
            count += 1
    return count
