"""Withdrawals: rules, fees, review, their course, and their webhooks."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qsl

import pytest

from emulator.core import json_text
from emulator.testing import ControlRefused, Emulator, verify_basswallet
from tests.clients.basswallet import OUTSIDE, Client, refused
from tests.providers.basswallet.test_payments import changes
from tests.receivers import Receiver

ETHEREUM = "0x" + "12" * 20


@pytest.fixture
def merchant(emulator: Emulator) -> Iterator[Client]:
    """A merchant whose withdrawals follow `happy`."""
    with Client(emulator) as made:
        yield made


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as made:
        yield made


def told(receiver: Receiver) -> list[dict[str, str]]:
    """The members of each webhook."""
    return [dict(parse_qsl(each.body.decode())) for each in receiver.received]


def withdrawals(client: Client, **parameters: str) -> Any:
    """The history of withdrawals."""
    return client.data(client.history(type="Withdraw", **parameters))


# -- 36. how it goes


def test_36_a_withdrawal_completes_with_time_and_sends_two_webhooks(
    emulator: Emulator, merchant: Client, receiver: Receiver
) -> None:
    created = merchant.data(merchant.withdraw(businessId="Refund0001", callbackUrl=receiver.url))
    assert list(created) == ["id"]
    assert merchant.status(created["id"]) == "Processing"
    assert changes(emulator.advance(until="idle")) == [
        ("00:01.000", "AwaitingPackaging"), ("00:04.000", "AwaitingConfirmation"), ("01:01.000", "Success"),
    ]  # fmt: skip
    first, second = told(receiver)
    assert list(first) == [
        "businessId", "id", "networkFee", "platformFee", "status", "txHash", "webhookType", "timestamp",
    ]  # fmt: skip
    shown = merchant.data(merchant.read(created["id"]))
    assert {**first, "timestamp": ""} == {
        "businessId": "Refund0001", "id": created["id"], "networkFee": "0.01", "platformFee": "0.15",
        "status": "AwaitingConfirmation", "txHash": shown["txHash"], "webhookType": "Withdraw", "timestamp": "",
    }  # fmt: skip
    assert {**second, "timestamp": ""} == {**first, "status": "Success", "timestamp": ""}
    secret = emulator.basswallet.credentials["callback_secret_key"]
    assert all(verify_basswallet(each.body, each.headers, secret) for each in receiver.received)


def test_36_withdrawals_and_payments_share_one_sequence_of_ids(merchant: Client) -> None:
    ids = [merchant.start(), merchant.withdrawal(), merchant.start(), merchant.withdrawal()]
    assert [int(each) - int(ids[0]) for each in ids] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("token", "chain", "amount", "fees", "frozen"),
    [
        ("USDT", "Tron", "50", ("0.01", "0.15", "0.16"), "50.16"),
        ("USDT", "Ethereum", "50.00", ("0.11", "0.15", "0.26"), "50.26"),
        ("TRX", "Tron", "8.33", ("1", "0.01666", "1.01666"), "9.34666"),
        ("USDT", "Tron", "1.17", ("0.01", "0.00351", "0.01351"), "1.18351"),
    ],
)
def test_36_fees_come_on_top_and_are_frozen_with_the_amount(
    merchant: Client, token: str, chain: str, amount: str, fees: tuple[str, str, str], frozen: str
) -> None:
    address = OUTSIDE if chain == "Tron" else ETHEREUM
    merchant.withdrawal(tokenName=token, chainName=chain, amount=amount, toAddress=address)
    (shown,) = withdrawals(merchant)
    assert (shown["networkFee"], shown["platformFee"], shown["totalFee"]) == fees
    assert merchant.balance(token) == (str(round(1000 - float(frozen), 6)), frozen)


def test_36_the_platform_fee_can_be_set_token_by_token(emulator: Emulator, merchant: Client) -> None:
    emulator.set("basswallet", platform_fee_rates={"USDT": "0", "*": "0.0000055"})
    merchant.withdrawal()
    merchant.withdrawal(tokenName="TRX", amount="10")
    assert [each["platformFee"] for each in withdrawals(merchant)] == ["0.000055", "0"]


@pytest.mark.parametrize(
    ("event", "status", "balance"),
    [(None, "Success", ("949.84", "0.00")), ("fail", "Failed", ("1000", "0.00"))],
)
def test_36_the_amount_is_frozen_and_then_leaves_the_balance_or_returns(
    emulator: Emulator, merchant: Client, event: Any, status: str, balance: tuple[str, str]
) -> None:
    order_id = merchant.withdrawal()
    assert merchant.balance() == ("949.84", "50.16")
    emulator.advance("4s")
    assert merchant.balance() == ("949.84", "50.16")
    if event is not None:
        emulator.fire(order_id, event)
    emulator.advance(until="idle")
    assert (merchant.status(order_id), merchant.balance()) == (status, balance)


@pytest.mark.parametrize("seconds", [2, 5])
def test_36_a_failed_withdrawal_ends_with_one_webhook(
    emulator: Emulator, merchant: Client, receiver: Receiver, seconds: int
) -> None:
    order_id = merchant.withdrawal(callbackUrl=receiver.url)
    emulator.advance(seconds)
    emulator.fire(order_id, "fail")
    emulator.advance(until="idle")
    before = ["AwaitingConfirmation"] if seconds == 5 else []
    assert [each["status"] for each in told(receiver)] == [*before, "Failed"]


def test_36_the_processing_takes_as_long_as_the_setting_says(emulator: Emulator, merchant: Client) -> None:
    emulator.set("basswallet", withdraw_processing_ms=10_000)
    merchant.withdrawal()
    assert changes(emulator.advance("13s"))[0] == ("00:10.000", "AwaitingPackaging")


@pytest.mark.parametrize(
    ("status", "balance", "sent"),
    [("AwaitingConfirmation", ("949.84", "50.16"), 1), ("Success", ("949.84", "0.00"), 1),
     ("Failed", ("1000", "0.00"), 1), ("ReviewDeclined", ("1000", "0.00"), 0),
     ("AwaitingPackaging", ("949.84", "50.16"), 0)],
)  # fmt: skip
def test_36_a_withdrawal_moved_by_hand_stays_consistent(
    emulator: Emulator, merchant: Client, receiver: Receiver, status: Any, balance: tuple[str, str], sent: int
) -> None:
    order_id = merchant.withdrawal("manual", callbackUrl=receiver.url)
    emulator.move(order_id, status, force=True)
    emulator.advance("0s")
    assert merchant.balance() == balance
    assert len(told(receiver)) == sent
    assert ("txHash" in merchant.data(merchant.read(order_id))) == (status != "ReviewDeclined")


# -- 38. query and history


def test_38_a_query_shows_the_documented_members(emulator: Emulator, merchant: Client) -> None:
    order_id = merchant.withdrawal(amount="50.00", businessId="Refund0001", tag="for Order0001")
    begun = merchant.data(merchant.query(businessId="Refund0001"))
    assert begun == {
        "id": order_id, "tokenName": "USDT", "chainName": "Tron", "toAddress": OUTSIDE, "amount": "50.00",
        "status": "Processing", "businessId": "Refund0001", "tag": "for Order0001", "networkFee": "0.01",
        "platformFee": "0.15", "createdTime": begun["createdTime"],
    }  # fmt: skip
    emulator.advance("1s")
    packaged = merchant.data(merchant.read(order_id))
    assert (set(packaged) - set(begun), len(packaged["txHash"])) == ({"txHash"}, 64)
    emulator.advance("3s")
    confirming = merchant.data(merchant.read(order_id))
    assert set(confirming) - set(packaged) == {"blockHigh"}
    assert (confirming["blockHigh"].isdigit(), confirming["status"]) == (True, "AwaitingConfirmation")
    emulator.advance(until="idle")
    done = merchant.data(merchant.read(order_id))
    assert done == {
        **confirming, "status": "Success", "completeTime": begun["createdTime"] + 61_000,
    }  # fmt: skip


def test_38_without_business_id_and_tag_both_are_empty(merchant: Client) -> None:
    shown = merchant.data(merchant.read(merchant.withdrawal()))
    assert (shown["businessId"], shown["tag"]) == ("", "")


def test_38_the_history_lists_withdrawals_separately(emulator: Emulator, merchant: Client, other: Client) -> None:
    payment, first = merchant.start(), merchant.withdrawal()
    emulator.advance("61s")
    second = merchant.withdrawal(businessId="Second", tokenName="TRX", amount="10")
    listed = withdrawals(merchant)
    assert [each["id"] for each in listed] == [second, first]
    assert [each["id"] for each in merchant.data(merchant.history())] == [payment]
    assert [each["id"] for each in withdrawals(merchant, tokenName="TRX")] == [second]
    assert withdrawals(other) == []
    assert listed[0] == {
        "id": second, "businessId": "Second", "chainName": "Tron", "tokenName": "TRX", "amount": "10",
        "toAddress": OUTSIDE, "txHash": "", "networkFee": "1", "platformFee": "0.02", "totalFee": "1.02",
        "createdTime": listed[0]["createdTime"], "status": "Processing",
    }  # fmt: skip
    assert (set(listed[1]) - set(listed[0]), set(listed[0]) - set(listed[1])) == ({"completeTime"}, {"businessId"})


def test_38_another_account_does_not_see_the_withdrawal(merchant: Client, other: Client) -> None:
    order_id = merchant.withdrawal(businessId="Mine")
    for parameters in ({"id": order_id}, {"businessId": "Mine"}):
        assert refused(other.query(**parameters)) == (400, "PARAM_ERROR")
    assert refused(merchant.query(id=order_id, businessId="Other")) == (400, "PARAM_ERROR")


def test_38_a_setting_gives_the_form_of_the_sample(emulator: Emulator, merchant: Client) -> None:
    emulator.set("basswallet", withdraw_query_form="sample")
    order_id = merchant.withdrawal()
    assert withdrawals(merchant)[0]["txId"] == ""
    emulator.advance("4s")
    shown = merchant.data(merchant.read(order_id))
    assert ("txHash" in shown, len(shown["txId"]), type(shown["blockHigh"])) == (False, 64, int)
    assert withdrawals(merchant)[0]["txId"] == shown["txId"]


# -- 39. review


def test_39_a_withdrawal_waits_until_it_is_approved(emulator: Emulator, merchant: Client, receiver: Receiver) -> None:
    emulator.set("basswallet", withdraw_review=True, webhook_url=receiver.url)
    order_id = merchant.withdrawal()
    assert emulator.advance("1h") == []
    assert merchant.status(order_id) == "AwaitingReview"
    emulator.fire(order_id, "approve")
    assert merchant.status(order_id) == "Processing"
    assert told(receiver) == []
    assert [status for _, status in changes(emulator.advance(until="idle"))] == [
        "AwaitingPackaging", "AwaitingConfirmation", "Success",
    ]  # fmt: skip
    story = [item["status"] for item in emulator.order(order_id)["story"] if item["kind"] == "transition"]
    assert story[:2] == ["ReviewApproved", "Processing"]


@pytest.mark.parametrize(("event", "status"), [("decline", "ReviewDeclined"), ("cancel", "Cancelled")])
def test_39_a_declined_or_cancelled_withdrawal_returns_the_money_and_sends_no_webhook(
    emulator: Emulator, merchant: Client, receiver: Receiver, event: Any, status: str
) -> None:
    emulator.set("basswallet", withdraw_review=True)
    order_id = merchant.withdrawal(callbackUrl=receiver.url)
    emulator.fire(order_id, event)
    assert (merchant.status(order_id), merchant.balance()) == (status, ("1000", "0.00"))
    assert emulator.advance(until="idle") == []
    assert emulator.webhooks() == []
    assert "completeTime" in merchant.data(merchant.read(order_id))


def test_39_a_withdrawal_can_be_cancelled_while_it_is_processed_and_not_later(
    emulator: Emulator, merchant: Client
) -> None:
    early, late = merchant.withdrawal("manual"), merchant.withdrawal("manual")
    emulator.fire(early, "cancel")
    assert (merchant.status(early), merchant.balance()) == ("Cancelled", ("949.84", "50.16"))
    emulator.fire(late, "process")
    for event in ("cancel", "approve", "decline", "process", "pay", "expire"):
        with pytest.raises(ControlRefused, match="illegal-event"):
            emulator.fire(late, event)


@pytest.mark.parametrize("event", ["process", "confirm"])
@pytest.mark.parametrize("by_header", [True, False])
def test_39_with_manual_it_waits_for_the_first_step_and_then_follows_the_clock(
    emulator: Emulator, merchant: Client, event: Any, by_header: bool
) -> None:
    emulator.choose(basswallet=None if by_header else "manual")
    order_id = merchant.withdrawal("manual" if by_header else None)
    assert emulator.advance("1d") == []
    emulator.fire(order_id, event)
    assert merchant.status(order_id) == "AwaitingPackaging"
    assert [status for _, status in changes(emulator.advance(until="idle"))] == ["AwaitingConfirmation", "Success"]


def test_39_confirm_moves_a_withdrawal_to_the_next_stage_at_once(emulator: Emulator, merchant: Client) -> None:
    order_id = merchant.withdrawal()
    seen = [emulator.fire(order_id, "confirm")["status"] for _ in range(3)]
    assert seen == ["AwaitingPackaging", "AwaitingConfirmation", "Success"]
    assert changes(emulator.advance(until="idle")) == []


# -- 40. confirmations, receivers, keys, and two at once


def test_40_a_request_can_set_the_confirmations(emulator: Emulator, merchant: Client) -> None:
    merchant.withdrawal(confirmFirst="3", confirmNeeded="5")
    assert changes(emulator.advance(until="idle"))[1:] == [
        ("00:10.000", "AwaitingConfirmation"),
        ("00:16.000", "Success"),
    ]
    emulator.set("basswallet", first_confirmations=2, final_confirmations=4)
    merchant.withdrawal()
    assert [at for at, _ in changes(emulator.advance(until="idle"))] == ["00:17.000", "00:23.000", "00:29.000"]


def test_40_the_withdrawal_s_own_url_takes_precedence_over_the_account_s(
    emulator: Emulator, merchant: Client, receiver: Receiver
) -> None:
    with Receiver() as account:
        emulator.set("basswallet", webhook_url=account.url)
        for url in (receiver.url, None):
            merchant.withdrawal(callbackUrl=url)
            emulator.advance(until="idle")
        assert (len(told(account)), len(told(receiver))) == (2, 2)


def test_40_json_webhooks_have_one_number_and_the_word_of_the_setting(
    emulator: Emulator, merchant: Client, receiver: Receiver
) -> None:
    emulator.set("basswallet", webhook_encoding="json", confirmation_word="WaitingConfirmation")
    merchant.withdrawal(callbackUrl=receiver.url)
    emulator.advance("4s")
    body = json_text.decode(receiver.received[0].body)
    assert body["status"] == "WaitingConfirmation"
    assert [name for name, value in body.items() if not isinstance(value, str)] == ["timestamp"]
    secret = emulator.basswallet.credentials["callback_secret_key"]
    assert verify_basswallet(receiver.received[0].body, receiver.received[0].headers, secret)


def test_40_a_key_needs_the_permission_and_by_setting_a_bound_address(emulator: Emulator, merchant: Client) -> None:
    with Client(emulator, word="noauth") as poor:
        assert refused(poor.withdraw()) == (403, "NO_AUTH")
        assert refused(poor.addresses()) == (403, "NO_AUTH")
        assert refused(poor.request("GET", "/v1/account/balance")) == (403, "NO_AUTH")
    emulator.set("basswallet", withdraw_without_ip="refused")
    assert refused(merchant.withdraw()) == (403, "NO_AUTH")
    emulator.set("basswallet", keys={"access": {"ip_list": ["127.0.0.0/8", "::1"]}})
    assert merchant.withdraw().status_code == 200
    emulator.set("basswallet", keys={"access": {"ip_list": ["127.0.0.1"], "permissions": ["payment"]}})
    assert refused(merchant.withdraw()) == (403, "NO_AUTH")


def test_40_of_simultaneous_withdrawals_of_the_whole_balance_exactly_one_succeeds(emulator: Emulator) -> None:
    emulator.set("basswallet", opening_balances={"USDT": "99"})

    def withdraw(_: int) -> int:
        with Client(emulator) as client:
            return client.withdraw().status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(withdraw, range(8)))
    assert sorted(answers) == [200, *[403] * 7]


def test_40_a_frozen_amount_cannot_be_withdrawn(emulator: Emulator, merchant: Client) -> None:
    emulator.set("basswallet", opening_balances={})
    order_id = merchant.start(amount="100")
    emulator.fire(order_id, "pay")
    emulator.advance("3s")
    assert refused(merchant.withdraw()) == (403, "NOT_SUFFICIENT_FUNDS")
    emulator.advance("57s")
    assert merchant.withdraw().status_code == 200
