"""Webhooks as a receiver gets them: contents, signatures, retries, and faults."""

import json
import subprocess
from typing import Any, cast

import pytest

from emulator.core import json_text
from emulator.core.durations import read_instant_ms
from emulator.testing import BackgroundServer, ControlRefused, Emulator, verify_koywe
from tests.clients.koywe import Client
from tests.providers.koywe.webhook_calls import SECRET, call, create, names, subscribe
from tests.receivers import HANG, Receiver


def test_23_the_payload_is_compact_and_signed_over_its_raw_bytes(emulator: Emulator, client: Client) -> None:
    with Receiver() as receiver:
        subscribe(client, receiver.url)
        order_id = client.order_id(
            client.create(
                {"X-Emulator-Scenario": "manual"}, externalId="factura-ñ-1", amountIn=json_text.read_number("5000.50")
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
def test_23_every_order_event_has_its_name(emulator: Emulator, client: Client, event_names: Any, payload: Any) -> None:
    emulator.set("koywe", event_names=event_names, webhook_payload=payload)
    with Receiver() as receiver:
        subscribe(client, receiver.url)
        ids = [create(client) for _ in range(4)]
        for event in ("start", "confirm", "settle", "request_refund", "refund"):
            emulator.fire(ids[0], event)
        for order_id, event in zip(ids[1:], ("cancel", "fail", "expire"), strict=True):
            emulator.fire(order_id, cast(Any, event))
        emulator.advance("1s")
    by_order: dict[str, list[str]] = {order_id: [] for order_id in ids}
    for each in receiver.received:
        body = json.loads(each.body)
        by_order[body["relationships"]["self"]["id"]].append(body["type"])
        if payload == "minimal":
            assert list(body) == ["id", "type", "data", "relationships"]
            assert list(body["data"]) == ["status", "external_id"]
    assert [name for sent in by_order.values() for name in sent] == ORDER_NAMES[event_names]


def test_23_a_held_order_raises_an_event_about_its_approval(emulator: Emulator, client: Client) -> None:
    with Receiver() as receiver:
        subscribe(client, receiver.url)
        order_id = create(
            client, "hold", type="PAYOUT", paymentMethods=None,
            destinationAccountId="acc_00000000-0000-4000-8000-000000000201",
        )  # fmt: skip
        emulator.fire(order_id, "approve")
        emulator.advance("100ms")
    assert names(receiver)[:3] == ["order.created", "order.approved", "order.pending"]


def test_23_contacts_merchants_and_deposits_raise_events(emulator: Emulator, client: Client) -> None:
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
def test_23_faults_apply_to_deliveries(emulator: Emulator, client: Client, fault: Any) -> None:
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
def test_23_faults_make_deliveries_late_or_out_of_order(emulator: Emulator, client: Client, fault: Any) -> None:
    with Receiver() as receiver:
        subscribe(client, receiver.url)
        emulator.inject(fault, event="order.created", by="10m")
        create(client)
        emulator.advance("1s")
        early = names(receiver)
        emulator.advance("10m")
    assert early == {"late": ["order.pending"], "reorder": ["order.pending", "order.created"]}[fault]
    assert sorted(names(receiver)) == ["order.created", "order.pending"]


def test_23_a_fault_that_koywe_s_webhooks_cannot_have_is_refused(emulator: Emulator) -> None:
    with pytest.raises(ControlRefused, match="stale-timestamp"):
        emulator.inject("stale-timestamp", provider="koywe")


@pytest.mark.parametrize("behaviour", [500, 404, HANG])
def test_24_retries_follow_the_schedule_and_then_end(emulator: Emulator, client: Client, behaviour: Any) -> None:
    if behaviour == HANG:
        emulator.set("koywe", webhook_timeout_s=1, webhook_retry_delays_s=[60])
    with Receiver(behaviour) as receiver:
        endpoint = subscribe(client, receiver.url)
        event_id = call(client, "POST", f"webhooks/{endpoint}/ping").json()["eventId"]
        emulator.wait_for_webhooks()
        emulator.advance("3d")
    (webhook,) = emulator.webhooks()
    first, *later = [read_instant_ms(attempt["at"]) for attempt in webhook["attempts"]]
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


def test_24_a_successful_retry_is_the_last(emulator: Emulator, client: Client) -> None:
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
def test_24_settings_decide_what_counts_as_success_and_what_is_retried(
    emulator: Emulator, client: Client, settings: dict[str, Any], status: int, attempts: int
) -> None:
    emulator.set("koywe", **settings)
    with Receiver(status) as receiver:
        endpoint = subscribe(client, receiver.url)
        call(client, "POST", f"webhooks/{endpoint}/ping")
        emulator.wait_for_webhooks()
        emulator.advance("3d")
    assert len(receiver.received) == attempts


def test_24_a_deleted_endpoint_is_sent_no_retries_but_its_deliveries_stay(emulator: Emulator, client: Client) -> None:
    with Receiver(500) as receiver:
        endpoint = subscribe(client, receiver.url)
        event_id = call(client, "POST", f"webhooks/{endpoint}/ping").json()["eventId"]
        emulator.wait_for_webhooks()
        call(client, "DELETE", f"webhooks/{endpoint}")
        emulator.advance("3d")
    assert len(receiver.received) == 1
    (row,) = call(client, "GET", f"webhook-events/{event_id}/deliveries").json()
    assert row["deliveryStatus"] == "FAILED"


def test_a_sandbox_is_created_with_a_webhook_url(emulator_server: BackgroundServer) -> None:
    with (
        Receiver() as receiver,
        emulator_server.sandbox(webhook_url=receiver.url) as sandbox,
        Client(sandbox) as client,
    ):
        create(client)
        sandbox.wait_for_webhooks(2)
        assert verify_koywe(receiver.received[0].body, receiver.received[0].headers, SECRET)
