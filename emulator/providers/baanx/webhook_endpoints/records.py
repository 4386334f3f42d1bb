"""Calls about what was sent: events, their status, the log of all attempts, and sending an event again.

Sources: https://docs.baanx.com/api-reference/webhooks/webhook-logs and its neighbours list-events, event-status,
event-logs, retry-event, seen 2026-11. Assumed: the order of lists, and the texts of refusals.
"""

import contextlib
from collections.abc import Iterable, Mapping
from typing import Any

from emulator.contract.card import Call
from emulator.contract.chance import is_uuid
from emulator.contract.delivery import Attempt, Delivery
from emulator.contract.reply import Refusal, Reply
from emulator.contract.transaction import Transaction
from emulator.core import json_text
from emulator.core.durations import format_instant
from emulator.providers.baanx import wire
from emulator.providers.baanx.oauth.parameters import read_query
from emulator.providers.baanx.tables import WEBHOOK_EVENTS, WebhookEventRecord
from emulator.providers.baanx.webhook_endpoints import endpoints, events
from emulator.providers.baanx.webhook_endpoints.events import EVENT_TYPES, STATUSES

KEPT_LOGS_MS = 7 * 86_400_000
"""How long the log of an attempt can be seen. Documented: seven days."""
MAX_LISTED = 100
_USUALLY_LISTED = 50
_SHOWN_HEADERS = ("Content-Type", "X-Timestamp", "X-Signature")


def list_webhook_logs(call: Call) -> Reply:
    """`GET /v1/webhooks/{id}/logs`: 200 with the newest attempts first. Refuses with `bad_webhook_id`, `bad_webhook`,
    `webhook_not_found`."""
    endpoint_id = endpoints.require_id(call, "webhook_id", "id")
    limit = _require_limit(read_query(call.request))
    endpoints.require_endpoint(call, endpoint_id)
    logs = _write_logs(call.tx, events.list_endpoint_deliveries(call.tx, endpoint_id))[:limit]
    return wire.write_answer(call, {"count": len(logs), "logs": logs})


def list_webhook_events(call: Call) -> Reply:
    """`GET /v1/webhooks/events`: 200 with the newest events first; `total` counts all that fit. Refuses with
    `bad_webhook`."""
    query = read_query(call.request)
    wanted = query.get("status") or None
    if wanted is not None and wanted not in STATUSES:
        text = f"status must be one of: {', '.join(STATUSES)}"
        raise Refusal("bad_webhook", text, message=text)
    limit = _require_limit(query)
    by_event: dict[str, list[Delivery]] = {}
    for delivery in call.tx.deliveries():
        if delivery.provider == call.provider.name and "event" in delivery.fields:
            by_event.setdefault(delivery.fields["event"], []).append(delivery)
    found = [
        write_event(call.tx, record_id, event, by_event.get(record_id, ()))
        for record_id, event in reversed(list(WEBHOOK_EVENTS.scan(call.tx)))
        if wanted in (None, events.find_progress(event, by_event.get(record_id, ())).status)
    ]
    return wire.write_answer(call, {"total": len(found), "events": found[:limit]})


def get_webhook_event_status(call: Call) -> Reply:
    """`GET /v1/webhooks/events/{eventId}/status`: 200. Refuses with `bad_webhook_id`, `event_not_found`."""
    record_id, event = _require_event(call)
    shown = write_event(call.tx, record_id, event, events.list_event_deliveries(call.tx, record_id))
    names = ("id", "eventId", "status", "eventType", "createdAt", "processedAt")
    return wire.write_answer(call, {name: shown[name] for name in names})


def list_webhook_event_logs(call: Call) -> Reply:
    """`GET /v1/webhooks/events/{eventId}/logs`: 200 with the event and all attempts, newest first. Refuses with
    `bad_webhook_id`, `event_not_found`."""
    record_id, event = _require_event(call)
    deliveries = events.list_event_deliveries(call.tx, record_id)
    shown = write_event(call.tx, record_id, event, deliveries)
    return wire.write_answer(call, {"event": shown, "logs": _write_logs(call.tx, deliveries)})


