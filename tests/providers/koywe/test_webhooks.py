"""Webhooks: endpoints, events and deliveries. The numbers in the names are those of the provider's checklist."""

import json
import subprocess
from typing import Any

import httpx
import pytest

from emulator.core import wire
from emulator.core.durations import parse_instant_ms
from emulator.testing import BackgroundServer, ControlRefused, Emulator, verify_koywe
from tests.clients.koywe import Client
from tests.receivers import HANG, Receiver

SECRET = "whsec_koywe_test"
UNKNOWN = "00000000-0000-4000-8000-000000000000"


def subscribe(client: Client, url: str, secret: str = SECRET) -> str:
    answer = client.request("POST", f"{client.organization}/webhooks", {"url": url, "secret": secret})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def call(client: Client, method: str, path: str, body: Any = None, **query: Any) -> httpx.Response:
    return client.request(method, f"{client.organization}/{path}", body, params=query)


def names(receiver: Receiver) -> list[str]:
    return [json.loads(each.body)["type"] for each in receiver.received]


def create(client: Client, scenario: str = "manual", **changes: Any) -> str:
    return client.order_id(client.create({"X-Emulator-Scenario": scenario}, **changes))


def test_22_endpoints_are_made_listed_read_and_removed_and_never_show_a_secret(client: Client) -> None:
    created = client.request(
        "POST", f"{client.organization}/webhooks", {"url": "http://localhost:9/x", "secret": SECRET, "description": "A"}
    )
    endpoint = created.json()
    assert list(endpoint) == ["id", "organizationId", "url", "description", "status", "createdAt", "updatedAt"]
    assert (endpoint["status"], endpoint["organizationId"]) == ("ACTIVE", client.organization_id)
    answers = [
        created,
        call(client, "GET", "webhooks"),
        call(client, "GET", f"webhooks/{endpoint['id']}"),
        call(client, "POST", f"webhooks/{endpoint['id']}/rotate-secret", {"secret": "whsec_koywe_rotated"}),
        call(client, "POST", f"webhooks/{endpoint['id']}/pause"),
        call(client, "POST", f"webhooks/{endpoint['id']}/resume"),
    ]
    assert all(b"whsec" not in answer.content for answer in answers)
    assert call(client, "GET", "webhooks").json() == [answers[-1].json()]
    assert call(client, "DELETE", f"webhooks/{endpoint['id']}").status_code == 204
    assert call(client, "GET", "webhooks").json() == []


@pytest.mark.parametrize(
    "method, path",
    [
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/rotate-secret"),
        ("POST", "/pause"),
        ("POST", "/resume"),
        ("POST", "/ping"),
    ],
)
def test_22_an_unknown_endpoint_is_not_found(client: Client, method: str, path: str) -> None:
    body = {"secret": SECRET} if path == "/rotate-secret" else None
    answer = call(client, method, f"webhooks/whk_{UNKNOWN}{path}", body)
    assert (answer.status_code, answer.json()["errorCode"]) == (404, "WE90001")


@pytest.mark.parametrize("body", [{}, {"url": "x", "secret": SECRET}, {"url": "http://a.test", "secret": "short"}])
def test_22_a_bad_endpoint_is_refused(client: Client, body: dict[str, str]) -> None:
    answer = call(client, "POST", "webhooks", body)
    assert (answer.status_code, answer.json()["errorCode"]) == (422, "COM90003")


def test_22_two_endpoints_both_get_every_event(emulator: Emulator, client: Client) -> None:
    with Receiver() as one, Receiver() as two:
        subscribe(client, one.url)
        subscribe(client, two.url, "another_secret")
        create(client)
        emulator.advance("1s")
        assert names(one) == names(two) == ["order.created", "order.pending"]
        assert verify_koywe(two.received[0].body, two.received[0].headers, "another_secret")


def test_22_paused_endpoints_get_nothing_new_and_open_retries_wait(emulator: Emulator, client: Client) -> None:
    with Receiver(500, 200) as receiver:
        endpoint = subscribe(client, receiver.url)
        call(client, "POST", f"webhooks/{endpoint}/ping")
        emulator.wait_for_webhooks()
        call(client, "POST", f"webhooks/{endpoint}/pause")
        create(client)
        emulator.advance("2h")
        assert names(receiver) == ["ping"]
        assert emulator.webhooks()[0]["state"] == "held"
        call(client, "POST", f"webhooks/{endpoint}/resume")
        emulator.advance("1s")
    assert names(receiver) == ["ping", "ping"]
    assert len(emulator.webhooks()) == 1


