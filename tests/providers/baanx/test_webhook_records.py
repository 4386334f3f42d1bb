"""What was sent, and what became of it: events, their status, logs, and sending an event again."""

import json
import socket
from typing import Any

import pytest

from emulator.testing import Emulator
from tests.clients.baanx import Client
from tests.providers.baanx.test_webhooks import event_status, events, is_signed, send, subscribe, told
from tests.receivers import Receiver


def logs(client: Client, endpoint: dict[str, Any], **query: str) -> list[dict[str, Any]]:
    answer = client.request("GET", f"/v1/webhooks/{endpoint['id']}/logs", params=query).json()
    assert answer["count"] == len(answer["logs"])
    found: list[dict[str, Any]] = answer["logs"]
    return found


def test_45_every_attempt_is_logged(emulator: Emulator, client: Client) -> None:
    with Receiver(500, 200) as receiver:
        endpoint = subscribe(client, receiver.url)
        send(emulator)
        began = emulator.now
        emulator.advance("1s")
        second, first = logs(client, endpoint)
        received = receiver.received
    record = events(client)[0]
    assert (first["attemptNumber"], first["deliveryStatus"], first["responseStatus"]) == (1, "failed", 500)
    assert (first["createdAt"], first["nextRetryAt"]) == (began, emulator.now)
    assert (second["attemptNumber"], second["deliveryStatus"], second["responseStatus"]) == (2, "success", 200)
    assert (second["errorMessage"], second["nextRetryAt"], second["responseBody"]) == (None, None, "")
    for log, got in zip((first, second), received, strict=True):
        assert (log["eventId"], log["webhookId"]) == (record["id"], endpoint["id"])
        assert log["requestUrl"] == receiver.url
        assert log["requestBody"] == json.loads(got.body) == record["payload"]
        assert log["requestHeaders"] == {
            "Content-Type": "application/json",
            "X-Timestamp": got.headers["x-timestamp"],
            "X-Signature": got.headers["x-signature"],
        }
    assert first["id"] != second["id"]
    by_event = client.request("GET", f"/v1/webhooks/events/{record['id']}/logs").json()
    assert by_event == {"event": record, "logs": [second, first]}


