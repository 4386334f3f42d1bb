"""The built-in receiver: what it has received, verified or not, and why."""

from typing import Any

import httpx
import pytest

from emulator.core.received import MAX_RECEIVED, MAX_RECEIVED_BYTES, Inbox, Verdict
from emulator.providers import NAMES
from emulator.testing import Emulator
from emulator.web.receiving import MAX_WEBHOOK_BYTES

PROVIDERS = pytest.mark.parametrize("provider", NAMES)


def url(emulator: Emulator) -> str:
    return str(emulator.call("GET", "receiver")["url"])


def received(emulator: Emulator, **query: Any) -> list[Any]:
    found: list[Any] = emulator.call("GET", "receiver", **query)["received"]
    return found


@PROVIDERS
def test_a_webhook_is_received_and_verified(emulator: Emulator, provider: Any) -> None:
    emulator.command(provider, "test_webhook", url=url(emulator))
    emulator.wait_for_webhooks(1)
    [got] = received(emulator)
    assert (got["provider"], got["verified"], got["reason"]) == (provider, True, None)
    assert got["path"] == f"/receiver/{emulator.name}"
    assert emulator.webhooks()[0]["state"] == "delivered"


@PROVIDERS
def test_a_bad_signature_is_not_verified_and_has_a_reason(emulator: Emulator, provider: Any) -> None:
    emulator.inject("bad-signature", times=1)
    emulator.command(provider, "test_webhook", url=url(emulator))
    emulator.wait_for_webhooks(1)
    [got] = received(emulator)
    assert (got["provider"], got["verified"]) == (provider, False)
    assert "by the sandbox's key" in got["reason"]


def test_a_request_that_is_not_a_webhook_is_marked_as_such(emulator: Emulator) -> None:
    assert httpx.post(url(emulator), content=b"\xff").status_code == 200
    [got] = received(emulator)
    assert (got["provider"], got["verified"], got["body"], got["body_base64"]) == (None, False, None, "/w==")
    assert "Koywe-Signature" in got["reason"]


def test_received_webhooks_can_be_filtered_and_removed(emulator: Emulator) -> None:
    for number in range(3):
        httpx.post(url(emulator), content=str(number))
    assert [got["body"] for got in received(emulator, after=1, limit=1)] == ["1"]
    assert [got["body"] for got in emulator.received()] == ["0", "1", "2"]
    emulator.clear_received()
    assert emulator.received() == []


def test_a_reset_sandbox_has_received_nothing(emulator: Emulator) -> None:
    httpx.post(url(emulator))
    emulator.reset()
    assert received(emulator) == []


def test_a_body_that_is_too_long_or_for_no_sandbox_is_refused(emulator: Emulator) -> None:
    assert httpx.post(url(emulator), content=b"x" * (MAX_WEBHOOK_BYTES + 1)).status_code == 413
    assert httpx.post(url(emulator) + "x").status_code == 404
    assert received(emulator) == []


def test_no_other_address_of_the_emulator_is_called(emulator: Emulator) -> None:
    for wrong in (url(emulator) + "/x", url(emulator).replace("/receiver/", "/_emulator/sandboxes/")):
        emulator.command("changelly", "test_webhook", url=wrong)
    emulator.wait_for_webhooks(2)
    assert {webhook["state"] for webhook in emulator.webhooks()} == {"refused"}


def test_received_webhooks_are_bounded_by_number_and_bytes() -> None:
    inbox, verdict = Inbox(), Verdict(None, False, None)
    for _ in range(MAX_RECEIVED + 2):
        inbox.add(0, "POST", "/", {}, b"", verdict)
    assert (len(list(inbox)), inbox.forgotten) == (MAX_RECEIVED, 2)
    for _ in range(3):
        inbox.add(0, "POST", "/", {}, bytes(MAX_RECEIVED_BYTES // 2), verdict)
    assert sum(len(each.body) for each in inbox) <= MAX_RECEIVED_BYTES
