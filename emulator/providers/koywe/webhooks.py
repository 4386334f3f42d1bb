"""How events reach an endpoint: headers, signature, what counts as received, retries; and what follows once an order
was created or has moved on.

Sources: https://docs.koywe.com/payments/advanced/webhooks and https://docs.koywe.com/en/getting-started/webhooks-overview
(seen 2026-11); that a payment link ends at its `dueDate` is documented. Assumed: the User-Agent, that a retry's delay
counts from the end of the attempt before, and the times to pay (settings `timers.*`).
"""

import hashlib
import hmac
from collections.abc import Mapping

from emulator.contract.delivery import Delivery, Message, Response, Skip
from emulator.contract.order import Order
from emulator.contract.setting import Settings
from emulator.contract.transaction import Transaction
from emulator.contract.webhooks import WebhookEvent, Webhooks
from emulator.core.webhook_bodies import write_body
from emulator.providers.koywe.lifecycle import EXPIRE
from emulator.providers.koywe.ordering.kinds import OFFRAMP, ONRAMP_BY_METHOD, PAYIN, PAYMENT_LINK
from emulator.providers.koywe.quotes.deals import DEALS, continue_deals
from emulator.providers.koywe.webhook_endpoints.endpoints import TEST_SECRET, make_endpoint
from emulator.providers.koywe.webhook_endpoints.events import ENDPOINTS, PING, Endpoint, raise_order_events

SIGNATURE_HEADER = "Koywe-Signature"

_TIMERS: Mapping[str, str] = {
    PAYIN: "timers.payin_expire",
    ONRAMP_BY_METHOD: "timers.onramp_expire",
    OFFRAMP: "timers.offramp_expire",
}

_MINIMAL = ("webhook-minimal",)


def make_signature(secret: str, body: bytes) -> str:
    """The signature header: lower-case hex HMAC-SHA256 over the body, keyed with the endpoint's secret as UTF-8."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def announce(tx: Transaction, order: Order, event: str) -> None:
    """Does what follows from an event that has just happened to the order (`create` if it is new)."""
    raise_order_events(tx, order, event)
    if order.status == "PENDING":
        _start_expiry(tx, order)
    elif EXPIRE in order.timers:
        tx.stop_timer(order, EXPIRE)
    if tx.has(DEALS.table):
        continue_deals(tx, order.owner)
        receiver = order.fields.get("destinationMerchantId")
        if receiver is not None:
            continue_deals(tx, receiver)


def compose(tx: Transaction, delivery: Delivery) -> Message | Skip:
    """The request of one attempt, signed with the endpoint's secret as it is now."""
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
    """The request of one attempt with a given body, signed with the secret of the endpoint at its URL, else of the
    oldest endpoint, else of the one that a sandbox with a `webhook_url` has."""
    endpoints = [endpoint for _, endpoint in ENDPOINTS.scan(tx)]
    of_url = [endpoint for endpoint in endpoints if endpoint.url == delivery.url]
    endpoint = next(iter(of_url or endpoints), make_endpoint(tx, delivery.url, TEST_SECRET))
    return _write_message(tx, delivery, endpoint, body)


def find_url(tx: Transaction) -> str | None:
    """The URL of the oldest active endpoint."""
    return next((endpoint.url for _, endpoint in ENDPOINTS.scan(tx) if endpoint.status == "ACTIVE"), None)


def _start_expiry(tx: Transaction, order: Order) -> None:
    due_ms = _find_expiry_ms(tx, order)
    if due_ms is not None:
        tx.start_timer(order, EXPIRE, due_ms)


def _find_expiry_ms(tx: Transaction, order: Order) -> int | None:
    if order.kind == PAYMENT_LINK:
        due_ms: int | None = order.fields.get("due_ms")
        return due_ms
    name = _TIMERS.get(order.kind)
    seconds = tx.settings("koywe")[name] if name else None
    return None if seconds is None else tx.now_ms + seconds * 1000


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


def _is_accepted(settings: Settings, response: Response) -> bool:
    return response.status == 200 or (settings["webhook_success"] == "2xx" and response.is_success)


def _retry_delays_ms(settings: Settings, response: Response) -> tuple[int, ...]:
    status = response.status
    worth_it = status is None or status == 429 or status >= 500
    if settings["webhook_retry_on"] == "5xx_429_network" and not worth_it:
        return ()
    return tuple(delay * 1000 for delay in settings["webhook_retry_delays_s"])


def _subscribe(tx: Transaction, url: str) -> None:
    ENDPOINTS.add(tx, make_endpoint(tx, url, TEST_SECRET))


def _order_event(name: str, about: str, mark: str = "documented") -> WebhookEvent:
    return WebhookEvent(f"order.{name}", about, "webhook-order", mark, _MINIMAL)


def _other_event(name: str, about: str, schema: str, mark: str) -> WebhookEvent:
    return WebhookEvent(name, about, schema, mark, _MINIMAL)


WEBHOOKS = Webhooks(
    events=(
        _order_event("created", "an order was created"),
        _order_event("pending", "an order waits for its payment or for processing; not with event_names newer"),
        _order_event("processing", "an order is being processed"),
        _order_event("paid", "an order's payment is confirmed"),
        _order_event("completed", "an order's money was delivered"),
        _order_event("failed", "an order failed"),
        _order_event("expired", "an order was not paid in time"),
        _order_event("refunded", "an order's money went back; only the newer list of names has it"),
        _order_event("cancelled", "an order was cancelled; with event_names older"),
        _order_event("canceled", "an order was cancelled; with event_names newer"),
        _order_event("approved", "an order that the policy held was approved; only the newer list of names has it"),
        _other_event("contact.created", "a contact was created", "webhook-contact", "documented"),
        _other_event("contact.updated", "a contact was changed", "webhook-contact", "documented"),
        _other_event("contact.deleted", "a contact was deleted", "webhook-contact", "documented"),
        _other_event("merchant.created", "a merchant was created", "webhook-merchant", "documented"),
        _other_event("merchant.updated", "a merchant was changed", "webhook-merchant", "assumed"),
        _other_event("merchant.deleted", "a merchant was deleted", "webhook-merchant", "assumed"),
        _other_event("bank_income.received", "a deposit was accepted", "webhook-bank-income", "observed"),
        _other_event("bank_income.rejected", "a deposit was rejected", "webhook-bank-income", "observed"),
        _other_event(PING, "a client asked for a ping", "webhook-ping", "assumed"),
    ),
    compose=compose,
    accepted=_is_accepted,
    retry_delays_ms=_retry_delays_ms,
    timeout_ms=lambda settings: settings["webhook_timeout_s"] * 1000,
    subscribe=_subscribe,
    sign=sign,
    find_url=find_url,
    signature_header=SIGNATURE_HEADER,
    signing="HMAC-SHA256 in hex, keyed with the endpoint's secret, over the body as sent",
    supported_faults=frozenset({"old-secret", "unknown-status"}),
)