def test_22_ping_goes_to_one_endpoint(emulator: Emulator, client: Client) -> None:
    with Receiver() as one, Receiver() as two:
        endpoint = subscribe(client, one.url)
        subscribe(client, two.url)
        event_id = call(client, "POST", f"webhooks/{endpoint}/ping").json()["eventId"]
        emulator.wait_for_webhooks()
        payload = json.loads(one.received[0].body)
        assert (payload["id"], payload["type"], payload["data"]) == (event_id, "ping", {})
        assert payload["relationships"]["self"] == {"type": "webhook", "id": endpoint}
        assert two.received == []


def test_22_extra_headers_are_sent(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", webhook_extra_headers={"X-Koywe-Signature-Version": "1"})
    with Receiver() as receiver:
        endpoint = subscribe(client, receiver.url)
        call(client, "POST", f"webhooks/{endpoint}/ping")
        emulator.wait_for_webhooks()
        headers = receiver.received[0].headers
    assert headers["x-koywe-signature-version"] == "1"
    assert headers["user-agent"] == "Koywe-Webhooks/1.0"
    assert headers["content-type"] == "application/json"


def test_23_the_payload_is_compact_and_signed_over_its_raw_bytes(emulator: Emulator, client: Client) -> None:
    with Receiver() as receiver:
        subscribe(client, receiver.url)
        order_id = client.order_id(
            client.create(
                {"X-Emulator-Scenario": "manual"}, externalId="factura-ñ-1", amountIn=wire.read_number("5000.50")
            )
        )
        emulator.advance("1s")
    received = receiver.received[0]
    assert b'"amount_in":5000.50' in received.body
    assert "factura-ñ-1".encode() in received.body
    payload = json.loads(received.body)
    assert list(payload) == ["id", "type", "created_at", "data", "relationships"]
    assert list(payload["data"]) == [
        "status", "external_id", "type", "amount_in", "amount_out", "origin_currency_symbol",
        "destination_currency_symbol",
    ]  # fmt: skip
    assert payload["relationships"] == {
        "self": {"type": "order", "id": order_id},
        "merchant": {"type": "merchant", "id": client.merchant_id},
        "organization": {"type": "organization", "id": client.organization_id},
    }
    assert verify_koywe(received.body, received.headers, SECRET)
    assert not verify_koywe(received.body + b" ", received.headers, SECRET)
    command = ["openssl", "dgst", "-sha256", "-hmac", SECRET]
    digest = subprocess.run(command, input=received.body, capture_output=True, check=True).stdout.decode().split()[-1]
    assert digest == received.headers["koywe-signature"]


ORDER_NAMES = {
    "older": [
        "order.created", "order.pending", "order.processing", "order.paid", "order.completed", "order.refunded",
        "order.created", "order.pending", "order.cancelled", "order.created", "order.pending", "order.failed",
        "order.created", "order.pending", "order.expired",
    ],
    "newer": [
        "order.created", "order.processing", "order.paid", "order.completed", "order.refunded",
        "order.created", "order.canceled", "order.created", "order.failed", "order.created", "order.expired",
    ],
}  # fmt: skip


@pytest.mark.parametrize("event_names", ["older", "newer"])
@pytest.mark.parametrize("payload", ["full", "minimal"])
def test_23_every_order_event_has_its_name(emulator: Emulator, client: Client, event_names: str, payload: str) -> None:
    emulator.set("koywe", event_names=event_names, webhook_payload=payload)
    with Receiver() as receiver:
        subscribe(client, receiver.url)
        ids = [create(client) for _ in range(4)]
        for event in ("start", "confirm", "settle", "request_refund", "refund"):
            emulator.fire(ids[0], event)
        for order_id, event in zip(ids[1:], ("cancel", "fail", "expire"), strict=True):
            emulator.fire(order_id, event)
        emulator.advance("1s")
    by_order: dict[str, list[str]] = {order_id: [] for order_id in ids}
    for each in receiver.received:
        body = json.loads(each.body)
        by_order[body["relationships"]["self"]["id"]].append(body["type"])
        if payload == "minimal":
            assert list(body) == ["id", "type", "data", "relationships"]
            assert list(body["data"]) == ["status", "external_id"]
    assert [name for sent in by_order.values() for name in sent] == ORDER_NAMES[event_names]


def test_23_a_held_order_tells_of_its_approval(emulator: Emulator, client: Client) -> None:
    with Receiver() as receiver:
        subscribe(client, receiver.url)
        order_id = create(
            client, "hold", type="PAYOUT", paymentMethods=None,
            destinationAccountId="acc_00000000-0000-4000-8000-000000000201",
        )  # fmt: skip
        emulator.fire(order_id, "approve")
        emulator.advance("100ms")
    assert names(receiver)[:3] == ["order.created", "order.approved", "order.pending"]


def test_23_the_other_families_tell_of_themselves(emulator: Emulator, client: Client) -> None:
    with Receiver() as receiver:
        subscribe(client, receiver.url)
        contact = client.post(
            "/contacts", {"firstName": "Ana", "countrySymbol": "CO", "businessType": "PERSON", "type": "PERSON"}
        )
        client.request("PUT", f"{client.merchant}/contacts/{contact['id']}", {"firstName": "Bea"})
        client.request("DELETE", f"{client.merchant}/contacts/{contact['id']}")
        merchant = call(client, "POST", "merchants", {"name": "Two", "countrySymbol": "CO"}).json()
        call(client, "PUT", f"merchants/{merchant['id']}", {"name": "Three"})
        call(client, "DELETE", f"merchants/{merchant['id']}")
        account = "acc_00000000-0000-4000-8000-000000000101"
        for accepted in (True, False):
            arguments = {"account": account, "amount": 1000, "accepted": accepted, "reference": "r"}
            emulator.call("POST", "commands/koywe/deposit", arguments)
        emulator.advance("1s")
    assert sorted(names(receiver)) == sorted(
        [f"{family}.{verb}" for family in ("contact", "merchant") for verb in ("created", "updated", "deleted")]
        + ["bank_income.received", "bank_income.rejected"]
    )
    income = next(json.loads(each.body) for each in receiver.received if b"bank_income.received" in each.body)
    assert income["data"] == {"amount": 1000, "currency": "COP", "account_id": account, "reference": "r"}


@pytest.mark.parametrize("fault", ["bad-signature", "old-secret", "unknown-status", "duplicate", "drop"])
def test_23_deliveries_misbehave_on_command(emulator: Emulator, client: Client, fault: str) -> None:
    with Receiver() as receiver:
        endpoint = subscribe(client, receiver.url, "whsec_before")
        call(client, "POST", f"webhooks/{endpoint}/rotate-secret", {"secret": SECRET})
        emulator.inject(fault, provider="koywe", event="order.pending")
        create(client)
        emulator.advance("1s")
    pending = [each for each in receiver.received if b'"order.pending"' in each.body]
    good = [verify_koywe(each.body, each.headers, SECRET) for each in pending]
    assert good == {
        "bad-signature": [False], "old-secret": [False], "unknown-status": [True], "duplicate": [True, True],
        "drop": [],
    }[fault]  # fmt: skip
    if fault == "old-secret":
        assert verify_koywe(pending[0].body, pending[0].headers, "whsec_before")
    if fault == "unknown-status":
        assert json.loads(pending[0].body)["data"]["status"] == "TELEPORTED"


@pytest.mark.parametrize("fault", ["late", "reorder"])
def test_23_deliveries_come_late_or_out_of_order_on_command(emulator: Emulator, client: Client, fault: str) -> None:
    with Receiver() as receiver:
        subscribe(client, receiver.url)
        emulator.inject(fault, event="order.created", by="10m")
        create(client)
        emulator.advance("1s")
        early = names(receiver)
        emulator.advance("10m")
    assert early == {"late": ["order.pending"], "reorder": ["order.pending", "order.created"]}[fault]
    assert sorted(names(receiver)) == ["order.created", "order.pending"]


def test_23_a_fault_that_no_webhook_of_koywe_knows_is_refused(emulator: Emulator) -> None:
    with pytest.raises(ControlRefused, match="stale-timestamp"):
        emulator.inject("stale-timestamp", provider="koywe")


@pytest.mark.parametrize("behaviour", [500, 404, HANG])
def test_24_retries_follow_the_table_and_then_end(emulator: Emulator, client: Client, behaviour: Any) -> None:
    emulator.set("koywe", webhook_timeout_s=1)
    if behaviour == HANG:
        emulator.set("koywe", webhook_retry_delays_s=[60])
    with Receiver(behaviour) as receiver:
        endpoint = subscribe(client, receiver.url)
        event_id = call(client, "POST", f"webhooks/{endpoint}/ping").json()["eventId"]
        emulator.wait_for_webhooks()
        emulator.advance("3d")
    (webhook,) = emulator.webhooks()
    first, *later = [parse_instant_ms(attempt["at"]) for attempt in webhook["attempts"]]
    expected = [60, 360, 1260, 4860, 26460, 112860] if behaviour != HANG else [60]
    assert [(each - first) // 1000 for each in later] == expected
    (row,) = call(client, "GET", f"webhook-events/{event_id}/deliveries").json()
    assert (row["deliveryStatus"], row["retryCount"]) == ("FAILED", len(expected))
    assert row["lastStatusCode"] == (None if behaviour == HANG else behaviour)
    assert (row["lastRespondedAt"] is None) == (behaviour == HANG)


def test_24_a_refused_connection_is_tried_again(emulator: Emulator, client: Client) -> None:
    endpoint = subscribe(client, "http://127.0.0.1:9/closed")
    call(client, "POST", f"webhooks/{endpoint}/ping")
    emulator.wait_for_webhooks()
    emulator.advance("60s")
    assert len(emulator.webhooks()[0]["attempts"]) == 2


def test_24_success_on_a_retry_stops_them(emulator: Emulator, client: Client) -> None:
    with Receiver(500, 200) as receiver:
        endpoint = subscribe(client, receiver.url)
        event_id = call(client, "POST", f"webhooks/{endpoint}/ping").json()["eventId"]
        emulator.wait_for_webhooks()
        (row,) = call(client, "GET", f"webhook-events/{event_id}/deliveries").json()
        assert row["deliveryStatus"] == "RETRYING"
        emulator.advance("3d")
    assert len(receiver.received) == 2
    (row,) = call(client, "GET", f"webhook-events/{event_id}/deliveries").json()
    assert (row["deliveryStatus"], row["retryCount"], row["lastStatusCode"]) == ("DELIVERED", 1, 200)


@pytest.mark.parametrize(
    "settings, status, attempts",
    [
        ({"webhook_success": "2xx"}, 201, 1),
        ({"webhook_success": "2xx"}, 204, 1),
        ({"webhook_success": "200"}, 201, 7),
        ({"webhook_success": "200"}, 204, 7),
        ({"webhook_retry_on": "5xx_429_network"}, 404, 1),
        ({"webhook_retry_on": "5xx_429_network"}, 429, 7),
        ({"webhook_retry_on": "5xx_429_network"}, 503, 7),
    ],
)
def test_24_what_counts_and_what_is_retried_are_settings(
    emulator: Emulator, client: Client, settings: dict[str, Any], status: int, attempts: int
) -> None:
    emulator.set("koywe", **settings)
    with Receiver(status) as receiver:
        endpoint = subscribe(client, receiver.url)
        call(client, "POST", f"webhooks/{endpoint}/ping")
        emulator.wait_for_webhooks()
        emulator.advance("3d")
    assert len(receiver.received) == attempts


def test_24_a_deleted_endpoint_gets_no_retries_but_its_deliveries_stay(emulator: Emulator, client: Client) -> None:
    with Receiver(500) as receiver:
        endpoint = subscribe(client, receiver.url)
        event_id = call(client, "POST", f"webhooks/{endpoint}/ping").json()["eventId"]
        emulator.wait_for_webhooks()
        call(client, "DELETE", f"webhooks/{endpoint}")
        emulator.advance("3d")
    assert len(receiver.received) == 1
    (row,) = call(client, "GET", f"webhook-events/{event_id}/deliveries").json()
    assert row["deliveryStatus"] == "FAILED"


def test_25_events_are_listed_newest_first_by_each_filter_and_page(emulator: Emulator, client: Client) -> None:
    first = create(client, externalId="a")
    emulator.advance("1h")
    emulator.fire(first, "cancel")
    second = create(client)
    everything = call(client, "GET", "webhook-events").json()
    assert [event["type"] for event in everything["events"]] == [
        "order.pending", "order.created", "order.cancelled", "order.pending", "order.created",
    ]  # fmt: skip
    assert everything["pagination"] == {"page": 1, "limit": 20, "totalCount": 5, "totalPages": 1}

    def count(**query: str) -> int:
        return int(call(client, "GET", "webhook-events", **query).json()["pagination"]["totalCount"])

    assert count(type="order.created") == 2
    assert count(resourceId=second) == 2
    assert count(resourceType="order") == 5
    assert count(resourceType="contact") == 0
    assert count(merchantId=client.merchant_id) == 5
    assert count(merchantId="mrc_other") == 0
    assert count(**{"from": emulator.now}) == 3
    assert count(to="2026-01-05T12:00:00.000Z") == 2
    assert count(to="2026-01-05") == 5
    page = call(client, "GET", "webhook-events", page="2", limit="2").json()
    assert [event["type"] for event in page["events"]] == ["order.cancelled", "order.pending"]
    assert page["pagination"] == {"page": 2, "limit": 2, "totalCount": 5, "totalPages": 3}
    for bad in ({"limit": "101"}, {"page": "0"}, {"from": "yesterday"}):
        assert call(client, "GET", "webhook-events", **bad).status_code == 422


def test_25_an_event_is_read_with_its_payload(client: Client) -> None:
    create(client)
    listed = call(client, "GET", "webhook-events").json()["events"][0]
    assert call(client, "GET", f"webhook-events/{listed['id']}").json() == listed
    for path in ("", "/deliveries"):
        answer = call(client, "GET", f"webhook-events/evt_{UNKNOWN}{path}")
        assert (answer.status_code, answer.json()["errorCode"]) == (404, "WE90002")
    answer = call(client, "POST", f"webhook-events/evt_{UNKNOWN}/replay")
    assert (answer.status_code, answer.json()["errorCode"]) == (404, "WE90002")


def test_25_replay_sends_the_same_bytes_to_all_or_to_one(emulator: Emulator, client: Client) -> None:
    with Receiver() as one, Receiver() as two:
        first = subscribe(client, one.url)
        subscribe(client, two.url)
        create(client)
        emulator.advance("1s")
        event = call(client, "GET", "webhook-events", type="order.created").json()["events"][0]
        path = f"webhook-events/{event['id']}/replay"
        assert call(client, "POST", path).json() == {"eventId": event["id"], "deliveries": 2}
        assert call(client, "POST", path, {"webhookId": first}).json()["deliveries"] == 1
        answer = call(client, "POST", path, {"webhookId": f"whk_{UNKNOWN}"})
        assert (answer.status_code, answer.json()["errorCode"]) == (404, "WE90001")
        emulator.advance("1s")
        assert (len(one.received), len(two.received)) == (4, 3)
        bodies = {each.body for each in one.received if b"order.created" in each.body}
        assert len(bodies) == 1
        rows = call(client, "GET", f"webhook-events/{event['id']}/deliveries").json()
        assert len({row["id"] for row in rows}) == 5


def test_25_a_replay_after_rotation_is_signed_with_the_new_secret(emulator: Emulator, client: Client) -> None:
    with Receiver() as receiver:
        endpoint = subscribe(client, receiver.url)
        event_id = call(client, "POST", f"webhooks/{endpoint}/ping").json()["eventId"]
        emulator.wait_for_webhooks()
        call(client, "POST", f"webhooks/{endpoint}/rotate-secret", {"secret": "whsec_koywe_rotated"})
        call(client, "POST", f"webhook-events/{event_id}/replay")
        emulator.wait_for_webhooks(2)
    first, second = receiver.received
    assert first.body == second.body
    assert verify_koywe(first.body, first.headers, SECRET)
    assert verify_koywe(second.body, second.headers, "whsec_koywe_rotated")


def test_a_sandbox_is_created_with_a_webhook_url(emulator_server: BackgroundServer) -> None:
    with (
        Receiver() as receiver,
        emulator_server.sandbox(webhook_url=receiver.url) as sandbox,
        Client(sandbox) as client,
    ):
        create(client)
        sandbox.wait_for_webhooks(2)
        assert verify_koywe(receiver.received[0].body, receiver.received[0].headers, SECRET)


def test_the_secret_is_redacted_in_the_journal(emulator: Emulator, client: Client) -> None:
    subscribe(client, "http://127.0.0.1:9/x", "whsec_do_not_show_me")
    assert "whsec_do_not_show_me" not in json.dumps(emulator.journal(), default=str)
