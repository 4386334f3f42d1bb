"""Callbacks as a partner's receiver gets them."""

import base64
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.core import json_text
from emulator.core.durations import read_instant_ms
from emulator.providers.changelly.signature.rsa import sign_callback
from emulator.providers.changelly.signature.test_key import PRIVATE_KEY_PEM
from emulator.testing import BackgroundServer, Emulator, verify_changelly
from tests.clients.changelly import Client
from tests.receivers import GARBAGE, HALF, Receiver

BUY_KEYS = re.findall(
    r"\w+",
    """redirectUrl orderId status externalUserId externalOrderId providerCode currencyFrom currencyTo amountFrom country
    state ip walletAddress walletExtraId paymentMethod userAgent metadata createdAt payinAmount payoutAmount
    payinCurrency payoutCurrency transactionHash""",
)
SELL_KEYS = [
    "refundAddress" if name == "walletAddress" else name for name in BUY_KEYS if name != "walletExtraId"
]  # fmt: skip


@pytest.fixture
def receiver(emulator: Emulator) -> Iterator[Receiver]:
    with Receiver() as made:
        emulator.set("changelly", callbackUrl=made.url)
        yield made


def statuses(receiver: Receiver) -> list[str]:
    return [json.loads(each.body)["status"] for each in receiver.received]


@pytest.mark.parametrize(
    "provider, first", [("wert", ["created"]), ("transak", ["created"]), ("moonpay", []), ("banxa", [])]
)
def test_23_only_wert_and_transak_send_a_callback_for_a_new_order(
    emulator: Emulator, client: Client, receiver: Receiver, provider: str, first: list[str]
) -> None:
    order_id = client.start(providerCode=provider)
    emulator.move(order_id, "pending")
    emulator.advance("1s")
    assert statuses(receiver) == [*first, "pending"]


def test_23_each_status_and_each_patch_sends_one_callback(
    emulator: Emulator, client: Client, receiver: Receiver
) -> None:
    order_id = client.start()
    client.patch(order_id, status="pending")
    client.patch(order_id, status="pending", ip="1.2.3.4")
    client.patch(order_id, payinAmount="149")
    emulator.fire(order_id, "complete")
    emulator.advance("1s")
    assert statuses(receiver) == ["pending", "pending", "pending", "complete"]
    assert json.loads(receiver.received[1].body)["ip"] == "1.2.3.4"


def test_23_callback_bodies_are_compact_json_with_their_keys_in_order(
    emulator: Emulator, client: Client, receiver: Receiver
) -> None:
    buy = client.start()
    sell = client.order_id(client.sell({"X-Emulator-Scenario": "manual"}))
    for order_id in (buy, sell):
        emulator.move(order_id, "pending")
    emulator.advance("1s")
    sent = {json.loads(each.body)["orderId"]: each.body for each in receiver.received}  # two orders, in either order
    bodies = [sent[buy], sent[sell]]
    assert [list(json.loads(body)) for body in bodies] == [BUY_KEYS, SELL_KEYS]
    assert bodies == [json_text.encode(json_text.decode(body)) for body in bodies]
    assert json.loads(bodies[0])["payinAmount"] == json.loads(bodies[0])["amountFrom"]


def test_23_a_callback_has_its_headers_and_a_signature_over_the_order_id_alone(
    emulator: Emulator, client: Client, receiver: Receiver, tmp_path: Path
) -> None:
    order_id = client.start()
    emulator.move(order_id, "pending")
    emulator.wait_for_webhooks()
    (received,) = receiver.received
    access = emulator.changelly.credentials
    assert received.headers["x-callback-api-key"] == access["api_key"]
    assert received.headers["content-type"] == "application/json"
    assert received.headers["user-agent"] == "changelly-sandbox"
    assert verify_changelly(received.body, received.headers, access["callback_public_key"])
    (tmp_path / "key.pem").write_text(access["callback_public_key"])
    (tmp_path / "signature").write_bytes(base64.b64decode(received.headers["x-callback-signature"]))
    verify = ["openssl", "dgst", "-sha256", "-verify", str(tmp_path / "key.pem")]
    command = [*verify, "-signature", str(tmp_path / "signature")]
    text = f'{{"orderId":"{order_id}"}}'.encode()
    assert subprocess.run(command, input=text, check=False, capture_output=True).returncode == 0
    assert subprocess.run(command, input=received.body, check=False, capture_output=True).returncode != 0


def test_23_the_documented_vector_verifies() -> None:
    vectors = json.loads(Path(__file__).with_name("signature_vectors.json").read_text("utf-8"))
    callback = vectors["callback"]
    order_id = json.loads(callback["text"])["orderId"]
    assert sign_callback(order_id, PRIVATE_KEY_PEM) == callback["signature"]


