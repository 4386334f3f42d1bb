"""Drawn lives can happen, whoever plays them, and what was seen is returned."""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator import providers
from emulator.providers import NAMES
from emulator.testing import BackgroundServer
from emulator.testing.lives import Beginning, Fire, Inject, Life, Read, Run, Wait, lives
from tests.receivers import Receiver
from tests.thorough import tries

in_one_server = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


def life(*steps: Any, beginning: Beginning = Beginning(), provider: str = "baanx") -> Life:  # noqa: B008  frozen
    return Life(provider, "", beginning, steps, {}, "199")


@pytest.mark.parametrize("provider", NAMES)
def test_every_life_that_is_drawn_can_happen(emulator_server: BackgroundServer, provider: Any) -> None:
    @in_one_server
    @given(drawn=lives(provider, faults=True))
    def check(drawn: Life) -> None:
        with emulator_server.sandbox(webhook_url=receiver.url) as emulator:
            played = emulator.play(None, drawn)
            assert played.impossible == []
            lost = drawn.beginning.refused is not None or drawn.beginning.faults
            assert played.order is not None or lost

    with Receiver() as receiver:
        check()


def test_a_deadline_is_met_to_the_millisecond(emulator_server: BackgroundServer) -> None:
    for offset_ms, status in ((-1, "STARTED"), (0, "EXPIRED"), (1, "EXPIRED")):
        with emulator_server.sandbox() as emulator:
            emulator.set("baanx", order_expiry_seconds=60)  # the life was drawn where it is another
            played = emulator.play(None, life(Wait(3_600_000 + offset_ms, "expire", offset_ms)))
            assert played.statuses[-1] == status


def test_a_lost_answer_leaves_an_order_that_the_client_does_not_know(emulator_server: BackgroundServer) -> None:
    rule = {"fault": "reset", "when": "after", "provider": "baanx", "endpoint": "create-order", "times": 1}
    lost = Beginning(faults=(rule,))
    with emulator_server.sandbox() as emulator:

        def buy(drawn: Life) -> None:
            assert emulator.make_order("baanx")["id"]

        played = emulator.play(lambda drawn: None, life(beginning=lost))
        assert played.order is None
        assert emulator.call("GET", "faults")["faults"] == []
        played = emulator.play(buy, life(Fire("pay"), beginning=lost))
        assert played.order is not None
        assert played.statuses == ["STARTED", "COMPLETED"]


def test_an_existing_order_can_be_played_on(emulator_server: BackgroundServer) -> None:
    with emulator_server.sandbox() as emulator:
        drawn = life(Read(), Fire("pay"), Read(2))
        emulator.begin(drawn)
        order = emulator.make_order("baanx")["id"]
        seen: list[str] = []
        played = emulator.play(order, drawn, read=seen.append)
        assert played.order == order
        assert seen == [order] * 3
        assert len(played.reads) == 3


@pytest.mark.parametrize("provider", NAMES)
def test_without_a_custom_client_the_provider_s_client_reads(emulator_server: BackgroundServer, provider: Any) -> None:
    kind = next(iter(providers.load(provider).lifecycle.initial))
    with emulator_server.sandbox() as emulator:
        played = emulator.play(None, Life(provider, kind, Beginning(), (Read(), Read(2)), {}, ""))
        assert [answer.status_code for answer in played.reads] == [200] * 3
        assert all(str(played.order) in answer.text for answer in played.reads)


def test_each_step_is_reported_once_it_was_taken(emulator_server: BackgroundServer) -> None:
    seen: list[Any] = []
    with emulator_server.sandbox() as emulator:
        steps = (Fire("pay"), Wait(1000), Fire("refund"))
        emulator.play(
            None, life(*steps), after=lambda step: seen.append((step, emulator.orders()[0]["status"], emulator.now))
        )
    assert [step for step, _, _ in seen] == list(steps)
    assert [status for _, status, _ in seen] == ["COMPLETED"] * 3
    assert [now[17:19] for _, _, now in seen] == ["00", "01", "01"]


def test_a_client_that_changes_the_order_makes_steps_impossible(emulator_server: BackgroundServer) -> None:
    with emulator_server.sandbox() as emulator:
        played = emulator.play(
            None, life(Read(), Fire("fail"), Fire("refund")), read=lambda order: emulator.fire(order, "pay")
        )
        assert played.impossible == [Fire("fail")]
        assert played.statuses == ["STARTED", "COMPLETED", "COMPLETED"]


def test_an_exception_of_the_client_is_raised(emulator_server: BackgroundServer) -> None:
    def fail(order: str) -> None:
        raise LookupError(order)

    with emulator_server.sandbox() as emulator, pytest.raises(LookupError):
        emulator.play(None, life(Read()), read=fail)


def test_an_injected_fault_affects_the_webhook(emulator_server: BackgroundServer) -> None:
    with Receiver() as receiver, emulator_server.sandbox(webhook_url=receiver.url) as emulator:
        drawn = Life(
            "changelly", "buy", Beginning(), (Inject({"fault": "duplicate", "times": 1}), Fire("start")), {}, "150"
        )
        played = emulator.play(None, drawn)
        assert [each["fault"] for each in played.webhooks] == ["duplicate", "duplicate"]
        assert len(receiver.received) == 2


@given(drawn=st.data())
@settings(max_examples=tries(20))
def test_a_life_can_be_awaited(drawn: st.DataObject) -> None:
    async def go() -> None:
        async with server.sandbox().awaited() as emulator:
            played = await emulator.play(None, drawn.draw(lives("koywe", faults=True)))
            assert [each for each in played.impossible if not isinstance(each, Run)] == []

    with BackgroundServer(sockets=False) as server:
        asyncio.run(go())
