"""How events reach an endpoint (headers, signature, what counts as received, the retry table), and what follows when an
order was made or has moved.

Sources: https://docs.koywe.com/payments/advanced/webhooks and https://docs.koywe.com/en/getting-started/webhooks-overview
(seen 2026-11). Assumed: the User-Agent, that each retry is counted from the end of the attempt before, and the times to
pay (settings `timers.*`); that a payment link lives until its `dueDate` is documented.
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from emulator.contract.delivery import Delivery, Message, Response, Skip
from emulator.contract.order import Order
from emulator.contract.transaction import Transaction
from emulator.contract.webhooks import WebhookEvent, Webhooks
from emulator.core.webhook_bodies import write_body
from emulator.providers.koywe.lifecycle import EXPIRE
from emulator.providers.koywe.ordering.kinds import OFFRAMP, ONRAMP_BY_METHOD, PAYIN, PAYMENT_LINK
from emulator.providers.koywe.quotes.deals import DEALS, go_on_with_deals
from emulator.providers.koywe.webhook_endpoints.endpoints import TEST_SECRET, make_endpoint
from emulator.providers.koywe.webhook_endpoints.events import ENDPOINTS, PING, Endpoint, raise_order_events

SIGNATURE_HEADER = "Koywe-Signature"


def make_signature(secret: str, body: bytes) -> str:
    """The header's value: lower-case hex HMAC-SHA256 over the body, keyed with the endpoint's secret as UTF-8."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


_TIMERS: Mapping[str, str] = {
    PAYIN: "timers.payin_expire",
    ONRAMP_BY_METHOD: "timers.onramp_expire",
    OFFRAMP: "timers.offramp_expire",
}


def announce(tx: Transaction, order: Order, event: str) -> None:
    """Does what follows from an event that has just happened to the order; `create` is one, too."""
    raise_order_events(tx, order, event)
    if order.status == "PENDING":
        _start_expiry(tx, order)
    elif EXPIRE in order.timers:
        tx.stop_timer(order, EXPIRE)
    if tx.has(DEALS.table):
        go_on_with_deals(tx, order.owner)
        receiver = order.fields.get("destinationMerchantId")
        if receiver is not None:
            go_on_with_deals(tx, receiver)


def _start_expiry(tx: Transaction, order: Order) -> None:
    due_ms = _expires_ms(tx, order)
    if due_ms is not None:
        tx.start_timer(order, EXPIRE, due_ms)


def _expires_ms(tx: Transaction, order: Order) -> int | None:
    if order.kind == PAYMENT_LINK:
        due_ms: int | None = order.fields.get("due_ms")
        return due_ms
    name = _TIMERS.get(order.kind)
    seconds = tx.settings("koywe")[name] if name else None
    return None if seconds is None else tx.now_ms + seconds * 1000


_MINIMAL = ("webhook-minimal",)


def compose(tx: Transaction, delivery: Delivery) -> Message | Skip:
    """The request of one attempt, signed with the secret that the endpoint has now."""
    endpoint = ENDPOINTS.find(tx, delivery.fields["endpoint"])
    if endpoint is None:
        return Skip("the endpoint was deleted")
    if endpoint.status != "ACTIVE":
        return Skip("the endpoint is paused", hold=True)
    payload = delivery.fields["payload"]
    if delivery.fault_now == "unknown-status":
        payload = payload | {"data": payload["data"] | {"status": "TELEPORTED"}}
    body = write_body(delivery, payload)
    return _write_message(tx, delivery, endpoint, body)


def sign(tx: Transaction, delivery: Delivery, body: bytes) -> Message:
    """The request of one attempt with a body as it is, signed with the secret of the endpoint that has its URL, else of
    the oldest one, else of the one that a sandbox with a `webhook_url` has."""
    endpoints = [endpoint for _, endpoint in ENDPOINTS.scan(tx)]
    of_url = [endpoint for endpoint in endpoints if endpoint.url == delivery.url]
    endpoint = next(iter(of_url or endpoints), make_endpoint(tx, delivery.url, TEST_SECRET))
    return _write_message(tx, delivery, endpoint, body)


