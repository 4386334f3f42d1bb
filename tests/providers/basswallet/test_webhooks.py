"""Webhooks as a merchant's receiver gets them."""

import hmac
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl

import pytest

from emulator.core import json_text
from emulator.providers.basswallet.webhooks import _write_escaped_text
from emulator.testing import BackgroundServer, Emulator, verify_basswallet
from tests.clients.basswallet import Client
from tests.receivers import GARBAGE, HALF, HANG, Received, Receiver

PAID = {"tokenName": "USDT", "chainName": "Tron", "amount": "25.50", "businessId": "Order1"}


@pytest.fixture
def client(emulator: Emulator) -> Iterator[Client]:
    made = Client(emulator)
    yield made
    made.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as made:
        yield made


def members(received: Received) -> dict[str, str]:
    return dict(parse_qsl(received.body.decode(), keep_blank_values=True))


def start(client: Client, url: str | None, scenario: str = "manual", **changes: Any) -> str:
    return client.order_id(client.create({"X-Emulator-Scenario": scenario}, **PAID, webhookUrl=url, **changes))


def test_16_a_paid_order_sends_two_full_webhooks_that_verify(
    emulator: Emulator, client: Client, receiver: Receiver
) -> None:
    order_id = start(client, receiver.url)
    emulator.fire(order_id, "pay", txHash="ab" * 32)
    happened = [item for item in emulator.advance("60s") if item["kind"] == "delivery"]
    first, second = receiver.received
    secret = emulator.basswallet.credentials["callback_secret_key"]
    assert verify_basswallet(first.body, first.headers, secret)
    assert first.headers["api-access-key"] == emulator.basswallet.credentials["callback_access_key"]
    shown = members(first)
    assert list(shown) == [*sorted(set(shown) - {"timestamp"}), "timestamp"]
    told = ("webhookType", "status", "amount", "amountActual", "amountUSD", "txHash")
    assert {name: shown[name] for name in told} == {
        "webhookType": "Payment", "status": "AwaitingConfirmation", "amount": "25.50", "amountActual": "25.5",
        "amountUSD": "25.50", "txHash": "ab" * 32,
    }  # fmt: skip
    assert (shown["blockConfirmNum"], members(second)["blockConfirmNum"]) == ("1", "20")
    assert members(second)["status"] == "Success"
    assert members(second)["blockHigh"] == shown["blockHigh"]
    assert [item["outcome"] for item in happened] == ["delivered", "delivered"]
    assert not verify_basswallet(first.body, first.headers, "another secret")


def test_16_the_signature_verifies_with_openssl(emulator: Emulator, client: Client, receiver: Receiver) -> None:
    order_id = start(client, receiver.url)
    emulator.fire(order_id, "expire")
    emulator.wait_for_webhooks()
    (received,) = receiver.received
    text = "&".join(f"{name}={value}" for name, value in members(received).items())
    secret = emulator.basswallet.credentials["callback_secret_key"]
    command = ["openssl", "dgst", "-sha256", "-hmac", secret]
    answer = subprocess.run(command, input=text.encode(), capture_output=True, check=True).stdout.decode()
    assert answer.split()[-1] == received.headers["signature"]


def test_16_an_expired_order_sends_the_short_webhook(emulator: Emulator, client: Client, receiver: Receiver) -> None:
    start(client, receiver.url, expiryMinutes="1")
    emulator.advance("60s")
    (received,) = receiver.received
    assert {**members(received), "timestamp": "", "id": ""} == {
        "businessId": "Order1", "id": "", "status": "Expired", "webhookType": "Payment", "timestamp": "",
    }  # fmt: skip


@pytest.mark.parametrize(("paid", "status"), [("25.49", "Underpaid"), ("25.51", "Success")])
def test_14_an_underpayment_and_an_overpayment_each_send_two_webhooks(
    emulator: Emulator, client: Client, receiver: Receiver, paid: str, status: str
) -> None:
    emulator.fire(start(client, receiver.url), "pay", amount=paid)
    emulator.advance("60s")
    told = [members(each) for each in receiver.received]
    assert [each["status"] for each in told] == ["AwaitingConfirmation", status]
    assert [each["amountActual"] for each in told] == [paid, paid]
    assert [each["blockConfirmNum"] for each in told] == ["1", "20"]