def test_45_an_unreachable_receiver_leaves_an_error_in_the_log(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", webhook_retry_seconds=[])
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    endpoint = subscribe(client, f"http://127.0.0.1:{port}/hook")
    send(emulator)
    (log,) = logs(client, endpoint)
    assert (log["responseStatus"], log["responseBody"], log["deliveryStatus"]) == (None, None, "failed")
    assert log["errorMessage"]


def test_45_logs_are_limited_and_kept_for_seven_days(emulator: Emulator, client: Client) -> None:
    with Receiver() as receiver:
        endpoint = subscribe(client, receiver.url)
        for _ in range(60):
            emulator.command("baanx", "send_event", event_type="card.activated")
        emulator.advance("0s")
        assert len(receiver.received) == 60
    assert len(logs(client, endpoint)) == 50
    assert len(logs(client, endpoint, limit="100")) == 60
    assert len(logs(client, endpoint, limit="1")) == 1
    answer = client.request("GET", "/v1/webhooks/events", params={"limit": "3"}).json()
    assert (answer["total"], len(answer["events"])) == (60, 3)
    emulator.advance("604799999ms")
    assert len(logs(client, endpoint, limit="100")) == 60
    emulator.advance("1ms")
    assert logs(client, endpoint) == []


@pytest.mark.parametrize("limit", ["0", "101", "x", "-1", "1.5", "٣", "0005"])
def test_45_a_limit_is_between_1_and_100(client: Client, limit: str) -> None:
    endpoint = subscribe(client, "https://shop.example.test/hook", is_active=False)
    expected = (400, {"message": "limit must be between 1 and 100"})
    for path in (f"/v1/webhooks/{endpoint['id']}/logs", "/v1/webhooks/events"):
        assert told(client.request("GET", path, params={"limit": limit})) == expected


def test_45_events_can_be_filtered_by_status(emulator: Emulator, client: Client) -> None:
    send(emulator)
    assert events(client)[0]["status"] == "skipped"
    assert events(client)[0]["processedAt"] == emulator.now
    with Receiver(404) as wrong:
        endpoint = subscribe(client, wrong.url)
        send(emulator)
    client.request("DELETE", f"/v1/webhooks/{endpoint['id']}")
    with Receiver(500) as broken:
        endpoint = subscribe(client, broken.url)
        send(emulator)
        assert [each["status"] for each in events(client)] == ["processing", "failed", "skipped"]
        assert events(client)[0]["processedAt"] is None
    for status, count in (("processing", 1), ("failed", 1), ("skipped", 1), ("completed", 0), ("pending", 0)):
        assert len(events(client, status=status)) == count
    message = "status must be one of: pending, processing, completed, failed, skipped"
    response = client.request("GET", "/v1/webhooks/events", params={"status": "done"})
    assert told(response) == (400, {"message": message})


def test_45_an_event_is_pending_until_its_first_attempt_is_over(emulator: Emulator, client: Client) -> None:
    with Receiver() as receiver:
        subscribe(client, receiver.url)
        emulator.command("baanx", "send_event", event_type="card.activated")
        emulator.inject("late", provider="baanx", by="5s", times=1)
        emulator.command("baanx", "send_event", event_type="kyc.status.changed")
        emulator.advance("0s")
        late, sent = events(client)
        assert (late["status"], sent["status"]) == ("pending", "completed")


def test_45_an_event_is_found_by_either_of_its_ids(emulator: Emulator, client: Client) -> None:
    send(emulator)
    record = events(client)[0]
    assert record["id"] != record["eventId"]
    for name in (record["id"], record["eventId"], record["id"].upper()):
        shown = client.request("GET", f"/v1/webhooks/events/{name}/status").json()
        assert list(shown) == ["id", "eventId", "status", "eventType", "createdAt", "processedAt"]
        assert shown == {member: record[member] for member in shown}
    for path in ("status", "logs"):
        bad = told(client.request("GET", f"/v1/webhooks/events/x/{path}"))
        assert bad == (400, {"message": "eventId must be a valid UUID"})
        unknown = told(client.request("GET", f"/v1/webhooks/events/3d0f6c1e-9b7a-4f12-8c55-b7a1e2d94c01/{path}"))
        assert unknown == (404, {"message": "Event not found"})


def retry(client: Client, event_id: str, body: Any = None) -> tuple[int, Any]:
    return told(client.request("POST", f"/v1/webhooks/events/{event_id}/retry", body))


def test_46_an_event_can_be_sent_again_to_all_endpoints_or_to_one(emulator: Emulator, client: Client) -> None:
    with Receiver(400, 200) as one, Receiver() as other, Receiver() as deaf:
        first = subscribe(client, one.url)
        subscribe(client, other.url)
        subscribe(client, deaf.url, "kyc.*")
        send(emulator)
        record = events(client)[0]
        assert record["status"] == "failed"
        data = {"eventId": record["id"], "webhookCount": 2, "message": "Event queued for retry to 2 webhook(s)"}
        assert retry(client, record["id"]) == (200, {"success": True, "data": data})
        emulator.advance("0s")
        assert (len(one.received), len(other.received)) == (2, 2)
        assert event_status(client) == "completed"
        assert logs(client, first)[0]["attemptNumber"] == 1
        status, answer = retry(client, record["eventId"], {"webhookId": first["id"]})
        assert (status, answer["data"]["webhookCount"], answer["data"]["eventId"]) == (200, 1, record["eventId"])
        emulator.advance("0s")
        assert (len(one.received), len(other.received), len(deaf.received)) == (3, 2, 0)
    assert len({each.body for each in (*one.received, *other.received)}) == 1


def test_46_a_manual_retry_replaces_the_scheduled_ones(emulator: Emulator, client: Client) -> None:
    with Receiver(500, 500, 200) as receiver:
        subscribe(client, receiver.url)
        send(emulator)
        assert retry(client, events(client)[0]["id"])[0] == 200
        emulator.advance("0s")
        assert len(receiver.received) == 2
        emulator.advance("1d")
        assert len(receiver.received) == 3
    assert event_status(client) == "completed"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"webhookId": "x"}, (400, "webhookId must be a valid UUID")),
        ({"webhookId": 5}, (400, "webhookId must be a valid UUID")),
        ({"webhookId": "3d0f6c1e-9b7a-4f12-8c55-b7a1e2d94c01"}, (404, "Webhook not found")),
        ([], (400, "Request body must be a JSON object")),
    ],
)
def test_46_a_retry_needs_an_endpoint_that_exists(
    emulator: Emulator, client: Client, body: Any, expected: tuple[int, str]
) -> None:
    send(emulator)
    assert retry(client, events(client)[0]["id"], body) == (expected[0], {"message": expected[1]})
    assert retry(client, "x", body) == (400, {"message": "eventId must be a valid UUID"})


