"""An order can be complete before its transaction hash is known."""

import json
from collections.abc import Iterator
from typing import Any, cast

import pytest

from emulator.testing import ControlRefused, Emulator
from tests.clients.changelly import Client
from tests.receivers import Receiver

HASH = "0xfeed"


@pytest.fixture
def receiver(emulator: Emulator) -> Iterator[Receiver]:
    with Receiver() as made:
        emulator.set("changelly", callbackUrl=made.url)
        yield made


def told(receiver: Receiver) -> list[tuple[str, str | None]]:
    bodies = [json.loads(each.body) for each in receiver.received]
    return [(body["status"], body["transactionHash"]) for body in bodies]


def test_29_the_shipped_scenario_completes_first_and_adds_the_hash_later(
    emulator: Emulator, client: Client, receiver: Receiver
) -> None:
    order_id = client.start("hash-later")
    emulator.advance("5s")
    assert (client.status(order_id), client.order(order_id)["transactionHash"]) == ("complete", None)
    emulator.advance("30s")
    known = client.order(order_id)["transactionHash"]
    assert known.startswith("0x")
    assert told(receiver) == [("pending", None), ("complete", None), ("complete", known)]


def test_29_a_custom_scenario_can_set_hash_and_amount(emulator: Emulator, client: Client, receiver: Receiver) -> None:
    given = {"transactionHash": HASH, "payoutAmount": "0.0123"}
    timeline: list[dict[str, Any]] = [
        {"after": "1s", "to": "pending"},
        {"after": "1s", "do": "complete", "with": given},
    ]
    document = {"version": 1, "provider": "changelly", "about": "A hash of its own.", "timeline": timeline}
    emulator.scenario("changelly", "own-hash", document)
    order_id = client.start("own-hash")
    emulator.advance("2s")
    order = client.order(order_id)
    assert {name: order[name] for name in given} == given
    assert told(receiver)[-1] == ("complete", HASH)
    timeline[1]["with"] = {"transactionHash": "x" * 256}
    with pytest.raises(ControlRefused, match="255"):
        emulator.scenario("changelly", "own-hash", document)


@pytest.mark.parametrize("given", [HASH, None])
@pytest.mark.parametrize("way", [("start",), ("start", "hold"), ("start", "refund")])
def test_29_an_event_can_set_hash_and_amount(
    emulator: Emulator, client: Client, given: str | None, way: tuple[str, ...]
) -> None:
    order_id = client.start()
    for event in way:
        emulator.fire(order_id, cast(Any, event))
    emulator.fire(order_id, "complete", transactionHash=given)
    assert client.order(order_id)["transactionHash"] == given
    emulator.fire(order_id, "update", transactionHash="0xlater")
    assert client.order(order_id)["transactionHash"] == "0xlater"


def test_29_each_event_that_moves_an_order_on_can_set_amounts(emulator: Emulator, client: Client) -> None:
    order_id = client.start()
    for event in ("start", "hold", "resume"):
        emulator.fire(order_id, event, payinAmount="149", payoutAmount=None)
        order = client.order(order_id)
        assert (order["payinAmount"], order["payoutAmount"]) == ("149", None)


def test_29_by_setting_orders_get_no_hash_by_themselves(emulator: Emulator, client: Client) -> None:
    order_id = client.start()
    emulator.set("changelly", completeHash="none")
    emulator.move(order_id, "pending")
    emulator.move(order_id, "complete")
    assert client.order(order_id)["transactionHash"] is None
    emulator.fire(order_id, "update", transactionHash=HASH)
    assert client.order(order_id)["transactionHash"] == HASH


@pytest.mark.parametrize("bad", ["", "x" * 256, 5])
def test_29_an_impossible_hash_is_refused(emulator: Emulator, client: Client, bad: Any) -> None:
    order_id = client.start()
    for event in ("start", "update"):
        with pytest.raises(ControlRefused) as caught:
            emulator.fire(order_id, event, transactionHash=bad)
        assert caught.value.status == 400


def test_29_a_patch_cannot_set_the_hash(emulator: Emulator, client: Client) -> None:
    order_id = client.start()
    client.patch(order_id, status="pending", transactionHash=HASH)
    assert client.order(order_id)["transactionHash"] is None
    client.patch(order_id, status="complete")
    assert client.order(order_id)["transactionHash"] not in (None, HASH)