def test_14_making_up_for_an_underpayment_sends_two_more_webhooks(
    emulator: Emulator, client: Client, receiver: Receiver
) -> None:
    emulator.set("basswallet", underpaid_policy="topup")
    order_id = start(client, receiver.url)
    for part in ("20", "5.50"):
        emulator.fire(order_id, "pay", amount=part)
        emulator.advance("60s")
    told = [(shown["status"], shown["amountActual"]) for shown in map(members, receiver.received)]
    assert told == [
        ("AwaitingConfirmation", "20"), ("Underpaid", "20"), ("AwaitingConfirmation", "25.5"), ("Success", "25.5"),
    ]  # fmt: skip


def test_15_a_failed_order_sends_a_full_webhook(emulator: Emulator, client: Client, receiver: Receiver) -> None:
    order_id = start(client, receiver.url)
    emulator.fire(order_id, "pay")
    emulator.advance("3s")
    emulator.fire(order_id, "fail")
    emulator.advance("60s")
    confirming, failed = map(members, receiver.received)
    different = {name for name in confirming if confirming[name] != failed[name]} - {"timestamp"}
    assert (different, failed["status"]) == ({"status"}, "Failed")


def test_15_a_cancelled_order_sends_nothing(emulator: Emulator, client: Client, receiver: Receiver) -> None:
    emulator.fire(start(client, receiver.url), "cancel")
    emulator.advance(until="idle")
    assert emulator.webhooks() == []


def test_16_the_order_s_own_url_takes_precedence_over_the_account_s(emulator: Emulator, client: Client) -> None:
    with Receiver() as account, Receiver() as own:
        emulator.set("basswallet", webhook_url=account.url)
        for url in (own.url, None):
            order_id = client.order_id(client.create({"X-Emulator-Scenario": "manual"}, webhookUrl=url))
            emulator.fire(order_id, "expire")
        emulator.wait_for_webhooks(2)
        assert (len(own.received), len(account.received)) == (1, 1)


def test_16_without_a_url_nothing_is_sent(emulator: Emulator, client: Client) -> None:
    emulator.fire(start(client, None), "expire")
    assert emulator.webhooks() == []


def test_16_a_sandbox_is_created_with_a_webhook_url(emulator_server: BackgroundServer, receiver: Receiver) -> None:
    with emulator_server.sandbox(webhook_url=receiver.url) as sandbox:
        client = Client(sandbox)
        sandbox.fire(client.order_id(client.create()), "expire")
        sandbox.wait_for_webhooks()
        assert len(receiver.received) == 1
        client.close()


def test_16_json_webhooks_have_three_numbers_and_the_same_signed_text(
    emulator: Emulator, client: Client, receiver: Receiver
) -> None:
    emulator.set("basswallet", webhook_encoding="json")
    emulator.fire(start(client, receiver.url), "pay")
    emulator.advance("60s")
    for received in receiver.received:
        body = json_text.decode(received.body)
        numbers = {name for name, value in body.items() if isinstance(value, int)}
        assert numbers == {"blockConfirmNum", "blockHigh", "timestamp"}
        assert verify_basswallet(
            received.body, received.headers, emulator.basswallet.credentials["callback_secret_key"]
        )


def test_16_an_account_without_a_callback_key_sends_unsigned_webhooks(emulator: Emulator, receiver: Receiver) -> None:
    client = Client(emulator, word="other")
    emulator.fire(start(client, receiver.url), "expire")
    emulator.wait_for_webhooks()
    assert not {"signature", "api-access-key"} & receiver.received[0].headers.keys()
    client.close()


@pytest.mark.parametrize("behaviour", [500, 204, 302, HALF, GARBAGE])
def test_16_after_anything_but_200_a_webhook_is_retried_by_the_table(
    emulator: Emulator, client: Client, behaviour: Any
) -> None:
    with Receiver(behaviour) as receiver:
        emulator.fire(start(client, receiver.url), "expire")
        emulator.wait_for_webhooks()
        emulator.advance("2h")
        (webhook,) = emulator.webhooks()
    assert webhook["state"] == "failed"
    assert len(receiver.received) == 7
    at = [int(attempt["at"][11:13]) * 3600 + int(attempt["at"][14:16]) * 60 + int(attempt["at"][17:19])
          for attempt in webhook["attempts"]]  # fmt: skip
    assert [later - earlier for earlier, later in pairwise(at)] == [15, 30, 60, 120, 240, 480]


