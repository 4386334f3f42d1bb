"""What a refund takes from whom, and until when it can be asked for."""

from typing import Any

import pytest

from emulator.testing import ControlRefused, Emulator
from tests.clients.koywe import Client
from tests.providers.koywe.samples import BANK_CO, COP, OFFRAMP, SCENARIO

START = 10_000_000
LEDGER = f"/accounts/{COP}/reports/ledger-statement"
DAY = {"from": "2026-01-05", "to": "2026-01-05"}


def settled(emulator: Emulator, client: Client, **changes: Any) -> str:
    """Id of a pay-in that has completed three seconds after the start."""
    order_id = client.order_id(client.create(**changes))
    emulator.advance("3s")
    assert client.status(order_id) == "COMPLETED"
    return order_id


def ask(client: Client, order_id: str) -> tuple[int, str | None, str | None]:
    answer = client.request("POST", f"{client.merchant}/orders/{order_id}/refund")
    body = answer.json()
    return answer.status_code, body.get("errorCode"), body.get("message")


def test_41_by_default_a_refund_of_a_bank_payment_does_not_touch_the_balance(
    emulator: Emulator, client: Client
) -> None:
    order_id = settled(emulator, client, destinationAccountId=BANK_CO)
    assert ask(client, order_id)[0] == 200
    emulator.fire(order_id, "refund")
    assert client.status(order_id) == "REFUNDED"
    assert client.balances() == (START, 0, 0)
    assert client.get(LEDGER, **DAY)["movements"] == []


def test_41_by_setting_a_refund_of_a_bank_payment_comes_from_the_balance(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", refund_settled_payin="balance")
    order_id = settled(emulator, client, destinationAccountId=BANK_CO)
    ask(client, order_id)
    emulator.command("koywe", "set_balance", account=COP, amount=49999)
    with pytest.raises(ControlRefused) as refused:
        emulator.fire(order_id, "refund")
    assert refused.value.error == "illegal-event"
    emulator.command("koywe", "set_balance", account=COP, amount=50001)
    emulator.fire(order_id, "refund")
    assert (client.status(order_id), client.balances()) == ("REFUNDED", (1, 0, 0))
    last = client.get(LEDGER, **DAY)["movements"][-1]
    assert (last["category"], last["amount"], last["type"]) == ("REVERSE", 50000, "debit")


def test_41_by_setting_a_refund_of_a_bank_payment_is_refused(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", refund_settled_payin="refuse")
    order_id = settled(emulator, client, destinationAccountId=BANK_CO)
    ask(client, order_id)
    with pytest.raises(ControlRefused) as refused:
        emulator.fire(order_id, "refund")
    assert refused.value.error == "illegal-event"
    assert (client.status(order_id), client.balances()) == ("REFUND_REQUESTED", (START, 0, 0))
    emulator.fire(order_id, "reject_refund")
    assert client.status(order_id) == "COMPLETED"


@pytest.mark.parametrize("choice", ["external", "balance", "refuse"])
def test_41_a_refund_of_money_on_the_virtual_account_comes_from_there(
    emulator: Emulator, client: Client, choice: Any
) -> None:
    emulator.set("koywe", refund_settled_payin=choice)
    order_id = settled(emulator, client, destinationAccountId=COP)
    assert client.balances() == (START + 50000, 0, 0)
    ask(client, order_id)
    emulator.fire(order_id, "refund")
    assert (client.status(order_id), client.balances()) == ("REFUNDED", (START, 0, 0))


def test_41_a_refund_can_be_asked_for_until_its_window_ends(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", refund_window_s=86400)
    in_time, late = settled(emulator, client), settled(emulator, client)
    emulator.advance(86400 - 3)
    assert ask(client, in_time)[0] == 200
    emulator.advance("3s")
    assert client.status(late) == "COMPLETED"
    emulator.fire(in_time, "reject_refund")
    emulator.advance("1ms")
    expected = (409, "OR90008", "Refund window has ended")
    assert ask(client, late) == ask(client, in_time) == expected
    told = str(emulator.journal(kind="request")[-1]["reason"])
    assert "completed at 2026-01-05T12:00:03.000Z" in told
    assert "1d" in told
    assert client.status(late) == "COMPLETED"
    open_one = client.order_id(client.create({SCENARIO: "manual"}))
    assert ask(client, open_one)[:2] == (409, "OR90006")
    assert ask(client, "ord_x")[:2] == (404, "OR90001")
    emulator.fire(late, "request_refund")
    assert client.status(late) == "REFUND_REQUESTED"


def test_41_without_a_window_a_refund_can_always_be_asked_for(emulator: Emulator, client: Client) -> None:
    order_id = settled(emulator, client)
    emulator.advance("400d")
    assert ask(client, order_id)[0] == 200


def test_41_the_window_applies_to_completed_orders(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", refund_window_s=1)
    order_id = client.order_id(client.create({SCENARIO: "paid"}, **OFFRAMP))
    emulator.advance("1d")
    assert (client.status(order_id), ask(client, order_id)[0]) == ("PAID", 200)
