"""The control API: how settings are spelt, and the two names of the call that sends a webhook again."""

from typing import Any

import pytest

from emulator import providers
from emulator.testing import ControlRefused, Emulator
from tests.clients.basswallet import Client
from tests.command import in_process
from tests.receivers import Receiver

ALL = [(name, setting) for name in providers.NAMES for setting in providers.load(name).settings.values()]


def test_settings_are_shown_in_snake_case(emulator: Emulator) -> None:
    shown = emulator.call("GET", "settings")
    assert {(name, each) for name, values in shown.items() for each in values} == {
        (name, setting.name) for name, setting in ALL
    }
    assert all(each == each.lower() for values in shown.values() for each in values)
    assert {"public_base", "rate_limit_per_minute", "emit_aliases"} <= shown["changelly"].keys()


def test_every_setting_is_accepted_in_either_spelling(emulator: Emulator) -> None:
    assert any(setting.spelling for _, setting in ALL)
    for name, setting in ALL:
        for spelling in filter(None, (setting.name, setting.spelling)):
            shown = emulator.call("PUT", "settings", {name: {spelling: setting.default}})
            assert shown[name][setting.name] == setting.default
    emulator.set("changelly", public_base="http://shop.test")
    assert emulator.call("GET", "settings")["changelly"]["public_base"] == "http://shop.test"
    emulator.set("changelly", publicBase="http://other.test")
    assert emulator.call("GET", "settings")["changelly"]["public_base"] == "http://other.test"


def test_every_example_of_a_setting_is_valid(emulator: Emulator) -> None:
    examples = [(name, each.name, it) for name, each in ALL for it in each.schema.get("examples", ())]
    assert {("baanx", "products"), ("basswallet", "catalogue")} <= {(name, setting) for name, setting, _ in examples}
    for name, setting, example in examples:
        assert emulator.call("PUT", "settings", {name: {setting: example}})[name][setting] == example


@pytest.mark.parametrize("values", [(None, None), ("http://a.test", "http://b.test")])
def test_two_spellings_of_one_setting_in_one_call_are_refused(emulator: Emulator, values: tuple[Any, Any]) -> None:
    before = emulator.call("GET", "settings")
    with pytest.raises(ControlRefused, match="public_base and publicBase are two spellings of one setting") as caught:
        emulator.set("changelly", public_base=values[0], publicBase=values[1])
    assert caught.value.status == 400
    assert emulator.call("GET", "settings") == before


def test_the_flag_accepts_either_spelling_but_not_both() -> None:
    both = ("--set", "changelly.public_base=null", "--set", "changelly.publicBase=null")
    ended = in_process("serve", *both)
    assert ended.exit_code == 2
    assert "changelly: public_base and publicBase are two spellings of one setting" in ended.stderr
    ended = in_process("serve", "--set", "changelly.public_base=nowhere")
    assert ended.exit_code == 2
    assert 'changelly.public_base cannot be "nowhere"' in ended.stderr


def test_a_webhook_can_be_sent_again_under_either_name_of_the_call(emulator: Emulator) -> None:
    with Receiver() as receiver, Client(emulator) as client:
        emulator.set("basswallet", webhook_url=receiver.url)
        client.order_id(client.create({"X-Emulator-Scenario": "manual"}))
        emulator.fire(emulator.orders()[0]["id"], "expire")
        (first,) = emulator.wait_for_webhooks()["webhooks"]
        for place, word in enumerate(("replay", "resend"), 1):
            again = emulator.call("POST", f"webhooks/{first['id']}/{word}")
            assert (again["state"], again["event"]) == ("delivered", first["event"])
            assert len(receiver.received) == 1 + place