def test_16_a_receiver_that_is_down_or_silent_holds_nothing_up(emulator: Emulator, client: Client) -> None:
    emulator.set("basswallet", webhook_timeout=1, webhook_retry_delays=[])
    with Receiver(HANG) as silent, Receiver() as good:
        emulator.fire(start(client, silent.url), "expire")
        silent.wait(1)
        emulator.set("basswallet", webhook_timeout=10)
        emulator.fire(client.order_id(client.create({"X-Emulator-Scenario": "manual"}, webhookUrl=good.url)), "expire")
        good.wait(1)
        found = emulator.wait_for_webhooks(2)["webhooks"]
    assert [each["state"] for each in found] == ["failed", "delivered"]
    assert "no answer within 1s" in str(found[0]["attempts"][0]["error"])
    closed = client.create({"X-Emulator-Scenario": "manual"}, webhookUrl="http://127.0.0.1:9/hook")
    emulator.fire(client.order_id(closed), "expire")
    refused = emulator.wait_for_webhooks(3)["webhooks"][2]
    assert refused["state"] == "failed"
    assert refused["attempts"][0]["error"]


def test_16_success_after_a_failure_ends_the_retries(emulator: Emulator, client: Client) -> None:
    with Receiver(500, 200) as receiver:
        emulator.fire(start(client, receiver.url), "expire")
        emulator.advance("2h")
    assert len(receiver.received) == 2
    assert emulator.webhooks()[0]["state"] == "delivered"


def test_16_a_retry_does_not_hold_the_second_webhook_back(emulator: Emulator, client: Client) -> None:
    with Receiver(500, 200) as receiver:
        emulator.fire(start(client, receiver.url), "pay")
        emulator.advance("17s")
        emulator.fire(emulator.orders()[0]["id"], "confirm")
        emulator.advance("2h")
    assert [members(each)["status"] for each in receiver.received] == [
        "AwaitingConfirmation",
        "Success",
        "AwaitingConfirmation",
    ]


@pytest.mark.parametrize("restamp, stamps", [(True, 2), (False, 1)])
def test_16_each_attempt_has_a_new_timestamp_and_signature(
    emulator: Emulator, client: Client, restamp: bool, stamps: int
) -> None:
    emulator.set("basswallet", timestamp_clock="emulator", future_tolerance_ms=None, webhook_restamp=restamp)
    with Receiver(500, 200) as receiver:
        emulator.fire(start(client, receiver.url), "expire")
        emulator.advance("1h")
    secret = emulator.basswallet.credentials["callback_secret_key"]
    assert len({members(each)["timestamp"] for each in receiver.received}) == stamps
    assert all(verify_basswallet(each.body, each.headers, secret) for each in receiver.received)


def test_16_an_answer_with_a_body_can_be_made_to_count_as_failed(
    emulator_server: BackgroundServer, emulator: Emulator, client: Client
) -> None:
    async def talkative(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})

    emulator_server.receive_at("talkative.test", talkative)
    emulator.set("basswallet", webhook_retry_delays=[])
    emulator.fire(start(client, "http://talkative.test/hook"), "expire")
    emulator.wait_for_webhooks(1)
    emulator.set("basswallet", webhook_require_empty_body=True)
    second = client.order_id(client.create({"X-Emulator-Scenario": "manual"}, webhookUrl="http://talkative.test/hook"))
    emulator.fire(second, "expire")
    found = emulator.wait_for_webhooks(2)["webhooks"]
    assert [each["state"] for each in found] == ["delivered", "failed"]


def test_16_a_webhook_is_sent_again_on_demand(emulator: Emulator, client: Client, receiver: Receiver) -> None:
    emulator.fire(start(client, receiver.url), "expire")
    (webhook,) = emulator.wait_for_webhooks()["webhooks"]
    again = emulator.replay(webhook["id"])
    assert (again["state"], len(receiver.received)) == ("delivered", 2)
    assert members(receiver.received[0])["id"] == members(receiver.received[1])["id"]


def test_16_an_address_that_is_neither_local_nor_allowed_is_refused(emulator: Emulator, client: Client) -> None:
    emulator.fire(start(client, "http://203.0.113.7/hook"), "expire")
    (webhook,) = emulator.wait_for_webhooks()["webhooks"]
    assert webhook["state"] == "refused"
    assert "--webhook-allow" in str(webhook["attempts"][0]["error"])


def test_16_usd_rates_are_a_setting(emulator: Emulator, client: Client, receiver: Receiver) -> None:
    emulator.set("basswallet", usd_rates={"USDT": "0.9998"})
    emulator.fire(start(client, receiver.url), "pay", amount="99.99")
    emulator.advance("3s")
    assert members(receiver.received[0])["amountUSD"] == "99.97"


# -- webhooks with faults


