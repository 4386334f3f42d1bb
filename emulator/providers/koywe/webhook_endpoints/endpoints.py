"""The organization's webhook endpoints: where events go, and the secret that they are signed with.

Source: https://docs.koywe.com/payments/advanced/webhooks (seen 2026-11). Assumed: the form of answers, and that a
secret is never shown again.
"""

from typing import Any

from emulator.contract.card import Call
from emulator.contract.reply import Reply
from emulator.contract.transaction import Transaction
from emulator.providers.koywe.catalogue import read_names
from emulator.providers.koywe.formats.moments import write_moment
from emulator.providers.koywe.webhook_endpoints.events import ENDPOINTS, PING, Endpoint, raise_event
from emulator.providers.koywe.wire import read_body, write_answer, write_created, write_nothing

TEST_SECRET = "whsec_koywe_test"
"""The secret of the endpoint that a sandbox with a `webhook_url` starts with."""


def make_endpoint(tx: Transaction, url: str, secret: str, description: str | None = None) -> Endpoint:
    """A new active endpoint, not yet kept."""
    return Endpoint(url, secret, None, description, "ACTIVE", tx.now_ms, tx.now_ms)


def create_endpoint(call: Call) -> Reply:
    """`POST O/webhooks`: the endpoint, without its secret."""
    body = read_body(call)
    endpoint = make_endpoint(call.tx, body["url"], body["secret"], body.get("description"))
    return write_created(call, _write_endpoint(call, ENDPOINTS.add(call.tx, endpoint), endpoint))


def list_endpoints(call: Call) -> Reply:
    """`GET O/webhooks`: all endpoints."""
    return write_answer(call, [_write_endpoint(call, each, endpoint) for each, endpoint in ENDPOINTS.scan(call.tx)])


def get_endpoint(call: Call) -> Reply:
    """`GET O/webhooks/{id}`: the endpoint. Refuses with `WE90001`."""
    return write_answer(call, _write_endpoint(call, *ENDPOINTS.require_in_path(call)))


def delete_endpoint(call: Call) -> Reply:
    """`DELETE O/webhooks/{id}`: nothing; its deliveries stay, but are not tried again. Refuses with `WE90001`."""
    endpoint_id, _ = ENDPOINTS.require_in_path(call)
    ENDPOINTS.remove(call.tx, endpoint_id)
    return write_nothing()


def rotate_secret(call: Call) -> Reply:
    """`POST O/webhooks/{id}/rotate-secret`: the endpoint, which signs with the new secret from now on. Refuses with
    `WE90001`."""
    body = read_body(call)
    endpoint_id, endpoint = ENDPOINTS.require_in_path(call)
    endpoint.old_secret, endpoint.secret = endpoint.secret, body["secret"]
    return _change(call, endpoint_id, endpoint)


def pause_endpoint(call: Call) -> Reply:
    """`POST O/webhooks/{id}/pause`: the endpoint, which gets no new events. Refuses with `WE90001`."""
    endpoint_id, endpoint = ENDPOINTS.require_in_path(call)
    endpoint.status = "PAUSED"
    return _change(call, endpoint_id, endpoint)


def resume_endpoint(call: Call) -> Reply:
    """`POST O/webhooks/{id}/resume`: the endpoint; deliveries that waited go on. Refuses with `WE90001`."""
    endpoint_id, endpoint = ENDPOINTS.require_in_path(call)
    for delivery in call.tx.deliveries():
        waits = delivery.state == "held" and not delivery.held_back
        if waits and delivery.fields.get("endpoint") == endpoint_id:
            call.tx.release(delivery)
    endpoint.status = "ACTIVE"
    return _change(call, endpoint_id, endpoint)


def ping_endpoint(call: Call) -> Reply:
    """`POST O/webhooks/{id}/ping`: the id of an event that goes to this endpoint alone. Refuses with `WE90001`."""
    endpoint_id, _ = ENDPOINTS.require_in_path(call)
    event_id = raise_event(call.tx, PING, None, ("webhook", endpoint_id), {}, endpoint_id=endpoint_id)
    return write_answer(call, {"eventId": event_id})


def _change(call: Call, endpoint_id: str, endpoint: Endpoint) -> Reply:
    endpoint.updated_ms = call.tx.now_ms
    ENDPOINTS.put(call.tx, endpoint_id, endpoint)
    return write_answer(call, _write_endpoint(call, endpoint_id, endpoint))


def _write_endpoint(call: Call, endpoint_id: str, endpoint: Endpoint) -> dict[str, Any]:
    return {
        "id": endpoint_id,
        "organizationId": read_names(call.tx.sandbox_name).organization.id,
        "url": endpoint.url,
        "description": endpoint.description,
        "status": endpoint.status,
        "createdAt": write_moment(endpoint.created_ms),
        "updatedAt": write_moment(endpoint.updated_ms),
    }