def retry_webhook_event(call: Call) -> Reply:
    """`POST /v1/webhooks/events/{eventId}/retry`: 200, and the event is sent again. Refuses with `bad_webhook_id`,
    `bad_webhook`, `event_not_found`, `webhook_not_found`."""
    endpoints.require_id(call, "event_id", "eventId")
    endpoint_id = _read_endpoint_id(call)
    record_id, event = _require_event(call)
    if endpoint_id is not None:
        endpoints.require_endpoint(call, endpoint_id)
    count = events.send_again(call.tx, record_id, event, endpoint_id)
    data = {
        "eventId": call.parameters["event_id"],
        "webhookCount": count,
        "message": f"Event queued for retry to {count} webhook(s)",
    }
    return wire.write_answer(call, {"success": True, "data": data})


def write_event(
    tx: Transaction, record_id: str, event: WebhookEventRecord, deliveries: Iterable[Delivery]
) -> dict[str, Any]:
    """An event as calls show it."""
    progress = events.find_progress(event, deliveries)
    created = format_instant(event.created_ms)
    return {
        "id": record_id,
        "eventId": event.event_id,
        "tenant": tx.sandbox_name,
        "eventType": event.type,
        "payload": event.payload,
        "userId": event.user_id,
        "sourceService": EVENT_TYPES[event.type],
        "status": progress.status,
        "createdAt": created,
        "processedAt": None if progress.processed_ms is None else format_instant(progress.processed_ms),
        "queuedAt": created,
    }


def _require_event(call: Call) -> tuple[str, WebhookEventRecord]:
    event_id = endpoints.require_id(call, "event_id", "eventId")
    found = events.find_event(call.tx, event_id)
    if found is None:
        raise Refusal("event_not_found", f"no event {event_id!r}; the newest {events.KEPT_EVENTS} are kept")
    return found


def _require_limit(query: Mapping[str, str]) -> int:
    text = query.get("limit") or str(_USUALLY_LISTED)
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= MAX_LISTED):
        message = f"limit must be between 1 and {MAX_LISTED}"
        raise Refusal("bad_webhook", f"{message}, not {text!r}", message=message)
    return int(text)


def _read_endpoint_id(call: Call) -> str | None:
    """The endpoint that the body names, if there is a body."""
    if not call.request.body:
        return None
    wire.require_object_of_webhook(call)
    endpoint_id = call.body.get("webhookId")
    if endpoint_id is None:
        return None
    if not isinstance(endpoint_id, str) or not is_uuid(endpoint_id):
        raise Refusal("bad_webhook", "webhookId is not a UUID", message="webhookId must be a valid UUID")
    return endpoint_id.lower()


def _write_logs(tx: Transaction, deliveries: Iterable[Delivery]) -> list[dict[str, Any]]:
    """Every attempt that is not too old, newest first."""
    found = [
        (attempt.at_ms, place, _write_log(tx, delivery, number, attempt))
        for place, delivery in enumerate(deliveries)
        for number, attempt in enumerate(delivery.attempts, 1)
        if attempt.at_ms > tx.now_ms - KEPT_LOGS_MS
    ]
    return [log for _, _, log in sorted(found, key=lambda each: each[:2], reverse=True)]


def _write_log(tx: Transaction, delivery: Delivery, number: int, attempt: Attempt) -> dict[str, Any]:
    body: Any = attempt.body
    with contextlib.suppress(json_text.MalformedJson):
        body = json_text.decode(attempt.body.encode())
    succeeded = attempt.status is not None and 200 <= attempt.status < 300
    error = attempt.error or (None if succeeded else f"The receiver answered {attempt.status}")
    return {
        "id": tx.chance.apart(f"log {delivery.id} {number}").uuid(),
        "eventId": delivery.fields["event"],
        "webhookId": delivery.fields["endpoint"],
        "attemptNumber": number,
        "requestUrl": attempt.url,
        "requestHeaders": {name: attempt.headers[name] for name in _SHOWN_HEADERS if name in attempt.headers},
        "requestBody": body,
        "responseStatus": attempt.status,
        "responseBody": attempt.answer if attempt.status is not None else None,
        "errorMessage": error,
        "deliveryStatus": "success" if succeeded else "failed",
        "durationMs": attempt.duration_ms,
        "createdAt": format_instant(attempt.at_ms),
        "nextRetryAt": None if attempt.next_ms is None else format_instant(attempt.next_ms),
    }
