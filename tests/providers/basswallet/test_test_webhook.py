"""The command that sends a webhook without an order."""

from urllib.parse import parse_qsl

import pytest

from emulator.testing import ControlRefused, Emulator, verify_basswallet
from tests.clients.basswallet import Client
from tests.receivers import Received, Receiver


def is_signed(emulator: Emulator, got: Received) -> bool:
    return verify_basswallet(got.body, got.headers, str(emulator.basswallet.credentials["callback_secret_key"]))


@pytest.mark.parametrize(("status", "length"), [("Success", 15), ("Underpaid", 15), ("Expired", 5)])
def test_46_each_body_is_as_that_of_an_order(emulator: Emulator, client: Client, status: str, length: int) -> None:
    with Receiver(200) as receiver:
        emulator.command("basswallet", "test_webhook", status=status, url=receiver.url)
        [got] = receiver.wait(1)
    body = dict(parse_qsl(got.body.decode()))
    assert (body["webhookType"], body["status"], len(body)) == ("Payment", status, length)
    assert is_signed(emulator, got)
    assert client.query(id=body["id"]).status_code == 400


def test_46_own_values_replace_made_up_ones_in_json_too(emulator: Emulator) -> None:
    emulator.set("basswallet", webhook_encoding="json")
    with Receiver(200) as receiver:
        emulator.command("basswallet", "test_webhook", url=receiver.url, amountActual="0.5", businessId="Mine1")
        [got] = receiver.wait(1)
    assert b'"amountActual":"0.5"' in got.body
    assert b'"businessId":"Mine1"' in got.body
    assert is_signed(emulator, got)


def test_46_it_goes_to_the_account_s_url_and_without_any_it_is_refused(emulator: Emulator) -> None:
    with pytest.raises(ControlRefused, match="give url"):
        emulator.command("basswallet", "test_webhook")
    with Receiver(200) as receiver:
        emulator.set("basswallet", webhook_url=receiver.url)
        emulator.command("basswallet", "test_webhook")
        receiver.wait(1)
    assert emulator.orders() == []
