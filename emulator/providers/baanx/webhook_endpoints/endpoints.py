"""Calls about webhook endpoints: where events of the card programme go, and which key signs them.

Sources: https://docs.baanx.com/api-reference/webhooks/create-webhook and its neighbours list-webhooks, get-webhook,
update-webhook, delete-webhook, rotate-key, seen 2026-11. Assumed: the texts of refusals except for the limit; that http
is allowed to this machine and to private networks.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from msgspec.structs import replace

from emulator.contract.card import Call
from emulator.contract.chance import is_uuid
from emulator.contract.reply import Refusal, Reply
from emulator.contract.schemas import Violation
from emulator.contract.transaction import Transaction
from emulator.core.durations import format_instant
from emulator.core.urls import is_address, is_local, url_problem
from emulator.core.wording import shown
from emulator.providers.baanx import wire
from emulator.providers.baanx.tables import WEBHOOK_ENDPOINTS, WebhookEndpoint
from emulator.providers.baanx.webhook_endpoints.events import list_endpoint_deliveries

MAX_ENDPOINTS = 5
"""How many webhook endpoints a partner may have. Documented."""
FIRST_KEY = "whk_baanx_test"
"""Key of the endpoint that a sandbox created with a `webhook_url` begins with."""

_KEY_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
_KEY_CHARACTERS = 64
_MASK = "whk_****...****"
_LONGEST_NAME = 255


def create_webhook(call: Call) -> Reply:
    """`POST /v1/webhooks`: 201 with the endpoint and its key. Refuses with `bad_webhook`, `webhook_limit`."""
    body = _require_body(call, "create-webhook.request")
    if sum(1 for _ in WEBHOOK_ENDPOINTS.scan(call.tx)) >= MAX_ENDPOINTS:
        raise Refusal("webhook_limit", f"the sandbox has {MAX_ENDPOINTS} webhook endpoints: delete one")
    endpoint = WebhookEndpoint(
        name=body["name"],
        url=body["url"],
        key=_make_key(call.tx),
        old_key=None,
        event_types=tuple(body["event_types"]),
        is_active=body.get("is_active", False),
        metadata=body.get("metadata", {}),
        created_ms=call.tx.now_ms,
        updated_ms=call.tx.now_ms,
    )
    endpoint_id = call.tx.chance.uuid()
    WEBHOOK_ENDPOINTS.put(call.tx, endpoint_id, endpoint)
    return _write_success(call, write_endpoint(call.tx, endpoint_id, endpoint, shows_key=True), 201)


def list_webhooks(call: Call) -> Reply:
    """`GET /v1/webhooks`: 200 with a bare array, oldest first."""
    found = [write_endpoint(call.tx, key, endpoint) for key, endpoint in WEBHOOK_ENDPOINTS.scan(call.tx)]
    return wire.write_answer(call, found)


def get_webhook(call: Call) -> Reply:
    """`GET /v1/webhooks/{id}`: 200 with the endpoint. Refuses with `bad_webhook_id`, `webhook_not_found`."""
    endpoint_id = require_id(call, "webhook_id", "id")
    return wire.write_answer(call, write_endpoint(call.tx, endpoint_id, require_endpoint(call, endpoint_id)))


def update_webhook(call: Call) -> Reply:
    """`PUT /v1/webhooks/{id}`: 200 with the endpoint; what is named is replaced. Refuses with `bad_webhook_id`,
    `bad_webhook`, `webhook_not_found`."""
    endpoint_id = require_id(call, "webhook_id", "id")
    body = _require_body(call, "update-webhook.request")
    endpoint = require_endpoint(call, endpoint_id)
    changes: dict[str, Any] = {name: body[name] for name in ("name", "url", "is_active", "metadata") if name in body}
    if "event_types" in body:
        changes["event_types"] = tuple(body["event_types"])
    endpoint = replace(endpoint, updated_ms=call.tx.now_ms, **changes)
    WEBHOOK_ENDPOINTS.put(call.tx, endpoint_id, endpoint)
    return _write_success(call, write_endpoint(call.tx, endpoint_id, endpoint))


def delete_webhook(call: Call) -> Reply:
    """`DELETE /v1/webhooks/{id}`: 200; open deliveries to it are given up. Refuses with `bad_webhook_id`,
    `webhook_not_found`."""
    endpoint_id = require_id(call, "webhook_id", "id")
    require_endpoint(call, endpoint_id)
    WEBHOOK_ENDPOINTS.remove(call.tx, endpoint_id)
    for delivery in list_endpoint_deliveries(call.tx, endpoint_id):
        if delivery.state == "pending":
            call.tx.give_up(delivery)
    return wire.write_answer(call, {"success": True})


def rotate_webhook_key(call: Call) -> Reply:
    """`POST /v1/webhooks/{id}/rotate-key`: 200 with the endpoint and its new key, which signs everything from now on.
    Refuses with `bad_webhook_id`, `webhook_not_found`."""
    endpoint_id = require_id(call, "webhook_id", "id")
    endpoint = require_endpoint(call, endpoint_id)
    endpoint = replace(endpoint, key=_make_key(call.tx), old_key=endpoint.key, updated_ms=call.tx.now_ms)
    WEBHOOK_ENDPOINTS.put(call.tx, endpoint_id, endpoint)
    return _write_success(call, write_endpoint(call.tx, endpoint_id, endpoint, shows_key=True))


def subscribe(tx: Transaction, url: str) -> None:
    """The endpoint of a sandbox that is created with a `webhook_url`."""
    WEBHOOK_ENDPOINTS.put(tx, tx.chance.uuid(), make_first_endpoint(tx, url))


def make_first_endpoint(tx: Transaction, url: str) -> WebhookEndpoint:
    """The endpoint that everything goes to, not yet kept."""
    return WebhookEndpoint("sandbox", url, FIRST_KEY, None, ("*",), True, {}, tx.now_ms, tx.now_ms)


def require_endpoint(call: Call, endpoint_id: str) -> WebhookEndpoint:
    """The endpoint with this id. Refuses with `webhook_not_found`."""
    endpoint = WEBHOOK_ENDPOINTS.find(call.tx, endpoint_id)
    if endpoint is None:
        raise Refusal("webhook_not_found", f"no webhook endpoint {endpoint_id!r} in this sandbox")
    return endpoint


def require_id(call: Call, parameter: str, name: str) -> str:
    """An id in the path, in lower case. Refuses with `bad_webhook_id` one that is not a UUID."""
    value = call.parameters[parameter]
    if not is_uuid(value):
        raise Refusal("bad_webhook_id", f"{value!r} is not a UUID", message=f"{name} must be a valid UUID")
    return value.lower()


def write_endpoint(
    tx: Transaction, endpoint_id: str, endpoint: WebhookEndpoint, *, shows_key: bool = False
) -> dict[str, Any]:
    """An endpoint as calls show it; the key is masked unless `shows_key`."""
    return {
        "id": endpoint_id,
        "tenant": tx.sandbox_name,
        "name": endpoint.name,
        "url": endpoint.url,
        "apiKey": endpoint.key if shows_key else f"{_MASK}{endpoint.key[-4:]}",
        "eventTypes": list(endpoint.event_types),
        "isActive": endpoint.is_active,
        "metadata": endpoint.metadata,
        "createdAt": format_instant(endpoint.created_ms),
        "updatedAt": format_instant(endpoint.updated_ms),
    }


def _write_success(call: Call, data: Mapping[str, Any], status: int = 200) -> Reply:
    return wire.write_answer(call, {"success": True, "data": data}, status)


def _make_key(tx: Transaction) -> str:
    octets = tx.chance.octets(_KEY_CHARACTERS)
    return "whk_" + "".join(_KEY_ALPHABET[octet % len(_KEY_ALPHABET)] for octet in octets)


def _require_body(call: Call, schema: str) -> dict[str, Any]:
    wire.require_object_of_webhook(call)
    violations = call.provider.schemas[schema].violations(call.body)
    order = list(call.provider.schemas[schema].document["properties"])
    violations.sort(key=lambda each: order.index(str(each.path[0])) if each.path else len(order))
    first = violations[0] if violations else None
    place = order.index(str(first.path[0])) if first is not None else len(order)
    if "url" in call.body and place > order.index("url"):
        problem = find_endpoint_url_problem(call.body["url"], https_only=call.settings["webhook_https_only"])
        if problem is not None:
            raise Refusal("bad_webhook", problem, message=problem)
    if first is not None:
        raise Refusal("bad_webhook", first.message, message=_word(first, call.body.get(str(first.path[0]))))
    body: dict[str, Any] = call.body
    return body


def find_endpoint_url_problem(url: str, *, https_only: bool) -> str | None:
    """What is wrong with the address of an endpoint, in the provider's words."""
    if url_problem(url) is not None:
        return "url must be a valid URL"
    parts = urlsplit(url)
    host = parts.hostname or ""
    is_near = host == "localhost" or (is_address(host) and is_local(host))
    return "url must use HTTPS" if parts.scheme != "https" and (https_only or not is_near) else None


def _word(violation: Violation, value: Any) -> str:
    name = str(violation.path[0])
    if value is None or value == "":
        return f"{name} is required" if name in ("name", "url", "event_types") else _KINDS[name]
    if violation.keyword == "maxLength":
        return f"{name} must be at most {_LONGEST_NAME} characters"
    if violation.keyword == "minItems":
        return f"{name} must contain at least one item"
    if len(violation.path) > 1:
        item = value[violation.path[1]]
        return f"Unknown event type: {item if isinstance(item, str) else shown(item)}"
    return _KINDS[name]


_KINDS = {
    "name": "name must be a string",
    "url": "url must be a valid URL",
    "event_types": "event_types must be an array",
    "is_active": "is_active must be a boolean",
    "metadata": "metadata must be an object",
}
