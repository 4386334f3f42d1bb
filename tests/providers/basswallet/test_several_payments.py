"""Several payments for one order, and how much may be missing."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import pytest

from emulator.testing import Emulator
from tests.clients.basswallet import Client
from tests.providers.basswallet.test_payments import changes
from tests.receivers import Receiver

AMOUNT = "99.99"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as made:
        yield made


@pytest.fixture
def summing(emulator: Emulator, client: Client) -> Client:
    emulator.set("basswallet", underpaid_policy="sum")
    return client


def told(receiver: Receiver) -> list[tuple[str, str]]:
    """Status and sum of each webhook."""
    bodies = [dict(parse_qsl(each.body.decode())) for each in receiver.received]
    return [(body["status"], body["amountActual"]) for body in bodies]


def pay(emulator: Emulator, order_id: str, *parts: tuple[str, str]) -> None:
    """Pays each sum, and waits as long as is said after it."""
    for amount, wait in parts:
        emulator.fire(order_id, "pay", amount=amount)
        emulator.advance(wait)


def test_21_two_payments_in_quick_succession_add_up(emulator: Emulator, summing: Client, receiver: Receiver) -> None:
    order_id = summing.start(amount=AMOUNT, webhookUrl=receiver.url)
    emulator.fire(order_id, "pay", amount="50", txHash="aa" * 32)
    emulator.advance("3s")
    assert summing.outcome(order_id) == ("AwaitingConfirmation", "50")
    emulator.advance("7s")
    emulator.fire(order_id, "pay", amount="49.99", txHash="bb" * 32)
    emulator.advance("2999ms")
    assert summing.outcome(order_id) == ("AwaitingConfirmation", "50")
    emulator.advance("1ms")
    assert summing.outcome(order_id) == ("AwaitingConfirmation", AMOUNT)
    emulator.advance("47s")
    assert summing.outcome(order_id) == ("AwaitingConfirmation", AMOUNT)
    assert told(receiver) == [("AwaitingConfirmation", "50"), ("AwaitingConfirmation", AMOUNT)]
    emulator.advance("9999ms")
    assert summing.status(order_id) == "AwaitingConfirmation"
    emulator.advance("1ms")
    assert summing.outcome(order_id) == ("Success", AMOUNT)
    assert told(receiver) == [("AwaitingConfirmation", "50"), ("AwaitingConfirmation", AMOUNT), ("Success", AMOUNT)]
    assert emulator.advance(until="idle") == []


def test_21_too_little_in_total_is_underpaid_until_more_arrives(
    emulator: Emulator, summing: Client, receiver: Receiver
) -> None:
    order_id = summing.start(amount=AMOUNT, webhookUrl=receiver.url)
    pay(emulator, order_id, ("50", "10s"), ("49.98", "58s"))
    assert summing.outcome(order_id) == ("AwaitingConfirmation", "99.98")
    emulator.advance("2s")
    assert summing.outcome(order_id) == ("Underpaid", "99.98")
    emulator.fire(order_id, "pay", amount="0.01")
    assert summing.outcome(order_id) == ("Underpaid", "99.98")
    emulator.advance(until="idle")
    assert summing.outcome(order_id) == ("Success", AMOUNT)
    assert [status for status, _ in told(receiver)] == [
        "AwaitingConfirmation", "AwaitingConfirmation", "Underpaid", "AwaitingConfirmation", "Success",
    ]  # fmt: skip


def test_21_three_payments_before_the_first_confirmation_add_up_exactly(
    emulator: Emulator, summing: Client, receiver: Receiver
) -> None:
    order_id = summing.start(amount="0.30", tokenName="ETH", chainName="Ethereum", webhookUrl=receiver.url)
    pay(emulator, order_id, ("0.1", "1s"), ("0.1", "1s"), ("0.1", "1s"))
    assert summing.outcome(order_id) == ("Pending", None)
    happened = changes(emulator.advance(until="idle"))
    assert happened == [("00:12.000", "AwaitingConfirmation"), ("12:50.000", "Success")]
    assert summing.outcome(order_id) == ("Success", "0.3")
    assert told(receiver) == [
        ("AwaitingConfirmation", "0.1"), ("AwaitingConfirmation", "0.2"), ("AwaitingConfirmation", "0.3"),
        ("Success", "0.3"),
    ]  # fmt: skip


def test_21_a_variable_order_waits_for_all_payments_that_have_arrived(emulator: Emulator, summing: Client) -> None:
    order_id = summing.start()
    pay(emulator, order_id, ("2", "30s"), ("3.5", "30s"))
    assert summing.outcome(order_id) == ("AwaitingConfirmation", "5.5")
    emulator.advance("30s")
    assert summing.outcome(order_id) == ("Success", "5.5")


def test_21_the_first_payment_stops_the_expiry_and_none_counts_after_the_expiry_date(
    emulator: Emulator, summing: Client
) -> None:
    order_id = summing.start(amount=AMOUNT, expiryMinutes="1")
    emulator.advance("59s")
    pay(emulator, order_id, ("50", "999ms"), ("10", "1ms"), ("39.99", "2m"))
    assert summing.outcome(order_id) == ("Underpaid", "60")
    pay(emulator, order_id, ("39.99", "2m"))
    assert summing.outcome(order_id) == ("Underpaid", "60")


def test_21_late_payments_add_up_if_they_are_credited(emulator: Emulator, summing: Client) -> None:
    emulator.set("basswallet", late_policy="credit")
    order_id = summing.start(amount=AMOUNT, expiryMinutes="1")
    emulator.advance("2m")
    pay(emulator, order_id, ("50", "1s"), ("49.98", "2m"))
    assert summing.outcome(order_id) == ("Underpaid", "99.98")
    pay(emulator, order_id, ("0.01", "1m"))
    assert summing.outcome(order_id) == ("Success", AMOUNT)


def test_21_after_success_further_payments_have_no_effect(
    emulator: Emulator, summing: Client, receiver: Receiver
) -> None:
    order_id = summing.start(amount=AMOUNT, webhookUrl=receiver.url)
    pay(emulator, order_id, (AMOUNT, "10s"), ("5", "48s"), ("7", "2s"))
    assert summing.outcome(order_id) == ("Success", "104.99")
    assert emulator.advance(until="idle") == []
    assert [status for status, _ in told(receiver)] == ["AwaitingConfirmation", "AwaitingConfirmation", "Success"]
    ignored = [item for item in emulator.order(order_id)["story"] if item["kind"] == "ignored"]
    assert [item["reason"] for item in ignored] == ["the order is Success"]


def test_21_confirm_moves_the_oldest_payment_on_by_a_stage(emulator: Emulator, summing: Client) -> None:
    order_id = summing.start(amount=AMOUNT)
    pay(emulator, order_id, ("50", "0s"), ("49.99", "0s"))
    seen = []
    for _ in range(4):
        emulator.fire(order_id, "confirm")
        seen.append(summing.outcome(order_id))
    assert seen == [
        ("AwaitingConfirmation", "50"), ("AwaitingConfirmation", "50"), ("AwaitingConfirmation", AMOUNT),
        ("Success", AMOUNT),
    ]  # fmt: skip


def test_21_fail_fails_the_order_with_all_its_payments(emulator: Emulator, summing: Client, receiver: Receiver) -> None:
    order_id = summing.start(amount=AMOUNT, webhookUrl=receiver.url)
    pay(emulator, order_id, ("50", "3s"), ("49.99", "1s"))
    emulator.fire(order_id, "fail")
    assert changes(emulator.advance(until="idle")) == []
    assert summing.outcome(order_id) == ("Failed", "50")
    assert told(receiver) == [("AwaitingConfirmation", "50"), ("Failed", "50")]


@pytest.mark.parametrize("policy", ["final", "topup"])
def test_21_without_the_setting_a_second_payment_in_between_has_no_effect(
    emulator: Emulator, client: Client, policy: Any
) -> None:
    emulator.set("basswallet", underpaid_policy=policy)
    order_id = client.start(amount=AMOUNT)
    pay(emulator, order_id, ("50", "10s"), ("49.99", "60s"))
    assert client.outcome(order_id) == ("Underpaid", "50")


def test_22_query_and_history_show_the_sum_and_the_last_transaction(emulator: Emulator, summing: Client) -> None:
    order_id = summing.start(amount=AMOUNT)
    payers = ["TBXSw8fM4jpQkGc6zZjsVABFpVN7UvXPdV", "TKjLDbk7LC9NXzRBCYahKa8pzMHRfahJjn"]
    shown = []
    for amount, payer, digits in zip(("50.10", "40"), payers, ("aa", "bb"), strict=True):
        emulator.fire(order_id, "pay", amount=amount, fromAddress=payer, txHash=digits * 32)
        emulator.advance("3s")
        (listed,) = summing.data(summing.history())
        read = summing.data(summing.read(order_id))
        assert (str(read["amountActual"]), read["txHash"]) == (listed["amountActual"], listed["txHash"])
        shown.append((listed["amountActual"], listed["fromAddress"], listed["txHash"]))
    assert shown == [("50.1", payers[0], "aa" * 32), ("90.1", payers[1], "bb" * 32)]


def outcome(emulator: Emulator, client: Client, tolerance: str, *parts: tuple[str, str]) -> tuple[str, str | None]:
    """What becomes of an order of 100.00 for which these sums are paid."""
    emulator.set("basswallet", payment_tolerance=tolerance)
    order_id = client.start(amount="100.00")
    pay(emulator, order_id, *parts)
    emulator.advance(until="idle")
    return client.outcome(order_id)


@pytest.mark.parametrize(
    ("tolerance", "paid", "status"),
    [
        ("0", "99.99", "Underpaid"),
        ("0.5", "99.5", "Success"),
        ("0.5", "99.49", "Underpaid"),
        ("33.333", "66.667", "Success"),
        ("33.333", "66.6669999", "Underpaid"),
        ("99.9", "0.1", "Success"),
        ("1", "100.00", "Success"),
    ],
)
def test_23_an_underpayment_within_the_tolerance_succeeds(
    emulator: Emulator, client: Client, tolerance: str, paid: str, status: str
) -> None:
    shown = paid.rstrip("0").rstrip(".")
    assert outcome(emulator, client, tolerance, (paid, "0s")) == (status, shown)


def test_23_the_tolerance_applies_to_the_total_of_several_payments(emulator: Emulator, summing: Client) -> None:
    assert outcome(emulator, summing, "1", ("50", "10s"), ("49", "10s")) == ("Success", "99")
    assert outcome(emulator, summing, "1", ("50", "10s"), ("48.99", "10s")) == ("Underpaid", "98.99")


@pytest.mark.parametrize("tolerance", ["100", "-1", "1%", "", ".5", 1])
def test_23_an_impossible_tolerance_is_refused(emulator: Emulator, tolerance: Any) -> None:
    with pytest.raises(Exception, match="payment_tolerance"):
        emulator.set("basswallet", payment_tolerance=tolerance)
