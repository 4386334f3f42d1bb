"""createdAt and updatedAt: an order has them in the same form wherever it is shown. Over HTTP."""

import json
import re
from typing import Any, cast

import pytest

from emulator.testing import Emulator
from tests.clients.changelly import Client
from tests.receivers import Receiver

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z?)")


def zones(emulator: Emulator, client: Client, kind: str, edition: Any, **settings: str) -> set[str]:
    """How an order of a kind ends its times: in the create answer, the list, the PATCH answer and its callback."""
    with Receiver() as receiver:
        emulator.set("changelly", callbackUrl=receiver.url, edition=cast(Any, edition), **cast(Any, settings))
        headers = {"X-Emulator-Scenario": "manual"}
        if kind == "buy":
            created = client.create(headers, externalOrderId="x")
        else:
            created = client.sell(headers, **({"amountFrom": 0.5} if edition == "D" else {}))
        order_id = client.order_id(created)
        patched = client.patch(order_id, status="pending").json()
        listed = client.order(order_id)
        emulator.wait_for_webhooks(1)
        callback = json.loads(receiver.received[0].body)
    times = [created.json()["createdAt"], callback["createdAt"]]
    times += [shown[name] for shown in (patched, listed) for name in ("createdAt", "updatedAt")]
    matches = [INSTANT.fullmatch(time) for time in times]
    return {match[1] if match else f"not a time: {times}" for match in matches}


@pytest.mark.parametrize(
    ("edition", "kind", "zone"),
    [
        ("A", "buy", ""),
        ("C", "buy", "Z"),
        ("D", "buy", "Z"),
        ("A", "sell", "Z"),
        ("C", "sell", "Z"),
        ("D", "sell", "Z"),
    ],
)
def test_36_the_times_of_an_order_are_written_the_same_everywhere(
    emulator: Emulator, client: Client, edition: str, kind: str, zone: str
) -> None:
    assert zones(emulator, client, kind, edition) == {zone}


@pytest.mark.parametrize("edition", ["A", "C"])
@pytest.mark.parametrize("kind", ["buy", "sell"])
@pytest.mark.parametrize(("setting", "zone"), [("always", "Z"), ("never", "")])
def test_36_by_setting_all_orders_or_none_have_a_time_zone(
    emulator: Emulator, client: Client, edition: str, kind: str, setting: str, zone: str
) -> None:
    assert zones(emulator, client, kind, edition, createdAtZone=setting) == {zone}


def test_36_a_callback_keeps_its_bytes_when_the_setting_changes(emulator: Emulator, client: Client) -> None:
    with Receiver(500, 200) as receiver:
        emulator.set("changelly", callbackUrl=receiver.url)
        emulator.move(client.start(), "pending")
        emulator.wait_for_webhooks(1)
        emulator.set("changelly", edition="C", createdAtZone="always")
        emulator.advance("156s")
    first, second = (each.body for each in receiver.received)
    assert first == second
    assert re.search(rb'"createdAt":"[^"Z]+"', first)


def test_16_purchases_of_the_oldest_edition_are_listed_without_a_time_zone(client: Client, emulator: Emulator) -> None:
    order = client.order(client.start())
    assert order["createdAt"] == order["updatedAt"] == emulator.now.removesuffix("Z")


def test_23_callbacks_of_the_oldest_edition_have_no_time_zone(client: Client, emulator: Emulator) -> None:
    with Receiver() as receiver:
        emulator.set("changelly", callbackUrl=receiver.url)
        client.start(providerCode="wert")
        emulator.wait_for_webhooks(1)
    assert json.loads(receiver.received[0].body)["createdAt"] == emulator.now.removesuffix("Z")
