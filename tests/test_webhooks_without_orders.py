"""Webhooks without an order: the command `test_webhook`, and the caller's own bodies, signed again."""

import base64
from collections.abc import Callable
from typing import Any

import pytest

from emulator import providers
from emulator.contract.delivery import Message
from emulator.core.self_check import message_problem
from emulator.testing import ControlRefused, Emulator, verify_baanx, verify_basswallet, verify_changelly, verify_koywe
from tests.receivers import Received, Receiver

Verify = Callable[[Emulator, Received], bool]
KOYWE_SECRET = "whsec_koywe_test"
VERIFIERS: dict[str, Verify] = {
    "baanx": lambda emulator, got: verify_baanx(got.body, got.headers, "whk_baanx_test"),
    "basswallet": lambda emulator, got: verify_basswallet(
        got.body, got.headers, str(emulator.basswallet.credentials["callback_secret_key"])
    ),
    "changelly": lambda emulator, got: verify_changelly(
        got.body, got.headers, str(emulator.changelly.credentials["callback_public_key"])
    ),
    "koywe": lambda emulator, got: verify_koywe(got.body, got.headers, KOYWE_SECRET),
}
PROVIDERS = pytest.mark.parametrize("provider", VERIFIERS)
CAPTURED = {
    "baanx": b'{"event_type": "card.activated",  "event_object": {}}',
    "basswallet": b"amount=5&status=Success&id=1&note=a%20b&timestamp=1735119800000",
    "changelly": b'{ "status":"complete",\n  "orderId": "0f4c2a7e-5d0b-4b1e-9a55-3c1f9f2d8e11", "amountFrom": 275.0 }',
    "koywe": '{"id":"evt_1", "data": {"ñ": 1.50} }\n'.encode("latin-1"),
}
SUBSCRIBED = {"basswallet": "webhook_url", "changelly": "callback_url"}


def shape_of(provider: str, event: str, got: Received) -> str | None:
    return message_problem(providers.load(provider), event, Message("", tuple(got.headers.items()), got.body))


@PROVIDERS
def test_a_test_webhook_is_signed_and_has_the_right_form(emulator: Emulator, provider: Any) -> None:
    with Receiver(200) as receiver:
        told = emulator.command(provider, "test_webhook", url=receiver.url)
        [got] = receiver.wait(1)
    emulator.wait_for_webhooks(1)
    [webhook] = emulator.webhooks()
    assert (webhook["id"], webhook["order"], webhook["state"]) == (told["result"]["id"], None, "delivered")
    assert VERIFIERS[provider](emulator, got)
    assert shape_of(provider, webhook["event"], got) is None
    assert emulator.orders() == []


@PROVIDERS
def test_a_test_webhook_goes_where_the_sandbox_s_webhooks_go(emulator: Emulator, provider: Any) -> None:
    with pytest.raises(ControlRefused, match="give url, or set one up first"):
        emulator.command(provider, "test_webhook")
    assert emulator.webhooks() == []


@PROVIDERS
def test_a_sandbox_with_a_receiver_needs_no_url(emulator_server: Any, provider: str) -> None:
    with Receiver(200) as receiver, emulator_server.sandbox(webhook_url=receiver.url) as sandbox:
        sandbox.command(provider, "test_webhook")
        [got] = receiver.wait(1)
        assert VERIFIERS[provider](sandbox, got)


@pytest.mark.parametrize("url", ["nowhere", "ftp://a/", 7])
@PROVIDERS
def test_a_url_that_cannot_be_called_is_refused(emulator: Emulator, provider: Any, url: Any) -> None:
    with pytest.raises(ControlRefused, match="url"):
        emulator.command(provider, "test_webhook", url=url)


@pytest.mark.parametrize(
    ("provider", "given"),
    [
        ("baanx", {"event_type": "kyc.status.changed", "event_object_status": "REJECTED"}),
        ("baanx", {"event_object": {"amount": "7.00"}, "user_id": "3d0f6c1e-9b7a-4f12-8c55-b7a1e2d94c03"}),
        ("basswallet", {"status": "Underpaid", "amountActual": "0.5", "blockHigh": 7}),
        ("basswallet", {"status": "Expired", "businessId": "Mine1"}),
        ("changelly", {"status": "hold", "amountFrom": "7.00", "externalOrderId": None}),
        ("koywe", {"type": "order.failed", "external_id": "mine"}),
        ("koywe", {"type": "bank_income.received", "amount": 5}),
        ("koywe", {"type": "ping"}),
    ],
)
def test_given_values_replace_made_up_ones(emulator: Emulator, provider: Any, given: dict[str, Any]) -> None:
    with Receiver(200) as receiver:
        emulator.command(provider, "test_webhook", url=receiver.url, **given)
        [got] = receiver.wait(1)
    emulator.wait_for_webhooks(1)
    assert shape_of(provider, emulator.webhooks()[0]["event"], got) is None
    assert VERIFIERS[provider](emulator, got)
    for value in given.values():
        written = str(value).replace("None", "null").replace("'", '"').replace(": ", ":")
        assert written in got.body.decode()


