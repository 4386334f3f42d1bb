"""The calls about webhooks: endpoints are created and managed, events are looked up and sent again."""

import json

import pytest

from emulator.testing import Emulator, verify_koywe
from tests.clients.koywe import Client
from tests.providers.koywe.webhook_calls import SECRET, call, create, names, subscribe
from tests.receivers import Receiver

UNKNOWN = "00000000-0000-4000-8000-000000000000"


def test_22_endpoints_are_created_listed_read_and_deleted_and_never_show_a_secret(client: Client) -> None:
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


def test_22_paused_endpoints_are_sent_nothing_new_and_pending_retries_wait(emulator: Emulator, client: Client) -> None:
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


def test_22_a_ping_goes_to_one_endpoint(emulator: Emulator, client: Client) -> None:
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


def test_25_events_are_listed_newest_first_with_filters_and_pages(emulator: Emulator, client: Client) -> None:
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


def test_25_an_event_can_be_read_with_its_payload(client: Client) -> None:
    create(client)
    listed = call(client, "GET", "webhook-events").json()["events"][0]
    assert call(client, "GET", f"webhook-events/{listed['id']}").json() == listed
    for path in ("", "/deliveries"):
        answer = call(client, "GET", f"webhook-events/evt_{UNKNOWN}{path}")
        assert (answer.status_code, answer.json()["errorCode"]) == (404, "WE90002")
    answer = call(client, "POST", f"webhook-events/evt_{UNKNOWN}/replay")
    assert (answer.status_code, answer.json()["errorCode"]) == (404, "WE90002")


def test_25_a_replay_sends_the_same_bytes_to_all_endpoints_or_to_one(emulator: Emulator, client: Client) -> None:
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


def test_the_secret_is_redacted_in_the_journal(emulator: Emulator, client: Client) -> None:
    subscribe(client, "http://127.0.0.1:9/x", "whsec_do_not_show_me")
    assert "whsec_do_not_show_me" not in json.dumps(emulator.journal(), default=str)
