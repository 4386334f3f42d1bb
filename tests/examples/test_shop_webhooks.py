"""The example shop accepts webhooks in any order, and trusts none of them."""

import pytest
from fastapi.testclient import TestClient

from emulator.testing import BackgroundServer
from tests.examples.stage import TELLING, WORTH, Stage, stage


@pytest.mark.parametrize("provider", TELLING, indirect=True)
@pytest.mark.parametrize("fault", ["duplicate", "reorder", "late", "re-encode"])
def test_webhooks_may_arrive_twice_late_out_of_order_and_in_other_bytes(at: Stage, fault: str) -> None:
    at.inject(fault)
    at.pay(at.buy().order_id)
    at.emulator.advance("3h")
    assert at.balance == WORTH[at.provider]
    attempts = [attempt for webhook in at.emulator.webhooks() for attempt in webhook["attempts"]]
    assert {attempt["status"] for attempt in attempts} == {200}


@pytest.mark.parametrize("provider", TELLING, indirect=True)
@pytest.mark.parametrize("fault", ["bad-signature", "drop"])
def test_a_forged_webhook_is_rejected_and_polling_finds_the_status(at: Stage, fault: str) -> None:
    bought = at.buy()
    at.emulator.advance("1s")
    at.inject(fault)
    at.emulator.set("koywe", webhook_retry_delays_s=[])
    at.pay(bought.order_id)
    first = {each["attempts"][0]["status"] for each in at.emulator.webhooks() if each["fault"] and each["attempts"]}
    assert first == ({401} if fault == "bad-signature" else set())
    at.wait("1s")
    assert at.balance == WORTH[at.provider]


@pytest.mark.parametrize("provider", TELLING, indirect=True)
def test_a_webhook_that_cannot_be_processed_now_is_requested_again(at: Stage) -> None:
    bought = at.buy()
    at.emulator.advance("1s")
    at.inject("gateway", status=403, times=1)
    at.pay(bought.order_id)
    at.emulator.advance("1h")
    statuses = [attempt["status"] for webhook in at.emulator.webhooks() for attempt in webhook["attempts"]]
    assert (statuses.count(503), set(statuses)) == (1, {200, 503})
    assert at.balance == WORTH[at.provider]


@pytest.mark.parametrize("provider", TELLING, indirect=True)
def test_a_test_webhook_is_accepted_and_changes_nothing(at: Stage) -> None:
    body = {"basswallet": {"status": "Success"}, "changelly": {"status": "complete"},
            "koywe": {"type": "order.completed"}}[at.provider]  # fmt: skip
    at.emulator.call("POST", f"commands/{at.provider}/test_webhook", body)
    [webhook] = at.emulator.wait_for_webhooks()["webhooks"]
    assert (webhook["attempts"][0]["status"], at.balance, at.asked) == (200, {}, 0)
    assert at.shop.store.made_since(0) == []


@pytest.mark.parametrize("provider", TELLING, indirect=True)
def test_a_webhook_without_a_signature_or_for_an_unknown_provider_is_rejected(at: Stage) -> None:
    anybody = TestClient(at.app)
    assert anybody.post(f"/webhooks/{at.provider}", content=b"{}").status_code == 401
    assert anybody.post(f"/webhooks/{at.provider}", content=b"\xff").status_code == 401
    assert anybody.post("/webhooks/nobody", content=b"{}").status_code == 404


def test_an_event_that_was_processed_is_not_requested_again(server: BackgroundServer) -> None:
    with stage(server, "koywe") as at:
        at.pay(at.buy().order_id)
        asked = at.asked
        at.emulator.replay(at.emulator.webhooks()[-1]["id"])
        assert at.asked == asked
        assert at.emulator.webhooks()[-1]["attempts"][-1]["status"] == 200