def test_46_after_a_rotation_the_new_key_signs(emulator: Emulator, client: Client) -> None:
    with Receiver(500) as receiver:
        old = subscribe(client, receiver.url)
        send(emulator)
        response = client.request("POST", f"/v1/webhooks/{old['id']}/rotate-key")
        new = response.json()["data"]
        assert (response.status_code, new["id"]) == (200, old["id"])
        assert new["apiKey"] != old["apiKey"]
        emulator.advance("1s")
        send(emulator)
        before, *after = receiver.received
    assert is_signed(before, old["apiKey"])
    assert len(after) == 2
    assert all(is_signed(each, new["apiKey"]) and not is_signed(each, old["apiKey"]) for each in after)


def test_46_a_deleted_endpoint_is_sent_nothing_more_and_its_logs_stay_with_the_event(
    emulator: Emulator, client: Client
) -> None:
    with Receiver(500) as receiver:
        endpoint = subscribe(client, receiver.url)
        send(emulator)
        assert told(client.request("DELETE", f"/v1/webhooks/{endpoint['id']}")) == (200, {"success": True})
        assert event_status(client) == "failed"
        emulator.advance("1d")
        assert len(receiver.received) == 1
    (log,) = client.request("GET", f"/v1/webhooks/events/{events(client)[0]['id']}/logs").json()["logs"]
    assert log["webhookId"] == endpoint["id"]


def test_45_a_test_webhook_is_not_an_event(emulator: Emulator, client: Client) -> None:
    with Receiver() as receiver:
        endpoint = subscribe(client, receiver.url)
        emulator.command("baanx", "test_webhook")
        emulator.advance("0s")
        emulator.send_webhook("baanx", b"{}")
        send(emulator)
        first, second, _ = receiver.wait(3)
    assert is_signed(first, endpoint["apiKey"])
    assert is_signed(second, endpoint["apiKey"])
    assert [each["eventType"] for each in events(client)] == ["transaction.cleared"]
    assert len(logs(client, endpoint)) == 1


def test_45_a_test_webhook_may_have_every_member_that_events_have(emulator: Emulator) -> None:
    with Receiver() as receiver:
        emulator.command(
            "baanx", "test_webhook", url=receiver.url, user_external_id="partner-7", event_object_id="tx-1"
        )
        receiver.wait(1)  # one after the other: two that are under way may arrive in any order
        emulator.command("baanx", "test_webhook", url=receiver.url)
        first, second = (json.loads(each.body) for each in receiver.wait(2))
    assert list(first)[4:7] == ["user_id", "user_external_id", "event_object_id"]
    assert (first["user_external_id"], first["event_object_id"]) == ("partner-7", "tx-1")
    assert first.keys() - second.keys() == {"user_external_id"}