@PROVIDERS
def test_a_member_that_the_body_does_not_have_is_refused(emulator: Emulator, provider: Any) -> None:
    with pytest.raises(ControlRefused, match="the body has no member 'colour'"):
        emulator.command(provider, "test_webhook", url="http://127.0.0.1:9/", colour="red")


@PROVIDERS
def test_a_test_webhook_is_retried_by_the_provider_s_schedule(emulator: Emulator, provider: Any) -> None:
    with Receiver(500, 200) as receiver:
        emulator.command(provider, "test_webhook", url=receiver.url)
        emulator.advance("5m")
        first, again = receiver.wait(2)
    assert VERIFIERS[provider](emulator, again)
    assert [attempt["status"] for attempt in emulator.webhooks()[0]["attempts"]] == [500, 200]
    assert first.path == again.path


@PROVIDERS
def test_a_captured_body_is_sent_unchanged_with_a_new_signature(emulator: Emulator, provider: Any) -> None:
    body = CAPTURED[provider]
    with Receiver(200) as receiver:
        sent = emulator.send_webhook(provider, body, receiver.url)
        [got] = receiver.wait(1)
    assert got.body == body
    assert VERIFIERS[provider](emulator, got)
    assert (sent["state"], sent["order"], sent["event"]) == ("delivered", None, "sent")


@PROVIDERS
def test_a_body_can_be_given_as_text(emulator: Emulator, provider: str) -> None:
    body = {"baanx": "{}", "basswallet": "a=1&b=2", "changelly": '{"orderId": "e", "é": 1}', "koywe": ""}[provider]
    with Receiver(200) as receiver:
        emulator.call("POST", "webhooks/send", {"provider": provider, "body": body, "url": receiver.url})
        [got] = receiver.wait(1)
    assert got.body == body.encode()
    assert VERIFIERS[provider](emulator, got)


def test_basswallet_signs_json_too(emulator: Emulator) -> None:
    body = b'{"amount":"5.0","blockHigh":7,"status":"Success","timestamp":1735119800000}'
    with Receiver(200) as receiver:
        emulator.send_webhook("basswallet", body, receiver.url)
        [got] = receiver.wait(1)
    assert (got.body, got.headers["content-type"]) == (body, "application/json")
    assert VERIFIERS["basswallet"](emulator, got)


def test_koywe_signs_with_the_secret_of_the_endpoint_that_has_the_url(emulator: Emulator) -> None:
    with Receiver(200) as receiver:
        from tests.clients.koywe import Client

        with Client(emulator) as client:
            client.request("POST", f"{client.organization}/webhooks", {"url": receiver.url, "secret": "whsec_of_mine"})
        emulator.send_webhook("koywe", b"{}")
        [got] = receiver.wait(1)
    assert verify_koywe(got.body, got.headers, "whsec_of_mine")


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"body": "{}"}, "provider"),
        ({"provider": "nobody", "body": "{}"}, "no provider 'nobody'"),
        ({"provider": "koywe"}, "body_base64 instead of body"),
        ({"provider": "koywe", "body": "{}", "body_base64": "e30="}, "body_base64 instead of body"),
        ({"provider": "koywe", "body_base64": "?"}, "body_base64 cannot be read"),
        ({"provider": "koywe", "body": "{}"}, "give url, or set one up first"),
        ({"provider": "koywe", "body": "{}", "url": "nowhere"}, "url:"),
        ({"provider": ["koywe"], "body": "{}"}, "provider: not a string"),
        ({"provider": "koywe", "body": 7}, "body: not a string"),
        ({"provider": "changelly", "body": "{}", "url": "http://127.0.0.1:9/"}, "the signature is over orderId"),
        ({"provider": "changelly", "body": "nonsense", "url": "http://127.0.0.1:9/"}, "the body is not JSON"),
        ({"provider": "basswallet", "body": "", "url": "http://127.0.0.1:9/"}, "send a form or a JSON object"),
        ({"provider": "basswallet", "body_base64": "/w==", "url": "http://127.0.0.1:9/"}, "in UTF-8"),
    ],
)
def test_an_impossible_test_webhook_is_refused_and_leaves_nothing(emulator: Emulator, wanted: Any, words: str) -> None:
    with pytest.raises(ControlRefused, match=words):
        emulator.call("POST", "webhooks/send", wanted)
    assert emulator.webhooks() == []


def test_a_given_body_is_replayed_stored_and_restored_unchanged(emulator: Emulator) -> None:
    body = CAPTURED["koywe"]
    with Receiver(200) as receiver:
        sent = emulator.send_webhook("koywe", body, receiver.url)
        kept = emulator.call("GET", "snapshot")
        emulator.reset()
        emulator.call("PUT", "snapshot", kept)
        emulator.replay(sent["id"])
        assert [got.body for got in receiver.wait(2)] == [body, body]
    [delivery] = kept["tables"]["deliveries"].values()
    assert base64.b64decode(delivery["body"]) == body


@PROVIDERS
def test_faults_on_deliveries_apply_to_test_webhooks(emulator: Emulator, provider: Any) -> None:
    emulator.inject("bad-signature", provider=provider, times=1)
    with Receiver(200) as receiver:
        emulator.send_webhook(provider, CAPTURED[provider], receiver.url)
        [got] = receiver.wait(1)
    assert not VERIFIERS[provider](emulator, got)
