"""The commands to a running emulator: what each does, says, and how it ends."""

import json
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from emulator.cli import COMMANDS, main
from emulator.providers import NAMES
from emulator.testing import BackgroundServer, Emulator
from emulator.web.application import Options
from tests.clients import baanx, basswallet
from tests.payers import WITH_PAGES
from tests.receivers import Receiver

SCENARIO = """version: 1
provider: baanx
about: Mine.
timeline:
  - {on: pay, to: COMPLETED}
"""


def invoke(emulator: Emulator, *arguments: str) -> Result:
    """Runs a command about the sandbox."""
    where = {"EMULATOR_URL": emulator.control_url, "EMULATOR_SANDBOX": emulator.name}
    return CliRunner(env=where).invoke(main, arguments)


def said(emulator: Emulator, *arguments: str) -> str:
    """What a command that does well has printed."""
    done = invoke(emulator, *arguments)
    assert done.exit_code == 0, done.output
    return done.output


def answered(emulator: Emulator, *arguments: str) -> Any:
    """What it prints with `--json`."""
    return json.loads(said(emulator, *arguments, "--json"))


@pytest.fixture
def order(emulator: Emulator) -> str:
    """A Baanx order that waits."""
    with baanx.Client(emulator) as client:
        return client.order_id(client.create({"X-Emulator-Scenario": "manual"}))


def test_orders_can_be_listed_and_filtered(emulator: Emulator, order: str) -> None:
    text = said(emulator, "orders")
    assert text.splitlines()[0].split() == ["order", "provider", "status", "scenario", "next"]
    assert text.splitlines()[1].split()[:4] == [order, "baanx", "STARTED", "manual"]
    assert [each["id"] for each in answered(emulator, "orders", "--provider", "baanx")["orders"]] == [order]
    assert "no orders" in said(emulator, "orders", "--status", "COMPLETED")


def test_an_order_is_shown_with_its_story(emulator: Emulator, order: str) -> None:
    emulator.fire(order, "pay")
    text = said(emulator, "show", order)
    assert f"baanx {order}, scenario manual" in text
    assert "created STARTED" in text
    assert "STARTED -> COMPLETED (pay)" in text
    assert "possible now: refund\n" in text
    assert answered(emulator, "show", order)["status"] == "COMPLETED"


def test_an_event_can_be_fired_with_arguments(emulator: Emulator) -> None:
    with basswallet.Client(emulator) as client:
        order = client.start(amount="25.50")
    text = said(emulator, "fire", order, "pay", "amount=25.50")
    assert "Pending -> Pending (pay)" in text
    assert f"{order} is Pending\nnext: confirm at " in text


def test_an_order_can_be_moved(emulator: Emulator, order: str) -> None:
    assert f"{order} is COMPLETED" in said(emulator, "move", order, "COMPLETED")
    assert invoke(emulator, "move", order, "STARTED").exit_code == 1
    assert f"{order} is STARTED" in said(emulator, "move", order, "STARTED", "--force")


def test_an_impossible_event_is_refused_with_what_is_possible(emulator: Emulator, order: str) -> None:
    refused = invoke(emulator, "fire", order, "pya")
    assert refused.exit_code == 1
    assert "possible now: payment_started, fail, pay" in refused.output


def test_the_clock_can_be_shown_set_and_advanced(emulator: Emulator) -> None:
    assert said(emulator, "clock") == f"{emulator.now} (manual)\n"
    assert said(emulator, "clock", "--now", "2040-01-01T00:00:00Z") == "2040-01-01T00:00:00.000Z (manual)\n"
    assert said(emulator, "advance", "1h30m") == "it is 2040-01-01T01:30:00.000Z\n"
    assert answered(emulator, "advance", "2040-01-02T00:00:00Z")["now"] == "2040-01-02T00:00:00.000Z"
    assert "it is 2040-01-02T00:00:00.000Z" in said(emulator, "advance", "idle")
    assert "60 times as fast" in said(emulator, "clock", "--rate", "60")


