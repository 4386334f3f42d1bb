"""Events: what the organization's webhook endpoints hear, and the calls that show and replay it.

Sources: https://docs.koywe.com/payments/advanced/webhooks and https://docs.koywe.com/en/getting-started/webhooks-overview
(seen 2026-11). Assumed: when an event is raised, the members of the payload that were never observed, the form of
answers, and that only the newest events are kept.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from msgspec import Struct

from emulator.contract.card import Call
from emulator.contract.delivery import Delivery
from emulator.contract.order import Order
from emulator.contract.reply import Refusal, Reply
from emulator.contract.transaction import Transaction
from emulator.core.wording import shown
from emulator.providers.koywe.catalogue import read_names
from emulator.providers.koywe.collection import Collection
from emulator.providers.koywe.formats.identifiers import make_id
from emulator.providers.koywe.formats.moments import require_moment, write_moment
from emulator.providers.koywe.ordering.kinds import read_type
from emulator.providers.koywe.wire import read_body, read_query, write_answer

KEPT_EVENTS = 10_000

PING = "ping"
ORDER_EVENTS: Mapping[str, str] = {
    "PENDING": "order.pending",
    "PROCESSING": "order.processing",
    "PAID": "order.paid",
    "COMPLETED": "order.completed",
    "FAILED": "order.failed",
    "EXPIRED": "order.expired",
    "REFUNDED": "order.refunded",
    "CANCELLED": "order.cancelled",
}
"""Status that an order entered -> the name of the event; the other statuses raise none."""

_SILENT = frozenset({"release", "reject_refund"})
"""Events of the lifecycle that lead back to a status, and raise nothing."""

_NEWER_NAMES: Mapping[str, str | None] = {"order.pending": None, "order.cancelled": "order.canceled"}
"""Name of an event -> its name in the newer list, where that differs; None: the list does not have it."""

_STATES: Mapping[str, str] = {"delivered": "DELIVERED", "failed": "FAILED", "refused": "FAILED"}


class Endpoint(Struct):
    """A webhook endpoint. `old_secret`: the one before the last change."""

    url: str
    secret: str
    old_secret: str | None
    description: str | None
    status: Literal["ACTIVE", "PAUSED"]
    created_ms: int
    updated_ms: int


class Event(Struct, kw_only=True):
    """An event. `about`: kind and id of what it is about; `line`: among which events it keeps its place, empty for
    those about the same; `order`: empty if it is not about an order."""

    type: str
    merchant: str | None
    about: tuple[str, str]
    line: str = ""
    at_ms: int
    order: str
    payload: dict[str, Any]


ENDPOINTS = Collection("koywe.webhooks", Endpoint, "webhook")
EVENTS = Collection("koywe.webhook-events", Event, "event")


def raise_order_events(tx: Transaction, order: Order, event: str) -> None:
    """Raises the events of an order that was created or has moved on."""
    if event == "create":
        _raise_order_event(tx, order, "order.created")
    if event == "approve":
        _raise_order_event(tx, order, "order.approved")
    name = ORDER_EVENTS.get(order.status)
    if name is not None and event not in _SILENT:
        _raise_order_event(tx, order, name)


def _raise_order_event(tx: Transaction, order: Order, name: str) -> None:
    if tx.settings("koywe")["event_names"] == "newer":
        newer = _NEWER_NAMES.get(name, name)
        if newer is None:
            return
        name = newer
    fields = order.fields
    data = {
        "status": order.status,
        "external_id": fields.get("externalId"),
        "type": read_type(order.kind),
        "amount_in": fields["amountIn"],
        "amount_out": fields["amountOut"],
        "origin_currency_symbol": fields["originCurrencySymbol"],
        "destination_currency_symbol": fields["destinationCurrencySymbol"],
    }
    raise_event(tx, name, order.owner, ("order", order.id), data, order_id=order.id)


def raise_event(
    tx: Transaction,
    name: str,
    merchant_id: str | None,
    about: tuple[str, str],
    data: Mapping[str, Any],
    *,
    order_id: str = "",
    line: tuple[str, str] | None = None,
    endpoint_id: str | None = None,
) -> str:
    """Keeps an event, sends it to every active endpoint or to one, and returns its id.

    `about`: kind and id of what the event is about. `line`: among which events it keeps its place; None: among those
    about the same.
    """
    event_id = make_id(tx.chance, EVENTS.id_kind)
    payload = _write_payload(tx, event_id, name, merchant_id, about, data)
    event = Event(
        type=name,
        merchant=merchant_id,
        about=about,
        line=":".join(line or about),
        at_ms=tx.now_ms,
        order=order_id,
        payload=payload,
    )
    EVENTS.put(tx, event_id, event)
    tx.make_room(EVENTS.table, KEPT_EVENTS)
    if tx.has(ENDPOINTS.table):
        send_event(tx, event_id, event, endpoint_id)
    return event_id


def _write_payload(
    tx: Transaction, event_id: str, name: str, merchant_id: str | None, about: tuple[str, str], data: Mapping[str, Any]
) -> dict[str, Any]:
    itself = {"type": about[0], "id": about[1]}
    if tx.settings("koywe")["webhook_payload"] == "minimal":
        seen = {member: data[member] for member in ("status", "external_id") if member in data}
        return {"id": event_id, "type": name, "data": seen, "relationships": {"self": itself}}
    return {
        "id": event_id,
        "type": name,
        "created_at": write_moment(tx.now_ms),
        "data": dict(data),
        "relationships": {
            "self": itself,
            "merchant": None if merchant_id is None else {"type": "merchant", "id": merchant_id},
            "organization": {"type": "organization", "id": read_names(tx.sandbox_name).organization.id},
        },
    }


def send_event(tx: Transaction, event_id: str, event: Event, endpoint_id: str | None) -> int:
    """Makes a delivery to every active endpoint, or to one, and returns how many."""
    count = 0
    line = event.line or ":".join(event.about)
    for each, endpoint in ENDPOINTS.scan(tx):
        if endpoint.status == "ACTIVE" and endpoint_id in (None, each):
            fields = {"endpoint": each, "event": event_id, "payload": event.payload}
            delivery_id = make_id(tx.chance, "delivery")
            tx.deliver("koywe", event.type, endpoint.url, event.order, fields, delivery_id=delivery_id, about=line)
            count += 1
    return count


# -- calls


def list_events(call: Call) -> Reply:
    """`GET O/webhook-events`: a page of events, newest first. Refuses with `COM90003`."""
    query = read_query(call)
    page, limit = int(query.get("page", 1)), int(query.get("limit", 20))
    found = [_write_event(each, event) for each, event in EVENTS.scan(call.tx) if _is_wanted(event, query)][::-1]
    shown = found[(page - 1) * limit : page * limit]
    pages = {"page": page, "limit": limit, "totalCount": len(found), "totalPages": -(-len(found) // limit)}
    return write_answer(call, {"events": shown, "pagination": pages})


def get_event(call: Call) -> Reply:
    """`GET O/webhook-events/{eventId}`: the event. Refuses with `WE90002`."""
    return write_answer(call, _write_event(*_require_event(call)))


def list_deliveries(call: Call) -> Reply:
    """`GET O/webhook-events/{eventId}/deliveries`: where the event was sent, and what came of it. Refuses with
    `WE90002`."""
    event_id, _ = _require_event(call)
    found = [each for each in call.tx.deliveries() if each.fields.get("event") == event_id]
    return write_answer(call, [_write_delivery(each) for each in found])


def replay_event(call: Call) -> Reply:
    """`POST O/webhook-events/{eventId}/replay`: sends the same bytes again, to all active endpoints or to one. Refuses
    with `WE90002`, `WE90001`."""
    body = read_body(call) if call.request.body.strip() else {}
    event_id, event = _require_event(call)
    endpoint_id = body.get("webhookId")
    if endpoint_id is not None and ENDPOINTS.find(call.tx, endpoint_id) is None:
        raise Refusal("webhook-not-found", f"no endpoint {shown(endpoint_id)}")
    count = send_event(call.tx, event_id, event, endpoint_id)
    return write_answer(call, {"eventId": event_id, "deliveries": count})


def _require_event(call: Call) -> tuple[str, Event]:
    event_id = call.parameters["event_id"]
    event = EVENTS.find(call.tx, event_id)
    if event is None:
        raise Refusal("webhook-event-not-found", f"no event {shown(event_id)}; the newest {KEPT_EVENTS} are kept")
    return event_id, event


def _is_wanted(event: Event, query: Mapping[str, str]) -> bool:
    wanted = {
        "type": event.type,
        "merchantId": event.merchant,
        "resourceType": event.about[0],
        "resourceId": event.about[1],
    }
    if any(name in query and query[name] != value for name, value in wanted.items()):
        return False
    start_ms = require_moment(query["from"]) if "from" in query else None
    end_ms = require_moment(query["to"], end_of_day=True) if "to" in query else None
    return (start_ms is None or event.at_ms >= start_ms) and (end_ms is None or event.at_ms <= end_ms)


def _write_event(event_id: str, event: Event) -> dict[str, Any]:
    return {
        "id": event_id,
        "type": event.type,
        "merchantId": event.merchant,
        "resourceType": event.about[0],
        "resourceId": event.about[1],
        "createdAt": write_moment(event.at_ms),
        "payload": event.payload,
    }


def _write_delivery(delivery: Delivery) -> dict[str, Any]:
    attempts = delivery.attempts
    last = attempts[-1] if attempts else None
    return {
        "id": delivery.id,
        "webhookId": delivery.fields["endpoint"],
        "deliveryStatus": _STATES.get(delivery.state, "RETRYING" if attempts else "PENDING"),
        "retryCount": max(0, len(attempts) - 1),
        "lastRetryAt": write_moment(attempts[-1].at_ms) if len(attempts) > 1 else None,
        "lastStatusCode": last.status if last is not None else None,
        "lastRespondedAt": next(_list_response_times(delivery), None),
    }


def _list_response_times(delivery: Delivery) -> Iterator[str]:
    """When the receiver answered, the last time first."""
    return (write_moment(attempt.at_ms) for attempt in reversed(delivery.attempts) if attempt.status is not None)