def test_23_extra_members_are_sent_only_by_setting(emulator: Emulator, client: Client, receiver: Receiver) -> None:
    emulator.set("changelly", callbackExtras=True)
    order_id = client.start()
    client.patch(order_id, amountTo="0.05")
    emulator.wait_for_webhooks()
    body = json.loads(receiver.received[0].body)
    assert list(body) == [*BUY_KEYS, "type", "amountTo"]
    assert (body["type"], body["amountTo"]) == ("buy", "0.05")


def test_41_the_expected_amount_is_shown_until_a_patch_sets_another(
    emulator: Emulator, client: Client, receiver: Receiver
) -> None:
    emulator.set("changelly", callbackExtras=True)
    buy = client.start(providerCode="wert")
    sell = client.order_id(client.sell({"X-Emulator-Scenario": "manual"}))
    assert (client.order(buy)["amountTo"], client.order(sell)["amountTo"]) == ("0.0475", "1237.5")
    assert client.patch(buy, ip="203.0.113.7").json()["amountTo"] == "0.0475"
    assert client.patch(buy, amountTo="0.05").json()["amountTo"] == "0.05"
    emulator.move(buy, "pending")
    emulator.move(sell, "pending")
    assert (client.order(buy)["amountTo"], client.order(buy)["payoutAmount"]) == ("0.05", "0.05")
    assert client.order(sell)["payoutAmount"] == "1237.5"
    emulator.wait_for_webhooks(5)
    sent = [json.loads(each.body) for each in receiver.received]
    assert [each["amountTo"] for each in sent if each["orderId"] == buy] == ["0.0475", "0.0475", "0.05", "0.05"]
    assert [(each["type"], each["amountTo"]) for each in sent if each["orderId"] == sell] == [("sell", "1237.5")]


def test_41_the_expected_amount_is_that_of_the_orders_method(client: Client, emulator: Emulator) -> None:
    emulator.set("changelly", callbackExtras=True)
    order = {"currencyFrom": "EUR", "amountFrom": "100"}
    assert client.order(client.start(**order, paymentMethod="card"))["amountTo"] == "0.0382"
    assert client.order(client.start(**order))["amountTo"] == "0.0396"
    emulator.set("changelly", callbackExtras=False)
    assert "amountTo" not in client.order(client.start())


def test_23_an_orders_own_url_counts_only_with_the_setting(
    emulator: Emulator, client: Client, receiver: Receiver
) -> None:
    with Receiver() as own:
        emulator.move(client.start(callbackUrl=own.url), "pending")
        emulator.set("changelly", acceptCallbackUrl=True)
        emulator.move(client.start(callbackUrl=own.url), "pending")
        emulator.wait_for_webhooks(2)
        assert (len(receiver.received), len(own.received)) == (1, 1)


def test_23_another_partner_has_no_callbacks(emulator: Emulator, other: Client, receiver: Receiver) -> None:
    emulator.move(other.start(), "pending")
    assert emulator.webhooks() == []


def test_23_a_sandbox_is_created_with_a_webhook_url(emulator_server: BackgroundServer) -> None:
    with (
        Receiver() as receiver,
        emulator_server.sandbox(webhook_url=receiver.url) as sandbox,
        Client(sandbox) as client,
    ):
        sandbox.move(client.start(), "pending")
        sandbox.wait_for_webhooks()
        assert statuses(receiver) == ["pending"]


def test_22_resend_succeeds_if_the_receiver_accepts(emulator: Emulator, client: Client, receiver: Receiver) -> None:
    order_id = client.start()
    answer = client.request("POST", f"/v1/sandbox/order/{order_id}/resend-callback")
    assert (answer.status_code, answer.json()) == (200, {"status": "success"})
    assert statuses(receiver) == ["created"]


@pytest.mark.parametrize("behaviour", [500, 302, HALF, GARBAGE])
def test_22_a_failed_resend_is_not_retried(emulator: Emulator, client: Client, behaviour: Any) -> None:
    with Receiver(behaviour) as receiver:
        emulator.set("changelly", callbackUrl=receiver.url)
        answer = client.request("POST", f"/v1/sandbox/order/{client.start()}/resend-callback")
        emulator.advance("2h")
    assert answer.json() == {"status": "failed"}
    assert len(receiver.received) == 1


@pytest.mark.parametrize("url", [None, "http://127.0.0.1:9/closed"])
def test_22_resend_fails_without_a_receiver(emulator: Emulator, client: Client, url: str | None) -> None:
    emulator.set("changelly", callbackUrl=url)
    answer = client.request("POST", f"/v1/sandbox/order/{client.start()}/resend-callback")
    assert answer.json() == {"status": "failed"}


