"""Callbacks: when a partner hears of an order, what it hears, and how that is signed.

Sources: https://fiat-api.changelly.com/docs/Webhooks-guide/Callbacks-receiving,
https://fiat-api.changelly.com/docs/Webhooks-guide/Use-case and
https://fiat-api.changelly.com/docs/endpoints/resend-callback (seen 2026-11); the official Node SDK for the signed text,
which names the order and nothing else. Assumed: what counts as delivered, and the time between attempts.
"""

from collections.abc import Mapping
from typing import Any

from emulator.contract.card import Call
from emulator.contract.delivery import Delivery, Message, Response, Skip
from emulator.contract.order import Order
from emulator.contract.reply import AfterDelivery, Reply
from emulator.contract.setting import Settings
from emulator.contract.transaction import Transaction
from emulator.contract.webhooks import WebhookEvent, Webhooks
from emulator.core import json_text
from emulator.core.json_text import json_reply
from emulator.core.webhook_bodies import write_body
from emulator.providers.changelly.access import FIRST, api_key, read_partner
from emulator.providers.changelly.payments import write_extras
from emulator.providers.changelly.sandbox import faults
from emulator.providers.changelly.sandbox.orders import require_test_order
from emulator.providers.changelly.wire import MEMBERS, OUTCOME, has_zone, write_instant

CALLBACK = "callback"

_TELLS_OF_CREATION = frozenset({"wert", "transak"})


def announce(tx: Transaction, order: Order, event: str) -> None:
    """Tells the partner of each event; of the creation only if the order's provider does so."""
    if event == "create" and order.fields["providerCode"] not in _TELLS_OF_CREATION:
        return
    url = _find_receiver(tx, order)
    if url is not None:
        tx.deliver(order.provider, CALLBACK, url, order.id, _write_fields(tx, order))


def resend_callback(call: Call) -> Reply | AfterDelivery:
    """`POST /v1/sandbox/order/{id}/resend-callback`: 200 with `success` or `failed` after one attempt to deliver the
    order as it is now. Refuses with `validation`, `notFound`, `txType`."""
    faults.require_no_fault(call)
    order = require_test_order(call)
    url = _find_receiver(call.tx, order)
    if url is None:
        return _answer(None)
    delivery = call.tx.deliver(order.provider, CALLBACK, url, order.id, _write_fields(call.tx, order), retries=False)
    return AfterDelivery(delivery.id, _answer)


def compose(tx: Transaction, delivery: Delivery) -> Message | Skip:
    """The request of one attempt; all attempts send the same bytes."""
    body, key = delivery.fields["body"], delivery.fields["key"]
    if delivery.fault_now == "unknown-status":
        body = body | {"status": "teleported"}
    headers = _write_headers(tx, body["orderId"], key, delivery.fields.get("partner") or key.partition("-")[0])
    return Message(delivery.url, headers, write_body(delivery, body))


def sign(tx: Transaction, delivery: Delivery, body: bytes) -> Message:
    """The request of one attempt with a given body, for the sandbox's first partner. Raises ValueError for a body
    without orderId, which the signature covers."""
    order_id = _read_order_id(body)
    key = api_key(tx.settings("changelly"), FIRST, tx.sandbox_name)
    return Message(delivery.url, _write_headers(tx, order_id, key, FIRST), body)


def read_signed(headers: Mapping[str, str], body: str) -> str:
    """What the signature of a request covers. Raises ValueError for a body without orderId."""
    from emulator.providers.changelly.signature.rsa import write_callback_text

    return write_callback_text(_read_order_id(body.encode()))


def find_url(tx: Transaction) -> str | None:
    """Where callbacks of the sandbox's first partner go."""
    url: str | None = tx.settings("changelly")["callback_url"]
    return url


def send_test(tx: Transaction, url: str, body: dict[str, Any]) -> Delivery:
    """Sends the first partner a callback that belongs to no order."""
    fields = {"body": body, "key": api_key(tx.settings("changelly"), FIRST, tx.sandbox_name), "partner": FIRST}
    return tx.deliver("changelly", CALLBACK, url, fields=fields, about=f"test:{body['orderId']}")


def _answer(delivery: Delivery | None) -> Reply:
    delivered = delivery is not None and delivery.state == "delivered"
    return json_reply(200, {"status": "success" if delivered else "failed"})


def _find_receiver(tx: Transaction, order: Order) -> str | None:
    """Where callbacks of the order go: to its own URL, or else to its partner's."""
    own: str | None = order.fields.get("callbackUrl")
    agreed: str | None = read_partner(tx.settings(order.provider), order.owner).record["callback_url"]
    return agreed if own is None else own


def _write_fields(tx: Transaction, order: Order) -> dict[str, Any]:
    """The callback's body and the partner's key, as they are now."""
    fields, settings = order.fields, tx.settings(order.provider)
    body: dict[str, Any] = {"redirectUrl": fields["redirectUrl"], "orderId": order.id, "status": order.status}
    for name in MEMBERS[order.kind]:
        body[name] = fields[name]
    body["createdAt"] = write_instant(order.created_ms, zone=has_zone(settings, order.kind))
    for name in OUTCOME:
        body[name] = fields[name]
    extras = write_extras(settings, order)
    if extras:
        body |= {"type": order.kind, **extras}
    return {"body": body, "key": api_key(settings, order.owner, tx.sandbox_name), "partner": order.owner}


def _read_order_id(body: bytes) -> str:
    try:
        value = json_text.decode(body)
    except json_text.MalformedJson as error:
        raise ValueError(f"the body is not JSON: {error}") from error
    order_id = value.get("orderId") if isinstance(value, dict) else None
    if not isinstance(order_id, str):
        raise ValueError("the signature is over orderId: give a JSON object that has it as a text")
    return order_id


def _write_headers(tx: Transaction, order_id: str, key: str, partner: str) -> tuple[tuple[str, str], ...]:
    from emulator.providers.changelly.signature.rsa import (
        CALLBACK_KEY_HEADER,
        CALLBACK_SIGNATURE_HEADER,
        sign_callback,
    )

    owner = read_partner(tx.settings("changelly"), partner)
    return (
        ("Content-Type", "application/json"),
        (CALLBACK_KEY_HEADER, key),
        (CALLBACK_SIGNATURE_HEADER, sign_callback(order_id, owner.record["callback_private_key"])),
        ("User-Agent", "changelly-sandbox"),
    )


def _is_accepted(settings: Settings, response: Response) -> bool:
    return response.is_success


def _subscribe(tx: Transaction, url: str) -> None:
    tx.change_settings("changelly", {"callback_url": url})


WEBHOOKS = Webhooks(
    events=(
        WebhookEvent(CALLBACK, "an order entered a status or was changed by hand; for a new order only with wert and "
                     "transak", "webhook-order"),
    ),
    compose=compose,
    accepted=_is_accepted,
    retry_delays_ms=lambda settings, response: (settings["callback_retry_ms"],) * settings["callback_max_retries"],
    timeout_ms=lambda settings: int(settings["callback_timeout_ms"]),
    subscribe=_subscribe,
    sign=sign,
    find_url=find_url,
    signature_header="X-Callback-Signature",
    signed=read_signed,
    signing='RSA-SHA256 (PKCS#1 v1.5) in base64, by the callback key, over {"orderId":"..."} alone',
    supported_faults=frozenset({"unknown-status"}),
)  # fmt: skip
