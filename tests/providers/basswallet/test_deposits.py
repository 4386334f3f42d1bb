"""Deposit addresses, and what arrives at them."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import pytest

from emulator.core import json_text
from emulator.testing import ControlRefused, Emulator, verify_basswallet
from tests.clients.basswallet import Client, refused
from tests.providers.basswallet.test_common_calls import is_legal
from tests.providers.basswallet.test_payments import changes
from tests.receivers import Receiver

PAYER = "TBXSw8fM4jpQkGc6zZjsVABFpVN7UvXPdV"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as made:
        yield made


def address(client: Client, **changed: str) -> str:
    """A new deposit address."""
    (made,) = client.data(client.addresses(**changed))["address"]
    return str(made)


def deposit(emulator: Emulator, **arguments: Any) -> Any:
    """The id of a deposit that is made now."""
    made = {"tokenName": "USDT", "amount": "25.5"} | arguments
    return emulator.call("POST", "commands/basswallet/deposit", made)["result"]["id"]


# -- 41. addresses


@pytest.mark.parametrize("chain", ["Ethereum", "Tron", "Bsc", "Bitcoin"])
@pytest.mark.parametrize("number", [None, "", "1", "5"])
def test_41_addresses_have_the_chain_s_form_and_are_all_different(
    emulator: Emulator, client: Client, chain: str, number: str | None
) -> None:
    made = client.data(client.addresses(chainName=chain, addressNum=number))
    assert list(made) == ["address"]
    again = client.data(client.addresses(chainName=chain, addressNum=number))["address"]
    assert len({*made["address"], *again}) == 2 * int(number or 1)
    assert all(is_legal(client, chain, each) for each in made["address"])
    assert emulator.orders() == []


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        *(({"addressNum": number}, "PARAM_ERROR") for number in ("0", "6", "x", "-1", "1.0", "10")),
        *(({"chainName": name}, "PARAM_ERROR") for name in (None, "", "tron", "Polygon", "103")),
        ({"alias": "x" * 65}, "PARAM_ERROR"),
        *(({"callbackUrl": url}, "CALLBACK_URL_ERROR") for url in ("shop", "ftp://a", "https://a/\t")),
    ],
)
def test_41_each_broken_rule_has_its_own_error(client: Client, changed: dict[str, str | None], error: str) -> None:
    assert refused(client.addresses(**changed)) == (400, error)


def test_41_a_chain_may_have_none_left(emulator: Emulator, client: Client) -> None:
    emulator.set("basswallet", no_addresses=["Tron"])
    assert refused(client.addresses()) == (400, "ADDRESS_UNAVAILABLE")
    assert client.addresses(chainName="Bsc", alias="x" * 64).status_code == 200


def test_41_the_first_broken_rule_decides(emulator: Emulator, client: Client) -> None:
    emulator.set("basswallet", no_addresses=["Tron"])
    wrong: dict[str, str | None] = {"chainName": "x", "addressNum": "9", "alias": "x" * 65, "callbackUrl": "x"}
    for mended, error, begins in (
        ({}, "PARAM_ERROR", "chainName"),
        ({"chainName": "Tron"}, "PARAM_ERROR", "addressNum"),
        ({"addressNum": "2"}, "PARAM_ERROR", "alias"),
        ({"alias": ""}, "CALLBACK_URL_ERROR", "callbackUrl"),
        ({"callbackUrl": ""}, "ADDRESS_UNAVAILABLE", "Tron"),
    ):
        wrong |= mended
        parameters = {**wrong}
        answer = client.request("POST", "/v1/account/address/create", parameters, headers={"X-Emulator-Explain": "1"})
        assert (refused(answer)[1], answer.headers["x-emulator-reason"][: len(begins)]) == (error, begins)


def test_41_an_address_of_a_custom_chain_accepts_its_tokens(emulator: Emulator, client: Client) -> None:
    (usdt,) = client.data(client.tokens(tokenName="USDT"))
    pair = {**usdt["chainList"][0], "chainName": "Polygon", "blockConfirmNum": 2, "blockIntervalMs": 1000}
    emulator.set("basswallet", catalogue=[{**usdt, "chainList": [pair]}])
    order_id = deposit(emulator, address=address(client, chainName="Polygon"))
    moved = changes(emulator.advance(until="idle"))
    assert moved == [("00:01.000", "AwaitingConfirmation"), ("00:02.000", "Success")]
    assert client.data(client.read(order_id))["chainName"] == "Polygon"


# -- 42. deposits


def test_42_a_deposit_sends_two_webhooks_that_verify(emulator: Emulator, client: Client, receiver: Receiver) -> None:
    to = address(client, callbackUrl=receiver.url, alias="customer 7")
    order_id = deposit(emulator, address=to, amount="25.50", fromAddress=PAYER, txHash="ef" * 32)
    assert client.status(order_id) == "AwaitingPackaging"
    assert changes(emulator.advance(until="idle")) == [("00:03.000", "AwaitingConfirmation"), ("01:00.000", "Success")]
    first, second = (dict(parse_qsl(each.body.decode())) for each in receiver.received)
    assert list(first) == [
        "amount", "blockConfirmNum", "blockHigh", "chainName", "createdTime", "fromAddress", "id", "status",
        "toAddress", "tokenName", "txHash", "webhookType", "timestamp",
    ]  # fmt: skip
    assert {**first, "timestamp": "", "blockHigh": "", "createdTime": ""} == {
        "amount": "25.5", "blockConfirmNum": "1", "blockHigh": "", "chainName": "Tron", "createdTime": "",
        "fromAddress": PAYER, "id": order_id, "status": "AwaitingConfirmation", "toAddress": to, "tokenName": "USDT",
        "txHash": "ef" * 32, "webhookType": "Deposit", "timestamp": "",
    }  # fmt: skip
    assert {**second, "timestamp": ""} == {**first, "status": "Success", "blockConfirmNum": "20", "timestamp": ""}
    secret = emulator.basswallet.credentials["callback_secret_key"]
    assert all(verify_basswallet(each.body, each.headers, secret) for each in receiver.received)


def test_42_json_webhooks_have_four_numbers(emulator: Emulator, client: Client, receiver: Receiver) -> None:
    emulator.set("basswallet", webhook_encoding="json", webhook_url=receiver.url)
    deposit(emulator, address=address(client))
    emulator.advance("3s")
    body = json_text.decode(receiver.received[0].body)
    numbers = [name for name, value in body.items() if not isinstance(value, str)]
    assert numbers == ["blockConfirmNum", "blockHigh", "createdTime", "timestamp"]


def test_42_query_and_history_show_a_deposit(emulator: Emulator, client: Client, other: Client) -> None:
    to = address(client)
    order_id = deposit(emulator, address=to, fromAddress=PAYER, txHash="ef" * 32)
    shown = client.data(client.read(order_id))
    assert shown == {
        "id": order_id, "amount": "25.5", "tokenName": "USDT", "chainName": "Tron", "fromAddress": PAYER,
        "toAddress": to, "status": "AwaitingPackaging", "txHash": "ef" * 32, "createdTime": shown["createdTime"],
    }  # fmt: skip
    assert client.data(client.history(type="Deposit")) == [shown]
    emulator.advance("60s")
    done = {**shown, "status": "Success", "completeTime": shown["createdTime"] + 60_000}
    assert client.data(client.history(type="deposit")) == [done]
    assert client.data(client.history()) == client.data(client.history(type="Withdraw")) == []
    assert client.data(other.history(type="Deposit")) == []
    assert refused(other.query(id=order_id)) == (400, "PARAM_ERROR")


def test_42_an_address_accepts_every_token_of_its_chain_any_number_of_times(emulator: Emulator, client: Client) -> None:
    to = address(client)
    made = [deposit(emulator, address=to, tokenName=token, amount="8") for token in ("USDT", "TRX", "USDT")]
    emulator.advance(until="idle")
    assert len(set(made)) == len(client.data(client.history(type="Deposit"))) == 3
    assert (client.balance("USDT"), client.balance("TRX")) == (("1016", "0.00"), ("1008", "0.00"))


def test_42_a_deposit_is_frozen_then_free_and_a_failed_one_changes_no_balance(
    emulator: Emulator, client: Client, receiver: Receiver
) -> None:
    to, seen = address(client, callbackUrl=receiver.url), []
    order_id = deposit(emulator, address=to)
    for by in ("0s", "3s", "57s"):
        emulator.advance(by)
        seen.append(client.balance())
    assert seen == [("1000", "0.00"), ("1000", "25.5"), ("1025.5", "0.00")]
    order_id = deposit(emulator, address=to)
    with pytest.raises(ControlRefused, match="illegal-event"):
        emulator.fire(order_id, "fail")
    emulator.fire(order_id, "confirm")
    emulator.fire(order_id, "fail")
    emulator.advance("2h")
    assert (client.status(order_id), client.balance()) == ("Failed", ("1025.5", "0.00"))
    assert "completeTime" in client.data(client.history(type="Deposit"))[0]
    statuses = [dict(parse_qsl(each.body.decode()))["status"] for each in receiver.received]
    assert statuses == ["AwaitingConfirmation", "Success", "AwaitingConfirmation", "Failed"]


def test_42_confirm_moves_a_deposit_to_the_next_stage_at_once(emulator: Emulator, client: Client) -> None:
    order_id = deposit(emulator, address=address(client))
    seen = [emulator.fire(order_id, "confirm")["status"] for _ in range(2)]
    assert seen == ["AwaitingConfirmation", "Success"]
    assert client.balance() == ("1025.5", "0.00")


def test_42_a_deposit_below_the_minimum_has_no_effect(emulator: Emulator, client: Client, receiver: Receiver) -> None:
    to = address(client, callbackUrl=receiver.url)
    assert deposit(emulator, address=to, amount="0.99") is None
    assert emulator.advance(until="idle") == []
    assert (emulator.orders(), emulator.webhooks(), client.balance()) == ([], [], ("1000", "0.00"))
    assert deposit(emulator, address=to, amount="1") is not None


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"address": PAYER}, "address: "),
        ({"tokenName": "BTC"}, "tokenName: no 'BTC' on Tron: use one of USDT, TRX"),
        ({"tokenName": "TUSD"}, "tokenName: deposits of TUSD on Tron are suspended"),
        ({"amount": "0"}, "amount: "),
        ({"amount": "1e3"}, "amount"),
        ({"amount": 5}, "amount"),
        ({"fromAddress": "me"}, "fromAddress"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_42_an_impossible_deposit_is_refused(
    emulator: Emulator, client: Client, changed: dict[str, Any], words: str
) -> None:
    with pytest.raises(ControlRefused, match="bad-request") as caught:
        deposit(emulator, **{"address": address(client), **changed})
    assert words in str(caught.value)
    assert emulator.orders() == []


def test_42_without_an_address_a_deposit_arrives_at_a_new_one(emulator: Emulator, client: Client) -> None:
    order = emulator.command("basswallet", "deposit", tokenName="USDT", amount="25.5")["result"]["id"]
    emulator.advance(until="idle")
    assert emulator.order(order)["status"] == "Success"
    made = emulator.order(order)["fields"]["address"]
    emulator.command("basswallet", "deposit", address=made, tokenName="USDT", amount="1")
    with pytest.raises(ControlRefused, match="no 'USDX': did you mean"):
        emulator.command("basswallet", "deposit", tokenName="USDX", amount="1")


def test_42_the_address_of_a_payment_accepts_no_deposits(emulator: Emulator, client: Client) -> None:
    to = client.data(client.create())["address"]
    with pytest.raises(ControlRefused, match="was not given out"):
        deposit(emulator, address=to)


def test_42_a_deposit_can_be_withdrawn(emulator: Emulator, client: Client) -> None:
    emulator.set("basswallet", opening_balances={})
    deposit(emulator, address=address(client), amount="60")
    emulator.advance("60s")
    assert client.withdraw().status_code == 200