@pytest.mark.parametrize("path", ["/v1/sandbox/order/{}", "/v1/sandbox/order/{}/resend-callback"])
@pytest.mark.parametrize(
    "fault, status",
    [("forbidden", 403), ("offerExpired", 410), ("unprocessableEntity", 422), ("tooManyRequests", 429),
     ("internalServerError", 500)],
)  # fmt: skip
def test_22_a_fault_header_applies_to_resend(client: Client, path: str, fault: str, status: int) -> None:
    method = "POST" if path.endswith("callback") else "PATCH"
    body = None if method == "POST" else {"ip": "1.1.1.1"}
    answer = client.request(method, path.format(client.start()), body, headers={"X-Sandbox-Fault": fault})
    assert answer.status_code == status


def test_22_resend_refuses_with_the_documented_errors(emulator: Emulator, client: Client, other: Client) -> None:
    order_id = client.start()
    path = f"/v1/sandbox/order/{order_id}/resend-callback"
    assert client.request("GET", path).status_code == 404
    assert client.request("POST", "/v1/sandbox/order/abc/resend-callback").json()["errorDetails"] == [
        {"cause": "id", "value": "Incorrect order ID"}
    ]
    assert other.request("POST", path).status_code == 404
    unknown = "00000000-0000-4000-8000-000000000000"
    assert client.request("POST", f"/v1/sandbox/order/{unknown}/resend-callback").status_code == 404
    production = client.start(externalUserId="sandbox-production-1")
    answer = client.request("POST", f"/v1/sandbox/order/{production}/resend-callback")
    assert answer.json()["errorType"] == "txType"


def test_24_after_two_failures_the_third_attempt_has_the_same_body(emulator: Emulator, client: Client) -> None:
    with Receiver(500, 500, 200) as receiver:
        emulator.set("changelly", callbackUrl=receiver.url)
        emulator.move(client.start(), "pending")
        emulator.advance("2h")
    assert len(receiver.received) == 3
    assert len({each.body for each in receiver.received}) == 1


def test_24_a_receiver_that_always_fails_gets_24_attempts(emulator: Emulator, client: Client) -> None:
    with Receiver(500) as receiver:
        emulator.set("changelly", callbackUrl=receiver.url)
        emulator.move(client.start(), "pending")
        emulator.advance("1d")
    (webhook,) = emulator.webhooks()
    assert (len(receiver.received), webhook["state"]) == (24, "failed")
    first, second = (read_instant_ms(attempt["at"]) for attempt in webhook["attempts"][:2])
    assert second - first == 156_000


def test_24_the_time_between_attempts_is_a_setting(emulator: Emulator, client: Client) -> None:
    with Receiver(500) as receiver:
        emulator.set("changelly", callbackUrl=receiver.url, callbackRetryMs=7_000, callbackMaxRetries=1)
        emulator.move(client.start(), "pending")
        emulator.advance("1d")
    (webhook,) = emulator.webhooks()
    first, second = (read_instant_ms(attempt["at"]) for attempt in webhook["attempts"])
    assert second - first == 7_000


def test_24_a_slow_receiver_and_a_redirect_count_as_failures(emulator: Emulator, client: Client) -> None:
    with Receiver("hang") as slow, Receiver(302) as elsewhere:
        emulator.set("changelly", callbackTimeoutMs=200, callbackMaxRetries=0, callbackUrl=slow.url)
        emulator.move(client.start(), "pending")
        emulator.wait_for_webhooks(1)
        emulator.set("changelly", callbackTimeoutMs=10_000, callbackUrl=elsewhere.url)
        emulator.move(client.start(), "pending")
        found = emulator.wait_for_webhooks(2)["webhooks"]
    assert [each["state"] for each in found] == ["failed", "failed"]
    assert [each["attempts"][0]["status"] for each in found] == [None, 302]


def test_24_a_later_event_is_not_held_back(emulator: Emulator, client: Client) -> None:
    with Receiver(500, 200) as receiver:
        emulator.set("changelly", callbackUrl=receiver.url)
        order_id = client.start()
        emulator.move(order_id, "pending")
        emulator.wait_for_webhooks(1)
        emulator.move(order_id, "complete")
        emulator.wait_for_webhooks(2)
        emulator.advance("1h")
    assert statuses(receiver) == ["pending", "complete", "pending"]


@pytest.mark.parametrize("fault", ["bad-signature", "unknown-status", "duplicate", "drop"])
def test_faults_apply_to_callbacks(emulator: Emulator, client: Client, receiver: Receiver, fault: Any) -> None:
    emulator.inject(fault, provider="changelly")
    emulator.move(client.start(), "pending")
    emulator.advance("1s")
    key = emulator.changelly.credentials["callback_public_key"]
    good = [verify_changelly(each.body, each.headers, key) for each in receiver.received]
    assert good == {"bad-signature": [False], "unknown-status": [True], "duplicate": [True, True], "drop": []}[fault]
    if fault == "unknown-status":
        assert statuses(receiver) == ["teleported"]