def test_an_advance_prints_what_happened(emulator: Emulator, order: str) -> None:
    lines = said(emulator, "advance", "2h").splitlines()
    assert lines[0].endswith("STARTED -> EXPIRED (expire)")
    assert lines[-1].startswith("it is ")


def test_an_invalid_duration_is_a_usage_error(emulator: Emulator) -> None:
    refused = invoke(emulator, "advance", "soon")
    assert refused.exit_code == 2
    assert "or write `idle`, or an instant" in refused.output


def test_webhooks_can_be_listed_and_sent_again(emulator: Emulator) -> None:
    assert said(emulator, "webhooks") == "no webhooks\n"
    with Receiver(200) as receiver, basswallet.Client(emulator) as client:
        emulator.set("basswallet", webhook_url=receiver.url)
        order = client.start()
        emulator.fire(order, "expire")
        emulator.advance("1s")
        [webhook] = emulator.webhooks()
        row = said(emulator, "webhooks", "--order", order).splitlines()[1]
        assert row.split()[1:] == ["basswallet", "expired", "delivered", f"{order[:10]}..", "1,", "the", "last", "200"]
        assert said(emulator, "resend", webhook["id"]).endswith("delivered (1, the last 200)\n")
        assert len(receiver.received) == 2


def test_faults_can_be_injected_listed_and_removed(emulator: Emulator) -> None:
    text = said(emulator, "inject", "reset", "when=after", "provider=baanx", "times=1")
    [rule] = emulator.call("GET", "faults")["faults"]
    assert text.startswith(f"fault {rule['id']}: reset ")
    assert {"when=after", "provider=baanx", "times=1"} <= set(text.split())
    assert said(emulator, "faults").splitlines()[1].split()[:2] == [rule["id"], "reset"]
    assert said(emulator, "faults", "--remove", rule["id"]) == "no faults\n"
    said(emulator, "inject", "latency", "fixed=0")
    assert answered(emulator, "faults", "--clear") == {"faults": []}
    assert "did you mean 'reset'" in invoke(emulator, "inject", "rest").output


def test_scenarios_can_be_listed_added_and_chosen(emulator: Emulator, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(SCENARIO)
    assert said(emulator, "scenario", "baanx", "mine", "--file", str(file)) == "new orders of baanx follow mine\n"
    rows = [line.split(maxsplit=3) for line in said(emulator, "scenario", "baanx").splitlines()]
    assert ["baanx", "mine", "default", "Mine."] in rows
    assert {row[0] for row in rows[1:]} == {"baanx"}
    assert said(emulator, "scenario", "baanx", "--none") == "new orders of baanx follow no default\n"
    assert not any("default" in line.split()[2:3] for line in said(emulator, "scenario").splitlines())
    file.write_text("version: 2")
    assert invoke(emulator, "scenario", "baanx", "mine", "--file", str(file)).exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("scenario", "--none"), "name the provider"),
        (("scenario", "baanx", "--file", __file__), "name the scenario"),
        (("scenario", "banx"), "did you mean 'baanx'"),
        (("settings", "banx"), "did you mean 'baanx'"),
        (("settings", "changelly=C"), "write PROVIDER.SETTING=VALUE"),
        (("fire", "x", "pay", "amount"), "'amount' is not NAME=VALUE"),
    ],
)
def test_a_wrong_word_is_named(emulator: Emulator, arguments: tuple[str, ...], words: str) -> None:
    refused = invoke(emulator, *arguments)
    assert (refused.exit_code, words in refused.output) == (2, True)


def test_settings_can_be_shown_and_changed(emulator: Emulator) -> None:
    assert "changelly.edition" in said(emulator, "settings", "changelly")
    assert "baanx." not in said(emulator, "settings", "changelly")
    changed = answered(emulator, "settings", "changelly.edition=C", "baanx.use_pending=true")
    assert (changed["changelly"]["edition"], changed["baanx"]["use_pending"]) == ("C", True)
    refused = invoke(emulator, "settings", "changelly.editoin=C")
    assert (refused.exit_code, "did you mean 'edition'" in refused.output) == (1, True)


