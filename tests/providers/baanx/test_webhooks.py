"""Webhooks of the card programme as they reach a receiver: bytes, signature, retries, and which events raise them."""

import json
from collections.abc import Callable
from typing import Any, cast

import httpx
import pytest

from emulator.core.durations import read_instant_ms
from emulator.providers.baanx.webhooks import make_signature
from emulator.testing import ControlRefused, Emulator, verify_baanx
from tests.clients.baanx import Client
from tests.receivers import GARBAGE, HALF, Received, Receiver

TYPES = ("kyc.status.changed", "card.activated", "transaction.cleared")


def told(response: httpx.Response) -> tuple[int, Any]:
    return response.status_code, response.json()


def subscribe(client: Client, url: str, *event_types: str, **more: Any) -> dict[str, Any]:
    body = {"name": "x", "url": url, "event_types": list(event_types) or ["*"], "is_active": True} | more
    response = client.request("POST", "/v1/webhooks", body)
    assert response.status_code == 201, response.text
    found: dict[str, Any] = response.json()["data"]
    return found


def events(client: Client, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.request("GET", "/v1/webhooks/events", params=query).json()["events"]
    return found


def event_status(client: Client) -> str:
    """Of the newest event."""
    shown = client.request("GET", f"/v1/webhooks/events/{events(client)[0]['id']}/status").json()
    return str(shown["status"])


def send(emulator: Emulator, event_type: str = "transaction.cleared", **arguments: Any) -> None:
    """Raises an event, and lets it be sent."""
    emulator.command("baanx", "send_event", event_type=event_type, **arguments)
    emulator.advance("0s")


def is_signed(received: Received, key: str) -> bool:
    return verify_baanx(received.body, received.headers, key)


def test_42_the_signature_is_the_published_one() -> None:
    body = b'{"api_version":"v1","event_id":"5f0c1c5e-8b0e-4f5e-9d3c-2a7b6c1d0e11","event_type":"kyc.status.changed"}'
    expected = "4f7f07e5171bdb145e88bafa6d0e3c1ad00ae5e48551f272561baa7b37d9b136"
    assert make_signature("whk_sandbox_0001", "1735119800", body) == expected
    headers = {"X-Timestamp": "1735119800", "X-Signature": expected}
    assert verify_baanx(body, headers, "whk_sandbox_0001")
    for bad in (headers | {"X-Timestamp": "1735119801"}, headers | {"X-Signature": "0" * 64}, {}):
        assert not verify_baanx(body, bad, "whk_sandbox_0001")
    assert not verify_baanx(body + b" ", headers, "whk_sandbox_0001")


def test_42_a_delivery_is_a_signed_post(emulator: Emulator, client: Client) -> None:
    with Receiver() as receiver:
        endpoint = subscribe(client, receiver.url)
        send(emulator, object={"amount": "5"}, object_id="txn-1", status="CLEARED", changes={"a": {"before": 1}})
        (received,) = receiver.received
    assert received.headers["content-type"] == "application/json"
    assert int(received.headers["x-timestamp"]) == read_instant_ms(emulator.now) // 1000
    assert is_signed(received, endpoint["apiKey"])
    body = json.loads(received.body)
    assert received.body == json.dumps(body, separators=(",", ":")).encode()
    user = client.request("GET", "/v1/user").json()
    assert list(body.items()) == [
        ("api_version", "v1"),
        ("event_id", events(client)[0]["eventId"]),
        ("event_category", "transaction"),
        ("event_type", "transaction.cleared"),
        ("user_id", user["id"]),
        ("event_object_id", "txn-1"),
        ("event_object_status", "CLEARED"),
        ("event_object_changes", {"a": {"before": 1}}),
        ("event_object", {"amount": "5"}),
        ("occurred_at", emulator.now),
    ]


@pytest.mark.parametrize(
    ("patterns", "heard"),
    [
        (["card.activated"], {"card.activated"}),
        (["card.*", "kyc.*"], {"card.activated", "kyc.status.changed"}),
        (["transaction.*"], {"transaction.cleared"}),
        (["*"], set(TYPES)),
    ],
)
def test_42_an_endpoint_gets_what_it_subscribes_to(
    emulator: Emulator, client: Client, patterns: list[str], heard: set[str]
) -> None:
    with Receiver() as receiver:
        subscribe(client, receiver.url, *patterns)
        subscribe(client, receiver.url, "*", is_active=False)
        for event_type in TYPES:
            send(emulator, event_type)
        assert {json.loads(each.body)["event_type"] for each in receiver.received} == heard
        assert len(receiver.received) == len(heard)


def test_42_the_timestamp_can_come_from_the_real_clock(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", webhook_timestamp="real")
    with Receiver() as receiver:
        endpoint = subscribe(client, receiver.url)
        send(emulator)
        (received,) = receiver.received
    assert int(received.headers["x-timestamp"]) > read_instant_ms(emulator.now) // 1000 + 86_400
    assert is_signed(received, endpoint["apiKey"])


@pytest.mark.parametrize("fault", ["bad-signature", "old-secret", "stale-timestamp", "unknown-status", "re-encode"])
def test_42_faults_on_deliveries_apply(emulator: Emulator, client: Client, fault: Any) -> None:
    emulator.inject(fault, provider="baanx", event="transaction.cleared", times=1)
    with Receiver() as receiver:
        endpoint = subscribe(client, receiver.url)
        send(emulator, status="CLEARED")
        (received,) = receiver.received
    assert is_signed(received, endpoint["apiKey"]) is (fault not in ("bad-signature", "old-secret"))
    age_s = read_instant_ms(emulator.now) // 1000 - int(received.headers["x-timestamp"])
    assert age_s == (3600 if fault == "stale-timestamp" else 0)
    assert json.loads(received.body)["event_object_status"] == (
        "TELEPORTED" if fault == "unknown-status" else "CLEARED"
    )


def test_43_ordering_a_card_raises_card_activated(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", users={"unverified": {"verificationState": "VERIFIED", "externalId": "customer-77"}})
    client.token = client.login(f"unverified@{emulator.name}.test").json()["accessToken"]
    with Receiver() as receiver:
        subscribe(client, receiver.url)
        assert client.request("POST", "/v1/card/order", {"type": "VIRTUAL"}).status_code == 200
        emulator.advance("0s")
        body = json.loads(receiver.received[0].body)
    card = client.request("GET", "/v1/card/status").json()
    assert list(body)[4:6] == ["user_id", "user_external_id"]
    assert (body["event_type"], body["user_external_id"]) == ("card.activated", "customer-77")
    assert (body["event_object_id"], body["event_object_status"]) == (card["id"], "ACTIVE")
    assert body["event_object_changes"] == {"status": {"before": None, "after": "ACTIVE"}}
    assert body["event_object"] == card


def test_43_a_changed_verification_state_raises_an_event_and_an_unchanged_one_does_not(
    emulator: Emulator, client: Client
) -> None:
    def change(state: str) -> None:
        emulator.command("baanx", "change_verification", user="unverified", state=state)
        emulator.advance("0s")

    with Receiver() as receiver:
        subscribe(client, receiver.url)
        change("UNVERIFIED")
        change("PENDING")
        change("PENDING")
        change("VERIFIED")
        emulator.set("baanx", users={"unverified": {"verificationState": "REJECTED"}})
        bodies = [json.loads(each.body) for each in receiver.received]
    assert [each["event_object"] for each in bodies] == [
        {"verificationState": "PENDING"},
        {"verificationState": "VERIFIED"},
    ]
    last = bodies[-1]
    assert (last["event_type"], last["event_category"]) == ("kyc.status.changed", "kyc")
    assert last["event_object_id"] == last["user_id"]
    assert last["event_object_status"] == "VERIFIED"
    assert last["event_object_changes"] == {"verificationState": {"before": "PENDING", "after": "VERIFIED"}}
    assert client.login(f"unverified@{emulator.name}.test").json()["verificationState"] == "REJECTED"


def test_43_of_a_command_and_a_setting_the_later_one_counts(emulator: Emulator, client: Client) -> None:
    client.token = client.login(f"unverified@{emulator.name}.test").json()["accessToken"]

    def state() -> Any:
        return client.request("GET", "/v1/user").json()["verificationState"]

    emulator.set("baanx", users={"unverified": {"verificationState": "REJECTED"}})
    emulator.command("baanx", "change_verification", user="unverified", state="PENDING")
    assert state() == "PENDING"
    emulator.set("baanx", users={"us": {}})
    assert state() == "PENDING"
    emulator.set("baanx", users={"unverified": {"verificationState": "VERIFIED"}})
    assert state() == "VERIFIED"


def test_21_and_43_an_order_raises_only_the_events_of_its_card(emulator: Emulator, client: Client) -> None:
    with Receiver() as receiver:
        subscribe(client, receiver.url)
        emulator.set("baanx", use_pending=True)
        for steps in (["payment_started", "pay", "refund"], ["fail"], ["refund"], ["expire"]):
            order_id = client.start()
            for event in steps:
                emulator.fire(order_id, cast(Any, event))
        emulator.fire(client.start("METAL_CARD"), "pay")
        emulator.advance(until="idle")
        assert receiver.received == []
        emulator.set("baanx", metal_changes_card=True, users={"user": {"eligible": {"METAL_CARD": True}}})
        emulator.fire(client.start("METAL_CARD"), "pay")
        emulator.advance("0s")
        (received,) = receiver.received
    body = json.loads(received.body)
    assert body["event_type"] == "card.activated"
    assert body["event_object_changes"] == {"type": {"before": "VIRTUAL", "after": "METAL"}}
    assert body["event_object"]["type"] == "METAL"


@pytest.mark.parametrize(
    "arguments",
    [{}, {"event_type": "order.completed"}, {"event_type": "card.activated", "user": "nobody"},
     {"event_type": "card.activated", "object": []}, {"event_type": "card.activated", "more": 1}],
)  # fmt: skip
def test_43_an_impossible_event_is_refused(emulator: Emulator, client: Client, arguments: Any) -> None:
    with pytest.raises(ControlRefused, match="bad-request"):
        emulator.command("baanx", "send_event", **arguments)
    assert events(client) == []


def test_43_an_event_without_details_has_a_new_object_id(emulator: Emulator, client: Client) -> None:
    send(emulator, user="us")
    send(emulator, user="us")
    first, second = (each["payload"] for each in events(client))
    assert first["event_object"] == {}
    assert not first.keys() & {"event_object_status", "event_object_changes", "user_external_id"}
    assert first["event_object_id"] != second["event_object_id"]


@pytest.mark.parametrize("behaviour", [500, 503, GARBAGE, HALF])
def test_44_failures_are_retried_on_the_clock(emulator: Emulator, client: Client, behaviour: int | str) -> None:
    with Receiver(behaviour) as receiver:
        endpoint = subscribe(client, receiver.url)
        send(emulator)
        for count, wait_s in enumerate((1, 2, 4, 8, 16), 1):
            assert event_status(client) == "processing"
            emulator.advance(f"{wait_s * 1000 - 1}ms")
            assert len(receiver.received) == count
            emulator.advance("1ms")
            assert len(receiver.received) == count + 1
        emulator.advance("30d")
        assert len(receiver.received) == 6
    assert event_status(client) == "failed"
    assert len({each.body for each in receiver.received}) == 1
    stamps = [int(each.headers["x-timestamp"]) for each in receiver.received]
    assert [each - stamps[0] for each in stamps] == [0, 1, 3, 7, 15, 31]
    assert all(is_signed(each, endpoint["apiKey"]) for each in receiver.received)


@pytest.mark.parametrize("behaviour", [400, 404, 429, 301, 302])
def test_44_after_any_other_answer_nothing_is_retried(emulator: Emulator, client: Client, behaviour: int) -> None:
    with Receiver(behaviour) as receiver:
        subscribe(client, receiver.url)
        send(emulator)
        emulator.advance("1d")
        assert len(receiver.received) == 1
    assert event_status(client) == "failed"


@pytest.mark.parametrize(("waits", "attempts"), [([], 1), ([5], 2), ([0, 0], 3)])
def test_44_the_waits_between_attempts_are_a_setting(
    emulator: Emulator, client: Client, waits: list[int], attempts: int
) -> None:
    emulator.set("baanx", webhook_retry_seconds=waits)
    with Receiver(500) as receiver:
        subscribe(client, receiver.url)
        send(emulator)
        emulator.advance("1d")
        assert len(receiver.received) == attempts


def test_44_a_successful_retry_completes_the_event(emulator: Emulator, client: Client) -> None:
    with Receiver(500, 202) as receiver:
        subscribe(client, receiver.url)
        send(emulator)
        emulator.advance("1s")
        assert len(receiver.received) == 2
    assert event_status(client) == "completed"
    assert events(client)[0]["processedAt"] == emulator.now


def test_47_a_sandbox_with_a_webhook_url_has_an_endpoint_from_the_start(emulator: Emulator) -> None:
    make: Callable[..., Emulator] = Emulator.create
    with Receiver() as receiver:
        wanted = {"name": f"{emulator.name}-b", "clock": {"mode": "manual"}, "webhook_url": receiver.url}
        with make(emulator.control_url, **wanted) as other, Client(other) as app:
            (endpoint,) = app.request("GET", "/v1/webhooks").json()
            assert (endpoint["name"], endpoint["eventTypes"], endpoint["isActive"]) == ("sandbox", ["*"], True)
            assert endpoint["url"] == receiver.url
            send(other)
            (received,) = receiver.received
    assert is_signed(received, "whk_baanx_test")
