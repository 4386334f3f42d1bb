"""Webhook endpoints of the organization: where events go, and with which secret they are signed.

Source: https://docs.koywe.com/payments/advanced/webhooks (seen 2026-11). Assumed: the form of answers. A secret is
never shown again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from emulator.core.call import Call
from emulator.core.provider import Reply
from emulator.core.transaction import Transaction
from emulator.providers.koywe import errors
from emulator.providers.koywe.access import names_of
from emulator.providers.koywe.bodies import give, give_created, give_nothing, read_body
from emulator.providers.koywe.identifiers import ID_RANDOM_BYTES, make_id
from emulator.providers.koywe.moments import print_moment
from emulator.providers.koywe.refusals import refuse
from emulator.providers.koywe.webhook_events import ENDPOINTS, PING, raise_event

TEST_SECRET: Final = "whsec_koywe_test"
"""Secret of the endpoint that a sandbox created with a `webhook_url` begins with."""

ACTIVE: Final = "ACTIVE"
PAUSED: Final = "PAUSED"


def keep_endpoint(tx: Transaction, url: str, secret: str, description: str | None = None) -> str:
    """Keeps a new active endpoint; gives its id."""
    endpoint_id = make_id("webhook", tx.chance.octets(ID_RANDOM_BYTES))
    endpoint = {
        "url": url,
        "secret": secret,
        "old_secret": None,
        "description": description,
        "status": ACTIVE,
        "created_ms": tx.now_ms,
        "updated_ms": tx.now_ms,
    }
    tx.put(ENDPOINTS, endpoint_id, endpoint)
    return endpoint_id


def create_endpoint(call: Call) -> Reply:
    """`POST O/webhooks`: the endpoint, without its secret."""
    body = read_body(call)
    endpoint_id = keep_endpoint(call.tx, body["url"], body["secret"], body.get("description"))
    return give_created(call, _body(call, endpoint_id, call.tx.get(ENDPOINTS, endpoint_id)))


def list_endpoints(call: Call) -> Reply:
    """`GET O/webhooks`: all endpoints."""
    return give(call, [_body(call, endpoint_id, endpoint) for endpoint_id, endpoint in call.tx.scan(ENDPOINTS)])


def get_endpoint(call: Call) -> Reply:
    """`GET O/webhooks/{id}`: the endpoint. Refuses with `WE90001`."""
    return give(call, _body(call, *_require_endpoint(call)))


def delete_endpoint(call: Call) -> Reply:
    """`DELETE O/webhooks/{id}`: nothing; what was sent stays known, and is not sent again. Refuses with `WE90001`."""
    endpoint_id, _ = _require_endpoint(call)
    call.tx.forget(ENDPOINTS, endpoint_id)
    return give_nothing()


def rotate_secret(call: Call) -> Reply:
    """`POST O/webhooks/{id}/rotate-secret`: the endpoint; from now on everything is signed with the new secret. Refuses
    with `WE90001`."""
    body = read_body(call)
    endpoint_id, endpoint = _require_endpoint(call)
    return _change(call, endpoint_id, endpoint | {"secret": body["secret"], "old_secret": endpoint["secret"]})


def pause_endpoint(call: Call) -> Reply:
    """`POST O/webhooks/{id}/pause`: the endpoint, which gets no new events. Refuses with `WE90001`."""
    endpoint_id, endpoint = _require_endpoint(call)
    return _change(call, endpoint_id, endpoint | {"status": PAUSED})


def resume_endpoint(call: Call) -> Reply:
    """`POST O/webhooks/{id}/resume`: the endpoint; retries that waited go on. Refuses with `WE90001`."""
    endpoint_id, endpoint = _require_endpoint(call)
    for delivery in call.tx.deliveries():
        if delivery.state == "held" and delivery.fields.get("endpoint") == endpoint_id:
            call.tx.schedule_attempt(delivery, call.tx.now_ms)
    return _change(call, endpoint_id, endpoint | {"status": ACTIVE})


def ping_endpoint(call: Call) -> Reply:
    """`POST O/webhooks/{id}/ping`: the id of an event that goes to this endpoint only. Refuses with `WE90001`."""
    endpoint_id, _ = _require_endpoint(call)
    event_id = raise_event(call.tx, PING, None, ("webhook", endpoint_id), {}, endpoint_id=endpoint_id)
    return give(call, {"eventId": event_id})


def _require_endpoint(call: Call) -> tuple[str, dict[str, Any]]:
    endpoint_id = call.parameters["webhook_id"]
    endpoint = call.tx.get(ENDPOINTS, endpoint_id)
    if endpoint is None:
        raise refuse(errors.WEBHOOK_NOT_FOUND, f"the organization has no endpoint {endpoint_id!r}")
    return endpoint_id, endpoint


def _change(call: Call, endpoint_id: str, endpoint: dict[str, Any]) -> Reply:
    endpoint["updated_ms"] = call.tx.now_ms
    call.tx.put(ENDPOINTS, endpoint_id, endpoint)
    return give(call, _body(call, endpoint_id, endpoint))


def _body(call: Call, endpoint_id: str, endpoint: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": endpoint_id,
        "organizationId": names_of(call.tx.sandbox_name).organization.id,
        "url": endpoint["url"],
        "description": endpoint["description"],
        "status": endpoint["status"],
        "createdAt": print_moment(endpoint["created_ms"]),
        "updatedAt": print_moment(endpoint["updated_ms"]),
    }
