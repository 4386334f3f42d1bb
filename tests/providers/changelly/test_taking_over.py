"""Statuses set by hand, under chosen scenarios and default ones."""

from collections.abc import Callable
from typing import Any, cast

import httpx
import pytest

from emulator.testing import Emulator
from tests.clients.changelly import Client
from tests.receivers import Receiver

LONG = "2d"
Set = Callable[[Emulator, Client, str, str], object]
BY_HAND: dict[str, Set] = {
    "PATCH": lambda emulator, client, order, status: client.patch(order, status=status),
    "control": lambda emulator, client, order, status: emulator.move(order, cast(Any, status), force=True),
}


@pytest.mark.parametrize("way", BY_HAND)
@pytest.mark.parametrize("status", ["hold", "refunded", "created", "pending"])
def test_27_a_status_set_by_hand_stays_however_far_the_clock_goes(
    emulator: Emulator, client: Client, way: str, status: str
) -> None:
    order = client.order_id(client.create())
    BY_HAND[way](emulator, client, order, status)
    emulator.advance(LONG)
    assert client.status(order) == status
    assert emulator.order(order)["next"] is None
    assert client.patch(order, status="complete").status_code == 200


def test_27_a_patch_sends_one_callback(emulator: Emulator, client: Client) -> None:
    with Receiver(200) as receiver:
        emulator.set("changelly", callbackUrl=receiver.url)
        order = client.order_id(client.create())
        client.patch(order, status="hold")
        emulator.advance(LONG)
    assert [webhook["attempts"][0]["status"] for webhook in emulator.webhooks(order)] == [200]


def test_27_an_event_or_a_button_counts_as_setting_the_status_by_hand(emulator: Emulator, client: Client) -> None:
    fired, pressed = (client.order_id(client.create()) for _ in range(2))
    emulator.fire(fired, "start")
    httpx.post(str(emulator.order(pressed)["page"]).partition("?")[0], data={"status": "failed"})
    emulator.advance(LONG)
    assert [client.status(each) for each in (fired, pressed)] == ["pending", "failed"]


def test_27_a_patch_without_a_status_does_not_end_the_timeline(emulator: Emulator, client: Client) -> None:
    patched, updated = (client.order_id(client.create()) for _ in range(2))
    client.patch(patched, ip="10.0.0.7")
    emulator.fire(updated, "update", country="FR")
    emulator.advance(LONG)
    assert [client.status(each) for each in (patched, updated)] == ["complete", "complete"]


def _chosen(emulator: Emulator, client: Client, way: str) -> str:
    if way == "default":
        emulator.choose(changelly="sandbox-flow-hold")
    if way == "header":
        return client.order_id(client.create({"X-Emulator-Scenario": "sandbox-flow-hold"}))
    return client.order_id(client.create(externalUserId="sandbox-flow-hold" if way == "match" else "u-1"))


@pytest.mark.parametrize("way", ["header", "match", "default"])
def test_28_a_chosen_timeline_goes_on_after_a_patch(emulator: Emulator, client: Client, way: str) -> None:
    order = _chosen(emulator, client, way)
    client.patch(order, status="pending")
    emulator.advance(LONG)
    assert client.status(order) == "complete"


@pytest.mark.parametrize("way", ["header", "match", "default"])
def test_28_with_the_setting_always_a_chosen_timeline_ends_too(emulator: Emulator, client: Client, way: str) -> None:
    emulator.set("changelly", handEndsTimeline="always")
    order = _chosen(emulator, client, way)
    client.patch(order, status="pending")
    emulator.advance(LONG)
    assert client.status(order) == "pending"


def test_28_with_the_setting_never_no_timeline_ends(emulator: Emulator, client: Client) -> None:
    emulator.set("changelly", handEndsTimeline="never")
    order = client.order_id(client.create())
    client.patch(order, status="pending")
    emulator.advance(LONG)
    assert client.status(order) == "complete"
