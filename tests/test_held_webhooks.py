"""Held webhooks: by the fault `hold` before their first attempt, by hand before any other."""

from collections.abc import Iterator

import pytest

from emulator.testing import ControlRefused, Emulator
from tests.clients import basswallet, koywe
from tests.command import emulator as command
from tests.receivers import Receiver


@pytest.fixture
def receiver(emulator: Emulator) -> Iterator[Receiver]:
    with Receiver() as made:
        emulator.set("basswallet", webhook_url=made.url)
        yield made


@pytest.fixture
def order(emulator: Emulator, receiver: Receiver) -> str:
    with basswallet.Client(emulator) as shop:
        return shop.start()


def test_a_rule_holds_a_webhook_until_it_is_released(emulator: Emulator, receiver: Receiver, order: str) -> None:
    emulator.inject("hold", event="expired", times=1)
    emulator.fire(order, "expire")
    emulator.advance("30d")
    [held] = emulator.webhooks()
    assert (held["state"], held["fault"], held["attempts"], receiver.received) == ("held", "hold", [], [])
    sent = emulator.release_webhook(held["id"])
    assert (sent["state"], sent["id"], len(receiver.received)) == ("delivered", held["id"], 1)
    told = [line for line in emulator.order(order)["story"] if line["kind"] == "delivery"]
    assert [line.get("fault") or line["outcome"] for line in told] == ["hold", "delivered"]


def test_a_webhook_waiting_for_a_retry_can_be_held_by_hand(emulator: Emulator) -> None:
    with Receiver(500, 200) as slow:
        emulator.set("basswallet", webhook_url=slow.url)
        with basswallet.Client(emulator) as shop:
            emulator.fire(shop.start(), "expire")
        emulator.advance("1s")
        [failed] = emulator.webhooks()
        assert failed["state"] == "pending"
        assert emulator.hold_webhook(failed["id"])["state"] == "held"
        emulator.advance("30d")
        assert len(slow.received) == 1
        assert emulator.release_webhook(failed["id"])["state"] == "delivered"
        assert len(slow.received) == 2


def test_only_waiting_webhooks_can_be_held_and_only_held_ones_released(emulator: Emulator, order: str) -> None:
    emulator.fire(order, "expire")
    emulator.advance("1s")
    [sent] = emulator.webhooks()
    with pytest.raises(ControlRefused, match="is delivered: only one that is waiting to be sent or tried again can"):
        emulator.hold_webhook(sent["id"])
    with pytest.raises(ControlRefused, match="is delivered: only one that is held can be released"):
        emulator.release_webhook(sent["id"])
    with pytest.raises(ControlRefused, match="no webhook 'nothing'"):
        emulator.hold_webhook("nothing")


def test_a_provider_s_own_resume_does_not_release_a_held_webhook(emulator: Emulator) -> None:
    with Receiver() as receiver, koywe.Client(emulator) as merchant:
        wanted = {"url": receiver.url, "secret": "whsec_of_mine"}
        endpoint = merchant.request("POST", f"{merchant.organization}/webhooks", wanted).json()["id"]
        emulator.inject("hold", provider="koywe", times=1)
        merchant.create()
        emulator.advance("1s")
        for word in ("pause", "resume"):
            merchant.request("POST", f"{merchant.organization}/webhooks/{endpoint}/{word}")
        emulator.advance("1s")
        assert emulator.webhooks()[0]["state"] == "held"


def test_held_webhooks_stay_held_in_a_snapshot(emulator: Emulator, receiver: Receiver, order: str) -> None:
    emulator.inject("hold", times=1)
    emulator.fire(order, "expire")
    emulator.advance("1s")
    emulator.call("PUT", "snapshot", emulator.call("GET", "snapshot"))
    emulator.advance("1d")
    [held] = emulator.webhooks()
    assert (held["state"], emulator.release_webhook(held["id"])["state"]) == ("held", "delivered")


def test_the_command_holds_and_releases(emulator: Emulator, receiver: Receiver, order: str) -> None:
    emulator.inject("hold", times=1)
    emulator.fire(order, "expire")
    emulator.advance("1s")
    [held] = emulator.webhooks()
    where = ("--url", emulator.control_url, "--sandbox", emulator.name)
    refused = command("hold", held["id"], *where)
    assert (refused.returncode, "only one that is waiting to be sent or tried again" in refused.stderr) == (1, True)
    released = command("release", held["id"], *where)
    assert "delivered (1, the last 200)" in released.stdout