def test_16_fault_drop_loses_the_webhook(emulator: Emulator, client: Client, receiver: Receiver) -> None:
    emulator.inject("drop", provider="basswallet", times=1)
    emulator.fire(start(client, receiver.url), "pay")
    emulator.advance("2h")
    assert [members(each)["status"] for each in receiver.received] == ["Success"]


def test_16_fault_duplicate_sends_it_twice(emulator: Emulator, client: Client, receiver: Receiver) -> None:
    emulator.inject("duplicate", times=1)
    emulator.fire(start(client, receiver.url), "expire")
    emulator.advance("1s")
    assert len(receiver.received) == 2
    assert members(receiver.received[0])["id"] == members(receiver.received[1])["id"]


def test_16_fault_late_holds_it_back(emulator: Emulator, client: Client, receiver: Receiver) -> None:
    emulator.inject("late", by="10m")
    emulator.fire(start(client, receiver.url), "expire")
    emulator.advance("599s")
    assert receiver.received == []
    emulator.advance("1s")
    assert len(receiver.received) == 1


def test_16_fault_reorder_sends_it_after_the_next(emulator: Emulator, client: Client, receiver: Receiver) -> None:
    emulator.inject("reorder", times=1)
    emulator.fire(start(client, receiver.url), "pay")
    emulator.advance("60s")
    assert [members(each)["status"] for each in receiver.received] == ["Success", "AwaitingConfirmation"]


@pytest.mark.parametrize("fault", ["bad-signature", "old-secret"])
def test_16_faults_of_the_signature(emulator: Emulator, client: Client, receiver: Receiver, fault: Any) -> None:
    emulator.inject(fault)
    emulator.fire(start(client, receiver.url), "expire")
    emulator.wait_for_webhooks()
    (received,) = receiver.received
    assert len(received.headers["signature"]) == 64
    assert not verify_basswallet(
        received.body, received.headers, emulator.basswallet.credentials["callback_secret_key"]
    )


def test_16_fault_stale_timestamp(emulator: Emulator, client: Client, receiver: Receiver) -> None:
    emulator.set("basswallet", timestamp_clock="emulator", future_tolerance_ms=None)
    emulator.inject("stale-timestamp")
    emulator.fire(start(client, receiver.url), "expire")
    emulator.wait_for_webhooks()
    (received,) = receiver.received
    now_ms = emulator.call("GET", "clock")["now_ms"]
    assert int(members(received)["timestamp"]) == now_ms - 3_600_000
    assert verify_basswallet(received.body, received.headers, emulator.basswallet.credentials["callback_secret_key"])


def test_17_the_webhook_has_the_setting_s_word_too(emulator: Emulator, client: Client, receiver: Receiver) -> None:
    emulator.set("basswallet", confirmation_word="WaitingConfirmation")
    emulator.fire(start(client, receiver.url), "pay")
    emulator.advance("60s")
    assert [members(each)["status"] for each in receiver.received] == ["WaitingConfirmation", "Success"]


def test_16_fault_unknown_status(emulator: Emulator, client: Client, receiver: Receiver) -> None:
    emulator.inject("unknown-status")
    emulator.fire(start(client, receiver.url), "expire")
    emulator.wait_for_webhooks()
    assert members(receiver.received[0])["status"] not in ("Expired", "Success", "Failed")


def test_16_a_scenario_can_inject_faults_into_the_webhooks_of_its_order(
    emulator: Emulator, client: Client, receiver: Receiver
) -> None:
    document = {"version": 1, "provider": "basswallet", "about": "Twice.", "faults": [{"fault": "duplicate"}]}
    emulator.scenario("basswallet", "twice", document)
    emulator.fire(start(client, receiver.url, scenario="twice"), "expire")
    emulator.advance("1s")
    assert len(receiver.received) == 2


def test_the_documented_vector_of_a_webhook_verifies() -> None:
    text = "businessId=Order0001&id=626900000000000001&status=Expired&webhookType=Payment&timestamp=1735123337500"
    signature = "11c59bafdb1c2be75bd0de580508d29390b0f78820d0e545360f2ae27223fda1"
    assert hmac.new(b"sandbox-callback-secret-0001", text.encode(), "sha256").hexdigest() == signature
    headers = {"Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
    assert verify_basswallet(text.encode(), headers, "sandbox-callback-secret-0001")


def test_in_other_bytes_a_name_beyond_ascii_keeps_its_meaning() -> None:
    assert parse_qsl(_write_escaped_text((("businessId", "é-1 €"), ("amount", "1.5")))) == [
        ("businessId", "é-1 €"),
        ("amount", "1.5"),
    ]
