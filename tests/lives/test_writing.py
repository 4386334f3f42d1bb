"""A life as a scenario file: it can be pasted, it is valid, and an order that follows it takes the same course."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings

from emulator import providers
from emulator.cli import main
from emulator.core import json_text
from emulator.files import yaml_text
from emulator.providers import NAMES
from emulator.testing import BackgroundServer, ControlRefused, Emulator
from emulator.testing.lives import Beginning, Fire, Inject, Life, Read, Run, Wait, lives
from tests.receivers import Receiver
from tests.thorough import tries

STORY = ("created", "transition")


def follows(drawn: Life) -> bool:
    """Whether an order can follow the written life."""
    return drawn.beginning.refused is None and drawn.kind != "deposit"


def course(emulator: Emulator, order: str) -> list[tuple[Any, ...]]:
    """When the order got which status, and which webhooks reported it, with their faults."""
    story = emulator.order(order)["story"]
    changes = [(each["at"], each["status"], each["event"]) for each in story if each["kind"] in STORY]
    return changes + [
        (each["event"], each["fault"], [attempt["at"] for attempt in each["attempts"]])
        for each in emulator.webhooks(order)
    ]


def follow(emulator: Emulator, drawn: Life) -> str:
    """An order that follows the written life to its end."""
    provider: Any = drawn.provider
    if drawn.beginning.settings:
        emulator.set(provider, **drawn.beginning.settings)
    emulator.scenario(provider, "pasted", yaml_text.read_yaml(drawn.scenario()))
    request = providers.load(provider).order_request
    if request is not None and drawn.kind in request.before:
        command, arguments = request.before[drawn.kind]
        emulator.call("POST", f"commands/{provider}/{command}", arguments)
    order = None
    while order is None:
        try:
            order = emulator.make_order(provider, drawn.kind or None, "pasted", **drawn.beginning.body)["id"]
        except ControlRefused as refusal:
            assert drawn.beginning.faults, refusal
    emulator.advance(0)
    for step in drawn.steps:
        if isinstance(step, Wait):
            emulator.advance(f"{step.by_ms}ms")
        if isinstance(step, Fire) and step.by_hand:
            provider_event: Any = step.event
            emulator.fire(order, provider_event, **step.arguments)
            emulator.advance(0)
    return str(order)


@pytest.mark.parametrize("provider", NAMES)
def test_an_order_that_follows_the_written_scenario_takes_the_same_course(
    emulator_server: BackgroundServer, provider: Any
) -> None:
    @settings(suppress_health_check=[HealthCheck.too_slow])
    @given(drawn=lives(provider, faults=True).filter(follows))
    def check(drawn: Life) -> None:
        with (
            emulator_server.sandbox(webhook_url=receiver.url) as played,
            emulator_server.sandbox(webhook_url=receiver.url) as pasted,
        ):
            order = played.play(None, drawn, read=lambda order: None).order
            assert order is not None
            assert course(pasted, follow(pasted, drawn)) == course(played, order)

    with Receiver() as receiver:
        check()


def test_a_step_comes_after_everything_the_provider_does_by_itself_at_that_instant(
    emulator_server: BackgroundServer,
) -> None:
    settings = {"underpaid_policy": "sum"}
    pay = Fire("pay")
    body = {"tokenName": "USDT", "chainName": "Tron", "amount": "25.50"}
    drawn = Life("basswallet", "fixed", Beginning(settings), (pay, pay, pay, Wait(3000, "confirm"), pay), body, "25.50")
    with emulator_server.sandbox() as played, emulator_server.sandbox() as pasted:
        order = played.play(None, drawn, read=lambda order: None).order
        assert order is not None
        expected = course(played, order)
        assert [event for _, _, event in expected] == ["create", *["pay"] * 3, *["confirm"] * 3, "pay"]
        assert course(pasted, follow(pasted, drawn)) == expected


@given(drawn=lives("basswallet", "deposit", faults=True))
@settings(max_examples=tries(20))
def test_for_a_kind_that_follows_no_scenario_the_file_says_so(drawn: Life) -> None:
    first, *lines = drawn.scenario().splitlines()
    assert first == "# an order of this kind follows no scenario: play the life, or do by hand what it says"
    assert not any("{after" in line or line == "faults:" for line in lines)


def test_a_refused_life_refuses_the_create_call(emulator_server: BackgroundServer) -> None:
    drawn = Life("koywe", "PAYIN", Beginning(refused="unavailable"), (), {}, "50000")
    with emulator_server.sandbox() as emulator:
        assert emulator.play(None, drawn).order is None
        emulator.scenario("koywe", "pasted", yaml_text.read_yaml(str(drawn)))
        with pytest.raises(ControlRefused, match="503"):
            emulator.make_order("koywe", scenario="pasted")


EVERYTHING = Life(
    "basswallet",
    "fixed",
    Beginning(
        settings={"late_policy": "credit"},
        body={"amount": "25.10"},
        faults=({"fault": "reset", "when": "after", "provider": "basswallet", "endpoint": "create-order", "times": 1},),
    ),
    (
        Wait(3_600_000, "expire"),
        Read(2),
        Inject({"fault": "late", "by": "1s", "provider": "basswallet", "times": 1}, 1),
        Inject({"fault": "gateway", "status": 502, "when": "after", "provider": "basswallet", "times": 1}),
        Wait(1000),
        Fire("pay", {"amount": "25.10", "times": json_text.decode(b"1.0")}),
        Run("test_webhook"),
        Wait(59_999, "confirm", -1),
    ),
    {},
    "25.10",
)


def test_the_text_says_everything_in_the_order_in_which_it_happens(tmp_path: Path) -> None:
    assert EVERYTHING.scenario() == (
        """\
# with the settings {"late_policy":"credit"}
# with {"amount":"25.10"} in the create call
version: 1
provider: basswallet
about: A life that was drawn.
faults:
  - {"fault":"reset","when":"after","endpoint":"create-order","times":1}
  - {"fault":"late","by":"1s","times":1,"skip":1}
timeline:
  fixed:
    - {wait: 1h}  # until expire
    # read, 2 at once
    # inject late by="1s"
    # inject gateway status=502 when="after"
    - {wait: 1s}
    - {after: 0s, do: pay, with: {"amount":"25.10","times":1.0}}
    # run test_webhook
    - {wait: 59s999ms}  # until 1ms before confirm
"""
    )
    folder = tmp_path / "basswallet"
    folder.mkdir()
    (folder / "pasted.yaml").write_text(str(EVERYTHING))
    result = CliRunner().invoke(main, ["validate", str(tmp_path)])
    assert result.exit_code == 0, result.output
