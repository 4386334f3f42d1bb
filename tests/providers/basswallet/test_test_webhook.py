"""The command that sends a webhook without an order."""

from typing import Any
from urllib.parse import parse_qsl

import pytest

from emulator.core import json_text
from emulator.testing import ControlRefused, Emulator, verify_basswallet
from tests.clients.basswallet import Client
from tests.receivers import Received, Receiver


def is_signed(emulator: Emulator, got: Received) -> bool:
    return verify_basswallet(got.body, got.headers, str(emulator.basswallet.credentials["callback_secret_key"]))


@pytest.mark.parametrize(("status", "length"), [("Success", 15), ("Underpaid", 15), ("Expired", 5)])
def test_46_each_test_body_has_the_form_of_a_real_one(
    emulator: Emulator, client: Client, status: str, length: int
) -> None:
    with Receiver(200) as receiver:
        emulator.command("basswallet", "test_webhook", status=status, url=receiver.url)
        [got] = receiver.wait(1)
    body = dict(parse_qsl(got.body.decode()))
    assert (body["webhookType"], body["status"], len(body)) == ("Payment", status, length)
    assert is_signed(emulator, got)
    assert client.query(id=body["id"]).status_code == 400


def test_46_given_values_replace_made_up_ones_in_json_too(emulator: Emulator) -> None:
    emulator.set("basswallet", webhook_encoding="json")
    with Receiver(200) as receiver:
        emulator.command("basswallet", "test_webhook", url=receiver.url, amountActual="0.5", businessId="Mine1")
        [got] = receiver.wait(1)
    assert b'"amountActual":"0.5"' in got.body
    assert b'"businessId":"Mine1"' in got.body
    assert is_signed(emulator, got)


def test_46_a_test_webhook_goes_to_the_account_s_url_and_is_refused_without_one(emulator: Emulator) -> None:
    with pytest.raises(ControlRefused, match="give url"):
        emulator.command("basswallet", "test_webhook")
    with Receiver(200) as receiver:
        emulator.set("basswallet", webhook_url=receiver.url)
        emulator.command("basswallet", "test_webhook")
        receiver.wait(1)
    assert emulator.orders() == []


@pytest.mark.parametrize(
    ("kind", "status", "length"),
    [("Withdraw", "AwaitingConfirmation", 8), ("Withdraw", "Failed", 8), ("Deposit", "AwaitingConfirmation", 13),
     ("Deposit", "Success", 13)],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["form", "json"])
def test_46_there_are_test_bodies_for_withdrawals_and_deposits(
    emulator: Emulator, client: Client, kind: str, status: str, length: int, encoding: Any
) -> None:
    emulator.set("basswallet", webhook_encoding=encoding, confirmation_word="WaitingConfirmation")
    with Receiver(200) as receiver:
        emulator.command(
            "basswallet", "test_webhook", webhookType=kind, status=status, url=receiver.url, txHash="ab" * 32
        )
        [got] = receiver.wait(1)
    body = json_text.decode(got.body) if encoding == "json" else dict(parse_qsl(got.body.decode()))
    assert (body["webhookType"], body["txHash"], len(body)) == (kind, "ab" * 32, length)
    assert body["status"] == status.replace("AwaitingConf", "WaitingConf")
    assert is_signed(emulator, got)
    assert client.query(id=body["id"]).status_code == 400
    assert client.balance() == ("1000", "0.00")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"webhookType": "Refund"}, "webhookType"),
        ({"webhookType": "Deposit", "status": "Expired"}, "status: a webhook of type Deposit is never Expired"),
        ({"webhookType": "Withdraw", "toAddress": "x"}, "no member 'toAddress'"),
        ({"blockHigh": "high"}, "blockHigh: write a whole number"),
        ({"url": "shop"}, "url"),
        ({"status": "Pending"}, "status"),
    ],
)
def test_46_an_impossible_test_webhook_is_refused(emulator: Emulator, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ControlRefused, match="bad-request") as caught:
        emulator.command("basswallet", "test_webhook", **{"url": "http://127.0.0.1:9/hook", **arguments})
    assert words in str(caught.value)
    assert emulator.webhooks() == []
