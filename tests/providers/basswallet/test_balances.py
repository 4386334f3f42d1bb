"""What an account has, and what moves it."""

from typing import Any

import pytest

from emulator.testing import ControlRefused, Emulator
from tests.clients.basswallet import Client


def listed(client: Client) -> list[dict[str, str]]:
    """The whole answer of the call."""
    shown: list[dict[str, str]] = client.data(client.request("GET", "/v1/account/balance"))
    return shown


def command(emulator: Emulator, name: str, **arguments: Any) -> Any:
    """What a command answers."""
    return emulator.call("POST", f"commands/basswallet/{name}", arguments)["result"]


def test_35_the_first_account_begins_with_the_balances_of_the_setting(emulator: Emulator, client: Client) -> None:
    assert listed(client) == [
        {"tokenName": "USDT", "free": "1000", "freeze": "0.00"},
        {"tokenName": "TRX", "free": "1000", "freeze": "0.00"},
    ]
    emulator.set("basswallet", opening_balances={"BTC": "0.50", "USDT": "0", "OWN": "3"})
    assert listed(client) == [
        {"tokenName": "BTC", "free": "0.5", "freeze": "0.00"},
        {"tokenName": "OWN", "free": "3", "freeze": "0.00"},
    ]


def test_35_a_payment_is_frozen_at_the_first_callback_and_free_in_the_end(emulator: Emulator, client: Client) -> None:
    order_id = client.start(amount="25.50")
    seen = [client.balance()]
    emulator.fire(order_id, "pay", amount="25.50")
    seen.append(client.balance())
    for by in ("3s", "57s"):
        emulator.advance(by)
        seen.append(client.balance())
    assert seen == [("1000", "0.00"), ("1000", "0.00"), ("1000", "25.5"), ("1025.5", "0.00")]
    emulator.set("basswallet", opening_balances={"USDT": "1"})
    assert client.balance() == ("26.5", "0.00")


def test_35_an_underpayment_becomes_free_too_and_a_failed_payment_changes_no_balance(
    emulator: Emulator, client: Client
) -> None:
    emulator.fire(client.start(amount="99.99"), "pay", amount="50")
    emulator.advance("60s")
    assert client.balance() == ("1050", "0.00")
    order_id = client.start(amount="99.99")
    emulator.fire(order_id, "pay")
    emulator.advance("3s")
    assert client.balance() == ("1050", "99.99")
    emulator.fire(order_id, "fail")
    assert client.balance() == ("1050", "0.00")


def test_35_a_payment_without_effect_moves_nothing(emulator: Emulator, client: Client) -> None:
    order_id = client.start(tokenName="USDT", chainName="Ethereum", expiryMinutes="1")
    emulator.fire(order_id, "pay", amount="4.99")
    emulator.advance("1h")
    emulator.fire(order_id, "pay", amount="20")
    emulator.advance("1h")
    assert client.balance() == ("1000", "0.00")


@pytest.mark.parametrize("policy", ["topup", "sum"])
def test_35_several_payments_are_frozen_and_freed_one_by_one(emulator: Emulator, client: Client, policy: Any) -> None:
    emulator.set("basswallet", underpaid_policy=policy)
    order_id = client.start(amount="99.99")
    emulator.fire(order_id, "pay", amount="50")
    emulator.advance("60s")
    assert client.balance() == ("1050", "0.00")
    emulator.fire(order_id, "pay", amount="49.99")
    emulator.advance("3s")
    assert client.balance() == ("1050", "49.99")
    emulator.fire(order_id, "fail")
    assert client.balance() == ("1050", "0.00")


def test_35_an_overpayment_becomes_free_with_the_rest(emulator: Emulator, client: Client) -> None:
    emulator.set("basswallet", underpaid_policy="sum")
    order_id = client.start(amount="10")
    for amount in ("10", "5"):
        emulator.fire(order_id, "pay", amount=amount)
        emulator.advance("10s")
    assert client.balance() == ("1000", "15")
    emulator.advance(until="idle")
    assert client.outcome(order_id) == ("Success", "15")
    assert client.balance() == ("1015", "0.00")


@pytest.mark.parametrize(
    ("status", "balance"),
    [
        ("AwaitingConfirmation", ("1000", "99.99")),
        ("Success", ("1099.99", "0.00")),
        ("Underpaid", ("1049.99", "0.00")),
        ("Failed", ("1000", "0.00")),
        ("Expired", ("1000", "0.00")),
    ],
)
def test_35_an_order_moved_by_hand_moves_the_balance(
    emulator: Emulator, client: Client, status: Any, balance: tuple[str, str]
) -> None:
    emulator.move(client.start(amount="99.99"), status, force=True)
    assert client.balance() == balance
    order_id = client.start(amount="99.99")
    if status == "Expired":
        return
    emulator.move(order_id, "AwaitingConfirmation")
    if status != "AwaitingConfirmation":
        emulator.move(order_id, status)
    free, frozen = client.balance() or ("", "")
    assert float(free) - 1000 == pytest.approx(2 * (float(balance[0]) - 1000))
    assert float(frozen) == pytest.approx(2 * float(balance[1]))


def test_35_the_second_account_lists_only_tokens_that_it_has_had(
    emulator: Emulator, client: Client, other: Client
) -> None:
    assert listed(other) == []
    order_id = other.order_id(other.create({"X-Emulator-Scenario": "manual"}, tokenName="BTC", chainName="Bitcoin"))
    emulator.fire(order_id, "pay", amount="0.123")
    emulator.advance("10m")
    assert listed(other) == [{"tokenName": "BTC", "free": "0.00", "freeze": "0.123"}]
    emulator.advance("10m")
    assert listed(other) == [{"tokenName": "BTC", "free": "0.123", "freeze": "0.00"}]
    assert client.balance("BTC") is None
    command(emulator, "set_balance", tokenName="BTC", free="0", account=2)
    assert listed(other) == [{"tokenName": "BTC", "free": "0.00", "freeze": "0.00"}]


def test_35_a_balance_can_be_set(emulator: Emulator, client: Client) -> None:
    emulator.set("basswallet", opening_balances={"USDT": "7"})
    shown = {"account": 1, "tokenName": "USDT", "free": "12.5", "freeze": "3"}
    assert command(emulator, "set_balance", tokenName="USDT", free="12.50", freeze="3.0") == shown
    assert client.balance() == ("12.5", "3")
    emulator.set("basswallet", opening_balances={"USDT": "8"})
    assert client.balance() == ("13.5", "3")


def test_35_an_amount_frozen_before_a_balance_was_set_takes_nothing_below_zero(
    emulator: Emulator, client: Client
) -> None:
    emulator.choose(basswallet=None)
    client.withdrawal()
    command(emulator, "set_balance", tokenName="USDT", free="3")
    emulator.advance(until="idle")
    assert client.balance() == ("3", "0.00")


@pytest.mark.parametrize(
    "arguments",
    [{"tokenName": "DOGE", "free": "1"}, {"tokenName": "USDT"}, {"tokenName": "USDT", "free": "-1"},
     {"tokenName": "USDT", "free": "1", "account": 3}, {"tokenName": "USDT", "free": 1}],
)  # fmt: skip
def test_35_an_impossible_balance_is_refused(emulator: Emulator, client: Client, arguments: dict[str, Any]) -> None:
    with pytest.raises(ControlRefused):
        command(emulator, "set_balance", **arguments)
    assert client.balance() == ("1000", "0.00")