def test_a_value_keeps_its_digits(emulator: Emulator) -> None:
    with basswallet.Client(emulator) as client:
        order = client.start(amount="275.00")
    said(emulator, "fire", order, "pay", "amount=275.00")
    assert "275.00" in json.dumps(emulator.order(order)["fields"])


def test_sandboxes_can_be_listed_created_and_removed(emulator: Emulator) -> None:
    name = f"{emulator.name}-2"
    assert f"client_id client-{name}" in said(emulator, "sandboxes", "--create", name, "--seed", "7")
    assert name in {each["name"] for each in answered(emulator, "sandboxes")["sandboxes"]}
    assert name not in said(emulator, "sandboxes", "--remove", name).split()


def test_a_sandbox_can_be_reset(emulator: Emulator, order: str) -> None:
    assert said(emulator, "reset") == f"the sandbox {emulator.name!r} is in its initial state\n"
    assert emulator.orders() == []


def test_a_flag_selects_another_sandbox(emulator: Emulator, order: str) -> None:
    assert order in said(emulator, "orders")
    assert order not in said(emulator, "orders", "--sandbox", "default")


def test_if_no_emulator_runs_the_command_says_how_to_start_one(emulator: Emulator) -> None:
    refused = invoke(emulator, "orders", "--url", "http://127.0.0.1:1")
    assert refused.exit_code == 4
    assert "Start one with `emulator serve`, or say with --url where it is" in refused.output
    assert "the URL must begin with http:// or https://" in invoke(emulator, "orders", "--url", "ftp://x").output


@pytest.mark.parametrize("url", ["127.0.0.1:8900", "http://127.0.0.1:99999", "http://[::1", "http://"])
def test_an_unreachable_address_is_reported(emulator: Emulator, url: str) -> None:
    refused = invoke(emulator, "orders", "--url", url)
    assert (refused.exit_code, "no emulator can be reached at" in refused.output) == (4, True)


def test_another_server_is_not_taken_for_an_emulator(emulator: Emulator) -> None:
    with Receiver(200) as receiver:
        refused = invoke(emulator, "orders", "--url", receiver.url)
    assert (refused.exit_code, "is no emulator" in refused.output) == (4, True)


def test_a_control_token_is_required_and_accepted() -> None:
    with BackgroundServer(Options(port=0, control_token="t0ken")) as server, server.sandbox() as sandbox:
        refused = invoke(sandbox, "orders")
        assert (refused.exit_code, "(--token, or EMULATOR_CONTROL_TOKEN)" in refused.output) == (1, True)
        assert "no orders" in said(sandbox, "orders", "--token", "t0ken")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_examples(name: str) -> None:
    done = CliRunner().invoke(main, [name, "--help"])
    command = main.get_command(click.Context(main), name)
    assert command is not None
    assert (done.exit_code, "Examples:" in done.output, f"emulator {name}" in done.output) == (0, True, True)
    assert " ".join((command.help or "").split()).startswith(COMMANDS[name][1].rstrip("."))


def test_a_misspelt_command_gets_a_suggestion() -> None:
    done = CliRunner().invoke(main, ["serv"])
    assert (done.exit_code, "did you mean 'serve'" in done.output) == (2, True)


@pytest.mark.parametrize("provider", NAMES)
def test_a_created_order_can_be_paid(emulator: Emulator, provider: str) -> None:
    text = said(emulator, "create", provider, "--scenario", "manual")
    [order] = emulator.orders()
    assert text.startswith(f"{order['id']} is {order['status']}\n")
    assert (order["provider"], order["scenario"]) == (provider, "manual")
    assert (f"its payer pays at {order['page']}" in text) is (provider in WITH_PAGES)


def test_an_order_of_a_kind_has_the_given_members(emulator: Emulator) -> None:
    made = answered(emulator, "create", "koywe", "PAYMENT_LINK", "amountIn=72000")
    assert (made["kind"], emulator.order(made["id"])["fields"]["amountIn"]) == ("PAYMENT_LINK", 72000)
    refused = invoke(emulator, "create", "koywe", "amountIn=1")
    assert (refused.exit_code, "below" in refused.output) == (1, True)
