"""`emulator webhooks send`: a captured body, byte for byte, with new headers and a new signature."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from emulator.cli import main
from emulator.providers import load
from emulator.testing import Emulator
from tests.receivers import Receiver
from tests.test_webhooks_without_orders import CAPTURED, PROVIDERS, VERIFIERS

EXAMPLE: dict[str, Any] = load("koywe").schemas.documents["webhook-order"]["examples"][0]
BODY = json.dumps(EXAMPLE, indent=3).encode() + b"\n"
"""As no library of ours writes it."""


def send(emulator: Emulator, path: Path, content: bytes, *flags: str) -> Result:
    """Runs the command about a file with this content."""
    path.write_bytes(content)
    where = {"EMULATOR_URL": emulator.control_url, "EMULATOR_SANDBOX": emulator.name}
    return CliRunner(env=where).invoke(main, ["webhooks", "send", str(path), *flags])


def record(**members: Any) -> bytes:
    """A record in which the webhook is, in some form."""
    return json.dumps(members).encode()


@PROVIDERS
def test_a_captured_body_is_sent_byte_for_byte_signed_for_this_sandbox(
    emulator: Emulator, tmp_path: Path, provider: str
) -> None:
    with Receiver(200) as receiver:
        done = send(emulator, tmp_path / "body", CAPTURED[provider], "--provider", provider, "--to", receiver.url)
        [got] = receiver.wait(1)
    assert done.exit_code == 0, done.output
    assert done.stdout.endswith(f"to {receiver.url}: delivered (1, the last 200)\n")
    assert got.body == CAPTURED[provider]
    assert VERIFIERS[provider](emulator, got)


HEADERS = {"content-type": "application/json", "Koywe-Signature": "00"}
TEXT = BODY.decode()


@pytest.mark.parametrize(
    "content",
    [
        BODY,
        record(provider="koywe", webhook={"headers": HEADERS, "body": TEXT}),
        record(webhook={"headers": HEADERS, "body_base64": base64.b64encode(BODY).decode()}),
        record(webhook={"headers": {}, "body": TEXT}),
        record(url="http://a/hook", headers=HEADERS, body_base64=base64.b64encode(BODY).decode(), verified=False),
        record(webhooks=[{"provider": "koywe", "event": "order.paid", "attempts": 2 * [
            {"url": "http://a/hook", "headers": HEADERS, "body": TEXT, "status": 500}]}]),
        record(log={"entries": [{"request": {"method": "POST", "url": "https://shop.example/hook",
                                             "headers": [{"name": "koywe-signature", "value": "[redacted]"}],
                                             "postData": {"mimeType": "application/json", "text": TEXT}},
                                 "response": {"status": 200}}]}),
    ],
)  # fmt: skip
def test_a_webhook_captured_in_any_format_can_be_sent(emulator: Emulator, tmp_path: Path, content: bytes) -> None:
    with Receiver(200) as receiver:
        done = send(emulator, tmp_path / "captured.json", content, "--to", receiver.url)
        assert done.exit_code == 0, done.output
        [got] = receiver.wait(1)
    assert got.body == BODY
    assert VERIFIERS["koywe"](emulator, got)


def test_without_a_url_a_captured_webhook_goes_where_the_sandbox_s_webhooks_go(
    emulator: Emulator, tmp_path: Path
) -> None:
    refused = send(emulator, tmp_path / "body", BODY)
    assert (refused.exit_code, "give url, or set one up first" in refused.stderr) == (1, True)
    with Receiver(200) as receiver:
        emulator.call("POST", "webhooks/subscribe", {"url": receiver.url})
        assert send(emulator, tmp_path / "body", BODY).exit_code == 0
        receiver.wait(1)


def test_webhooks_of_the_built_in_receiver_can_be_sent(emulator: Emulator, tmp_path: Path) -> None:
    receiver = f"{emulator.control_url.removesuffix('/_emulator')}/receiver/{emulator.name}"
    emulator.call("POST", "webhooks/subscribe", {"url": receiver})
    emulator.command("koywe", "test_webhook")
    emulator.command("basswallet", "test_webhook")
    emulator.wait_for_webhooks(2)
    document = emulator.call("GET", "receiver")
    with Receiver(200) as again:
        done = send(emulator, tmp_path / "got", json.dumps(document).encode(), "--to", again.url, "--json")
        assert done.exit_code == 0, done.output
        bodies = {got.body for got in again.wait(2)}
    assert bodies == {str(each["body"]).encode() for each in document["received"]}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{}", "its body does not show whose webhook this is: name the provider with --provider (use one of baanx"),
        (record(request={"url": "https://a"}, response={}), "no webhook is recorded here: give its body alone"),
        (record(provider="koywe", webhook={"headers": HEADERS}), "the body was not recorded"),
    ],
)
def test_a_captured_webhook_that_cannot_be_sent_is_refused_with_the_reason(
    emulator: Emulator, tmp_path: Path, content: bytes, said: str
) -> None:
    done = send(emulator, tmp_path / "captured", content)
    assert done.exit_code == 2
    assert said in done.stderr


def test_flags_may_come_before_the_subcommand(emulator: Emulator, tmp_path: Path) -> None:
    path = tmp_path / "body"
    path.write_bytes(BODY)
    where = ["--url", emulator.control_url, "--sandbox", emulator.name]
    with Receiver(200) as receiver:
        done = CliRunner().invoke(main, ["webhooks", *where, "send", str(path), "--to", receiver.url])
        assert done.exit_code == 0, done.output
        receiver.wait(1)
    listed = CliRunner().invoke(main, ["webhooks", *where])
    assert "sent" in listed.stdout