def _write_message(tx: Transaction, delivery: Delivery, endpoint: Endpoint, body: bytes) -> Message:
    secret = endpoint.secret
    if delivery.fault_now == "old-secret":
        secret = endpoint.old_secret or f"old_{secret}"
    headers = (
        ("Content-Type", "application/json"),
        ("User-Agent", "Koywe-Webhooks/1.0"),
        (SIGNATURE_HEADER, make_signature(secret, body)),
        *tx.settings("koywe")["webhook_extra_headers"].items(),
    )
    return Message(delivery.url, headers, body)


def find_url(tx: Transaction) -> str | None:
    """The URL of the oldest active endpoint."""
    return next((endpoint.url for _, endpoint in ENDPOINTS.scan(tx) if endpoint.status == "ACTIVE"), None)


def _accepted(settings: Mapping[str, Any], response: Response) -> bool:
    status = response.status
    return status == 200 or (settings["webhook_success"] == "2xx" and status is not None and 200 <= status < 300)


def _retry_delays_ms(settings: Mapping[str, Any], response: Response) -> tuple[int, ...]:
    status = response.status
    worth_it = status is None or status == 429 or status >= 500
    if settings["webhook_retry_on"] == "5xx_429_network" and not worth_it:
        return ()
    return tuple(delay * 1000 for delay in settings["webhook_retry_delays_s"])


def _subscribe(tx: Transaction, url: str) -> None:
    ENDPOINTS.add(tx, make_endpoint(tx, url, TEST_SECRET))


def _order_event(name: str, about: str, mark: str = "documented") -> WebhookEvent:
    return WebhookEvent(f"order.{name}", about, "webhook-order", mark, _MINIMAL)


def _thing_event(name: str, about: str, schema: str, mark: str) -> WebhookEvent:
    return WebhookEvent(name, about, schema, mark, _MINIMAL)


WEBHOOKS = Webhooks(
    events=(
        _order_event("created", "an order was made"),
        _order_event("pending", "it waits for payment or processing; not with event_names newer"),
        _order_event("processing", "it is being processed"),
        _order_event("paid", "its payment is confirmed"),
        _order_event("completed", "its funds are delivered"),
        _order_event("failed", "it has failed"),
        _order_event("expired", "its time is over"),
        _order_event("refunded", "the money went back; only in the newer list of names"),
        _order_event("cancelled", "it was cancelled"),
        _order_event("canceled", "it was cancelled, with event_names newer"),
        _order_event("approved", "what the policy held was approved; only in the newer list of names"),
        _thing_event("contact.created", "a contact was made", "webhook-contact", "documented"),
        _thing_event("contact.updated", "a contact was changed", "webhook-contact", "documented"),
        _thing_event("contact.deleted", "a contact was removed", "webhook-contact", "documented"),
        _thing_event("merchant.created", "a merchant was made", "webhook-merchant", "documented"),
        _thing_event("merchant.updated", "a merchant was changed", "webhook-merchant", "assumed"),
        _thing_event("merchant.deleted", "a merchant was removed", "webhook-merchant", "assumed"),
        _thing_event("bank_income.received", "a deposit was accepted", "webhook-bank-income", "observed"),
        _thing_event("bank_income.rejected", "a deposit was rejected", "webhook-bank-income", "observed"),
        _thing_event(PING, "somebody asked for it", "webhook-ping", "assumed"),
    ),
    compose=compose,
    accepted=_accepted,
    retry_delays_ms=_retry_delays_ms,
    timeout_ms=lambda settings: settings["webhook_timeout_s"] * 1000,
    subscribe=_subscribe,
    sign=sign,
    find_url=find_url,
    signature_header=SIGNATURE_HEADER,
    signing="HMAC-SHA256 in hex, keyed with the endpoint's secret, over the body as sent",
    supported_faults=frozenset({"old-secret", "unknown-status"}),
)
